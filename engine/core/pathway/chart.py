"""What a statechart does with one event: the only home of python-statemachine.

A `ChartSpec` is plain, ordered, frozen material. `compile_chart` checks it and
builds a class of the library from it; a `Chart` then answers one question:
which configuration follows from this one, this event and these guard answers.
It keeps no case, reads no clock and remembers nothing between two calls.

The meaning is SCXML 1.0, Appendix D (https://www.w3.org/TR/scxml/), without
data model, executable content, delays, invocations and multiple targets. The
library is pinned to one exact version, because this module corrects its order
in two places and uses names that it does not promise to keep:

* document order of nested states (its numbering repeats across siblings);
* the order in which active states select their transitions (it follows the
  order of arrival, so a stored case could take another path than a live one).

Two smaller departures of the library are closed as well: an event is looked at
before eventless transitions, not after, and deep history keeps leaves only.
One departure from the standard is ours: see `CanonicalEngine.get_transition_domain`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from statemachine import registry
from statemachine.engines.base import StateTransition
from statemachine.engines.sync import SyncEngine
from statemachine.event_data import TriggerData
from statemachine.io import create_machine_class_from_definition
from statemachine.orderedset import OrderedSet
from statemachine.state import State
from statemachine.statemachine import StateChart
from statemachine.transition import Transition

from engine.core.pathway.chart_definition import definition_of
from engine.core.pathway.chart_spec import (
    FINISHED_PREFIX,
    HISTORIES,
    PARENTS,
    ChartError,
    ChartSpec,
    Node,
    StateKind,
    StateSpec,
    TransitionSpec,
    placed,
    spec_digest,
)
from engine.core.pathway.chart_step import ConfigurationMismatch, MicrostepLimit, Step, no_configuration

__all__ = [
    "AskGuard",
    "Chart",
    "ChartError",
    "ChartSpec",
    "ConfigurationMismatch",
    "MicrostepLimit",
    "StateKind",
    "StateSpec",
    "Step",
    "TransitionSpec",
    "compile_chart",
    "spec_digest",
]

LIBRARY_VERSION: Final = "3.2.2"
MICROSTEPS_MAX: Final = 1000
MACHINES_IDLE_MAX: Final = 64
# An event of the library's that no transition listens to.
UNHEARD: Final = "e:unheard"

# Answers a guard id; a pure function of the facts as they stood when the event came.
AskGuard = Callable[[str], bool]


class CanonicalEngine(SyncEngine):
    """The library's engine in the standard's order, writing down what it does.

    It overrides names that the library does not promise to keep; a unit test
    names them all and fails when one of them vanishes. After an exception it is in no known state: its machine is thrown away.
    """

    def __init__(
        self, machine: StateChart[Any], transition_ids: Mapping[Transition, str], microsteps_max: int
    ) -> None:
        super().__init__(machine)
        self.microsteps_max = microsteps_max
        self._transition_ids = transition_ids
        self.begin(event_first=False)

    def begin(self, *, event_first: bool) -> None:
        """Forget the last macrostep; `event_first` holds eventless transitions back once."""
        self.clear_cache()  # type: ignore[no-untyped-call]  # keyed by addresses that come again
        self.clear()  # type: ignore[no-untyped-call]  # the library's base is unannotated
        self.running = True
        self._root_parallel_final_pending = None
        self._event_first = event_first
        self._microsteps = 0
        self.taken: list[str] = []
        self.exited: list[str] = []
        self.entered: list[str] = []

    def _run_macrostep(self) -> bool:
        # The library tries eventless transitions before it takes the event, the
        # standard only after it. Facts may have changed while the case lay in
        # the store, so the two differ: the event has the first word.
        if self._event_first:
            self._event_first = False
            return True
        return super()._run_macrostep()

    def _select_transitions(
        self, trigger_data: TriggerData, predicate: Callable[..., Any]
    ) -> OrderedSet[Transition]:
        # The library goes through the states in the order in which they were
        # entered, the standard in document order.
        enabled = OrderedSet[Transition]()
        leaves = [state for state in self.sm.configuration if state.is_atomic]
        for state in sorted(leaves, key=_document_order):
            transition = self._first_transition_that_matches(state, trigger_data, predicate)
            if transition is not None:
                enabled.add(transition)
        return self._filter_conflicting_transitions(enabled)

    def get_transition_domain(self, transition: Transition) -> State | None:
        """The state inside of which a transition leaves and enters; None stands for the chart.

        Counted to the target as written. Appendix D counts to the states that
        a history stands for, and then enters states that it never left, up to
        two children of one compound at a time, when the way to the history
        starts inside its own parent.
        """
        if not transition.targets:
            return None
        if transition.internal:
            return transition.source
        return self.find_lcca([transition.source, *transition.targets])

    def microstep(self, transitions: list[Transition], trigger_data: TriggerData) -> Any:
        """Take a set of transitions together, unless the macrostep has had its share."""
        if self._microsteps == self.microsteps_max:
            raise MicrostepLimit(self.microsteps_max, tuple(self.taken))
        self._microsteps += 1
        self.taken.extend(self._transition_ids[transition] for transition in transitions)
        return super().microstep(transitions, trigger_data)

    def _prepare_exit_states(
        self, enabled_transitions: list[Transition]
    ) -> tuple[list[StateTransition], OrderedSet[State]]:
        ordered, left = super()._prepare_exit_states(enabled_transitions)
        for state in left:
            self.exited.append(state.value)
            for history in state.history:
                kept = self.sm.history_values[history.id]
                if history.type.is_deep:
                    # The standard keeps leaves only, the library their ancestors too.
                    kept = [inner for inner in kept if inner.is_atomic]
                self.sm.history_values[history.id] = sorted(kept, key=_document_order)
        return ordered, left

    def _prepare_entry_states(self, *arguments: Any) -> Any:
        plan = super()._prepare_entry_states(*arguments)
        self.entered.extend(arrival.state.value for arrival in plan[0])
        return plan


def _document_order(state: State) -> int:
    return state.document_order


class _Mind:
    """What a machine of the library knows of its case: where it stands, whom to ask."""

    engine: CanonicalEngine

    def __init__(self, state: str, ask: AskGuard) -> None:
        self.state: Any = state
        self.ask = ask


class Chart:
    """A compiled chart. Safe to share between threads; keeps no case.

    A step asks each guard at most once, so that all of it sees the same facts.
    A guard that raises ends the step with that exception, and nothing of it
    stays behind.
    """

    def __init__(self, spec: ChartSpec, nodes: tuple[Node, ...], *, microsteps_max: int) -> None:
        self.spec = spec
        self.digest = spec_digest(spec)
        self._nodes = nodes
        self._places = {node.spec.id: node for node in nodes}
        self._ordinals = {node.code: node.ordinal for node in nodes}
        self._codes = {event: f"e:{number}" for number, event in enumerate(_events_to_send(spec))}
        self.events: frozenset[str] = frozenset(self._codes)
        self._machine_class = _machine_class(nodes, self._codes, microsteps_max=microsteps_max)
        # Building a machine costs up to ten steps. Each step takes one out and
        # brings it back; deque does both atomically, so no two threads (nor a
        # guard that steps the chart again) ever hold the same one.
        self._idle: deque[StateChart[_Mind]] = deque(maxlen=MACHINES_IDLE_MAX)

    def enter(self, state: str, guard: AskGuard) -> Step:
        """Enter `state`, its ancestors and defaults from nothing, and come to rest.

        For a case that opens or is opened again: there is no history yet. A
        history may be named and gives its default target.

        Raises:
            ConfigurationMismatch: the chart has no such state.
            MicrostepLimit: eventless transitions never come to rest.
        """
        node = self._place(state)
        if node.spec.kind in HISTORIES:
            assert node.initial is not None
            node = node.initial
        machine = self._machine(guard)
        machine.current_state_value = None
        machine.history_values = {}
        machine.start_configuration_values = [node.code]
        machine.model.engine.begin(event_first=False)
        machine.activate_initial_state()
        return self._step_of(machine)

    def step(
        self, configuration: Iterable[str], history: Mapping[str, Iterable[str]], event: str, guard: AskGuard
    ) -> Step:
        """Run one macrostep: the event, then eventless and finished events until rest.

        `configuration` and `history` are those of the last `Step`, in any
        order. An event that nobody listens to here still lets eventless
        transitions look at the new facts. When nothing moves at all, `taken`
        is empty and configuration and history are as before.

        Raises:
            ConfigurationMismatch: configuration or history are not this chart's.
            MicrostepLimit: more than `MICROSTEPS_MAX` microsteps.
        """
        active = self._active(configuration)
        kept = {self._place(name).code: self._kept(name, states) for name, states in history.items()}
        machine = self._machine(guard)
        machine.current_state_value = OrderedSet(node.code for node in active)
        library_states = machine.states_map
        machine.history_values = {
            code: [library_states[node.code] for node in nodes] for code, nodes in kept.items()
        }
        machine.model.engine.begin(event_first=True)
        machine.send(self._codes.get(event, UNHEARD))
        return self._step_of(machine)

    def offered(self, configuration: Iterable[str]) -> tuple[TransitionSpec, ...]:
        """Transitions that an event sent from outside could take here, guards unasked.

        In selection order: leaves in document order, each from the inside out,
        and the earlier transition of a state first. `finished.…` is left out:
        nobody can send it.
        """
        found: dict[TransitionSpec, None] = {}
        for node in self._active(configuration):
            if node.spec.kind in PARENTS:
                continue
            for place in (node, *node.ancestors()):
                for transition in place.transitions:
                    if transition.event in self._codes:
                        found[transition] = None
        return tuple(found)

    def is_finished(self, configuration: Iterable[str]) -> bool:
        """Whether a top-level final state is active: the case is closed."""
        return any(
            node.parent is None and node.spec.kind is StateKind.FINAL for node in self._active(configuration)
        )

    def _place(self, state: str) -> Node:
        node = self._places.get(state)
        if node is None:
            raise ConfigurationMismatch(
                f"状態 {state!r} はこの版の経路にありません。ケースがどの版に属するか確かめてください。"
                f" / this version of the pathway has no state {state!r}; check the case's version"
            )
        return node

    def _active(self, configuration: Iterable[str]) -> list[Node]:
        """The configuration in document order, proved to be one that can exist."""
        active = {node.ordinal: node for node in map(self._place, configuration)}
        top = 0
        for node in active.values():
            wanted = len(node.states) if node.spec.kind is StateKind.PARALLEL else bool(node.states)
            if node.parent is None:
                top += 1
            elif node.parent.ordinal not in active:
                raise no_configuration(node.parent.spec.id)
            if node.spec.kind in HISTORIES or sum(s.ordinal in active for s in node.states) != wanted:
                raise no_configuration(node.spec.id)
        if top != 1:
            raise no_configuration("")
        return [active[ordinal] for ordinal in sorted(active)]

    def _kept(self, name: str, states: Iterable[str]) -> list[Node]:
        history = self._place(name)
        nodes = sorted(map(self._place, states), key=lambda node: node.ordinal)
        shallow = history.spec.kind is StateKind.HISTORY_SHALLOW
        fits = history.spec.kind in HISTORIES and bool(nodes)
        for node in nodes:
            assert history.parent is not None or not fits
            if shallow:
                fits = fits and node.parent is history.parent and node.spec.kind not in HISTORIES
            else:
                fits = fits and history.parent in tuple(node.ancestors()) and not node.states
        if not fits:
            raise no_configuration(name)
        return nodes

    def _machine(self, guard: AskGuard) -> StateChart[_Mind]:
        answers: dict[str, bool] = {}

        def ask(name: str) -> bool:
            known = answers.get(name)
            if known is None:
                known = answers[name] = bool(guard(name))
            return known

        try:
            machine = self._idle.pop()
        except IndexError:
            # A state is set already, so that the library enters none by itself.
            machine = self._machine_class(_Mind(self._nodes[0].code, ask))
        machine.model.ask = ask
        return machine

    def _step_of(self, machine: StateChart[_Mind]) -> Step:
        engine = machine.model.engine
        names, ordinals = self._nodes, self._ordinals

        def ids(codes: Iterable[str]) -> tuple[str, ...]:
            return tuple([names[ordinals[code]].spec.id for code in codes])

        resting = ids(machine.configuration_values)
        step = Step(
            configuration=tuple([node.spec.id for node in self._active(resting)]),
            history=MappingProxyType(
                {
                    names[ordinals[code]].spec.id: ids(state.value for state in kept)
                    for code, kept in sorted(
                        machine.history_values.items(), key=lambda item: ordinals[item[0]]
                    )
                }
            ),
            exited=ids(engine.exited),
            entered=ids(engine.entered),
            taken=tuple(engine.taken),
        )
        machine.model.ask = _asked_nobody
        self._idle.append(machine)
        return step


def _asked_nobody(guard: str) -> bool:
    raise AssertionError(guard)


def compile_chart(spec: ChartSpec, *, microsteps_max: int = MICROSTEPS_MAX) -> Chart:
    """Check a spec and make it executable; costs 1 to 60 ms (10 to 1,000 states).

    Eventless cycles are no error here: `Chart.step` refuses to follow one
    for more than `microsteps_max` microsteps.

    Raises:
        ChartError: the spec is no chart; `offender` is the id at fault.
    """
    return Chart(spec, placed(spec), microsteps_max=microsteps_max)


def _events_to_send(spec: ChartSpec) -> Iterator[str]:
    told = {transition.event for transition in spec.transitions if transition.event is not None}
    return iter(sorted(event for event in told if not event.startswith(FINISHED_PREFIX)))


def _machine_class(
    nodes: tuple[Node, ...], codes: Mapping[str, str], *, microsteps_max: int
) -> type[StateChart[_Mind]]:
    """Build the library's class for a checked chart.

    The library keeps every class for ever under its name; ours is taken out
    again, so that charts can be dropped.
    """
    ids: dict[Transition, str] = {}

    def engine_of(machine: StateChart[_Mind]) -> CanonicalEngine:
        machine.model.engine = CanonicalEngine(machine, ids, microsteps_max)
        return machine.model.engine

    built = create_machine_class_from_definition(
        "CompiledChart",
        definition_of(nodes, codes),
        catch_errors_as_events=False,
        validate_trap_states=False,
        validate_disconnected_states=False,
        validate_final_reachability=False,
        _get_engine=engine_of,
    )
    registry._REGISTRY.pop(f"{built.__module__}.{built.__name__}", None)  # noqa: SLF001 - it offers no way out
    for node in nodes:
        if node.spec.kind in HISTORIES:
            continue
        state = built.states_map[node.code]
        # The library's own numbers repeat across the children of siblings.
        state.document_order = node.ordinal + 1
        own = [transition for transition in state.transitions if not transition.initial]
        ids.update(zip(own, (transition.id for transition in node.transitions), strict=True))
    return built
