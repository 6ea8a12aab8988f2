"""The lists that people and connectors work from: inboxes, cases, messages, deliveries, faults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select

from engine.core.vocabulary import Instant
from engine.store.ports import (
    CaseRow,
    Fault,
    InboxRow,
    Notice,
    OutboxRow,
    SweepRow,
    instant,
    instant_or_none,
    seconds,
)
from engine.store.session import Session
from engine.store.tables import case, entry, notice, obligation, outbox, sweep_fault, sweep_log

LIST_ROWS_MAX = 10_000

_INBOX = (
    obligation.c.case_id, case.c.number.label("case"), case.c.pathway, case.c.version, obligation.c.number,
    obligation.c.key, obligation.c.kind, obligation.c.holder, obligation.c.co_holder, obligation.c.counterpart,
    obligation.c.person, obligation.c.state, obligation.c.due_at, obligation.c.due_on, obligation.c.wakes_at,
    obligation.c.is_open, obligation.c.fell_due, obligation.c.urgency,
)  # fmt: skip
_CASE = (
    case.c.id, case.c.number, case.c.pathway, case.c.version, case.c.status, case.c.opened_at, case.c.closed_at,
    case.c.seq, case.c.parent,
)  # fmt: skip


class Listing(Session):
    """Lists, each bounded, each in a fixed order."""

    def inbox(self, holders: Sequence[str], *, limit: int = LIST_ROWS_MAX) -> list[InboxRow]:
        """Return the live obligations that any of `holders` holds or holds along, the earliest due first."""
        held = obligation.c.holder_standing.is_not(None)
        found: dict[tuple[int, int], InboxRow] = {}
        # Two range scans of two indexes, rather than one scan of everything for an OR.
        for column in (obligation.c.holder, obligation.c.co_holder):
            for row in self._rows(_inbox().where(column.in_(holders), held).limit(limit)):
                found.setdefault((row.case_id, row.number), _inbox_row(row))
        return sorted(found.values(), key=lambda row: (row.due_at, row.case_id, row.number))[:limit]

    def awaited_from(self, counterpart: str, *, limit: int = LIST_ROWS_MAX) -> list[InboxRow]:
        """Return the live obligations that wait for an agency, the earliest due first."""
        live = obligation.c.holder_standing.is_not(None)
        return [
            _inbox_row(row)
            for row in self._rows(_inbox().where(obligation.c.counterpart == counterpart, live).limit(limit))
        ]

    def live_obligations(self, numbers: Sequence[str] = (), *, limit: int = LIST_ROWS_MAX) -> list[InboxRow]:
        """Return the live obligations of some cases, or of all (bounded), the earliest due first."""
        statement = _inbox().where(obligation.c.holder_standing.is_not(None)).limit(limit)
        if numbers:
            statement = statement.where(case.c.number.in_(numbers))
        return [_inbox_row(row) for row in self._rows(statement)]

    def obligation_rows(self, number: str) -> list[dict[str, Any]]:
        """Return the rows of all obligations of a case, ended ones too, as they lie in the table."""
        statement = (
            select(obligation)
            .join(case, case.c.id == obligation.c.case_id)
            .where(case.c.number == number)
            .order_by(obligation.c.number)
        )
        return [dict(row) for row in self._connection.execute(statement).mappings()]

    def entry_columns(self, number: str) -> list[tuple[int, int, str, str, str]]:
        """Return sequence, instant, actor, command and key of a case's entries, as the columns have them."""
        statement = (
            select(entry.c.seq, entry.c.at, entry.c.actor, entry.c.kind, entry.c.key)
            .join(case, case.c.id == entry.c.case_id)
            .where(case.c.number == number)
            .order_by(entry.c.seq)
        )
        return [(row.seq, row.at, row.actor, row.kind, row.key or "") for row in self._rows(statement)]

    def case_rows(
        self,
        *,
        status: str | None = None,
        pathway: str | None = None,
        version: int | None = None,
        parent: str | None = None,
        after_id: int = 0,
        limit: int = LIST_ROWS_MAX,
    ) -> list[CaseRow]:
        """Return cases in the order in which they were opened, from after `after_id`."""
        statement = select(*_CASE).where(case.c.id > after_id).order_by(case.c.id).limit(limit)
        for column, wanted in (
            (case.c.status, status),
            (case.c.pathway, pathway),
            (case.c.version, version),
            (case.c.parent, parent),
        ):
            if wanted is not None:
                statement = statement.where(column == wanted)
        return [_case_row(row) for row in self._rows(statement)]

    def count_cases(self) -> dict[str, int]:
        """Return how many cases there are, by status."""
        statement = select(case.c.status, func.count().label("total")).group_by(case.c.status)
        return {row.status: row.total for row in self._rows(statement)}

    def notices(
        self, holders: Sequence[str], *, unread_only: bool = True, limit: int = LIST_ROWS_MAX
    ) -> list[Notice]:
        """Return the messages to any of `holders`, the newest first."""
        statement = (
            select(notice, case.c.number.label("case_number"))
            .join(case, case.c.id == notice.c.case_id)
            .where(notice.c.to_holder.in_(holders))
            .order_by(notice.c.at.desc(), notice.c.id.desc())
            .limit(limit)
        )
        if unread_only:
            statement = statement.where(notice.c.read_at.is_(None))
        return [_notice(row) for row in self._rows(statement)]

    def notices_after(self, notice_id: int, limit: int) -> list[Notice]:
        """Return messages of all holders in the order they were written, from after `notice_id`."""
        statement = (
            select(notice, case.c.number.label("case_number"))
            .join(case, case.c.id == notice.c.case_id)
            .where(notice.c.id > notice_id)
            .order_by(notice.c.id)
            .limit(limit)
        )
        return [_notice(row) for row in self._rows(statement)]

    def outbox_due(self, now: Instant, limit: int) -> list[OutboxRow]:
        """Return the deliveries whose time has come, the earliest first."""
        statement = (
            select(outbox)
            .where(outbox.c.status == "pending", outbox.c.due_at <= seconds(now))
            .order_by(outbox.c.due_at, outbox.c.id)
            .limit(limit)
        )
        return [_outbox(row) for row in self._rows(statement)]

    def outbox_rows(self, *, status: str | None = None, limit: int = LIST_ROWS_MAX) -> list[OutboxRow]:
        """Return deliveries of one status or of all, the oldest first."""
        statement = select(outbox).order_by(outbox.c.id).limit(limit)
        if status is not None:
            statement = statement.where(outbox.c.status == status)
        return [_outbox(row) for row in self._rows(statement)]

    def tries(self) -> dict[int, int]:
        """Return how often the sweep has failed on the cases that are set apart, by id."""
        return dict(self._all(self._hot.tries))

    def faults(self) -> list[Fault]:
        """Return the cases that are set apart, the longest first."""
        statement = (
            select(sweep_fault, case.c.number)
            # Outer, so that SQLite begins with the few that are set apart and not with every case.
            .outerjoin(case, case.c.id == sweep_fault.c.case_id)
            .order_by(sweep_fault.c.at, sweep_fault.c.case_id)
            .limit(LIST_ROWS_MAX)
        )
        return [
            Fault(
                case=row.number,
                at=instant(row.at),
                code=row.code,
                tries=row.tries,
                next_try_at=instant(row.next_try_at),
            )
            for row in self._rows(statement)
        ]

    def sweeps(self, limit: int = 20) -> list[SweepRow]:
        """Return what the last passes of the clock did, the newest first."""
        statement = select(sweep_log).order_by(sweep_log.c.id.desc()).limit(limit)
        return [
            SweepRow(
                started_at=instant(row.started_at),
                finished_at=instant(row.finished_at),
                fired=row.fired,
                left=row.left_over,
                faults=row.faults,
            )
            for row in self._rows(statement)
        ]

    def holds_anything(self, holder: str) -> bool:
        """Whether a holder has a live obligation, alone or along with another."""
        statement = (
            select(obligation.c.case_id)
            .where(
                obligation.c.holder_standing.is_not(None),
                or_(
                    obligation.c.holder == holder,
                    and_(obligation.c.co_holder.is_not(None), obligation.c.co_holder == holder),
                ),
            )
            .limit(1)
        )
        return self._row(statement) is not None


