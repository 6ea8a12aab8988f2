"""Writes the rows that were set apart, so that they can be corrected in Excel and given back.

The file is UTF-8 with a byte order mark, since a CP932 file would lose the
variant characters of names. It has the ledger's own columns, then five of its
own: line, column, value, reason, what to do. Cells that Excel would calculate
get an apostrophe, which `read_spreadsheet` takes off again. The corrected file
is taken in like the ledger itself, its last five columns left as they are.
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from connectors.csv_intake.consultation import Rejected
from connectors.csv_intake.spreadsheet import REJECT_HEADINGS, Spreadsheet, neutralise


class RejectsFile:
    """A rejects file being written; use it in a `with` block.

    The file is made at the first rejected row, so that a clean ledger leaves
    none behind. An existing file is replaced. `count` is the number of rows written.
    """

    def __init__(self, path: Path, spreadsheet: Spreadsheet) -> None:
        """Prepare to write beside `spreadsheet`, whose headings the file repeats."""
        self.path = Path(path)
        self.count = 0
        self._header = spreadsheet.header
        self._stream: TextIO | None = None

    def write(self, rejected: Rejected) -> None:
        """Add one row: its cells as typed, ditto marks written out, surplus cells at the far right.

        Raises:
            OSError: the folder cannot be written to, or the disk is full.
        """
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
            self._row([*self._header, *REJECT_HEADINGS])
        width = len(self._header)
        own = [*rejected.cells[:width], *[""] * (width - len(rejected.cells))]
        problems = rejected.problems
        told = [
            str(rejected.line),
            "\n".join(f"{problem.letter}列（{problem.column}）" for problem in problems),
            "\n".join(problem.value for problem in problems),
            "\n".join(problem.ja for problem in problems),
            "\n".join(problem.do_ja for problem in problems),
        ]
        self._row([*own, *told, *rejected.cells[width:]])
        self.count += 1

    def close(self) -> None:
        """Finish the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file, also after an error: what was written stays."""
        self.close()

    def _row(self, cells: list[str]) -> None:
        assert self._stream is not None
        csv.writer(self._stream).writerow([neutralise(cell) for cell in cells])
