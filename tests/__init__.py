"""What bansou promises, attacked: unit, property, conformance, scenario, crash, replay and more."""
