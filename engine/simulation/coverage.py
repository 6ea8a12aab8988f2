"""What a scenario has exercised of a pathway, and what no scenario ever did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.core.case import events as ev
from engine.core.case.case import Case
from engine.core.pathway.compiled import Compiled

DONE = "done"


@dataclass
class Coverage:
    """States, transitions, outcomes and rungs that runs have come through, by name."""

    states: set[str] = field(default_factory=set)
    transitions: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)
    rungs: set[str] = field(default_factory=set)

    def note(self, event: ev.AnyEvent, before: Case | None) -> None:
        """Count one event; `before` is the case as it stood before the command."""
        match event:
            case ev.StateChanged():
                self.states.update(event.entered)
                self.transitions.update(event.taken)
            case ev.RungClimbed() if before is not None and event.number in before.obligations:
                self.rungs.add(f"{before.obligations[event.number].ladder}#{event.rung}")
            case ev.ObligationFulfilled() | ev.AttemptRecorded():
                held = before.obligations.get(event.number) if before is not None else None
                if held is not None:
                    self.outcomes.add(f"{held.state}/{held.key}:{event.outcome}")

    def add(self, other: Coverage) -> None:
        """Count what another run has come through too."""
        self.states |= other.states
        self.transitions |= other.transitions
        self.outcomes |= other.outcomes
        self.rungs |= other.rungs

    def never(self, pathway: Compiled) -> Coverage:
        """Return what the pathway holds and no run has come through."""
        whole = everything_of(pathway)
        return Coverage(
            states=whole.states - self.states, transitions=whole.transitions - self.transitions,
            outcomes=whole.outcomes - self.outcomes, rungs=whole.rungs - self.rungs,
        )  # fmt: skip


def everything_of(pathway: Compiled) -> Coverage:
    """Return every state, transition, outcome and rung of a pathway, as `Coverage` names them."""
    definitions = [each for section in pathway.definitions.values() for each in section]
    return Coverage(
        states={name for name, place in pathway.places.items() if place.written.history is None},
        transitions=set(pathway.ways),
        outcomes={
            f"{each.state}/{each.key}:{name}"
            for each in definitions
            for name in (tuple(each.written.outcomes or ()) or (DONE,))
        },
        rungs={f"{each.ladder}#{index}" for each in definitions for index in range(len(each.rungs))},
    )


def together(runs: Iterable[Coverage]) -> Coverage:
    """Return what several runs have come through between them."""
    total = Coverage()
    for each in runs:
        total.add(each)
    return total
