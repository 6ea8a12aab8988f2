"""Laws of the statechart, over generated charts, guard answers and events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from engine.core.pathway.chart import (
    Chart,
    ChartSpec,
    MicrostepLimit,
    StateKind,
    StateSpec,
    Step,
    TransitionSpec,
    compile_chart,
)
from engine.core.pathway.memo import MemoChart
from tests.property.scxml_interpreter import Diverged, Interpreter

MICROSTEPS_MAX = 40
EVENTS = ("go", "記録.連絡", "recorded.contact")
GUARDS = ("g0", "g1", "g2", "月数 >= 3")
NESTING_MAX = 4

law = settings(max_examples=max(150, settings().max_examples), suppress_health_check=[HealthCheck.too_slow])


def _name(number: int) -> str:
    return (f"s{number}", f"状態{number}", f"s{number}.in", f"with space {number}")[number % 4]


class _Drawer:
    """Draws one chart; `below(n)` gives a number from 0 to n - 1, small ones more often."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below
        self.count = 0
        self.sources: list[str] = []
        self.targets: list[str] = []
        self.finishing: list[str] = []

    def chart(self) -> ChartSpec:
        states = tuple(self.state(1, final_allowed=number > 0) for number in range(1 + self.below(4)))
        return ChartSpec(states, tuple(self.transition(number) for number in range(6 + self.below(14))))

    def crowd(self) -> ChartSpec:
        """Regions side by side whose leaves all hear the same two events and get in each other's way."""
        regions = []
        transitions: list[TransitionSpec] = []
        outside = [StateSpec(self._named(self.targets), StateKind.ATOMIC) for _ in range(2)]
        for _ in range(2 + self.below(2)):
            leaves = [
                StateSpec(self._named(self.targets), StateKind.ATOMIC) for _ in range(2 + self.below(2))
            ]
            ids = [leaf.id for leaf in leaves]
            if self.below(2):
                leaves.append(StateSpec(self._named(self.targets), StateKind.FINAL))
            places = [leaf.id for leaf in leaves]
            for heard in EVENTS[:2]:
                for source in ids:
                    targets = (places, [*self.targets])[self.below(4) == 3]
                    target = targets[self.below(len(targets))]
                    transitions.append(TransitionSpec(f"t{len(transitions)}", source, heard, None, target))
            self.finishing.append(self._named(self.sources))
            regions.append(StateSpec(self.finishing[-1], StateKind.COMPOUND, tuple(leaves)))
            self.sources.extend(ids)
        around = StateSpec(self._named(self.targets), StateKind.PARALLEL, tuple(regions))
        self.sources.extend([around.id, *(state.id for state in outside)])
        told = TransitionSpec("told", around.id, f"finished.{around.id}", None, None)
        transitions.extend(self.transition(len(transitions) + number) for number in range(4))
        transitions.append(told)
        return ChartSpec((around, *outside), tuple(transitions))

    def state(self, depth: int, *, final_allowed: bool) -> StateSpec:
        name = self._named(self.targets)
        choice = self.below(10)
        if final_allowed and choice == 9:
            return StateSpec(name, StateKind.FINAL)
        self.sources.append(name)
        if depth >= NESTING_MAX or self.count > 16 or choice < 3:
            return StateSpec(name, StateKind.ATOMIC)
        self.finishing.append(name)
        parallel = choice >= 7
        children = [
            self.state(depth + 1, final_allowed=not parallel and number > 0)
            for number in range(2 + self.below(2))
        ]
        initial = None if parallel or self.below(2) == 0 else children[self.below(len(children))].id
        for _ in range(self.below(5) // 2):
            inside = _ids(children)
            kind = (StateKind.HISTORY_SHALLOW, StateKind.HISTORY_DEEP)[self.below(2)]
            default = inside[self.below(len(inside))]
            history = StateSpec(self._named(self.targets), kind, initial=default)
            children.insert(self.below(len(children) + 1), history)
            if not parallel and self.below(5) == 4:
                initial = history.id
        kind = StateKind.PARALLEL if parallel else StateKind.COMPOUND
        return StateSpec(name, kind, tuple(children), initial)

    def transition(self, number: int) -> TransitionSpec:
        heard: str | None = EVENTS[self.below(3)]
        kind = self.below(20)
        guard = GUARDS[self.below(len(GUARDS))] if self.below(3) == 2 else None
        if kind == 19:
            heard, guard = None, GUARDS[self.below(len(GUARDS))]
        elif kind >= 14 and self.finishing:
            heard = f"finished.{self.finishing[self.below(len(self.finishing))]}"
        target = None if self.below(14) == 13 else self.targets[self.below(len(self.targets))]
        source = self.sources[self.below(len(self.sources))]
        return TransitionSpec(f"t{number}", source, heard, guard, target, internal=self.below(3) == 2)

    def story(self) -> Story:
        spec = self.crowd() if self.below(3) == 2 else self.chart()
        start = self.targets[self.below(len(self.targets))] if self.below(3) == 2 else spec.states[0].id
        heard = (*EVENTS, *EVENTS, "unheard of")
        facts = self.below(16)
        events = tuple((heard[self.below(7)], self.below(16)) for _ in range(4 + self.below(8)))
        return Story(spec, start, facts, events)

    def _named(self, names: list[str]) -> str:
        self.count += 1
        names.append(_name(self.count))
        return names[-1]


def _ids(states: list[StateSpec]) -> list[str]:
    found = []
    for state in states:
        if state.kind not in {StateKind.HISTORY_SHALLOW, StateKind.HISTORY_DEEP}:
            found.append(state.id)
            found.extend(_ids(list(state.children)))
    return found


@dataclass(frozen=True)
class Story:
    """A chart, where a case enters it, and what then happens with which facts."""

    spec: ChartSpec
    start: str
    facts: int
    events: tuple[tuple[str, int], ...]


def answers(facts: int) -> Callable[[str], bool]:
    return lambda guard: bool(facts >> GUARDS.index(guard) & 1)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    return _Drawer(lambda bound: draw(st.integers(0, bound - 1))).story()


Told = tuple[tuple[str, ...], dict[str, tuple[str, ...]], tuple[str, ...], tuple[str, ...], tuple[str, ...]]
Run = Callable[[tuple[str, ...], Mapping[str, tuple[str, ...]], str, Callable[[str], bool]], Told]
DIVERGED: Told = ((), {}, ("diverged",), (), ())


def told(step: Step) -> Told:
    return (step.configuration, dict(step.history), step.exited, step.entered, step.taken)


def tell(story: Story, begin: Callable[[str, Callable[[str], bool]], Told], run: Run) -> list[Told]:
    """Everything that happens in a story, until its end or until it never rests."""
    so_far: list[Told] = []
    try:
        so_far.append(begin(story.start, answers(story.facts)))
        for heard, facts in story.events:
            so_far.append(run(so_far[-1][0], so_far[-1][1], heard, answers(facts)))
    except (MicrostepLimit, Diverged):
        so_far.append(DIVERGED)
    return so_far


def tell_with(story: Story, chart: Chart | MemoChart) -> list[Told]:
    return tell(
        story,
        lambda state, guard: told(chart.enter(state, guard)),
        lambda active, kept, heard, guard: told(chart.step(active, kept, heard, guard)),
    )


def compiled(story: Story) -> Chart:
    return compile_chart(story.spec, microsteps_max=MICROSTEPS_MAX)


@law
@given(stories())
def test_the_chart_does_what_the_standards_algorithm_does(story: Story) -> None:
    interpreter = Interpreter(story.spec, MICROSTEPS_MAX)

    def begin(state: str, guard: Callable[[str], bool]) -> Told:
        done = interpreter.enter(state, guard)
        return (done.configuration, done.history, done.exited, done.entered, done.taken)

    def run(
        active: tuple[str, ...],
        kept: Mapping[str, tuple[str, ...]],
        heard: str,
        guard: Callable[[str], bool],
    ) -> Told:
        done = interpreter.step(active, kept, heard, guard)
        return (done.configuration, done.history, done.exited, done.entered, done.taken)

    expected = tell(story, begin, run)
    event(f"moving steps: {sum(bool(step[4]) for step in expected)}")
    event(f"diverges: {expected[-1] == DIVERGED}")
    assert tell_with(story, compiled(story)) == expected


@law
@given(stories(), st.sampled_from([2, 5, 4096]))
def test_remembering_changes_no_answer(story: Story, entries_max: int) -> None:
    chart = compiled(story)
    memo = MemoChart(chart, entries_max)
    plain = tell_with(story, chart)
    for _ in range(3):
        assert tell_with(story, memo) == plain
        assert len(memo) <= entries_max


@law
@given(stories())
def test_a_fresh_machine_and_a_pooled_one_answer_alike(story: Story) -> None:
    chart = compiled(story)

    def begin(state: str, guard: Callable[[str], bool]) -> Told:
        chart._idle.clear()
        return told(chart.enter(state, guard))

    def run(
        active: tuple[str, ...],
        kept: Mapping[str, tuple[str, ...]],
        heard: str,
        guard: Callable[[str], bool],
    ) -> Told:
        chart._idle.clear()
        return told(chart.step(active, kept, heard, guard))

    assert tell(story, begin, run) == tell_with(story, chart)


@law
@given(stories())
def test_a_case_from_the_store_goes_the_way_of_a_live_one(story: Story) -> None:
    """Live: one machine of the library, kept from event to event and never set again."""
    chart = compiled(story)

    def stored(
        active: tuple[str, ...],
        kept: Mapping[str, tuple[str, ...]],
        heard: str,
        guard: Callable[[str], bool],
    ) -> Told:
        row = json.loads(json.dumps({"active": active, "kept": dict(kept)}))
        return told(chart.step(row["active"], row["kept"], heard, guard))

    from_store = tell(story, lambda state, guard: told(chart.enter(state, guard)), stored)

    live = compiled(story)

    def begin(state: str, guard: Callable[[str], bool]) -> Told:
        return told(live.enter(state, guard))

    def run(
        _active: tuple[str, ...],
        _kept: Mapping[str, tuple[str, ...]],
        heard: str,
        guard: Callable[[str], bool],
    ) -> Told:
        machine = live._machine(guard)
        machine.model.engine.begin(event_first=True)
        machine.send(live._codes.get(heard, "e:unheard"))
        return told(live._step_of(machine))

    assert tell(story, begin, run) == from_store


@law
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_in_which_states_were_stored_does_not_matter(story: Story, shuffler: Random) -> None:
    chart = compiled(story)

    def shuffled(states: tuple[str, ...]) -> list[str]:
        mixed = list(states)
        shuffler.shuffle(mixed)
        return mixed

    def run(
        active: tuple[str, ...],
        kept: Mapping[str, tuple[str, ...]],
        heard: str,
        guard: Callable[[str], bool],
    ) -> Told:
        history = {name: tuple(shuffled(kept[name])) for name in shuffled(tuple(kept))}
        return told(chart.step(shuffled(active), history, heard, guard))

    mixed = tell(story, lambda state, guard: told(chart.enter(state, guard)), run)
    assert mixed == tell_with(story, chart)


@law
@given(stories())
def test_a_guard_is_asked_at_most_once_in_a_step(story: Story) -> None:
    chart = compiled(story)

    def once(guard: Callable[[str], bool]) -> Callable[[str], bool]:
        asked: set[str] = set()

        def ask(name: str) -> bool:
            assert name not in asked
            asked.add(name)
            return guard(name)

        return ask

    tell(
        story,
        lambda state, guard: told(chart.enter(state, once(guard))),
        lambda active, kept, heard, guard: told(chart.step(active, kept, heard, once(guard))),
    )


@law
@given(stories())
def test_what_an_event_takes_first_was_offered(story: Story) -> None:
    chart = compiled(story)
    eventless = {transition.id for transition in story.spec.transitions if transition.event is None}
    before: tuple[str, ...] = ()
    for (heard, _), step in zip((("", 0), *story.events), tell_with(story, chart), strict=False):
        if before and step[4] and step[4][0] not in eventless and step != DIVERGED:
            offered = [transition for transition in chart.offered(before) if transition.event == heard]
            assert step[4][0] in {transition.id for transition in offered}
        before = step[0]


@law
@given(stories())
def test_a_state_is_left_only_when_active_and_entered_only_when_not(story: Story) -> None:
    active: set[str] = set()
    for configuration, _, exited, entered, taken in tell_with(story, compiled(story)):
        if (configuration, exited) == ((), ("diverged",)):
            break
        # A macrostep may pass through a state more than once: only the balance shows.
        for state in {*exited, *entered, *configuration, *active}:
            balance = (state in active) + entered.count(state) - exited.count(state)
            assert balance == (state in configuration)
        assert taken or not exited or not active
        active = set(configuration)
