"""A checked chart written as the plain definition that python-statemachine builds a class from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from engine.core.pathway.chart_spec import FINISHED_PREFIX, HISTORIES, Node, StateKind, TransitionSpec


class Asked(Protocol):
    """What a guard of the library is given: somebody to ask."""

    ask: Callable[[str], bool]


class _Definition:
    def __init__(self, nodes: tuple[Node, ...], codes: Mapping[str, str]) -> None:
        self._places = {node.spec.id: node for node in nodes}
        self._codes = codes
        self._asks = {
            transition.guard: _asking(transition.guard)
            for node in nodes
            for transition in node.transitions
            if transition.guard is not None
        }

    def transition(self, transition: TransitionSpec, source: Node) -> dict[str, Any]:
        target = None if transition.target is None else self._places[transition.target]
        event = transition.event
        if event is not None and event.startswith(FINISHED_PREFIX):
            event = f"done.state.{self._places[event.removeprefix(FINISHED_PREFIX)].code}"
        elif event is not None:
            event = self._codes[event]
        # The library gives `internal` a meaning of its own where the standard
        # gives it none, and refuses it without a target.
        internal = (
            transition.internal
            and source.spec.kind is StateKind.COMPOUND
            and target is not None
            and target.is_inside(source)
        )
        entry: dict[str, Any] = {"target": target and target.code, "event": event, "internal": internal}
        if transition.guard is not None:
            entry["cond"] = self._asks[transition.guard]
        return entry

    def state(self, node: Node) -> dict[str, Any]:
        kind, parent = node.spec.kind, node.parent
        entry: dict[str, Any] = {
            "final": kind is StateKind.FINAL,
            "parallel": kind is StateKind.PARALLEL,
            "initial": node.ordinal == 0 if parent is None else parent.initial is node,
            "states": {child.code: self.state(child) for child in node.states},
            "history": {history.code: _history(history) for history in node.histories},
            "transitions": [self.transition(transition, node) for transition in node.transitions],
        }
        if node.initial is not None and node.initial.spec.kind in HISTORIES:
            entry["transitions"].append({"target": node.initial.code, "initial": True})
        return entry


def definition_of(nodes: tuple[Node, ...], codes: Mapping[str, str]) -> dict[str, Any]:
    """Return the library's definition of a checked chart, top-level states by code.

    `codes` maps events that can be sent to their coded names. The library
    empties the dictionary it is given, so each call makes a new one.
    """
    writing = _Definition(nodes, codes)
    return {node.code: writing.state(node) for node in nodes if node.parent is None}


def _history(node: Node) -> dict[str, Any]:
    assert node.initial is not None
    depth = "deep" if node.spec.kind is StateKind.HISTORY_DEEP else "shallow"
    return {"type": depth, "transitions": [{"target": node.initial.code}]}


def _asking(guard: str) -> Callable[[Asked], bool]:
    # The library fills in the argument by its name.
    def guard_holds(model: Asked) -> bool:
        return model.ask(guard)

    return guard_holds
