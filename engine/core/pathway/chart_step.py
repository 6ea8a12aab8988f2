"""What a step of a chart is, and what can be wrong when one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What one macrostep did.

    `configuration` holds every active state, ancestors included, in document
    order. `history` maps a history to the states it would bring back, in
    document order: children for a shallow one, leaves for a deep one. `exited`
    and `entered` are in order of happening and list a state as often as it
    happened. `taken` holds transition ids in order; empty when nothing moved.
    """

    configuration: tuple[str, ...]
    history: Mapping[str, tuple[str, ...]]
    exited: tuple[str, ...]
    entered: tuple[str, ...]
    taken: tuple[str, ...]


class ConfigurationMismatch(ValueError):
    """A configuration or history that this chart can never have.

    Most often the case belongs to another version of the pathway. A caller's
    bug, never a worker's mistake.
    """


class MicrostepLimit(RuntimeError):
    """Eventless transitions that chase each other and never come to rest."""

    def __init__(self, microsteps_max: int, taken: tuple[str, ...]) -> None:
        shown = " → ".join(taken[-8:])
        super().__init__(
            f"{microsteps_max} 回の内部遷移でも落ち着きません。always の条件を見直してください: … {shown}"
            f" / no rest after {microsteps_max} microsteps; check the guards of the eventless transitions"
        )
        self.microsteps_max = microsteps_max
        self.taken = taken


def no_configuration(state: str) -> ConfigurationMismatch:
    """Return the error for a configuration or history that cannot be, naming the state at fault."""
    where = f"{state!r} " if state else ""
    return ConfigurationMismatch(
        f"{where}この経路ではあり得ない状態の組です。ケースがどの版に属するか確かめてください。"
        f" / no configuration or history of this chart (see {state or 'the top level'!r});"
        " check the case's version"
    )
