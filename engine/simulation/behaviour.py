"""How people are assumed to behave in a demonstration: who is late, who is not reached, which way cases go.

Nothing here decides anything: it only says what a worker would enter. The
engine answers as it answers anybody. All chance comes from a seed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.pathway.compiled import Compiled

Move = tuple[str, float]
"""An event, and how likely it is fired after each piece of work in a state."""

STANDARD_MOVES: Mapping[str, tuple[Move, ...]] = {
    "assessing": (("assessed", 1.0),),
    "deciding": (("plan_decided", 1.0),),
    "working": (("issues_settled", 0.08), ("participate", 0.10)),
    "participating": (("issues_settled", 0.06),),
    "solved": (("ready_to_close", 0.25),),
    "no_issue": (("issue_named", 0.03),),
    "without_consent": (("go_on_without", 0.08),),
    "closing_review": (("close_decided", 1.0),),
    "post_watch": (("settled", 0.35),),
    "searching": (("suspend_decided", 0.5),),
    "suspended": (),
    "emergency": (("emergency_over", 0.6),),
}
"""Ways that workers take in the standard pathway, most natural first."""

STANDARD_VALUES: Mapping[str, Mapping[str, Any]] = {
    "evaluation": {"result": "end", "open_risk": False, "other_touchpoint": True, "goal_reached": "reached"},
    "risk": {"seen": True},
    "search": {"visits": 3, "methods": ["phone", "visit", "letter"], "note_left": True},
}
"""What is entered where the way on depends on it."""


@dataclass(slots=True)
class Behaviour:
    """The habits of one town, drawn from a seed."""

    seed: int = 20240401
    late_share: float = 0.12
    late_days_max: int = 9
    missed_share: float = 0.12
    unreachable_share: float = 0.03
    moves: Mapping[str, tuple[Move, ...]] = field(default_factory=lambda: STANDARD_MOVES)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: STANDARD_VALUES)
    chance: random.Random = field(init=False)
    _unreachable: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Draw from the seed alone."""
        self.chance = random.Random(self.seed)  # noqa: S311  a demonstration, not a secret

    def days_late(self) -> int:
        """Return how many days after its due date a piece of work is done; mostly 0."""
        return self.chance.randint(1, self.late_days_max) if self.chance.random() < self.late_share else 0

    def is_reached(self, case: str) -> bool:
        """Whether the household is reached this time. A few are hardly ever."""
        hard = self._unreachable.setdefault(case, self.chance.random() < self.unreachable_share)
        return self.chance.random() >= (0.93 if hard else self.missed_share)

    def next_event(self, configuration: tuple[str, ...], offered: tuple[str, ...]) -> str:
        """Return the event a worker fires now, or nothing."""
        for state in reversed(configuration):
            for event, likely in self.moves.get(state, ()):
                if event in offered and self.chance.random() < likely:
                    return event
        return ""

    def fill(self, pathway: Compiled, form: str) -> dict[str, Any]:
        """Return values that a worker would enter into a form: what is required, and what decides."""
        schema = pathway.forms[form].schema
        values = {name: self._value(schema["properties"][name]) for name in schema.get("required", ())}
        values.update(
            {name: value for name, value in self.values.get(form, {}).items() if name in schema["properties"]}
        )
        if form == "contact" and "danger" in schema["properties"]:
            drawn = self.chance.random()
            values["danger"] = "imminent" if drawn < 0.002 else "concern" if drawn < 0.03 else "none"
        if form == "assessment" and "fields" in schema["properties"]:
            fields = schema["properties"]["fields"]["items"]["enum"]
            values["fields"] = sorted(self.chance.sample(list(fields), self.chance.choice((1, 1, 2, 3))))
            values["scheme_gap"] = self.chance.random() < 0.15
        return values

    def _value(self, schema: Mapping[str, Any]) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "boolean":
                return False
            case "integer":
                return max(int(schema.get("minimum", 0)), 0)
            case "array":
                count = int(schema.get("minItems", 0))
                return [self._value(schema["items"])] * count
            case "object":
                inner = schema.get("properties", {})
                return {name: self._value(inner[name]) for name in schema.get("required", ())}
            case _:
                return "2024-04-01" if schema.get("format") == "date" else "記録"
