"""Reads a CSV file as a spreadsheet: headings, rows, and the line on which each row begins.

The file is read twice. The first reading proves that the whole of it can be
decoded and split into cells within the limits, so that a broken file is refused
before its first row is taken in; the second hands out the rows one at a time.
Neither holds more than one row and the top of the file in memory.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from connectors.csv_intake.charset import detect_charset
from connectors.csv_intake.problem import SpreadsheetError, column_letter

ROWS_MAX: Final = 500_000
COLUMNS_MAX: Final = 500
CELL_CHARACTERS_MAX: Final = 32_767  # what one cell of Excel can hold
TOP_ROWS_MAX: Final = 50  # how far down the headings are looked for
DELIMITERS: Final = (",", "\t", ";")

REJECT_HEADINGS: Final = ("取込_行", "取込_列", "取込_値", "取込_理由", "取込_どうすれば")
"""Columns that a rejects file adds on the right; a file that has them is one."""

FORMULA_STARTS: Final = frozenset("=+-@\t\r'＝＋－＠")
"""First characters that make Excel calculate, and the apostrophe that stops it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as typed: its text, the line its row begins on (from 1), its heading."""

    text: str
    line: int
    column: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row as typed. `line` is the physical line of the file, from 1, on which it begins."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything but white space."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A readable file: what its headings are and how to go through its rows.

    `header` is as typed, blank where a column has no heading. `rows_total`
    counts every row below the headings, blank ones included. `is_rejects`
    says that the file was written by `RejectsFile` and is being given back:
    its own columns are then left out and its apostrophes taken off.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int
    rows_total: int
    rows_above: int
    top: tuple[Row, ...]
    is_rejects: bool

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the headings, in order, each with the line it begins on.

        Raises:
            SpreadsheetError: the file changed since it was opened.
        """
        width = len(self.header)
        seen = 0
        for row in _parse(self.path, self.encoding, self.delimiter):
            if row.line <= self.header_line:
                continue
            seen += 1
            if self.is_rejects:
                own = row.cells[:width] + row.cells[width + len(REJECT_HEADINGS) :]
                yield Row(row.line, tuple(restore(cell) for cell in own))
            else:
                yield row
        if seen != self.rows_total:
            raise SpreadsheetError("changed_while_reading")

    def cells(self, row: Row) -> Iterator[Cell]:
        """Yield the cells of a row under their headings; surplus cells have a blank heading."""
        for index, text in enumerate(row.cells):
            yield Cell(text, row.line, self.header[index] if index < len(self.header) else "")

    def headed_by(self, names: Collection[str]) -> Spreadsheet:
        """Return the same file with the row that holds most of `names` as its headings.

        Rows above it (titles, blank rows) are left out. With no name found the
        file keeps the headings it has.

        Raises:
            SpreadsheetError: two columns of that row bear the same heading.
        """
        wanted = {plain_heading(name) for name in names}
        scored = [
            (sum(plain_heading(cell) in wanted for cell in set(row.cells)), -position)
            for position, row in enumerate(self.top)
        ]
        best, position = max(scored, default=(0, 0))
        if best == 0:
            return self
        row = self.top[-position]
        if row.line == self.header_line:
            return self
        total = self.rows_total + self.rows_above
        return _headed(replace(self, rows_total=total, rows_above=0), -position)


def plain_heading(text: str) -> str:
    """Return a heading as it is compared: width folded, white space, line breaks, ※ and * left out."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(folded.split()).strip("※*")


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that Excel would calculate. `restore` undoes it exactly."""
    return "'" + text if text[:1] in FORMULA_STARTS and text else text


