"""The town of the demonstration staffs every role and meeting of the shipped pathways."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from connectors.csv_intake.sample import words
from engine.core.vocabulary import HolderKind
from engine.loading.document import read_document
from engine.loading.pathway import load_pathway
from engine.loading.people import directory_of, load_people, people_findings
from engine.loading.people_schema import main, people_schema

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "connectors" / "csv_intake" / "sample"
PATHWAYS = sorted((ROOT / "pathways").glob("*/v*.yaml"))
LOADED = load_people(SAMPLE / "people.yaml", "people.yaml")


def _named(node: Any, key: str) -> set[str]:
    if isinstance(node, list):
        return set().union(*(_named(each, key) for each in node)) if node else set()
    if not isinstance(node, dict):
        return set()
    found = {node[key]["to"]} if isinstance(node.get(key), dict) and "to" in node[key] else set()
    return found.union(*(_named(each, key) for each in node.values()))


def test_the_sample_has_no_findings() -> None:
    assert LOADED.findings == ()
    assert LOADED.staff is not None
    assert LOADED.staff.municipality == "伴走町"
    assert len(LOADED.staff.staff) == 24


def test_all_three_pathways_are_looked_at() -> None:
    assert {each.parent.name for each in PATHWAYS} >= {
        "standard_four_stage", "outreach_without_consent", "child_abuse_report",
    }  # fmt: skip


@pytest.mark.parametrize("path", PATHWAYS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_role_of_a_shipped_pathway_is_staffed_in_the_sample_on_every_day(path: Path) -> None:
    people = LOADED.staff
    assert people is not None
    pathway = load_pathway(path).pathway
    assert pathway is not None
    assert people_findings(people, needed=pathway.roles) == ()
    directory = directory_of(people, 1)
    for role in pathway.roles:
        for offset in range(365):
            holding = directory.resolve(role, {}, date(2026, 10, 1) + timedelta(offset))
            assert holding.because in ("cover", "team", "role"), (role, offset, holding)


@pytest.mark.parametrize("path", PATHWAYS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_agency_a_shipped_pathway_refers_to_is_in_the_sample(path: Path) -> None:
    assert LOADED.staff is not None
    assert _named(yaml.safe_load(path.read_text(encoding="utf-8")), "refer") <= set(LOADED.staff.agencies)


@pytest.mark.parametrize("path", PATHWAYS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_sample_says_of_no_role_another_role_above_than_a_shipped_pathway(path: Path) -> None:
    assert LOADED.staff is not None
    pathway = load_pathway(path).pathway
    assert pathway is not None
    for name, role in pathway.roles.items():
        if role.above is not None:
            assert LOADED.staff.above.get(name, role.above) in (role.above, *_held_otherwise(name))


def _held_otherwise(role: str) -> tuple[str, ...]:
    """The deputy stands under another worker in each pathway; a directory can name one only."""
    return ("worker", "child_worker") if role == "deputy" else ()


def test_every_worker_of_the_sample_ledger_is_in_the_sample_under_the_same_name() -> None:
    assert LOADED.staff is not None
    names = {each.name for each in LOADED.staff.staff}
    assert names >= {*words.WORKERS_2024, *words.WORKERS_2025}
    here = {each.name for each in LOADED.staff.staff if not each.left}
    assert here >= set(words.WORKERS_2025)
    gone = {*words.WORKERS_2024} - {*words.WORKERS_2025}
    assert not gone & here
    rows = list(csv.reader((SAMPLE / "ledger.csv").read_text(encoding="cp932").splitlines()))
    [heading] = [row for row in rows if "担当" in row][:1]
    written = {row[heading.index("担当")] for row in rows if len(row) == len(heading)}
    assert {each for each in written if each[:1] not in ("", "=")} - {"担当"} <= names


def test_the_sample_shows_teams_agencies_absences_and_cover() -> None:
    assert LOADED.staff is not None
    directory = directory_of(LOADED.staff, 1)
    kinds = [each.kind for each in directory.holders.values()]
    assert kinds.count(HolderKind.TEAM) >= 5
    assert kinds.count(HolderKind.AGENCY) >= 8
    covered = [gap for each in directory.holders.values() for gap in each.absences if gap.cover]
    assert len(covered) >= 5
    assert all(directory.members(team) for team in LOADED.staff.teams)


def test_the_schema_on_file_is_the_one_the_model_makes(tmp_path: Path) -> None:
    assert main(tmp_path) == 0
    made = (tmp_path / "people.json").read_text(encoding="utf-8")
    assert made == (ROOT / "docs" / "schema" / "people.json").read_text(encoding="utf-8")


def test_the_schema_accepts_the_sample_and_refuses_what_the_model_refuses() -> None:
    schema = people_schema()
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.validator_for(schema)
    value = read_document((SAMPLE / "people.yaml").read_bytes(), "people.yaml").value
    assert validator.is_valid(value)
    changes: tuple[dict[str, Any], ...] = (
        {"duty_desk": 3}, {"extra": 1}, {"staff": []}, {"teams": ["duty"]}, {"above": {"worker": ["lead"]}},
        {"staff": [{"id": "a"}]}, {"staff": [{"id": "a b", "name": "甲"}]},
        {"staff": [{"id": "a", "name": "甲", "absent": [{"from": "2026-1-1", "to": "2026-01-02"}]}]},
    )  # fmt: skip
    for change in changes:
        broken = {**value, **change}
        assert not validator.is_valid(broken), change
        text = json.dumps(broken, ensure_ascii=False)
        assert not load_people(text, "people.yaml").usable, change
