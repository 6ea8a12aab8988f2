"""Laws of the intake: no text is changed, no row is lost, no input makes it fall over."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import date, time, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.csv_intake import cell
from connectors.csv_intake import mapping as mapping_module
from connectors.csv_intake.consultation import Consultation, Rejected, Tally
from connectors.csv_intake.ledger import consultations
from connectors.csv_intake.mapping import load_mapping
from connectors.csv_intake.problem import SPREADSHEET_WORDS, CellRefused, SpreadsheetError
from connectors.csv_intake.rejects import RejectsFile
from connectors.csv_intake.spreadsheet import Spreadsheet, neutralise, read_spreadsheet, restore
from engine.core.officetime.era import wareki_text

STANDARD = load_mapping(Path(mapping_module.__file__).parent / "mappings" / "standard.yaml")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
# CP932 writes these six like others (〜 like ～), so that they come back as those.
CP932 = st.text(st.characters(codec="cp932", exclude_characters="¢£¬‖−〜"), max_size=30)


@contextmanager
def saved(content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.csv"
        path.write_bytes(content)
        yield path


def opened(
    path: Path, encoding: str | None = None, headings: Collection[str] = ()
) -> Spreadsheet | SpreadsheetError:
    try:
        return read_spreadsheet(path, encoding, headings)
    except SpreadsheetError as error:
        return error


def is_not_text(read: Spreadsheet | SpreadsheetError) -> bool:
    """Whether the drawn text held so many control characters that it passed for another kind of file."""
    return isinstance(read, SpreadsheetError) and read.code in {"binary", "utf16", "jis"}


def written(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), max_size=6), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_any_text_that_is_written_is_read_back_unchanged(rows: list[list[str]], encoding: str) -> None:
    headings = ("番号", "氏名", "内容")
    with saved(written([[*headings], *rows]).encode(encoding)) as path:
        sheet = opened(path, headings=headings)
        if is_not_text(sheet):
            return
        assert isinstance(sheet, Spreadsheet)
        assert [list(row.cells) for row in sheet.rows()] == rows


@given(st.lists(st.lists(CP932, min_size=2, max_size=2), max_size=5))
def test_any_text_that_cp932_holds_is_read_back_unchanged(rows: list[list[str]]) -> None:
    with saved(written([["氏名", "内容"], *rows]).encode("cp932")) as path:
        sheet = opened(path, "cp932", ("氏名", "内容"))
        if is_not_text(sheet):
            return
        assert isinstance(sheet, Spreadsheet)
        assert [list(row.cells) for row in sheet.rows()] == rows


@given(TEXT)
def test_neutralising_is_undone_exactly(text: str) -> None:
    assert restore(neutralise(text)) == text
    assert neutralise(text)[:1] not in set("=+-@")


NUMBER = st.sampled_from(["R6-1", "R6-2", "R6-3", "", "〃"])
DAY = st.sampled_from(["R6.4.1", "2024/4/2", "45383", "", "〃", "先週", "=A1", "R6.4"])
NAME = st.one_of(st.sampled_from(["佐藤　茂", "髙﨑　\ufa19奈", "", "〃", "受付番号"]), TEXT)
ROW = st.one_of(
    st.tuples(NUMBER, DAY, NAME, TEXT).map(list),
    st.just(["", " ", "　", ""]),
    st.just(["受付番号", "受付日", "氏名", "住所"]),
    st.lists(TEXT, max_size=6),
)


@given(st.lists(ROW, max_size=12))
def test_every_row_is_accepted_set_apart_duplicate_blank_or_a_heading(rows: list[list[str]]) -> None:
    with saved(written([["受付番号", "受付日", "氏名", "住所"], *rows]).encode()) as path:
        sheet = opened(path, headings=STANDARD.headings)
        if is_not_text(sheet):
            return
        assert isinstance(sheet, Spreadsheet)
        tally = Tally()
        found = list(consultations(sheet, STANDARD, tally))
    skipped = tally.duplicates + tally.blanks + tally.repeated_headings
    assert tally.accepted + tally.rejected + skipped == tally.rows == len(rows)
    assert tally.accepted == sum(isinstance(row, Consultation) for row in found)
    keys = [row.source_key for row in found if isinstance(row, Consultation)]
    assert len(keys) == len(set(keys))
    assert all(row.problems for row in found if isinstance(row, Rejected))


@given(st.lists(ROW, max_size=8))
def test_rows_set_apart_come_back_with_the_same_cells(rows: list[list[str]]) -> None:
    with saved(written([["受付番号", "受付日", "氏名", "住所"], *rows]).encode()) as path:
        sheet = opened(path, headings=STANDARD.headings)
        if is_not_text(sheet):
            return
        assert isinstance(sheet, Spreadsheet)
        apart = [row for row in consultations(sheet, STANDARD) if isinstance(row, Rejected)]
        again = path.with_name("rejects.csv")
        with RejectsFile(again, sheet) as file:
            for row in apart:
                file.write(row)
        if not apart:
            assert not again.exists()
            return
        back = read_spreadsheet(again, headings=STANDARD.headings)
        assert back.is_rejects
        assert back.header == sheet.header
        width = len(sheet.header)
        assert [row.cells for row in back.rows()] == [
            (*row.cells, *[""] * (width - len(row.cells))) for row in apart
        ]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    with saved(content) as path:
        sheet = opened(path)
        if isinstance(sheet, Spreadsheet):
            assert sum(1 for _ in sheet.rows()) == sheet.rows_total
            return
    assert sheet.code in SPREADSHEET_WORDS
    assert all((sheet.ja, sheet.en, sheet.do_ja, sheet.do_en))


@given(
    st.dates(date(1900, 3, 1), date(2149, 12, 31)), st.sampled_from(["%Y/%m/%d", "%Y%m%d", "serial", "era"])
)
def test_every_day_is_read_back_from_every_spelling(on: date, spelling: str) -> None:
    if spelling == "serial":
        serial = (on - date(1899, 12, 30)).days
        if serial < 10_000:
            return  # four digits may be a year, two or three an age
        text = str(serial)
    else:
        text = wareki_text(on) if spelling == "era" else on.strftime(spelling)
    assert cell.read_date(text).on == on
    if spelling != "serial":
        assert cell.read_date(text + " 9:30")[:2] == (on, time(9, 30))


@given(TEXT)
def test_any_text_in_a_cell_gives_a_value_or_a_reason(text: str) -> None:
    for convert in (
        cell.cleaned,
        cell.read_date,
        cell.read_birth,
        cell.read_time,
        cell.read_sex,
        cell.read_integer,
    ):
        with suppress(CellRefused):  # any other exception is a fault
            convert(text)
    cell.read_phone(text)
    cell.read_kana(text)


@given(st.integers(0, 86_399))
def test_a_fraction_of_a_day_is_the_time_excel_shows(seconds: int) -> None:
    read = cell.read_date(f"45383.{round(seconds / 86_400 * 10**10):010d}")
    assert read.on == date(2024, 4, 1)
    told = (
        timedelta()
        if read.at is None
        else timedelta(hours=read.at.hour, minutes=read.at.minute, seconds=read.at.second)
    )
    assert told == timedelta(seconds=seconds)