def restore(text: str) -> str:
    """Take off the apostrophe that `neutralise` put on; other texts stay as they are."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS and len(text) > 1 else text


def read_spreadsheet(path: Path, encoding: str | None = None, headings: Collection[str] = ()) -> Spreadsheet:
    """Open a CSV file and prove that all of it can be read.

    The encoding (UTF-8 with or without byte order mark, CP932) and the
    delimiter (comma, tab, semicolon) are found out; `encoding` overrides the
    first. The headings are the row with most of the names in `headings`, or,
    without names, the first row about as wide as the widest; titles and blank
    rows above are passed over.

    Raises:
        SpreadsheetError: with the sentence for the person who made the file;
            see `SPREADSHEET_WORDS`. No row has been handed out then.
    """
    path = Path(path)
    codec = detect_charset(path, encoding)
    delimiter, skip_sep = _delimiter(path, codec, headings)
    top: list[Row] = []
    total = 0
    for row in _parse(path, codec, delimiter):
        total += 1
        if total > ROWS_MAX + TOP_ROWS_MAX:
            raise SpreadsheetError("too_many_rows", line=row.line, limit=f"{ROWS_MAX:,}")
        if len(row.cells) > COLUMNS_MAX:
            raise SpreadsheetError(
                "too_many_columns", line=row.line, count=str(len(row.cells)), limit=str(COLUMNS_MAX)
            )
        for index, cell in enumerate(row.cells):
            if len(cell) > CELL_CHARACTERS_MAX:
                raise SpreadsheetError(
                    "cell_too_long", row.line, column_letter(index), limit=f"{CELL_CHARACTERS_MAX:,}"
                )
        if len(top) < TOP_ROWS_MAX:
            top.append(row)
    opened = Spreadsheet(path, codec, delimiter, (), 0, total, 0, tuple(top), is_rejects=False)
    if headings:
        named = opened.headed_by(headings)
        if named.header:
            return named
    return _headed(opened, _guess_heading(top, skip_sep))


def _headed(spreadsheet: Spreadsheet, position: int) -> Spreadsheet:
    row = spreadsheet.top[position]
    header = tuple(cell.strip().removeprefix("\ufeff") for cell in row.cells)
    while header and not header[-1]:
        header = header[:-1]
    is_rejects = header[-len(REJECT_HEADINGS) :] == REJECT_HEADINGS
    if is_rejects:
        header = tuple(restore(cell) for cell in header[: -len(REJECT_HEADINGS)])
    places: dict[str, list[int]] = {}
    for index, cell in enumerate(header):
        if cell:
            places.setdefault(plain_heading(cell), []).append(index)
    for indexes in places.values():
        if len(indexes) > 1:
            letters = "、".join(column_letter(index) for index in indexes)
            raise SpreadsheetError("duplicate_heading", row.line, name=header[indexes[1]], letters=letters)
    return replace(
        spreadsheet,
        header=header,
        header_line=row.line,
        rows_total=spreadsheet.rows_total - position - 1,
        rows_above=position + 1,
        is_rejects=is_rejects,
    )


def _guess_heading(top: list[Row], skip: int) -> int:
    filled = [sum(bool(cell.strip()) for cell in row.cells) for row in top]
    filled[:skip] = [0] * skip
    widest = max(filled, default=0)
    if widest == 0:
        raise SpreadsheetError("no_heading", lines=str(len(top)))
    # A title seldom fills more than two or three cells; headings fill nearly all of them.
    enough = 1 if widest == 1 else max(2, -(-widest * 6 // 10))
    return next(position for position, count in enumerate(filled) if count >= enough)


def _delimiter(path: Path, codec: str, headings: Collection[str]) -> tuple[str, int]:
    """Return the delimiter and how many rows an Excel `sep=` line takes (0 or 1).

    The delimiter that brings out most of the known headings wins, then the one
    that parts the top of the file most.
    """
    with path.open(encoding=codec, newline="") as stream:
        lines = [line for _ in range(TOP_ROWS_MAX * 2) if (line := stream.readline(1 << 20))]
    first = lines[0].strip().lower() if lines else ""
    if first.startswith("sep=") and len(first) == 5:
        return first[4], 1
    if first == "sep=":  # sep=<tab> loses its tab to strip
        return "\t", 1
    wanted = {plain_heading(name) for name in headings}
    best, best_score = ",", (0, 0)
    for mark in DELIMITERS:
        named = parted = 0
        for cells in _leniently(lines, mark):
            parted += len(cells) - 1
            if wanted:
                named = max(named, sum(plain_heading(cell) in wanted for cell in cells))
        if (named, parted) > best_score:
            best, best_score = mark, (named, parted)
    return best, 0


def _leniently(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    """Split lines with a delimiter that may be the wrong one; stop where that cannot go on."""
    try:
        yield from (cells for cells in csv.reader(lines, delimiter=delimiter) if cells)
    except csv.Error:
        return


def _parse(path: Path, codec: str, delimiter: str) -> Iterator[Row]:
    """Split the file into rows, telling for each the line it begins on."""
    begins = 1
    try:
        with path.open(encoding=codec, newline="") as stream:
            reader = csv.reader(stream, delimiter=delimiter, strict=True)
            for cells in reader:
                yield Row(begins, tuple(cells))
                begins = reader.line_num + 1
    except csv.Error as error:
        words = str(error)
        if "expected after" in words:
            raise SpreadsheetError("stray_quote", line=begins) from None
        if "field larger" in words:
            raise SpreadsheetError("cell_too_long", line=begins, limit=f"{CELL_CHARACTERS_MAX:,}") from None
        raise SpreadsheetError("unclosed_quote", line=begins) from None
    except (OSError, UnicodeDecodeError):
        raise SpreadsheetError("changed_while_reading", line=begins) from None
