"""Every scenario file goes as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.case.entry import entry_bytes, entry_of
from engine.core.case.fold import fold
from engine.simulation.coverage import together
from tests.scenario.stage import LANGUAGE, SHIPPED, compiled, pathway_file, run

FILES = [*sorted(SHIPPED.glob("*/scenarios/*.yaml")), *sorted(LANGUAGE.glob("*.yaml"))]


def _name(file: Path) -> str:
    return f"{file.parent.parent.name if file.parent.name == 'scenarios' else 'language'}/{file.stem}"


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_a_scenario_goes_as_it_is_written(file: Path) -> None:
    assert run(file).problems() == ()


def test_every_key_of_the_language_has_a_scenario() -> None:
    assert len([file for file in FILES if file.parent == LANGUAGE]) >= 40


@pytest.mark.parametrize("file", FILES[::7], ids=_name)
def test_the_entries_of_a_scenario_survive_the_store_and_fold_to_the_same_case(file: Path) -> None:
    result = run(file)
    for alias, entries in result.entries.items():
        again = [entry_of(entry_bytes(entry)) for entry in entries]
        assert tuple(again) == entries
        if not entries:
            continue
        halves = len(again) // 2
        from engine.core.case.case import EMPTY_CONTENT, Sealed

        case, content = fold(None, EMPTY_CONTENT, [(entry, Sealed()) for entry in again])
        if halves:
            first, kept = fold(None, EMPTY_CONTENT, [(entry, Sealed()) for entry in again[:halves]])
            case_too, _ = fold(first, kept, [(entry, Sealed()) for entry in again[halves:]])
            assert case_too == case
        assert case == result.cases[alias]
        assert content.facts == {}


def test_the_shipped_scenarios_come_through_most_of_their_pathways() -> None:
    for folder in sorted(SHIPPED.glob("*/scenarios")):
        pathway = compiled(pathway_file(folder.parent.name, folder))
        never = together(run(file).coverage for file in folder.glob("*.yaml")).never(pathway)
        states = [name for name, place in pathway.places.items() if place.written.history is None]
        assert len(never.states) <= len(states) // 3, sorted(never.states)
