"""The engine of bansou (伴走): cases that are never without a next step.

No open case is ever without a next step that a named, active person or a
staffed team holds, on a date, and that somebody hears about when it passes.

Callers outside (`ui`, `connectors`) come in through `engine.api`. Inside,
imports go down the floors and never up::

    api → settings → scheduler | simulation → services → store | loading → checker → core

The contracts in `pyproject.toml` hold this, and `tests/repo` runs them.

The shipped pathways lie in the folder `pathways` beside this package, in a
checkout and in an installed wheel alike.
"""
