"""What a statechart is made of, and which collections of states are one.

Plain, ordered, frozen material. What a chart does is in `chart`, which is
where others import all of this from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

# A case that a person can follow on paper is nested three or four deep. The
# bound keeps a hostile file from exhausting Python's own stack.
NESTING_MAX: Final = 32
FINISHED_PREFIX: Final = "finished."


class StateKind(StrEnum):
    """What a state is; a history is a signpost and is never active itself."""

    ATOMIC = "atomic"
    COMPOUND = "compound"
    PARALLEL = "parallel"
    FINAL = "final"
    HISTORY_SHALLOW = "history_shallow"
    HISTORY_DEEP = "history_deep"


HISTORIES: Final = frozenset({StateKind.HISTORY_SHALLOW, StateKind.HISTORY_DEEP})
PARENTS: Final = frozenset({StateKind.COMPOUND, StateKind.PARALLEL})


@dataclass(frozen=True, slots=True)
class StateSpec:
    """One state, its children in document order.

    `initial` names a child of a compound (the first child that is not a
    history if left out), or the default target of a history (required: it
    lies inside the history's parent).
    """

    id: str
    kind: StateKind
    children: tuple[StateSpec, ...] = ()
    initial: str | None = None


@dataclass(frozen=True, slots=True)
class TransitionSpec:
    """One transition; among those of one source the earlier one is asked first.

    `event` None is taken as soon as the guard holds. `finished.S` is told by
    the chart itself when S comes to rest in a final state. `guard` is a name
    that only the caller understands. `target` None reacts without leaving
    anything. `internal` keeps the source entered; it counts only from a
    compound source to one of its descendants, and otherwise does nothing.
    """

    id: str
    source: str
    event: str | None
    guard: str | None
    target: str | None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """A whole chart: top-level states, of which one is active, and transitions."""

    states: tuple[StateSpec, ...]
    transitions: tuple[TransitionSpec, ...]


class ChartError(ValueError):
    """A spec that is no chart. `offender` is the id at fault."""

    def __init__(self, offender: str, ja: str, en: str) -> None:
        super().__init__(f"{offender!r}: {ja} / {en}")
        self.offender = offender
        self.ja = ja
        self.en = en


@dataclass(slots=True, eq=False)
class Node:
    """A state in its place; `ordinal` is its number in document order."""

    ordinal: int
    spec: StateSpec
    parent: Node | None
    states: list[Node] = field(default_factory=list)
    histories: list[Node] = field(default_factory=list)
    transitions: list[TransitionSpec] = field(default_factory=list)
    initial: Node | None = None

    @property
    def code(self) -> str:
        """The name the library sees: no dot, no space, no clash with its own."""
        return f"s:{self.ordinal}"

    def ancestors(self) -> Iterator[Node]:
        """Its parent, the parent's parent, and so on."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def is_inside(self, other: Node) -> bool:
        """Whether `other` is an ancestor; nothing is inside itself."""
        return any(node is other for node in self.ancestors())


def spec_digest(spec: ChartSpec) -> str:
    """SHA-256, in hex, of the spec in one canonical JSON form.

    Equal specs have equal digests on any machine; any change of an id, an
    order or a guard name changes it.
    """

    def state(of: StateSpec) -> list[Any]:
        return [of.id, of.kind.value, of.initial, [state(child) for child in of.children]]

    def transition(of: TransitionSpec) -> list[Any]:
        return [of.id, of.source, of.event, of.guard, of.target, of.internal]

    canonical = ["chart/1", [state(s) for s in spec.states], [transition(t) for t in spec.transitions]]
    text = json.dumps(canonical, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def placed(spec: ChartSpec) -> tuple[Node, ...]:
    """Check a spec and give its states in document order, each in its place.

    Raises:
        ChartError: the spec is no chart; `offender` is the id at fault.
    """
    nodes = tuple(_numbered(spec.states, None, [], 1))
    if not nodes:
        raise ChartError("", "状態がありません", "a chart needs a state")
    places: dict[str, Node] = {}
    for node in nodes:
        if node.spec.id in places or not node.spec.id:
            raise ChartError(node.spec.id, "状態の名前が空か、重なっています", "empty or duplicate state id")
        places[node.spec.id] = node
    for node in nodes:
        _settle(node, places)
    _attach(spec.transitions, places)
    return nodes


def _numbered(states: tuple[StateSpec, ...], parent: Node | None, seen: list[Node], depth: int) -> list[Node]:
    if depth > NESTING_MAX and states:
        raise ChartError(states[0].id, "入れ子が深すぎます", f"nested deeper than {NESTING_MAX}")
    for spec in states:
        node = Node(len(seen), spec, parent)
        seen.append(node)
        if parent is not None:
            (parent.histories if spec.kind in HISTORIES else parent.states).append(node)
        _numbered(spec.children, node, seen, depth + 1)
    return seen


def _settle(node: Node, places: Mapping[str, Node]) -> None:
    """Check one state against its kind and resolve where it starts."""
    spec, kind = node.spec, node.spec.kind
    if kind in PARENTS and not node.states:
        raise ChartError(spec.id, "中に状態がありません", "a compound or parallel state needs a child")
    if kind not in PARENTS and spec.children:
        raise ChartError(spec.id, "この種類の状態は中に状態を持てません", f"{kind} cannot have children")
    if spec.initial is not None and kind is not StateKind.COMPOUND and kind not in HISTORIES:
        raise ChartError(spec.id, "この種類の状態に initial は書けません", f"{kind} takes no initial")
    if node.parent is None:
        if kind in HISTORIES:
            raise ChartError(spec.id, "履歴は状態の中に置きます", "a history needs a parent state")
    elif kind is StateKind.FINAL and node.parent.spec.kind is StateKind.PARALLEL:
        raise ChartError(spec.id, "並行の直下に終了は置けません", "a final cannot be a region of a parallel")
    if kind is StateKind.COMPOUND:
        initial = node.states[0] if spec.initial is None else places.get(spec.initial)
        if initial is None or initial.parent is not node:
            raise ChartError(
                spec.id,
                f"initial の {spec.initial!r} が中にありません",
                f"initial {spec.initial!r} is no child",
            )
        node.initial = initial
    elif kind in HISTORIES:
        assert node.parent is not None
        default = places.get(spec.initial) if spec.initial is not None else None
        if default is None or default.spec.kind in HISTORIES or not default.is_inside(node.parent):
            raise ChartError(
                spec.id,
                f"履歴の既定の行き先 {spec.initial!r} は、親の状態の中の状態でなければなりません",
                f"the default target {spec.initial!r} of a history must be a state inside its parent",
            )
        node.initial = default


def _attach(transitions: tuple[TransitionSpec, ...], places: Mapping[str, Node]) -> None:
    """Check each transition and hang it on its source, in document order."""
    seen: set[str] = set()
    for transition in transitions:
        name, event = transition.id, transition.event
        if name in seen or not name:
            raise ChartError(name, "遷移の名前が空か、重なっています", "empty or duplicate transition id")
        seen.add(name)
        source = places.get(transition.source)
        if source is None:
            raise ChartError(name, f"元の状態 {transition.source!r} がありません", "unknown source state")
        if source.spec.kind is StateKind.FINAL or source.spec.kind in HISTORIES:
            raise ChartError(
                name, "終了や履歴からは遷移できません", "a final or a history has no transitions"
            )
        if transition.target is not None and transition.target not in places:
            raise ChartError(name, f"行き先 {transition.target!r} がありません", "unknown target state")
        if event == "":
            raise ChartError(name, "出来事の名前が空です", "empty event name")
        if event is not None and event.startswith(FINISHED_PREFIX):
            finished = places.get(event.removeprefix(FINISHED_PREFIX))
            if finished is None or finished.spec.kind not in PARENTS:
                raise ChartError(
                    name,
                    f"{event!r} の状態がないか、中に終了を持てない状態です",
                    f"{event!r} names no compound or parallel state",
                )
        source.transitions.append(transition)
