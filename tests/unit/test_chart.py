"""One chart, looked at closely: refusals, names, pool, limits, what is offered."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from importlib.metadata import version

import pytest
from statemachine import registry
from statemachine.configuration import Configuration
from statemachine.engines.base import BaseEngine
from statemachine.engines.sync import SyncEngine
from statemachine.event_data import TriggerData
from statemachine.factory import StateMachineMetaclass
from statemachine.statemachine import StateChart

from engine.core.pathway import chart as chart_module
from engine.core.pathway.chart import (
    Chart,
    ChartError,
    ChartSpec,
    ConfigurationMismatch,
    MicrostepLimit,
    StateKind,
    StateSpec,
    Step,
    TransitionSpec,
    compile_chart,
    spec_digest,
)

ATOMIC, FINAL, COMPOUND, PARALLEL = StateKind.ATOMIC, StateKind.FINAL, StateKind.COMPOUND, StateKind.PARALLEL
SHALLOW, DEEP = StateKind.HISTORY_SHALLOW, StateKind.HISTORY_DEEP
State, Move = StateSpec, TransitionSpec


def yes(_guard: str) -> bool:
    return True


def no(_guard: str) -> bool:
    return False


PATHWAY = ChartSpec(
    (
        State("received", ATOMIC),
        State(
            "支援",
            PARALLEL,
            (
                State(
                    "solving",
                    COMPOUND,
                    (State("finding", ATOMIC), State("trying.out", ATOMIC), State("solved", FINAL)),
                ),
                State(
                    "connected",
                    COMPOUND,
                    (State("close", ATOMIC), State("loose", ATOMIC), State("let_go", FINAL)),
                ),
                State("where_we_were", DEEP, initial="solving"),
            ),
        ),
        State("paused", ATOMIC),
        State("closed", FINAL),
    ),
    (
        Move("assessed", "received", "assessed", "gap", "支援"),
        Move("assessed_alone", "received", "assessed", None, "paused"),
        Move("try", "finding", "next.step", None, "trying.out"),
        Move("solve", "trying.out", "next.step", None, "solved"),
        Move("loosen", "close", "recorded.contact", "steady", "loose"),
        Move("let_go", "loose", "recorded.contact", "steady", "let_go"),
        Move("pause", "支援", "pause", None, "paused"),
        Move("resume", "paused", "resume", None, "where_we_were"),
        Move("note", "支援", "recorded.contact", None, None),
        Move("close", "支援", "finished.支援", None, "closed"),
    ),
)


@pytest.fixture(scope="module")
def pathway() -> Chart:
    return compile_chart(PATHWAY)


def follow(chart: Chart, step: Step, *events: str, guard: Callable[[str], bool] = yes) -> Step:
    for event in events:
        step = chart.step(step.configuration, step.history, event, guard)
    return step


def test_a_case_walks_from_opening_to_closing(pathway: Chart) -> None:
    opened = pathway.enter("received", no)
    assert opened == Step(("received",), {}, (), ("received",), ())
    supported = follow(pathway, opened, "assessed")
    assert supported.configuration == ("支援", "solving", "finding", "connected", "close")
    closed = follow(pathway, supported, "next.step", "next.step", "recorded.contact", "recorded.contact")
    assert closed.configuration == ("closed",)
    # Both regions hear the contact: the one at its end through the parallel around it.
    assert closed.taken == ("note", "let_go", "close")
    assert closed.exited == ("loose", "let_go", "connected", "solved", "solving", "支援")
    assert closed.entered == ("let_go", "closed")
    assert pathway.is_finished(closed.configuration)
    assert not pathway.is_finished(supported.configuration)
    assert follow(pathway, closed, "assessed").taken == ()


def test_the_first_transition_whose_guard_holds_is_taken(pathway: Chart) -> None:
    assert follow(pathway, pathway.enter("received", no), "assessed", guard=no).taken == ("assessed_alone",)


def test_an_event_nobody_takes_changes_nothing(pathway: Chart) -> None:
    opened = pathway.enter("received", no)
    for event in ("next.step", "assess", "assessed.today", "send", "e:0", "", "finished.支援"):
        assert follow(pathway, opened, event) == Step(("received",), {}, (), (), ())


def test_an_event_name_is_not_a_prefix_of_another(pathway: Chart) -> None:
    supported = pathway.enter("支援", yes)
    assert follow(pathway, supported, "next").taken == ()
    assert follow(pathway, supported, "recorded").taken == ()


def test_deep_history_comes_back_to_the_leaves_after_a_pause(pathway: Chart) -> None:
    paused = follow(pathway, pathway.enter("支援", yes), "next.step", "recorded.contact", "pause")
    assert dict(paused.history) == {"where_we_were": ("trying.out", "loose")}
    resumed = follow(pathway, paused, "resume")
    assert resumed.configuration == ("支援", "solving", "trying.out", "connected", "loose")
    assert resumed.entered == resumed.configuration


def test_entering_a_leaf_enters_its_ancestors_and_the_other_regions(pathway: Chart) -> None:
    step = pathway.enter("trying.out", yes)
    assert step.entered == ("支援", "solving", "trying.out", "connected", "close")
    assert pathway.enter("where_we_were", yes).configuration == (
        "支援",
        "solving",
        "finding",
        "connected",
        "close",
    )


def test_offered_lists_inner_transitions_first_and_no_finished_events(pathway: Chart) -> None:
    offered = pathway.offered(reversed(pathway.enter("支援", yes).configuration))
    assert [transition.id for transition in offered] == ["try", "pause", "note", "loosen"]
    assert pathway.events == {"assessed", "next.step", "recorded.contact", "pause", "resume"}


def test_the_way_from_inside_to_a_states_own_history_leaves_what_it_enters() -> None:
    """To the letter of SCXML's Appendix D, `y` would stay active and `x` join it."""
    left = State("left", COMPOUND, (State("a", ATOMIC), State("b", ATOMIC)))
    right = State("right", COMPOUND, (State("x", ATOMIC), State("y", ATOMIC)))
    whole = State(
        "whole",
        COMPOUND,
        (State("h", DEEP, initial="a"), State("both", PARALLEL, (left, right)), State("z", ATOMIC)),
    )
    chart = compile_chart(
        ChartSpec(
            (whole,),
            (
                Move("t1", "a", "go", None, "b"),
                Move("t2", "x", "go", None, "y"),
                Move("home", "b", "home", None, "h"),
            ),
        )
    )
    home = follow(chart, chart.enter("whole", yes), "go", "home")
    assert home.configuration == ("whole", "both", "left", "a", "right", "x")
    assert home.exited == ("y", "right", "b", "left", "both")
    assert home.entered == ("both", "left", "a", "right", "x")


