"""The W3C's SCXML cases that the pathway language can say, against the chart and the interpreter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.core.pathway.chart import (
    ChartSpec,
    StateKind,
    StateSpec,
    TransitionSpec,
    compile_chart,
)
from engine.core.pathway.memo import MemoChart
from tests.property.scxml_interpreter import Interpreter

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8")
)
KINDS = {
    **{kind.value: kind for kind in StateKind},
    "shallow": StateKind.HISTORY_SHALLOW,
    "deep": StateKind.HISTORY_DEEP,
}
MOVE = re.compile(
    r"(?P<id>\S+): (?P<source>\S+) (?P<event>\S+)( \[(?P<guard>\S+)\])? (?P<arrow>->|=>) (?P<target>\S+)"
)
EXECUTORS: dict[str, Callable[[ChartSpec], Any]] = {
    "chart": compile_chart,
    "memo": lambda spec: MemoChart(compile_chart(spec)),
    "interpreter": Interpreter,
}


def _states(written: Mapping[str, Any]) -> tuple[StateSpec, ...]:
    found = []
    for name, what in written.items():
        about: Mapping[str, Any] = {"kind": what} if isinstance(what, str) else what
        children = _states(about.get("in", {}))
        kind = KINDS[about.get("kind", "compound" if children else "atomic")]
        found.append(StateSpec(name, kind, children, about.get("initial")))
    return tuple(found)


def _transition(written: str) -> TransitionSpec:
    match = MOVE.fullmatch(written)
    assert match is not None, written
    event, target = match["event"], match["target"]
    return TransitionSpec(
        match["id"],
        match["source"],
        None if event == "always" else event,
        match["guard"],
        None if target == "." else target,
        internal=match["arrow"] == "=>",
    )


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("case", CASES, ids=[f"{case['w3c']}-{number}" for number, case in enumerate(CASES)])
def test_a_w3c_case_goes_as_the_standard_says(case: dict[str, Any], executor: str) -> None:
    spec = ChartSpec(_states(case["states"]), tuple(map(_transition, case["transitions"])))
    chart: Any = EXECUTORS[executor](spec)
    outcome: Any = None
    for line in case["story"]:
        holding = set(line.get("holds", ()))
        if "enter" in line:
            outcome = chart.enter(line["enter"], holding.__contains__)
        else:
            outcome = chart.step(outcome.configuration, outcome.history, line["event"], holding.__contains__)
        seen = {
            "in": list(outcome.configuration),
            "entered": list(outcome.entered),
            "exited": list(outcome.exited),
            "taken": list(outcome.taken),
            "history": {name: list(states) for name, states in outcome.history.items()},
        }
        for aspect in seen.keys() & line.keys():
            assert seen[aspect] == line[aspect], (case["asserts"], line, aspect)
        if "finished" in line and executor != "interpreter":
            assert chart.is_finished(outcome.configuration) is line["finished"]


def test_every_line_of_a_case_says_only_what_is_looked_at() -> None:
    known = {"enter", "event", "holds", "in", "entered", "exited", "taken", "history", "finished"}
    for case in CASES:
        assert case.keys() == {"w3c", "asserts", "states", "transitions", "story"}
        for line in case["story"]:
            assert line.keys() <= known
    assert len(CASES) >= 25
