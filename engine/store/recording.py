"""Writing what is not a case: versions, people, messages, deliveries, faults, numbers.

Statements wait until the unit is flushed and are sent after the entries, so
that work has been brought to others before a holder is marked as gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, insert, select, update

from engine.core.case.directory import Directory, Holder
from engine.core.vocabulary import HolderKind, Instant
from engine.store.dialect import Dialect
from engine.store.ports import CalendarVersion, Held, PathwayVersion, SweepRow, seconds
from engine.store.reader import Reader
from engine.store.sealing import KeyRing
from engine.store.session import encode
from engine.store.tables import (
    calendar_version,
    case,
    directory_version,
    holder,
    intake_source,
    membership,
    notice,
    numbering,
    outbox,
    pathway_version,
    setting,
    sweep_fault,
    sweep_log,
)


class Recording(Reader):
    """What a unit of work can write besides entries. Nothing is sent before `flush`."""

    def __init__(self, connection: Connection, dialect: Dialect, keys: KeyRing) -> None:
        super().__init__(connection, dialect, keys, dialect.writing)
        self._written: list[tuple[Executable, Any]] = []
        self._undo: list[Callable[[], object]] = []
        self._numbers: dict[int, int] = {}
        self._numbers_sent: dict[int, int] = {}
        self._sources: dict[str, tuple[str, str]] = {}

    def write(self, statement: Executable, parameters: Any = None) -> None:
        """Send a statement with the rest at `flush`, after the entries."""
        self._written.append((statement, parameters))

    def next_number(self, fiscal_year: int) -> int:
        """Return the next number of a fiscal year, from 1. A number taken by work that fails is free again."""
        last = self._numbers.get(fiscal_year)
        if last is None:
            last = self._numbers_sent[fiscal_year] = self._last_number(fiscal_year)
        self._numbers[fiscal_year] = last + 1
        self._undo.append(lambda: self._numbers.__setitem__(fiscal_year, last))
        return last + 1

    def _send_numbers(self) -> None:
        for fiscal_year, last in self._numbers.items():
            if last != self._numbers_sent[fiscal_year]:
                self._cursor.execute(self._hot.number_taken, (last, fiscal_year))
                self._numbers_sent[fiscal_year] = last

    def _last_number(self, fiscal_year: int) -> int:
        # The row must be there before it can be locked; two first cases of a year must not both make it.
        if self._dialect.name == "postgresql":
            self._one(
                "INSERT INTO numbering (fiscal_year, last) VALUES (%b, 0) "
                "ON CONFLICT (fiscal_year) DO UPDATE SET last = numbering.last RETURNING last",
                (fiscal_year,),
            )
        row = self._row(
            select(numbering.c.last).where(numbering.c.fiscal_year == fiscal_year).with_for_update()
        )
        if row is None:
            self._connection.execute(insert(numbering).values(fiscal_year=fiscal_year, last=0))
            return 0
        return int(row.last)

    def intake_source(self, source_key: str) -> tuple[str, str] | None:
        """Return the case number and digest of a source row taken in before, also in this unit, or None."""
        return self._sources.get(source_key) or super().intake_source(source_key)

    def put_intake_source(self, source_key: str, case_number: str, digest: str) -> None:
        """Remember that a source row became a case, or what it looked like the last time it came."""
        known = self.intake_source(source_key)
        self._sources[source_key] = (case_number, digest)
        self._undo.append(lambda: self._sources.pop(source_key, None))
        values = {"case_number": case_number, "digest": digest}
        if known is None:
            self.write(insert(intake_source).values(source_key=source_key, **values))
        else:
            self.write(update(intake_source).where(intake_source.c.source_key == source_key).values(**values))

    def put_setting(self, name: str, value: str) -> None:
        """Keep a setting of the store."""
        if self.setting(name) is None:
            self.write(insert(setting).values(name=name, value=value))
        else:
            self.write(update(setting).where(setting.c.name == name).values(value=value))

    def put_pathway(self, released: PathwayVersion) -> None:
        """Release a version of a pathway. It never changes after. `flush` raises KeyTaken if it is there."""
        self.write(
            insert(pathway_version).values(
                pathway=released.pathway,
                version=released.version,
                digest=released.digest,
                effective_on=released.effective_on.isoformat(),
                text=released.text,
                forms=released.forms,
                published_at=seconds(released.published_at),
                published_by=released.published_by,
            )
        )

    def put_calendar(self, released: CalendarVersion) -> None:
        """Release a version of a calendar. It never changes after. `flush` raises KeyTaken if it is there."""
        self.write(
            insert(calendar_version).values(
                name=released.name, version=released.version, digest=released.digest, body=released.body
            )
        )

    def put_directory(self, directory: Directory, at: Instant, actor: str) -> None:
        """Release a version of the directory and bring the holders into line with it.

        `flush`, or the commit at the latest, raises RuleBroken when somebody
        who can hold no work any more still holds a live obligation, and
        KeyTaken when the version is there already.
        """
        self.write(
            insert(directory_version).values(
                version=directory.version, at=seconds(at), actor=actor, body=encode(directory)
            )
        )
        stored = {row.id: row for row in self._rows(select(holder))}
        members = {(row.team, row.person) for row in self._rows(select(membership))}
        wanted = {
            (team, person.id)
            for person in directory.holders.values()
            if person.kind is HolderKind.PERSON
            for team in person.teams
            if team in directory.holders
        }
        self._add_holders(directory, stored)
        self._each(insert(membership), sorted(wanted - members))
        self._raise_teams(directory, stored)
        gone = delete(membership).where(
            membership.c.team == bindparam("team_"), membership.c.person == bindparam("person_")
        )
        self._each(gone, sorted(members - wanted), ("team_", "person_"))
        self._mark_left(directory, stored)

    def _each(
        self,
        statement: Executable,
        rows: Sequence[Sequence[str]],
        names: tuple[str, ...] = ("team", "person"),
    ) -> None:
        if rows:
            self.write(statement, [dict(zip(names, row, strict=True)) for row in rows])

    def _add_holders(self, directory: Directory, stored: dict[str, Any]) -> None:
        """Add who is new and rename who is not; a team begins as left, until it has members."""
        for found in directory.holders.values():
            known = stored.get(found.id)
            standing = "active" if _may_hold(directory, found) else "left"
            if known is None:
                begins = standing if found.kind is HolderKind.PERSON else "left"
                values = {"id": found.id, "kind": found.kind.value, "name": found.name, "standing": begins}
                self.write(insert(holder).values(**values))
            elif known.name != found.name:
                self.write(update(holder).where(holder.c.id == found.id).values(name=found.name))
            if known is not None and found.kind is HolderKind.PERSON and standing == "active":
                self._stand(found.id, known.standing, "active")

    def _raise_teams(self, directory: Directory, stored: dict[str, Any]) -> None:
        for found in directory.holders.values():
            if found.kind is HolderKind.TEAM and _may_hold(directory, found):
                known = stored.get(found.id)
                self._stand(found.id, "left" if known is None else known.standing, "active")

    def _mark_left(self, directory: Directory, stored: dict[str, Any]) -> None:
        for known in stored.values():
            found = directory.holders.get(known.id)
            if found is None or not _may_hold(directory, found):
                self._stand(known.id, known.standing, "left")

    def _stand(self, holder_id: str, was: str, now: str) -> None:
        if was != now:
            self.write(update(holder).where(holder.c.id == holder_id).values(standing=now))

    def mark_read(self, notice_ids: Sequence[int], at: Instant) -> None:
        """Mark messages as read; those read before keep their instant."""
        self._stamp(notice_ids, "read_at", seconds(at))

    def mark_digested(self, notice_ids: Sequence[int], digest_id: int) -> None:
        """Mark messages as sent with a daily digest; those sent before keep theirs."""
        self._stamp(notice_ids, "digest_id", digest_id)

    def _stamp(self, notice_ids: Sequence[int], column: str, value: int) -> None:
        if notice_ids:
            self.write(
                update(notice)
                .where(notice.c.id == bindparam("id_"), notice.c[column].is_(None))
                .values({column: value}),
                [{"id_": each} for each in notice_ids],
            )

    def put_outbox(self, connector: str, key: str, body: bytes, *, at: Instant, due_at: Instant) -> None:
        """Put a delivery into the outbox. `flush` raises KeyTaken if its key was used before."""
        self.write(
            insert(outbox).values(
                connector=connector,
                key=key,
                created_at=seconds(at),
                due_at=seconds(due_at),
                attempts=0,
                status="pending",
                body=body,
            )
        )

    def outbox_delivered(self, outbox_id: int) -> None:
        """Say that a delivery arrived."""
        self._outbox(outbox_id, status="delivered", attempts=outbox.c.attempts + 1, last_error=None)

    def outbox_failed(self, outbox_id: int, code: str, retry_at: Instant | None) -> None:
        """Say that a delivery failed, and when to try again; None gives up and keeps it for a person."""
        again = {"status": "dead"} if retry_at is None else {"due_at": seconds(retry_at)}
        self._outbox(outbox_id, attempts=outbox.c.attempts + 1, last_error=code, **again)

    def _outbox(self, outbox_id: int, **values: Any) -> None:
        self.write(
            update(outbox).where(outbox.c.id == outbox_id, outbox.c.status == "pending").values(**values)
        )

    def set_apart(self, case_id: int, code: str, *, at: Instant, next_try_at: Instant) -> None:
        """Set a case apart after the sweep failed on it. `at` stays that of the first time."""
        known = self._row(select(sweep_fault.c.tries).where(sweep_fault.c.case_id == case_id))
        values = {"code": code, "next_try_at": seconds(next_try_at)}
        if known is None:
            self.write(insert(sweep_fault).values(case_id=case_id, at=seconds(at), tries=1, **values))
        else:
            changed = update(sweep_fault).where(sweep_fault.c.case_id == case_id)
            self.write(changed.values(tries=sweep_fault.c.tries + 1, **values))

    def clear_fault(self, case_id: int) -> None:
        """Take a case back among the others, because acting on it succeeded."""
        self.write(delete(sweep_fault).where(sweep_fault.c.case_id == case_id))

    def log_sweep(self, row: SweepRow) -> None:
        """Keep what one pass of the clock did."""
        self.write(
            insert(sweep_log).values(
                started_at=seconds(row.started_at),
                finished_at=seconds(row.finished_at),
                fired=row.fired,
                left_over=row.left,
                faults=row.faults,
            )
        )

    def redact(self, held: Held, at: Instant) -> None:
        """Destroy the key of a case. Its history stays and still chains; nobody can read the person again."""
        self.write(
            update(case)
            .where(case.c.id == held.id)
            .values(wrapped_key=None, sealed=None, redacted_at=seconds(at))
        )
        if held.wrapped_key is not None:
            self._keys.forget(held.wrapped_key)


def _may_hold(directory: Directory, found: Holder) -> bool:
    return directory.can_hold(found.id)