def test_an_event_goes_before_the_eventless_transition_that_new_facts_allow() -> None:
    chart = compile_chart(
        ChartSpec(
            (State("a", ATOMIC), State("by_event", ATOMIC), State("by_facts", ATOMIC)),
            (Move("e", "a", "go", None, "by_event"), Move("f", "a", None, "ready", "by_facts")),
        )
    )
    waiting = chart.enter("a", no)
    assert waiting.configuration == ("a",)
    assert follow(chart, waiting, "go").taken == ("e",)
    # Nobody listens to this event, but the facts are new.
    assert follow(chart, waiting, "recorded.contact").taken == ("f",)


def test_eventless_transitions_that_never_rest_are_stopped() -> None:
    chart = compile_chart(
        ChartSpec(
            (State("still", ATOMIC), State("a", ATOMIC), State("b", ATOMIC)),
            (
                Move("go", "still", "go", None, "a"),
                Move("ab", "a", None, None, "b"),
                Move("ba", "b", None, "g", "a"),
            ),
        )
    )
    still = chart.enter("still", yes)
    with pytest.raises(MicrostepLimit, match="ab → ba") as stopped:
        follow(chart, still, "go")
    assert stopped.value.microsteps_max == 1000
    assert len(stopped.value.taken) == 1000
    assert follow(chart, still, "go", guard=no).configuration == ("b",)
    with pytest.raises(MicrostepLimit):
        chart.enter("a", yes)


def test_a_guard_that_raises_ends_the_step_and_leaves_nothing_behind(pathway: Chart) -> None:
    def broken(guard: str) -> bool:
        raise LookupError(guard)

    opened = pathway.enter("received", no)
    idle = len(pathway._idle)
    with pytest.raises(LookupError, match="gap"):
        follow(pathway, opened, "assessed", guard=broken)
    assert len(pathway._idle) == idle - 1
    assert follow(pathway, opened, "assessed").taken == ("assessed",)


