"""The sample ledger: always the same bytes, big enough, and with the slips of real life."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from connectors.csv_intake import mapping as mapping_module
from connectors.csv_intake.consultation import Consultation, Rejected, Tally
from connectors.csv_intake.ledger import consultations
from connectors.csv_intake.mapping import load_mapping
from connectors.csv_intake.sample import make_ledger, words
from connectors.csv_intake.spreadsheet import read_spreadsheet

STANDARD = load_mapping(Path(mapping_module.__file__).parent / "mappings" / "standard.yaml")


@pytest.fixture(scope="module")
def found() -> tuple[list[Consultation | Rejected], Tally]:
    tally = Tally()
    sheet = read_spreadsheet(make_ledger.LEDGER, headings=STANDARD.headings)
    return list(consultations(sheet, STANDARD, tally)), tally


def test_the_committed_ledger_is_what_the_script_makes() -> None:
    assert make_ledger.ledger_bytes() == make_ledger.LEDGER.read_bytes()


def test_the_ledger_holds_two_years_of_at_least_2200_consultations(
    found: tuple[list[Consultation | Rejected], Tally],
) -> None:
    rows, tally = found
    assert tally.accepted >= 2200
    taken = [row for row in rows if isinstance(row, Consultation)]
    assert date(2024, 4, 1) <= min(row.received_on for row in taken)
    assert max(row.received_on for row in taken) <= date(2026, 3, 31)
    assert all(row.received_on.weekday() < 5 and row.received_on not in words.CLOSED for row in taken)
    months = Counter((row.received_on.year, row.received_on.month) for row in taken)
    assert len(months) == 24


def test_two_or_three_rows_in_a_hundred_are_set_apart_and_none_is_lost(
    found: tuple[list[Consultation | Rejected], Tally],
) -> None:
    rows, tally = found
    assert 0.02 <= tally.rejected / tally.rows <= 0.03
    assert (
        tally.accepted + tally.rejected + tally.duplicates + tally.blanks + tally.repeated_headings
        == tally.rows
    )
    assert {problem.code for row in rows if isinstance(row, Rejected) for problem in row.problems} >= {
        "date_unreadable", "required", "name_blank", "number_reused", "value_unknown", "formula", "excel_error",
    }  # fmt: skip


def test_households_come_back_and_all_kinds_of_need_occur(
    found: tuple[list[Consultation | Rejected], Tally],
) -> None:
    taken = [row for row in found[0] if isinstance(row, Consultation)]
    visits = Counter((row.persons[0].name, row.address) for row in taken)
    assert sum(1 for count in visits.values() if count >= 4) > 50
    assert {topic for row in taken for topic in row.topics} == set(
        STANDARD.columns["相談内容"].values.values()
    )
    assert {row.channel for row in taken} == {"visit", "phone", "letter", "outreach", "agency", "community"}
    assert {row.worker for row in taken} == {*words.WORKERS_2024, *words.WORKERS_2025, None} - {None}


def test_the_sample_is_read_within_two_seconds() -> None:
    started = time.process_time()
    sheet = read_spreadsheet(make_ledger.LEDGER, headings=STANDARD.headings)
    assert sum(1 for _ in consultations(sheet, STANDARD)) > 2200
    assert time.process_time() - started < 2


def test_a_long_ledger_streams_without_growing_with_its_text(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("受付番号,受付日,氏名,相談の概要\n")
        out.writelines(f"R6-{number},R6.4.1,佐藤　茂,{'相談の内容。' * 60}\n" for number in range(4000))
    size = path.stat().st_size
    tracemalloc.start()
    try:
        sheet = read_spreadsheet(path, headings=STANDARD.headings)
        assert sum(1 for _ in consultations(sheet, STANDARD)) == 4000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 4_000_000
    assert peak < 3_000_000