def _inbox() -> Select[Any]:
    return (
        select(*_INBOX)
        .join(case, case.c.id == obligation.c.case_id)
        .order_by(obligation.c.due_at, obligation.c.case_id, obligation.c.number)
    )


def _inbox_row(row: Row[Any]) -> InboxRow:
    return InboxRow(
        case_id=row.case_id,
        case=row.case,
        pathway=row.pathway,
        version=row.version,
        number=row.number,
        key=row.key,
        kind=row.kind,
        holder=row.holder,
        co_holder=row.co_holder or "",
        counterpart=row.counterpart or "",
        person=row.person or "",
        state=row.state,
        due_at=instant(row.due_at),
        due_on=date.fromisoformat(row.due_on),
        wakes_at=instant(row.wakes_at),
        is_open=bool(row.is_open),
        fell_due=bool(row.fell_due),
        urgency=row.urgency,
    )


def _case_row(row: Row[Any]) -> CaseRow:
    return CaseRow(
        id=row.id,
        number=row.number,
        pathway=row.pathway,
        version=row.version,
        status=row.status,
        opened_at=instant(row.opened_at),
        closed_at=instant_or_none(row.closed_at),
        seq=row.seq,
        parent=row.parent or "",
    )


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        case=row.case_number,
        seq=row.seq,
        n=row.n,
        to_holder=row.to_holder,
        kind=row.kind,
        number=row.number,
        about=row.about,
        at=instant(row.at),
        read_at=instant_or_none(row.read_at),
        digest_id=row.digest_id,
    )


def _outbox(row: Row[Any]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        connector=row.connector,
        key=row.key,
        created_at=instant(row.created_at),
        due_at=instant(row.due_at),
        attempts=row.attempts,
        status=row.status,
        body=row.body,
        last_error=row.last_error or "",
    )