def test_a_guard_may_step_the_same_chart(pathway: Chart) -> None:
    opened = pathway.enter("received", no)

    def curious(guard: str) -> bool:
        return follow(pathway, opened, "assessed", guard=no).taken == ("assessed_alone",)

    assert follow(pathway, opened, "assessed", guard=curious).taken == ("assessed",)


def test_a_chart_keeps_nothing_of_the_guard_it_was_given(pathway: Chart) -> None:
    class Facts:
        def holds(self, _guard: str) -> bool:
            return True

    facts = Facts()
    follow(pathway, pathway.enter("received", no), "assessed", guard=facts.holds)
    assert not [owner for owner in gc.get_referrers(facts) if type(owner).__name__ == "method"]


@pytest.mark.parametrize(
    ("configuration", "named"),
    [
        ((), "top level"),
        (("received", "paused"), "top level"),
        (("nowhere",), "nowhere"),
        (("支援",), "支援"),
        (("finding",), "solving"),
        (("支援", "solving", "connected", "close"), "solving"),
        (("支援", "solving", "finding", "trying.out", "connected", "close"), "solving"),
        (("支援", "solving", "finding", "connected", "close", "where_we_were"), "where_we_were"),
    ],
)
def test_a_configuration_of_another_chart_is_refused(
    pathway: Chart, configuration: tuple[str, ...], named: str
) -> None:
    with pytest.raises(ConfigurationMismatch, match=named):
        pathway.step(configuration, {}, "assessed", yes)


@pytest.mark.parametrize(
    "history",
    [
        {"nowhere": ("finding",)},
        {"solving": ("finding",)},
        {"where_we_were": ("nowhere",)},
        {"where_we_were": ("solving",)},
        {"where_we_were": ("paused",)},
        {"where_we_were": ()},
    ],
)
def test_a_history_of_another_chart_is_refused(pathway: Chart, history: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ConfigurationMismatch):
        pathway.step(("received",), history, "assessed", yes)


A, B = State("a", ATOMIC), State("b", ATOMIC)


@pytest.mark.parametrize(
    ("states", "transitions", "offender"),
    [
        ((), (), ""),
        ((A, A), (), "a"),
        ((State("p", PARALLEL, (State("x", COMPOUND, (A,)), State("y", COMPOUND, (A,)))),), (), "a"),
        ((State("c", COMPOUND),), (), "c"),
        ((State("c", COMPOUND, (State("h", SHALLOW, initial="c"),)),), (), "c"),
        ((State("c", ATOMIC, (A,)),), (), "c"),
        ((State("c", COMPOUND, (A,), "b"), B), (), "c"),
        ((State("c", COMPOUND, (State("d", COMPOUND, (A,)),), "a"),), (), "c"),
        ((State("p", PARALLEL, (A, B), "a"),), (), "p"),
        ((State("p", PARALLEL, (A, State("f", FINAL))),), (), "f"),
        ((A, State("h", DEEP, initial="a")), (), "h"),
        ((State("c", COMPOUND, (A, State("h", DEEP))),), (), "h"),
        ((State("c", COMPOUND, (A, State("h", DEEP, initial="b"))), B), (), "h"),
        ((State("c", COMPOUND, (A, State("h", DEEP, initial="h"))),), (), "h"),
        ((A,), (Move("t", "a", "e", None, "a"), Move("t", "a", "f", None, "a")), "t"),
        ((A,), (Move("t", "x", "e", None, "a"),), "t"),
        ((A,), (Move("t", "a", "e", None, "x"),), "t"),
        ((A,), (Move("t", "a", "", None, "a"),), "t"),
        ((A,), (Move("t", "a", "finished.a", None, "a"),), "t"),
        ((A,), (Move("t", "a", "finished.x", None, "a"),), "t"),
        ((A, State("f", FINAL)), (Move("t", "f", "e", None, "a"),), "t"),
    ],
)
def test_what_is_no_chart_is_refused_by_name(
    states: tuple[StateSpec, ...], transitions: tuple[TransitionSpec, ...], offender: str
) -> None:
    with pytest.raises(ChartError) as refused:
        compile_chart(ChartSpec(states, transitions))
    assert refused.value.offender == offender
    assert refused.value.ja
    assert refused.value.en


