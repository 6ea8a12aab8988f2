"""Carry messages from inboxes to the outside: bundled, repeated until they arrive, never lost in silence.

An inbox shows every message whether or not anything carries it further.
Here those not yet read are put into an outbox, one message for each holder and
carrier, and carried from there. A message names codes and case numbers and
nothing personal, so that it may leave the building.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

from msgspec import DecodeError, Struct
from msgspec.json import Decoder, Encoder

from engine.core.vocabulary import Instant, Labelled
from engine.services.desk import Desk
from engine.store.notifying import put_notice
from engine.store.ports import Notice, NoticeRow, OutboxRow
from engine.store.reader import Reader
from engine.store.unit import Unit

CASES_NAMED_MAX: Final = 20
"""A digest names so many cases and says how many more there are."""

LATE_AFTER: Final = timedelta(minutes=15)
"""A message older than this when it is composed is said to be late: passes come every half minute."""

FIRST_WAIT: Final = timedelta(minutes=1)
WAIT_MAX: Final = timedelta(hours=6)
TRIES_MAX: Final = 12
REFUSALS_IN_A_ROW_MAX: Final = 3
"""After so many failures in a row a carrier is left alone until the next pass."""

PASS_MAX: Final = 200
PAGE_ROWS: Final = 1_000
BUNDLED_MAX: Final = 10_000
OUTBOX_ROWS_MAX: Final = 10_000

DEAD: Final = "delivery.dead"
"""What the duty desk is told about: a message that nothing could carry."""

_UPTO: Final = "delivery.bundled_upto"
# Rows of other writers may become visible out of the order of their ids, but hardly an hour late.
_SETTLED_AFTER: Final = timedelta(hours=1)

_log = logging.getLogger(__name__)


class NoticeKind(Labelled):
    """What sort of message stands in an inbox."""

    REMINDER = "reminder", "督促", "reminder"
    ESCALATION = "escalation", "期限超過の報告", "escalation"
    AGENDA = "agenda", "会議の議題", "agenda item"
    HANDED = "handed", "受け持ちの変更", "work handed over"
    REQUEST = "request", "依頼", "request"
    NOTICE = "notice", "お知らせ", "notice"


class Line(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One matter: codes and the number of a case, and of the obligation in it where there is one."""

    kind: str
    about: str
    case: str
    number: int = 0


class Count(Struct, frozen=True):
    """How many messages of a kind a digest stands for."""

    kind: str
    count: int


