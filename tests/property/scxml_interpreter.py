"""A second opinion on what a chart means: the algorithm of SCXML 1.0, Appendix D.

Written from the standard's pseudo-code (https://www.w3.org/TR/scxml/#AlgorithmforSCXMLInterpretation),
procedure by procedure and under its names, with only the parts that the
pathway language has. It shares nothing with the engine but the plain spec.
Slow and plain on purpose. One place departs from the letter: see `get_transition_domain`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from engine.core.pathway.chart_spec import ChartSpec, StateKind, StateSpec, TransitionSpec

ROOT = ""


class Diverged(Exception):
    """More microsteps than allowed."""


@dataclass
class Outcome:
    configuration: tuple[str, ...]
    history: dict[str, tuple[str, ...]]
    exited: tuple[str, ...]
    entered: tuple[str, ...]
    taken: tuple[str, ...]


@dataclass
class Interpreter:
    spec: ChartSpec
    microsteps_max: int = 1000
    kind: dict[str, StateKind] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    initial: dict[str, str] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.children[ROOT] = []
        for state in self.spec.states:
            self._read(state, ROOT)

    def _read(self, state: StateSpec, parent: str) -> None:
        self.order[state.id] = len(self.order)
        self.kind[state.id] = state.kind
        self.parent[state.id] = parent
        self.children[parent].append(state.id)
        self.children[state.id] = []
        for child in state.children:
            self._read(child, state.id)
        if state.initial is not None:
            self.initial[state.id] = state.initial
        elif state.kind is StateKind.COMPOUND:
            self.initial[state.id] = self.get_child_states(state.id)[0]

    # --- the tree ---------------------------------------------------------

    def is_history(self, state: str) -> bool:
        return self.kind[state] in {StateKind.HISTORY_SHALLOW, StateKind.HISTORY_DEEP}

    def is_atomic(self, state: str) -> bool:
        return self.kind[state] in {StateKind.ATOMIC, StateKind.FINAL}

    def get_child_states(self, state: str) -> list[str]:
        return [child for child in self.children[state] if not self.is_history(child)]

    def get_proper_ancestors(self, state: str, stop: str | None) -> list[str]:
        found = []
        here = self.parent[state]
        while here not in {ROOT, stop}:
            found.append(here)
            here = self.parent[here]
        return found

    def is_descendant(self, state: str, ancestor: str) -> bool:
        return ancestor == ROOT or ancestor in self.get_proper_ancestors(state, None)

    def in_entry_order(self, states: Iterable[str]) -> list[str]:
        return sorted(set(states), key=lambda state: self.order[state])

    # --- running ----------------------------------------------------------

    def enter(self, state: str, guard: Callable[[str], bool]) -> Outcome:
        self._start((), {}, guard)
        begin = TransitionSpec("", ROOT, None, None, state)
        self.enter_states([begin])
        self.main_event_loop()
        return self._outcome()

    def step(
        self,
        configuration: Iterable[str],
        history: Mapping[str, Iterable[str]],
        event: str,
        guard: Callable[[str], bool],
    ) -> Outcome:
        self._start(configuration, history, guard)
        enabled = self.select(lambda t: t.event == event and not event.startswith("finished."))
        if enabled:
            self.microstep(enabled)
        self.main_event_loop()
        return self._outcome()

    def _start(
        self, configuration: Iterable[str], history: Mapping[str, Iterable[str]], guard: Callable[[str], bool]
    ) -> None:
        self.configuration = set(configuration)
        self.history_value = {name: list(states) for name, states in history.items()}
        self.guard = guard
        self.internal_queue: deque[str] = deque()
        self.running = True
        self.microsteps = 0
        self.exited: list[str] = []
        self.entered: list[str] = []
        self.taken: list[str] = []

    def _outcome(self) -> Outcome:
        return Outcome(
            tuple(self.in_entry_order(self.configuration)),
            {name: tuple(self.in_entry_order(states)) for name, states in self.history_value.items()},
            tuple(self.exited),
            tuple(self.entered),
            tuple(self.taken),
        )

    def main_event_loop(self) -> None:
        while self.running:
            enabled = self.select(lambda t: t.event is None)
            if not enabled:
                if not self.internal_queue:
                    return
                told = self.internal_queue.popleft()
                enabled = self.select(lambda t, told=told: t.event == told)  # type: ignore[misc]
            if enabled:
                self.microstep(enabled)

    def select(self, matches: Callable[[TransitionSpec], bool]) -> list[TransitionSpec]:
        """Both selectTransitions and selectEventlessTransitions."""
        enabled: list[TransitionSpec] = []
        for state in self.in_entry_order(s for s in self.configuration if self.is_atomic(s)):
            found = self._first(state, matches)
            if found is not None and found not in enabled:
                enabled.append(found)
        return self.remove_conflicting_transitions(enabled)

    def _first(self, state: str, matches: Callable[[TransitionSpec], bool]) -> TransitionSpec | None:
        for place in [state, *self.get_proper_ancestors(state, None)]:
            for transition in self.spec.transitions:
                if (
                    transition.source == place
                    and matches(transition)
                    and (transition.guard is None or self.guard(transition.guard))
                ):
                    return transition
        return None

    def remove_conflicting_transitions(self, enabled: list[TransitionSpec]) -> list[TransitionSpec]:
        kept: list[TransitionSpec] = []
        for one in enabled:
            preempted = False
            beaten = []
            for other in kept:
                if self.compute_exit_set([one]) & self.compute_exit_set([other]):
                    if self.is_descendant(one.source, other.source):
                        beaten.append(other)
                    else:
                        preempted = True
                        break
            if not preempted:
                kept = [other for other in kept if other not in beaten]
                kept.append(one)
        return kept

    def microstep(self, enabled: list[TransitionSpec]) -> None:
        if self.microsteps == self.microsteps_max:
            raise Diverged
        self.microsteps += 1
        self.exit_states(enabled)
        self.taken.extend(transition.id for transition in enabled)
        self.enter_states(enabled)

    def exit_states(self, enabled: list[TransitionSpec]) -> None:
        leaving = self.in_entry_order(self.compute_exit_set(enabled))[::-1]
        for state in leaving:
            for history in self.children[state]:
                if self.kind[history] is StateKind.HISTORY_DEEP:
                    self.history_value[history] = [
                        s for s in self.configuration if self.is_atomic(s) and self.is_descendant(s, state)
                    ]
                elif self.kind[history] is StateKind.HISTORY_SHALLOW:
                    self.history_value[history] = [s for s in self.configuration if self.parent[s] == state]
        for state in leaving:
            self.exited.append(state)
            self.configuration.discard(state)

    def compute_exit_set(self, transitions: list[TransitionSpec]) -> set[str]:
        leaving: set[str] = set()
        for transition in transitions:
            if transition.target is not None:
                domain = self.get_transition_domain(transition)
                leaving |= {s for s in self.configuration if self.is_descendant(s, domain)}
        return leaving

    def get_transition_domain(self, transition: TransitionSpec) -> str:
        # Not Appendix D to the letter, which counts to the states that a history
        # stands for: from inside the history's parent that enters states which
        # were never left. Here, as in the engine, the target as written counts.
        source, target = transition.source, transition.target
        assert target is not None
        if source == ROOT:
            return ROOT
        if (
            transition.internal
            and self.kind[source] is StateKind.COMPOUND
            and self.is_descendant(target, source)
        ):
            return source
        return self.find_lcca(source, target)

    def find_lcca(self, source: str, target: str) -> str:
        for ancestor in self.get_proper_ancestors(source, None):
            if self.kind[ancestor] is StateKind.COMPOUND and self.is_descendant(target, ancestor):
                return ancestor
        return ROOT

    def get_effective_target_states(self, target: str | None) -> list[str]:
        if target is None:
            return []
        if not self.is_history(target):
            return [target]
        if target in self.history_value:
            return list(self.history_value[target])
        return self.get_effective_target_states(self.initial[target])

    def enter_states(self, enabled: list[TransitionSpec]) -> None:
        to_enter: set[str] = set()
        for transition in enabled:
            if transition.target is None:
                continue
            self.add_descendant_states_to_enter(transition.target, to_enter)
            domain = self.get_transition_domain(transition)
            for state in self.get_effective_target_states(transition.target):
                self.add_ancestor_states_to_enter(state, domain, to_enter)
        for state in self.in_entry_order(to_enter):
            self.entered.append(state)
            self.configuration.add(state)
            if self.kind[state] is StateKind.FINAL:
                self._tell_finished(state)

    def _tell_finished(self, final: str) -> None:
        parent = self.parent[final]
        if parent == ROOT:
            self.running = False
            return
        self.internal_queue.append(f"finished.{parent}")
        grandparent = self.parent[parent]
        if (
            grandparent != ROOT
            and self.kind[grandparent] is StateKind.PARALLEL
            and all(self.is_in_final_state(child) for child in self.get_child_states(grandparent))
        ):
            self.internal_queue.append(f"finished.{grandparent}")

    def is_in_final_state(self, state: str) -> bool:
        children = self.get_child_states(state)
        if self.kind[state] is StateKind.COMPOUND:
            return any(self.kind[c] is StateKind.FINAL and c in self.configuration for c in children)
        if self.kind[state] is StateKind.PARALLEL:
            return all(self.is_in_final_state(child) for child in children)
        return False

    def add_descendant_states_to_enter(self, state: str, to_enter: set[str]) -> None:
        if self.is_history(state):
            stands_for = self.history_value.get(state, [self.initial[state]])
            for kept in stands_for:
                self.add_descendant_states_to_enter(kept, to_enter)
            for kept in stands_for:
                self.add_ancestor_states_to_enter(kept, self.parent[state], to_enter)
            return
        to_enter.add(state)
        if self.kind[state] is StateKind.COMPOUND:
            self.add_descendant_states_to_enter(self.initial[state], to_enter)
            first = self.initial[state]
            if not self.is_history(first):
                self.add_ancestor_states_to_enter(first, state, to_enter)
        elif self.kind[state] is StateKind.PARALLEL:
            self._fill_regions(state, to_enter)

    def add_ancestor_states_to_enter(self, state: str, stop: str, to_enter: set[str]) -> None:
        for ancestor in self.get_proper_ancestors(state, None if stop == ROOT else stop):
            to_enter.add(ancestor)
            if self.kind[ancestor] is StateKind.PARALLEL:
                self._fill_regions(ancestor, to_enter)

    def _fill_regions(self, parallel: str, to_enter: set[str]) -> None:
        for child in self.get_child_states(parallel):
            if not any(self.is_descendant(state, child) for state in to_enter):
                self.add_descendant_states_to_enter(child, to_enter)