def test_states_nested_without_end_are_refused() -> None:
    deep = State("bottom", ATOMIC)
    for number in range(5000):
        deep = State(f"c{number}", COMPOUND, (deep,))
    with pytest.raises(ChartError, match="nested deeper"):
        compile_chart(ChartSpec((deep,), ()))


@pytest.mark.parametrize(
    "name", ["send", "model", "states", "configuration", "error_x", "done.state.s:0", "*", "a.*"]
)
def test_names_that_mean_something_to_the_library_mean_nothing_here(name: str) -> None:
    chart = compile_chart(
        ChartSpec((State(name, ATOMIC), State("other", ATOMIC)), (Move("t", name, name, name, "other"),))
    )
    start = chart.enter(name, yes)
    assert start.configuration == (name,)
    assert follow(chart, start, "something else").taken == ()
    assert follow(chart, start, name).configuration == ("other",)


def test_equal_specs_have_equal_digests_and_any_change_shows() -> None:
    assert compile_chart(PATHWAY).digest == spec_digest(PATHWAY)
    # Frozen: cases on record name their chart by this.
    assert (
        spec_digest(ChartSpec((A,), ())) == "351593f65474f74afc13ad8eb3dc1436996e874a0eda91fa1c9eba29e861eeda"
    )
    first, second, *rest = PATHWAY.transitions
    assert spec_digest(ChartSpec(PATHWAY.states, (second, first, *rest))) != spec_digest(PATHWAY)


def test_a_dropped_chart_leaves_no_class_behind() -> None:
    before = set(registry._REGISTRY)
    for number in range(20):
        compile_chart(ChartSpec((State(f"a{number}", ATOMIC),), ()))
    assert set(registry._REGISTRY) == before


def test_threads_share_a_chart_without_seeing_each_other(pathway: Chart) -> None:
    wrong: list[Step] = []
    opened = pathway.enter("received", no)
    together = threading.Barrier(4)

    def walk(guard: Callable[[str], bool], end: tuple[str, ...]) -> None:
        together.wait()
        for _ in range(150):
            step = follow(pathway, opened, "assessed", guard=guard)
            if step.taken != end:
                wrong.append(step)

    threads = [
        threading.Thread(target=walk, args=(guard, (end,)))
        for guard, end in [(yes, "assessed"), (no, "assessed_alone")] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_library_is_the_version_whose_order_is_corrected() -> None:
    assert version("python-statemachine") == chart_module.LIBRARY_VERSION == "3.2.2"


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (SyncEngine, "_run_macrostep"),
        (SyncEngine, "_select_transitions"),
        (SyncEngine, "_first_transition_that_matches"),
        (SyncEngine, "microstep"),
        (SyncEngine, "activate_initial_state"),
        (BaseEngine, "_filter_conflicting_transitions"),
        (BaseEngine, "_prepare_exit_states"),
        (BaseEngine, "_prepare_entry_states"),
        (BaseEngine, "clear"),
        (StateChart, "_get_engine"),
        (StateChart, "start_configuration_values"),
        (StateChart, "atomic_configuration_update"),
        (StateChart, "current_state_value"),
        (StateMachineMetaclass, "add_state"),
        (Configuration, "value"),
        (registry, "_REGISTRY"),
    ],
)
def test_the_library_still_has_every_private_name_in_use(owner: object, name: str) -> None:
    assert hasattr(owner, name)


def test_a_machine_still_has_what_is_set_anew_for_each_step(pathway: Chart) -> None:
    machine = pathway._machine(yes)
    engine = machine.model.engine
    assert machine._engine is engine
    assert isinstance(engine, SyncEngine)
    for name in ("running", "_root_parallel_final_pending"):
        assert name in vars(engine)
    assert "history_values" in vars(machine)
    assert {"event", "execution_time"} <= set(TriggerData.__dataclass_fields__)
    state = machine.states_map["s:0"]
    assert {"document_order", "is_atomic", "history", "transitions"} <= set(vars(state))
