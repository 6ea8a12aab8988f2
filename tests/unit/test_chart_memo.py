"""The memory in front of a chart: what it keeps, what it asks, what it forgets."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engine.core.pathway.chart import (
    ChartSpec,
    ConfigurationMismatch,
    StateKind,
    StateSpec,
    Step,
    TransitionSpec,
    compile_chart,
)
from engine.core.pathway.memo import OUTCOMES_MAX, MemoChart

WIDE = 8
SPEC = ChartSpec(
    (
        StateSpec("a", StateKind.ATOMIC),
        StateSpec("b", StateKind.ATOMIC),
        StateSpec(
            "wide",
            StateKind.PARALLEL,
            tuple(StateSpec(f"r{number}", StateKind.ATOMIC) for number in range(WIDE)),
        ),
    ),
    (
        TransitionSpec("go", "a", "go", "first", "b"),
        TransitionSpec("go_else", "a", "go", "second", "wide"),
        TransitionSpec("back", "b", "back", None, "a"),
        *(TransitionSpec(f"w{number}", f"r{number}", "look", f"g{number}", None) for number in range(WIDE)),
    ),
)


def counting(answers: Callable[[str], bool]) -> tuple[list[str], Callable[[str], bool]]:
    asked: list[str] = []

    def ask(name: str) -> bool:
        asked.append(name)
        return answers(name)

    return asked, ask


def test_what_is_known_is_answered_by_asking_the_same_guards_and_no_chart() -> None:
    memo = MemoChart(compile_chart(SPEC))
    for answers, taken, guards in [
        (lambda _name: True, ("go",), ["first"]),
        (lambda name: name == "second", ("go_else",), ["first", "second"]),
        (lambda _name: False, (), ["first", "second"]),
    ]:
        first = memo.step(("a",), {}, "go", answers)
        assert first.taken == taken
        asked, ask = counting(answers)
        assert memo.step(("a",), {}, "go", ask) is first
        assert asked == guards
    assert len(memo) == 1


def test_a_list_and_a_history_from_the_store_are_as_good_as_a_step() -> None:
    memo = MemoChart(compile_chart(SPEC))
    expected = memo.chart.step(("a",), {}, "go", bool)
    assert memo.step(["a"], {}, "go", bool) == expected
    assert memo.offered(("a",)) == memo.chart.offered(("a",))
    assert memo.is_finished(("a",)) is False
    assert (memo.digest, memo.events) == (memo.chart.digest, memo.chart.events)


def test_it_never_holds_more_than_it_may_and_keeps_what_is_in_use() -> None:
    memo = MemoChart(compile_chart(SPEC), entries_max=8)
    favourite = memo.step(("a",), {}, "go", bool)
    for number in range(100):
        memo.step(("a",), {}, f"nothing {number}", bool)
        assert len(memo) <= 8
        assert memo.step(("a",), {}, "go", bool) is favourite
    with pytest.raises(ValueError, match="entries_max"):
        MemoChart(memo.chart, entries_max=1)


def test_a_situation_with_very_many_outcomes_is_remembered_in_part() -> None:
    memo = MemoChart(compile_chart(SPEC))
    wide = memo.enter("wide", bool).configuration
    for facts in range(2**WIDE):
        answers = {f"g{number}": bool(facts >> number & 1) for number in range(WIDE)}
        step = memo.step(wide, {}, "look", answers.__getitem__)
        assert step.taken == tuple(f"w{number}" for number in range(WIDE) if facts >> number & 1)
    remembered = memo._young[wide, (), "look"]
    assert remembered is not None
    assert not isinstance(remembered, Step)
    assert remembered.outcomes <= OUTCOMES_MAX


def test_a_failure_is_not_remembered() -> None:
    memo = MemoChart(compile_chart(SPEC))

    def broken(name: str) -> bool:
        raise LookupError(name)

    with pytest.raises(LookupError):
        memo.step(("a",), {}, "go", broken)
    with pytest.raises(ConfigurationMismatch):
        memo.step(("nowhere",), {}, "go", broken)
    assert len(memo) == 0
    assert memo.step(("a",), {}, "go", bool).taken == ("go",)


def test_threads_share_a_memory_and_get_the_charts_answers() -> None:
    chart = compile_chart(SPEC)
    memo = MemoChart(chart, entries_max=4)
    wrong: list[Step] = []
    together = threading.Barrier(4)

    def look(offset: int) -> None:
        together.wait()
        for turn in range(300):
            event = ("go", "back", "look", f"nothing {turn % 5}")[(turn + offset) % 4]
            facts = turn + offset
            answer = {"first": facts % 2 == 0, "second": facts % 3 == 0}.__getitem__
            step = memo.step(("a",), {}, event, answer)
            if event == "go":
                expected = ("go",) if facts % 2 == 0 else ("go_else",) if facts % 3 == 0 else ()
            else:
                expected = ()
            if step.taken != expected:
                wrong.append(step)

    threads = [threading.Thread(target=look, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
