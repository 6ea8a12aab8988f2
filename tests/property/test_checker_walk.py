"""The checker's own walk through a chart, held against the chart that runs cases."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.checker.arrow import History, Rules
from engine.checker.exploration import Exploration
from engine.core.pathway.chart import Chart, ChartSpec, MicrostepLimit, Step, compile_chart
from engine.core.pathway.chart_spec import placed
from tests.property.test_chart_laws import EVENTS, _Drawer

law = settings(max_examples=max(60, settings().max_examples), suppress_health_check=list(HealthCheck))

STATES_MAX = 60


def _drawn(seed: int, *, crowd: bool) -> ChartSpec:
    random = Random(seed)
    drawer = _Drawer(random.randrange)
    spec = drawer.crowd() if crowd else drawer.chart()
    # The pathway language has no internal transitions.
    return replace(spec, transitions=tuple(replace(each, internal=False) for each in spec.transitions))


def _explored(spec: ChartSpec) -> Exploration:
    nodes = placed(spec)
    anywhere = 1 << len(nodes)
    guarded = frozenset(each.id for each in spec.transitions if each.guard is not None)
    tellable = dict.fromkeys(EVENTS, anywhere)
    return Exploration(nodes, Rules(guarded, frozenset()), [nodes[0].spec.id], tellable, most=STATES_MAX)


def _key(explored: Exploration, step: Step) -> tuple[int, History]:
    mask = sum(explored.bit(state) for state in step.configuration)
    histories = [node.spec.id for node in explored.nodes if node.spec.kind.value.startswith("history")]
    kept = [sum(explored.bit(state) for state in step.history.get(name, ())) for name in histories]
    return mask, tuple(kept)


def _lived(spec: ChartSpec, explored: Exploration) -> tuple[set[tuple[int, History]], bool]:
    """Every place that real cases come to, with every guard answered both ways; and whether that was all."""
    chart: Chart = compile_chart(spec, microsteps_max=40)
    guards = sorted({each.guard for each in spec.transitions if each.guard is not None})
    answers = [dict(zip(guards, given, strict=True)) for given in product((True, False), repeat=len(guards))]
    found: set[tuple[int, History]] = set()
    waiting: deque[Step] = deque()
    complete = True

    def arrive(step: Step) -> None:
        key = _key(explored, step)
        if key not in found:
            found.add(key)
            if not chart.is_finished(step.configuration):
                waiting.append(step)

    for answer in answers:
        try:
            arrive(chart.enter(explored.nodes[0].spec.id, answer.__getitem__))
        except MicrostepLimit:
            complete = False
    while waiting and len(found) < 2 * STATES_MAX:
        here = waiting.popleft()
        for event in EVENTS:
            for answer in answers:
                try:
                    arrive(chart.step(here.configuration, here.history, event, answer.__getitem__))
                except MicrostepLimit:
                    complete = False
    return found, complete and not waiting


@law
@given(seed=st.integers(0, 2**32), crowd=st.booleans())
def test_no_case_comes_to_a_place_that_the_walk_does_not_know(seed: int, crowd: bool) -> None:
    spec = _drawn(seed, crowd=crowd)
    # An eventless way to nowhere never rests; it is refused on its own.
    assume(not any(each.event is None and each.target is None for each in spec.transitions))
    explored = _explored(spec)
    assume(explored.complete)
    lived, _ = _lived(spec, explored)
    assert lived <= set(zip(explored.masks, explored.remembered, strict=True))


@law
@given(seed=st.integers(0, 2**32), crowd=st.booleans())
def test_where_guards_are_independent_the_walk_knows_no_place_that_no_case_comes_to(
    seed: int, crowd: bool
) -> None:
    spec = _drawn(seed, crowd=crowd)
    # Each guard its own, few enough to try all; an eventless way always holds, so that none is asked twice.
    told = [each for each in spec.transitions if each.event is not None]
    spared = {each.id for each in told[4:]}
    spec = replace(
        spec,
        transitions=tuple(
            replace(each, guard=None if each.guard is None or each.id in spared else f"own {each.id}")
            for each in told
        ),
    )
    explored = _explored(spec)
    assume(explored.complete)
    lived, complete = _lived(spec, explored)
    assume(complete)
    assert set(zip(explored.masks, explored.remembered, strict=True)) == lived


@law
@given(seed=st.integers(0, 2**32), crowd=st.booleans())
def test_a_path_is_a_way_that_the_walk_took_and_none_is_shorter(seed: int, crowd: bool) -> None:
    explored = _explored(_drawn(seed, crowd=crowd))
    assume(explored.complete)
    distance = {number: 0 for number, came in enumerate(explored.came) if came is None}
    for number in range(len(explored.masks)):
        path = explored.path(number)
        assert path[-1] == "+".join(explored.leaves(explored.masks[number]))
        came = explored.came[number]
        if came is not None:
            assert any((e.start, e.event, e.end) == (*came, number) for e in explored.edges)
            distance[number] = distance[came[0]] + 1
        assert len(path) == 2 * distance[number] + 1
    assert all(distance[edge.end] <= distance[edge.start] + 1 for edge in explored.edges)
