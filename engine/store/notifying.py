"""Put a message into an inbox that no entry of a case brought."""

from __future__ import annotations

from sqlalchemy import func, insert, literal, select

from engine.core.vocabulary import Instant
from engine.store.ports import NoticeRow, seconds
from engine.store.tables import case, notice
from engine.store.unit import Unit

NO_ENTRY = 0
"""The sequence of such a message: entries count from 1."""


def put_notice(unit: Unit, number: str, row: NoticeRow, at: Instant) -> None:
    """Tell a holder something about a case from outside its history. Sent at `flush`.

    Nothing is written when there is no case of that number. Two units that do
    this for one case at the same moment: the second raises KeyTaken.
    """
    last = (
        select(func.coalesce(func.max(notice.c.n) + 1, 0))
        .where(notice.c.case_id == case.c.id, notice.c.seq == NO_ENTRY)
        .correlate(case)
        .scalar_subquery()
    )
    values = select(
        case.c.id,
        literal(NO_ENTRY),
        last,
        literal(row.to_holder),
        literal(row.kind),
        literal(row.number),
        literal(row.about),
        literal(seconds(at)),
    ).where(case.c.number == number)
    columns = ["case_id", "seq", "n", "to_holder", "kind", "number", "about", "at"]
    unit.write(insert(notice).from_select(columns, values))
