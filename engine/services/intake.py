"""Taking consultations in from somewhere else: each once, however often the source is read."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from engine.core.case.case import Sealed
from engine.core.case.commands import OpenCase, RecordConsent
from engine.core.case.deliberation import Request
from engine.core.case.refusals import Refusal
from engine.core.pathway.compiled import SHARING
from engine.core.vocabulary import ConsentStatus, Instant, Labelled
from engine.services.casework import Casework
from engine.services.desk import Desk
from engine.store.unit import Unit

BATCH_ROWS = 100
"""Rows that share a transaction: all of them are on disk, or none."""


class Fate(Labelled):
    """What became of a row of a source."""

    OPENED = "opened", "受け付けました", "a case was opened"
    KNOWN = "known", "取込済みです", "was taken in before"
    CHANGED = "changed", "取込後に書き換えられています", "was changed after it was taken in"
    REFUSED = "refused", "受け付けられませんでした", "was refused"


class SourceRow(Struct, frozen=True, kw_only=True):
    """One consultation of a source. `key` names it there for ever, `digest` changes with its content."""

    key: str
    digest: str
    pathway: str
    command: OpenCase
    sealed: Sealed
    consent: ConsentStatus = ConsentStatus.NOT_ASKED


class Taken(Struct, frozen=True, kw_only=True):
    """What became of one row: its case, or why there is none."""

    key: str
    fate: Fate
    case: str = ""
    refusal: Refusal | None = None


class Intake:
    """Takes rows in, in batches of one transaction each."""

    def __init__(self, desk: Desk, casework: Casework) -> None:
        self._desk = desk
        self._casework = casework

    def take_in(self, rows: Sequence[SourceRow], actor: str, at: Instant) -> list[Taken]:
        """Open a case for each row that is not known yet, in the order given.

        A row that is refused leaves nothing behind and does not hold up the
        others; a row known before is not taken in again, whatever changed in it.

        Raises:
            StoreError: the database cannot be used; the batch at hand left nothing behind.
        """
        taken: list[Taken] = []
        for start in range(0, len(rows), BATCH_ROWS):
            batch = rows[start : start + BATCH_ROWS]
            taken += self._desk.write(lambda unit, batch=batch: self._batch(unit, batch, actor, at))  # type: ignore[misc]
        return taken

    def _batch(self, unit: Unit, rows: Sequence[SourceRow], actor: str, at: Instant) -> list[Taken]:
        return [self._one(unit, row, actor, at) for row in rows]

    def _one(self, unit: Unit, row: SourceRow, actor: str, at: Instant) -> Taken:
        known = unit.intake_source(row.key)
        if known is not None:
            case, digest = known
            return Taken(key=row.key, fate=Fate.KNOWN if digest == row.digest else Fate.CHANGED, case=case)
        mark = unit.mark()
        command = self._to_who_is_there(unit, row.command)
        request = Request(
            case="", command=command, actor=actor, at=at, sealed=row.sealed, key=f"intake:{row.key}"
        )
        opened = self._casework.open(unit, row.pathway, request)
        if isinstance(opened, Refusal):
            unit.rewind(mark)
            return Taken(key=row.key, fate=Fate.REFUSED, refusal=opened)
        number = opened.case.number
        if row.consent is not ConsentStatus.NOT_ASKED:
            consent = RecordConsent(kind=SHARING, status=row.consent)
            answer = self._casework.perform(unit, Request(case=number, command=consent, actor=actor, at=at))
            if isinstance(answer, Refusal):
                unit.rewind(mark)
                return Taken(key=row.key, fate=Fate.REFUSED, refusal=answer)
        unit.put_intake_source(row.key, number, row.digest)
        return Taken(key=row.key, fate=Fate.OPENED, case=number)

    def _to_who_is_there(self, unit: Unit, command: OpenCase) -> OpenCase:
        """Leave out named workers who hold no work any more: routing finds others, and nobody is turned away."""
        directory = self._casework.directory(unit)
        there = {role: holder for role, holder in command.roles.items() if directory.can_hold(holder)}
        return command if there == command.roles else replace(command, roles=there)
