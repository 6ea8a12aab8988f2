"""Looked at closely: paths, bounds, short forms of writing, all findings at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.checker.checking import check, compile_checked, is_publishable
from engine.checker.finding import Finding, Severity, as_written, located
from engine.core.pathway.compiled import Compiled
from engine.core.pathway.model import Pathway
from engine.loading.form import folder_reader
from engine.loading.pathway import load_pathway

LIBRARY = Path(__file__).parent / "wrong_pathways"
SHIPPED = sorted((Path(__file__).parents[2] / "pathways").glob("*/v*.yaml"))
CALL = {"call": {"label": "電話", "by": "worker", "every": "14d", "needs": "voice"}}


def pathway(states: dict[str, Any], **more: Any) -> Pathway:
    closing = {"requires": ["intake"], "approval": "worker", "to": "closed"}
    return Pathway.model_validate(
        {
            "pathway": "drawn", "version": 1, "effective_on": "2027-04-01", "title": "見本",
            "subject": "household", "max_silence": "90d", "roles": {"worker": "相談員"},
            "forms": {"intake": "intake.yaml"}, "opening": {"form": "intake", "state": "received"},
            "everywhere": {"follow_ups": CALL, "on": {"end": closing}},
            "states": {**states, "closed": {"label": "終結", "final": True}},
            **more,
        }
    )  # fmt: skip


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def ring(name: str, size: int) -> dict[str, Any]:
    return {f"{name}{at}": {"on": {f"go_{name}": {"to": f"{name}{(at + 1) % size}"}}} for at in range(size)}


def test_a_pathway_without_fault_has_no_finding_and_is_made_ready() -> None:
    right = pathway({"received": {}})
    forms = {"intake": {"type": "object", "properties": {}}}
    assert check(right, forms) == ()
    assert isinstance(compile_checked(right, forms, "digest"), Compiled)


def test_a_pathway_with_an_error_is_not_made_ready_but_answered_with_its_findings() -> None:
    wrong = pathway({"received": {}}, opening={"form": "intake", "state": "closed"})
    answer = compile_checked(wrong, {}, "digest")
    assert isinstance(answer, tuple)
    assert codes(answer) == ["R212"]
    assert not is_publishable(answer)


def test_more_combinations_than_can_be_walked_are_said_to_be_unproved() -> None:
    regions = {name: {"states": ring(name, 12)} for name in "abcd"}
    findings = check(pathway({"received": {"parallel": regions}}), {})
    assert codes(findings) == ["R213"]
    assert findings[0].severity is Severity.NOTE


def test_states_nested_beyond_the_limit_are_refused_before_they_exhaust_anything() -> None:
    state: dict[str, Any] = {}
    for depth in range(40):
        state = {"states": {f"d{depth}": state}}
    assert "R215" in codes(check(pathway({"received": state}), {}))


def test_the_path_of_a_finding_is_the_shortest_way_of_states_and_events() -> None:
    states = {
        "received": {"on": {"long": {"to": "middle"}, "short": {"to": "waiting"}}},
        "middle": {"on": {"on": {"to": "waiting"}}},
        "waiting": {"on": {"back": {"to": "received"}}},
    }
    bare = pathway(
        states, everywhere={"on": {"end": {"requires": ["intake"], "approval": "worker", "to": "closed"}}}
    )
    said = {finding.place[-1]: finding.path for finding in check(bare, {}) if finding.code == "P203"}
    assert said["waiting"] == ("received", "short", "waiting")
    assert said["received"] == ("received",)


def test_a_promise_kept_in_one_inner_state_does_not_count_in_the_next() -> None:
    # `visit` is promised by the outer state, and its event is heard only in the second inner one.
    received = {
        "follow_ups": {"visit": {"label": "訪問", "by": "worker", "due": "3d"}},
        "states": {
            "first": {"on": {"turn": {"to": "second"}}},
            "second": {"on": {"fulfilled.visit": {"to": "first"}}},
        },
        "on": {"end": {"requires": ["intake"], "approval": "worker", "to": "closed"}},
    }
    said = [finding.place for finding in check(pathway({"received": received}, everywhere={}), {})]
    assert ("states", "received", "states", "second") in said


def test_all_faults_of_a_file_come_at_once() -> None:
    states = {
        "received": {
            "follow_ups": {"first": {"label": "面談", "by": "nobody", "due": "3d", "ladder": "none"}},
            "on": {"go": {"to": "nowhere"}, "told.x": {"when": "intake.x ="}},
        }
    }
    found = codes(check(pathway(states, everywhere={}, max_silence="2h"), {}))
    assert {"F202", "F204", "F207", "F217", "F222", "P203"} <= set(found)


def test_equal_arguments_give_equal_findings() -> None:
    states = {"received": {"parallel": {name: {"states": ring(name, 3)} for name in "ab"}}}
    assert check(pathway(states, everywhere={}), {}) == check(pathway(states, everywhere={}), {})


@pytest.mark.parametrize(
    ("long", "written", "short"),
    [
        (("on", "go", 0, "to"), {"on": {"go": {"to": "x"}}}, ("on", "go", "to")),
        (("on", "go", 1, "to"), {"on": {"go": [{}, {"to": "x"}]}}, ("on", "go", 1, "to")),
        (("approval", "by"), {"approval": "lead"}, ("approval",)),
        (("notify", 0), {"notify": "lead"}, ("notify",)),
        (("notify", 3), {"notify": ["lead"]}, ("notify",)),
    ],
)
def test_a_place_of_the_long_form_is_found_where_the_short_one_is_written(
    long: tuple[str | int, ...], written: dict[str, Any], short: tuple[str | int, ...]
) -> None:
    assert as_written(long, written) == short


def test_a_fault_within_a_guard_points_at_the_word() -> None:
    text = (LIBRARY / "G202_guard_unknown_choice.yaml").read_text(encoding="utf-8")
    loaded = load_pathway(text, "file.yaml", folder_reader(LIBRARY))
    assert loaded.pathway is not None
    assert loaded.document is not None
    [finding] = [
        each for each in located(check(loaded.pathway, loaded.forms), loaded.document) if each.code == "G202"
    ]
    line = text.splitlines()[finding.line - 1]
    assert line[finding.column - 1 :].startswith("'iminent'")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_a_shipped_pathway_has_no_error(path: Path) -> None:
    loaded = load_pathway(path)
    assert loaded.pathway is not None
    assert loaded.document is not None
    errors = [
        f"{each.line} {each.code} {each.ja}"
        for each in located(check(loaded.pathway, loaded.forms), loaded.document)
        if each.severity is Severity.ERROR
    ]
    assert errors == []
