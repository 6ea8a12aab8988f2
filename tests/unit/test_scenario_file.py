"""A scenario file is read strictly, and what is wrong with it is said at its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from engine.loading.document import read_document
from engine.loading.scenario import load_scenario
from engine.simulation.scenario import ScenarioFault, run_scenario
from engine.simulation.town import agencies_of, starts_of, town_of
from tests.property.deciding import pathway
from tests.scenario.stage import calendar
from tests.scenario.test_scenarios import FILES

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "schema" / "scenario.json").read_text(encoding="utf-8"))
)
HEAD = "scenario: 試し\npathway: timing\nstart: 2025-06-02T10:00\nsteps:\n"


def _findings(steps: str) -> list[tuple[int, str, str, str]]:
    loaded = load_scenario(HEAD + steps, "試し.yaml")
    assert loaded.scenario is None
    return [(each.line, each.code, each.ja + each.do_ja, each.en + each.do_en) for each in loaded.findings]


@pytest.mark.parametrize(
    ("steps", "line", "said_ja", "said_en"),
    [
        ("  - complte: {follow_up: x}\n", 5, "complete のことですか", "Did you mean complete"),
        ("  - advance: 3 days\n", 5, "期間", "span"),
        ("  - open: {}\n    fire: x\n", 5, "動作を一つだけ", "exactly one action"),
        ("  - complete: {outcome: x}\n", 5, "どれか一つ", "Name one promise"),
        ("  - contact: {grade: shout}\n", 5, "attempt", "attempt"),
        ("  - expect: {inn: a}\n", 5, "in", "in"),
        ("  - defer: {until: 2025-06-09}\n", 5, "obligation がありません", "'obligation' is missing"),
        ("  - contact: {grade: voice, look: 3}\n", 5, "正しくありません", "not written rightly"),
    ],
)
def test_a_fault_is_said_at_its_line_in_both_languages(
    steps: str, line: int, said_ja: str, said_en: str
) -> None:
    findings = _findings(steps)
    assert any(each[0] == line and said_ja in each[2] and said_en in each[3] for each in findings), findings


def test_a_missing_file_is_a_finding() -> None:
    assert [each.code for each in load_scenario(Path("ない.yaml")).findings] == ["F019"]


def test_what_is_not_met_is_said_with_its_place_and_the_run_goes_on() -> None:
    loaded = load_scenario(
        HEAD
        + "  - open: {intake: {topic: a}}\n  - expect: {in: weekly, due: {office: 2025-06-06}, live: [nothing]}\n"
        "  - fire: fly\n  - complete: {follow_up: nothing}\n  - expect: {in: start, closed: false}\n"
        "  - to: 2025-06-01T10:00\n  - expect: {in: start}\n    case: housing\n",
        "試し.yaml",
    )
    assert loaded.scenario is not None
    run = run_scenario(loaded.scenario, pathway("timing"), calendar(), town_of(pathway("timing")))
    assert not run.ok
    assert [step.ok for step in run.steps] == [True, False, False, False, True, False, False]
    assert len(run.steps[1].unmet) == 3
    assert run.problems("ja")[0].startswith("試し.yaml:6  in: weekly のはずが")
    assert "event_unknown" in run.problems("en")[3]
    assert all(
        "no" in line.lower() or "expected" in line or "refused" in line for line in run.problems("en")[:5]
    )
    assert "start" in run.coverage.states
    assert "contact_every" in run.never.states
    assert "standard#0" in run.never.rungs
    assert run.never.outcomes


def test_a_start_that_is_no_instant_is_refused_before_anything_runs() -> None:
    loaded = load_scenario(HEAD.replace("2025-06-02T10:00", "あした") + "  - open: {}\n")
    assert loaded.scenario is not None
    with pytest.raises(ScenarioFault, match="no instant"):
        run_scenario(loaded.scenario, pathway("timing"), calendar(), town_of(pathway("timing")))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parents[1].name}-{file.stem}")
def test_every_scenario_fits_the_schema_that_editors_use(file: Path) -> None:
    value = read_document(file.read_bytes(), file.name).value
    assert [error.message for error in SCHEMA.iter_errors(value)] == []


def test_a_town_staffs_every_role_twice_and_knows_the_agencies() -> None:
    asking = pathway("asking")
    town = town_of(asking)
    for role in asking.pathway.roles:
        assert sum(town.has_role(holder, role) for holder in town.holders if town.can_hold(holder)) >= 2
    assert agencies_of(asking.pathway) == ("clinic",)
    assert [start.as_ for start in starts_of(pathway("parent").pathway)] == [
        "housing",
        "elsewhere",
        "housing",
    ]
