"""The parts of a walk through a chart: transitions as numbers, states as bits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from engine.core.pathway.chart_spec import Node, StateKind, TransitionSpec

CONFIGURATIONS_MAX: Final = 20_000
"""Combinations of states beyond which the rest is left unexamined."""
STEPS_MAX: Final = 300_000
"""Steps between them, as many as a second or two has, beyond which the rest is left unexamined."""
CHOICES_MAX: Final = 256
"""Ways that one event can go from one combination, beyond which the rest is left unexamined."""

History = tuple[int, ...]
"""For each history of the chart, the mask of the states it would bring back; 0 for none yet."""
Pick = tuple[int, ...]
"""Transitions (by number) that are taken together."""


class Edge(NamedTuple):
    """A macrostep: from a configuration by an event, taking transitions first, to a configuration."""

    start: int
    event: str
    first: Pick
    end: int


@dataclass(slots=True, eq=False)
class Arrow:
    """A transition in numbers. `leaves` is the mask of all inside its domain; `target` None stays."""

    number: int
    spec: TransitionSpec
    source: Node
    target: Node | None
    domain: Node | None
    leaves: int
    guarded: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of transitions beside the chart, by id.

    `guarded` may be passed over although its event came; `idle` is taken
    without moving the case.
    """

    guarded: frozenset[str]
    idle: frozenset[str]


def domain_of(source: Node, target: Node | None) -> Node | None:
    """The innermost compound state around both; None stands for the whole chart."""
    if target is None:
        return None
    around = {node.ordinal for node in target.ancestors()}
    for node in source.ancestors():
        if node.spec.kind is StateKind.COMPOUND and node.ordinal in around:
            return node
    return None


def mask_of(nodes: Iterable[Node]) -> int:
    """Return the states as one mask."""
    mask = 0
    for node in nodes:
        mask |= 1 << node.ordinal
    return mask


def masks_below(nodes: tuple[Node, ...]) -> list[int]:
    """For each state, by its number, return the mask of all states inside it."""
    below = [0] * len(nodes)
    for node in nodes:
        for around in node.ancestors():
            below[around.ordinal] |= 1 << node.ordinal
    return below
