"""What comes out of a ledger: consultations with neutral values, rows set apart, and their count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

from connectors.csv_intake.dates import PartialDate
from connectors.csv_intake.problem import CellProblem

FormValue = str | int | bool | list[str | int | bool]
ConsentWord = Literal["given", "declined", "not_asked"]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person of the household as the ledger names them.

    `name` holds every character as typed; `kana` is full-width katakana or
    empty; `sex` is ISO 5218 (0, 1, 2, 9); `relation` is the ledger's word
    (本人, 妻, 長男); `remark` keeps what was said instead of a birth date.
    """

    name: str
    kana: str = ""
    birth_on: date | PartialDate | None = None
    sex: int = 0
    relation: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Consultation:
    """One readable row with neutral values, ready for the engine.

    `source_key` is the same each time the row is read: the ledger's own number,
    or a digest of the row where the mapping has none. `content_digest` changes
    with any cell. The first of `persons` is the person the consultation is about.
    `extra` keeps the columns that the mapping does not name; `warnings` are
    things a person should look at that did not stop the row. `cells` are the
    row as typed, for a rejects file in case the engine refuses it.
    """

    source_line: int
    source_key: str
    content_digest: str
    received_on: date
    received_time: time | None
    channel: str
    persons: tuple[PersonRow, ...]
    address: str
    phone: str
    topics: tuple[str, ...]
    note: str
    consent: ConsentWord
    worker: str | None
    status: str
    forms: Mapping[str, Mapping[str, FormValue]]
    extra: Mapping[str, str]
    warnings: tuple[CellProblem, ...] = ()
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken in: its cells, ditto marks written out, and every reason."""

    line: int
    cells: tuple[str, ...]
    problems: tuple[CellProblem, ...]


@dataclass(slots=True)
class Tally:
    """What became of the rows, counted while `consultations` runs.

    `unmapped` are the headings that the mapping does not name; their cells go
    to `extra`. `notes_ja` and `notes_en` say so once, for the person who watches.
    """

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    blanks: int = 0
    repeated_headings: int = 0
    warnings: int = 0
    unmapped: tuple[str, ...] = ()
    duplicate_lines: list[tuple[int, int]] = field(default_factory=list)

    @property
    def notes_ja(self) -> tuple[str, ...]:
        """What to know about the file as a whole, in Japanese."""
        if not self.unmapped:
            return ()
        return (f"対応表にない列は、文字のまま控えとして残します：{'、'.join(self.unmapped)}",)

    @property
    def notes_en(self) -> tuple[str, ...]:
        """What to know about the file as a whole, in English."""
        if not self.unmapped:
            return ()
        return (f"Columns the mapping does not name are kept as plain text: {', '.join(self.unmapped)}",)