class Message(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a carrier carries to one holder. No names of citizens, no notes, no form values.

    `key` stays the same however often the message is tried, and no two
    messages to one carrier share one; at most 64 characters a-z, 0-9, `-`.
    `to` is the id of a person or team of the directory; addresses are the
    carrier's matter. `lines` names at most 20 matters, each case once in a
    digest; `more` counts the cases left out. `since` is the oldest instant of
    what came late, and is absent when nothing did.
    """

    key: str
    to: str
    subject_ja: str
    subject_en: str
    lines: tuple[Line, ...]
    created_at: Instant
    counts: tuple[Count, ...] = ()
    more: int = 0
    since: Instant | None = None


class Receipt(Struct, frozen=True):
    """What became of a message. `permanent` matters when it was not accepted; `code` never says whom."""

    accepted: bool
    permanent: bool = False
    code: str = ""


class Carrier(Protocol):
    """A way to the outside. `docs/internals/CONNECTORS.md` says what it must keep; one test suite checks it."""

    @property
    def name(self) -> str:
        """Return the stable name under which messages wait for this carrier."""

    def carry(self, message: Message) -> Receipt:
        """Deliver a message once, however often it is given; return only when it is safe or refused."""


class Dispatched(Struct, frozen=True, kw_only=True):
    """What one pass did, in messages. `left` waits for the next pass, whatever the reason."""

    bundled: int = 0
    delivered: int = 0
    retried: int = 0
    dead: int = 0
    left: int = 0


_encode = Encoder(order="sorted").encode
_message_of = Decoder(Message).decode


def compose(
    notices: Sequence[Notice], holder: str, now: Instant, *, key: str = "", late_since: Instant | None = None
) -> Message:
    """Make one message of what waits for a holder: the matter itself, or a digest of many.

    `late_since` is when the clock last ran if this pass comes after an outage;
    messages that are old themselves make the message late too. Without `key`
    it is made from the holder and the first notice.

    Raises:
        ValueError: there is nothing to say.
    """
    if not notices:
        raise ValueError("a message needs at least one notice")
    oldest = min(each.at for each in notices)
    since = late_since
    if now - oldest > LATE_AFTER:
        since = oldest if since is None else min(since, oldest)
    lines = _lines(notices)
    kinds = Counter(each.kind for each in notices)
    counts = tuple(Count(kind, kinds[kind]) for kind in sorted(kinds, key=_kind_order))
    subject_ja, subject_en = _subject(notices, counts, is_late=since is not None)
    return Message(
        key=key or _key("", holder, min(each.id for each in notices)),
        to=holder,
        subject_ja=subject_ja,
        subject_en=subject_en,
        lines=tuple(lines[:CASES_NAMED_MAX]),
        created_at=now,
        counts=counts if len(notices) > 1 else (),
        more=max(0, len(lines) - CASES_NAMED_MAX),
        since=since,
    )


def _lines(notices: Sequence[Notice]) -> list[Line]:
    """Return one line for each case, in the order in which people should look: kind, then age."""
    first: dict[str, Line] = {}
    for each in sorted(notices, key=lambda notice: (_kind_order(notice.kind), notice.at, notice.id)):
        first.setdefault(
            each.case, Line(kind=each.kind, about=each.about, case=each.case, number=each.number)
        )
    return list(first.values())


_ORDER: Final = {
    kind.value: place
    for place, kind in enumerate(
        (
            NoticeKind.ESCALATION, NoticeKind.REMINDER, NoticeKind.REQUEST, NoticeKind.HANDED,
            NoticeKind.AGENDA, NoticeKind.NOTICE,
        )
    )
}  # fmt: skip


_KINDS: Final[Mapping[str, NoticeKind]] = {kind.value: kind for kind in NoticeKind}


def _kind_order(kind: str) -> tuple[int, str]:
    return _ORDER.get(kind, len(_ORDER)), kind


def _label(kind: str) -> tuple[str, str]:
    known = _KINDS.get(kind)
    return (kind, kind) if known is None else (known.ja, known.en)


def _subject(notices: Sequence[Notice], counts: Sequence[Count], *, is_late: bool) -> tuple[str, str]:
    late_ja, late_en = (
        ("（停止などのため遅れてのお知らせ）", " (late, after an outage)") if is_late else ("", "")
    )
    if len(notices) == 1:
        ja, en = _label(notices[0].kind)
        return f"【伴走】{ja} {notices[0].case}{late_ja}", f"[bansou] {en} {notices[0].case}{late_en}"
    parts_ja = "、".join(f"{_label(each.kind)[0]} {each.count}" for each in counts)
    parts_en = ", ".join(f"{each.count} × {_label(each.kind)[1]}" for each in counts)
    return (
        f"【伴走】{len(notices)}件のお知らせ（{parts_ja}）{late_ja}",
        f"[bansou] {len(notices)} messages ({parts_en}){late_en}",
    )


def _key(carrier: str, holder: str, first: int) -> str:
    """Return the key of a bundle. Its first notice is in no other bundle, so no other has this key."""
    return hashlib.sha256(f"{carrier}\n{holder}\n{first}".encode()).hexdigest()[:40]


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after so many failed tries: a minute, doubling, six hours at most."""
    doublings = min(max(tries - 1, 0), 16)
    return min(FIRST_WAIT * (1 << doublings), WAIT_MAX)


def dispatch(
    desk: Desk,
    carriers: Sequence[Carrier],
    now: Instant,
    *,
    limit: int = PASS_MAX,
    late_since: Instant | None = None,
) -> Dispatched:
    """Bundle what waits in inboxes, carry what is due, and record what became of it.

    A message is carried outside of any transaction and recorded afterwards. A
    crash in between repeats it with the same key. What fails is tried again
    with growing waits, twelve times; what is refused for good, or fails twelve
    times, is dead and the duty desk is told in its inbox. Without carriers
    nothing is done and nothing marked. At most `limit` messages are carried in
    a pass; those of a carrier that is not given any more wait for it.

    Raises:
        ValueError: two carriers have one name.
        StoreError: the store cannot be read or written.
    """
    by_name = {carrier.name: carrier for carrier in carriers}
    if len(by_name) != len(carriers):
        raise ValueError("two carriers have one name")
    if not by_name:
        return Dispatched()
    bundled = _bundle(desk, tuple(by_name), now, late_since)
    with desk.reading() as reader:
        waiting = reader.outbox_due(now, OUTBOX_ROWS_MAX)
    due = [row for row in waiting if row.connector in by_name]
    done: Counter[str] = Counter(left=len(waiting) - len(due) + len(due[limit:]))
    failing: Counter[str] = Counter()
    for row in due[:limit]:
        if failing[row.connector] >= REFUSALS_IN_A_ROW_MAX:
            done["left"] += 1
            continue
        receipt = _carried(by_name[row.connector], row)
        # What is refused for good says something about the message, a retry about the carrier.
        is_failing = not receipt.accepted and not receipt.permanent
        failing[row.connector] = failing[row.connector] + 1 if is_failing else 0
        done[_recorded(desk, row, receipt, now)] += 1
    return Dispatched(
        bundled=bundled,
        delivered=done["delivered"],
        retried=done["retried"],
        dead=done["dead"],
        left=done["left"],
    )


def _bundle(desk: Desk, carriers: Iterable[str], now: Instant, late_since: Instant | None) -> int:
    """Put unread messages into the outbox, and return how many there were."""
    with desk.reading() as reader:
        if not _fresh(reader, now)[0]:
            return 0

    def job(unit: Unit) -> int:
        fresh, upto = _fresh(unit, now)
        holders: dict[str, list[Notice]] = {}
        for each in fresh:
            holders.setdefault(each.to_holder, []).append(each)
        for holder, notices in holders.items():
            first = notices[0].id
            for name in carriers:
                key = _key(name, holder, first)
                message = compose(notices, holder, now, key=key, late_since=late_since)
                unit.put_outbox(name, key, _encode(message), at=now, due_at=now)
            unit.mark_digested([each.id for each in notices], first)
        if upto:
            unit.put_setting(_UPTO, str(upto))
        return len(fresh)

    return desk.write(job)


def _fresh(reader: Reader, now: Instant) -> tuple[list[Notice], int]:
    """Return the unread messages not yet bundled, in order, and up to where nothing new can come any more."""
    after = upto = int(reader.setting(_UPTO) or 0)
    is_settled = True
    found: list[Notice] = []
    while len(found) < BUNDLED_MAX:
        page = reader.notices_after(after, PAGE_ROWS)
        for each in page:
            if each.digest_id is None and each.read_at is None and each.about != DEAD:
                found.append(each)
            is_settled = is_settled and now - each.at > _SETTLED_AFTER
            if is_settled:
                upto = each.id
        if len(page) < PAGE_ROWS:
            break
        after = page[-1].id
    return found, upto


def _carried(carrier: Carrier, row: OutboxRow) -> Receipt:
    try:
        message = _message_of(row.body)
    except DecodeError:
        return Receipt(accepted=False, permanent=True, code="body_unreadable")
    try:
        return carrier.carry(message)
    except Exception as error:  # noqa: BLE001 -- one carrier's bug must not keep the others' messages
        # The name only: an error's text may hold what must not stand in a log.
        return Receipt(accepted=False, code=f"raised.{type(error).__name__}")


def _recorded(desk: Desk, row: OutboxRow, receipt: Receipt, now: Instant) -> str:
    """Record what became of a message, and say it in a word."""
    tries = row.attempts + 1
    if receipt.accepted:
        desk.write(lambda unit: unit.outbox_delivered(row.id))
        return "delivered"
    code = receipt.code or "refused"
    if not receipt.permanent and tries < TRIES_MAX:
        desk.write(lambda unit: unit.outbox_failed(row.id, code, now + wait_after(tries)))
        _log.info("delivery %d by %s: %s, try %d", row.id, row.connector, code, tries)
        return "retried"
    desk.write(lambda unit: _give_up(unit, row, code, now))
    _log.error("delivery %d by %s is dead: %s after %d tries", row.id, row.connector, code, tries)
    return "dead"


def _give_up(unit: Unit, row: OutboxRow, code: str, now: Instant) -> None:
    """Mark a message as dead and tell the duty desk, in one transaction."""
    unit.outbox_failed(row.id, code, None)
    directory = unit.directory()
    number = _case_in(row)
    # One unread notice is enough: a hundred would hide everything else at the desk.
    if directory is not None and number and not _is_told(unit, directory.duty_desk):
        put_notice(unit, number, NoticeRow(directory.duty_desk, NoticeKind.NOTICE.value, 0, DEAD), now)


def _case_in(row: OutboxRow) -> str:
    try:
        return _message_of(row.body).lines[0].case
    except (DecodeError, IndexError):
        return ""


def _is_told(reader: Reader, desk: str) -> bool:
    return any(each.about == DEAD for each in reader.notices([desk]))
