"""The reference of commands, events and refusals says what the program says."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from engine.core.case import events as ev

DOCS = Path(__file__).parents[2] / "docs"
_generator = runpy.run_path(str(DOCS / "generate.py"))
PAGES: dict[str, str] = _generator["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_what_the_program_says(name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == PAGES[name], "run `python docs/generate.py`"


def test_every_event_has_a_japanese_name_and_no_other_has() -> None:
    assert set(_generator["EVENTS_JA"]) == {event.__name__ for event in ev.AnyEvent.__args__}


@pytest.mark.parametrize("name", PAGES)
def test_every_entry_of_a_page_says_something(name: str) -> None:
    for entry in PAGES[name].split("\n## ")[1:]:
        assert len(entry.strip().splitlines()) > 2, entry


def test_the_schema_of_scenarios_is_the_model() -> None:
    written = (DOCS / "schema" / "scenario.json").read_text(encoding="utf-8")
    assert written == _generator["schema"](), "run `python docs/generate.py`"
