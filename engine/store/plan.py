"""From entries to rows: pure functions, so that everything that can fail has failed before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.core.case.case import EMPTY_CONTENT, Content, Obligation
from engine.core.case.entry import Entry
from engine.core.case.events import (
    ObligationFulfilled,
    ObligationReplaced,
    ObligationScheduled,
    ObligationWithdrawn,
)
from engine.core.vocabulary import Instant
from engine.store.ports import Held, NoticeRow, seconds
from engine.store.session import encode

_ENDS: dict[type, str] = {
    ObligationFulfilled: "fulfilled",
    ObligationReplaced: "replaced",
    ObligationWithdrawn: "withdrawn",
}

_NONE: dict[int, Obligation] = {}


class Appended(NamedTuple):
    """One entry on its way: the case before and after it, its row, and whom it tells."""

    before: Held | None
    after: Held
    row: tuple[Any, ...]
    entry: Entry
    notices: Sequence[NoticeRow]


class Rows:
    """The rows of one flush, by statement."""

    __slots__ = (
        "advanced", "altered", "changed", "ended", "entries", "notices", "opened", "resealed", "scheduled",
        "woken",
    )  # fmt: skip

    def __init__(self) -> None:
        self.entries: list[tuple[Any, ...]] = []
        self.opened: list[tuple[Any, ...]] = []
        self.advanced: list[tuple[Any, ...]] = []
        self.changed: list[tuple[Any, ...]] = []
        self.resealed: list[tuple[Any, ...]] = []
        self.scheduled: list[tuple[Any, ...]] = []
        self.woken: list[tuple[Any, ...]] = []
        self.altered: list[tuple[Any, ...]] = []
        self.ended: list[tuple[Any, ...]] = []
        self.notices: list[tuple[Any, ...]] = []


def plan(appended: Sequence[Appended], seal: Callable[[Held, Content], bytes | None]) -> Rows:
    """Turn entries into rows: one case row for each case, one obligation row for each that changed."""
    rows = Rows()
    first: dict[int, Held | None] = {}
    last: dict[int, Held] = {}
    born: dict[tuple[int, int], int] = {}
    for before, after, row, entry, notices in appended:
        case_id = after.id
        rows.entries.append(row)
        if case_id not in first:
            first[case_id] = before
        last[case_id] = after
        stored = first[case_id]
        _plan_ends(
            rows,
            born,
            case_id,
            entry,
            _NONE if before is None else before.case.obligations,
            _NONE if stored is None else stored.case.obligations,
        )
        if notices:
            at = row[2]
            rows.notices += [
                (case_id, entry.seq, n, to, kind, number, about, at)
                for n, (to, kind, number, about) in enumerate(notices)
            ]
    for case_id, after in last.items():
        before = first[case_id]
        live = _NONE if before is None else before.case.obligations
        _plan_live(rows, born, case_id, live, after.case.obligations)
        _plan_case(rows, before, after, seal)
    return rows


def _plan_ends(
    rows: Rows,
    born: dict[tuple[int, int], int],
    case_id: int,
    entry: Entry,
    before: dict[int, Obligation],
    stored: dict[int, Obligation],
) -> None:
    """Plan what an entry ends. Its row keeps what stood before that entry, however entries are batched."""
    fresh: dict[int, Obligation] = {}
    for event in entry.events:
        kind = type(event)
        if kind is ObligationScheduled:
            scheduled: Obligation = event.obligation  # type: ignore[union-attr]
            fresh[scheduled.number] = scheduled
            born[case_id, scheduled.number] = entry.seq
        elif kind in _ENDS:
            number: int = event.number  # type: ignore[union-attr, assignment]
            here = fresh.get(number)
            stood = before[number] if here is None else here
            since = born.pop((case_id, number), None)
            if since is None:
                if stored[number] is not stood:
                    rows.altered.append(_altered(case_id, stood))
                rows.ended.append((_ENDS[kind], entry.seq, case_id, number))
            else:
                rows.scheduled.append(_scheduled(case_id, stood, since, _ENDS[kind], entry.seq))


def _plan_live(
    rows: Rows,
    born: dict[tuple[int, int], int],
    case_id: int,
    before: dict[int, Obligation],
    after: dict[int, Obligation],
) -> None:
    for number, now in after.items():
        was = before.get(number)
        if was is now:
            continue
        if was is None:
            rows.scheduled.append(_scheduled(case_id, now, born[case_id, number], "live", None))
        elif _only_woken(was, now):
            rows.woken.append((seconds(now.wakes_at), int(now.is_open), int(now.fell_due), case_id, number))
        else:
            rows.altered.append(_altered(case_id, now))


def _only_woken(was: Obligation, now: Obligation) -> bool:
    return (
        was.holder == now.holder
        and was.due_at == now.due_at
        and was.due_on == now.due_on
        and was.urgency == now.urgency
        and was.co_holder == now.co_holder
        and was.counterpart == now.counterpart
        and was.person == now.person
        and was.state == now.state
    )


def _altered(case_id: int, held: Obligation) -> tuple[Any, ...]:
    return (
        seconds(held.wakes_at), int(held.is_open), int(held.fell_due), held.holder, held.co_holder or None,
        held.counterpart or None, held.person or None, held.state, seconds(held.due_at), held.due_on.isoformat(),
        held.urgency, case_id, held.number,
    )  # fmt: skip


def _scheduled(
    case_id: int, held: Obligation, since: int, status: str, ended_seq: int | None
) -> tuple[Any, ...]:
    live = status == "live"
    return (
        case_id, held.number, status, held.key, held.kind.value, held.holder, "active" if live else None,
        held.co_holder or None, held.counterpart or None, held.person or None, held.state, seconds(held.due_at),
        held.due_on.isoformat(), seconds(held.wakes_at) if live else None, int(held.is_open), int(held.fell_due),
        held.urgency, since, ended_seq,
    )  # fmt: skip


def _plan_case(
    rows: Rows, before: Held | None, after: Held, seal: Callable[[Held, Content], bytes | None]
) -> None:
    case = after.case
    projection = encode(case)
    if before is None:
        content = after.content
        sealed = None if content == EMPTY_CONTENT else seal(after, content)
        rows.opened.append(
            (
                after.id, case.number, case.pathway, case.version, case.status.value, seconds(case.opened_at),
                _closed(case.closed_at), case.seq, case.parent or None, *_anchored(after), after.head,
                after.wrapped_key, projection,
                sealed,
            )
        )  # fmt: skip
        return
    was = before.case
    keyed = (after.id, was.seq)
    if after.anchor == before.anchor and case.status is was.status and case.version == was.version:
        rows.advanced.append((case.seq, after.head, projection, *keyed))
    else:
        rows.changed.append(
            (
                case.seq, after.head, projection, case.version, case.status.value, _closed(case.closed_at),
                *_anchored(after), *keyed,
            )
        )  # fmt: skip
    fresh = after.content_since(before)
    if fresh is not None or after.wrapped_key != before.wrapped_key:
        content = after.content if fresh is None else fresh
        rows.resealed.append((after.wrapped_key, seal(after, content), after.id, case.seq))


def _anchored(held: Held) -> tuple[int, str] | tuple[None, None]:
    return (held.anchor, "live") if held.anchor else (None, None)


def _closed(at: Instant | None) -> int | None:
    return None if at is None else seconds(at)
