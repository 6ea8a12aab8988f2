"""Goes through a ledger row by row: consultations, rows set apart, and a count of all.

Every row below the headings ends in exactly one of five ways: accepted,
rejected, duplicate, blank, or a repeated row of headings; `Tally` counts them
and their sum is the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from connectors.csv_intake.cell import DateReader
from connectors.csv_intake.consultation import Consultation, Rejected, Tally
from connectors.csv_intake.dates import parse_japanese_date
from connectors.csv_intake.mapping import Mapping
from connectors.csv_intake.row import LedgerReader
from connectors.csv_intake.spreadsheet import Row, Spreadsheet, plain_heading

DUPLICATE_LINES_MAX: Final = 1000


def consultations(
    spreadsheet: Spreadsheet,
    mapping: Mapping,
    tally: Tally | None = None,
    parse_date: DateReader = parse_japanese_date,
) -> Iterator[Consultation | Rejected]:
    """Yield each row that was read or set apart, in order; blanks and duplicates are only counted.

    A row is a duplicate when its number and all its cells occurred before (or
    all its cells, when the mapping has no number); a number that comes back
    with other cells is rejected, naming both lines. Memory grows by about
    150 bytes for each row accepted, to know it again.

    Raises:
        SpreadsheetError: a required column is missing, or a heading stands twice.
    """
    sheet = spreadsheet.headed_by(mapping.headings)
    count = tally if tally is not None else Tally()
    reader = LedgerReader(sheet, mapping, parse_date)
    count.unmapped = tuple(heading for _, heading in reader.extras)
    headings = tuple(plain_heading(text) for text in sheet.header)
    accepted: dict[str, tuple[int, str]] = {}
    for row in sheet.rows():
        count.rows += 1
        if row.is_blank:
            count.blanks += 1
            continue
        if _is_heading_again(row, headings):
            count.repeated_headings += 1
            continue
        read = reader.read(row)
        if isinstance(read, Consultation):
            first = accepted.setdefault(read.source_key, (read.source_line, read.content_digest))
            if first[0] != read.source_line:
                if first[1] == read.content_digest:
                    count.duplicates += 1
                    if len(count.duplicate_lines) < DUPLICATE_LINES_MAX:
                        count.duplicate_lines.append((first[0], read.source_line))
                    continue
                read = reader.number_reused(read, first[0])
        if isinstance(read, Rejected):
            count.rejected += 1
        else:
            count.accepted += 1
            count.warnings += len(read.warnings)
        yield read


def _is_heading_again(row: Row, headings: tuple[str, ...]) -> bool:
    if row.cells[0].strip() and plain_heading(row.cells[0]) != headings[0]:
        return False
    again = [plain_heading(cell) for cell in row.cells]
    while again and not again[-1]:
        again.pop()
    return tuple(again) == headings
