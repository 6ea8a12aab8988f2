"""One unit of work: entries and all that follows from them, written in one transaction or not at all.

Everything that can fail in Python fails in `append`, before anything is sent.
`flush` then sends a handful of statements for any number of entries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection

from engine.core.case.case import EMPTY_CONTENT, Case, Content, Sealed
from engine.core.case.entry import Entry, entry_bytes, sealed_bytes
from engine.core.ledger.chain import genesis, link
from engine.core.vocabulary import CaseStatus
from engine.store.dialect import Dialect
from engine.store.errors import RuleBroken, SequenceGap
from engine.store.plan import Appended, Rows, plan
from engine.store.ports import Held, NoticeRow, seconds
from engine.store.recording import Recording
from engine.store.sealing import CaseKey, KeyRing
from engine.store.session import encode

T = TypeVar("T")


class Mark(NamedTuple):
    """A place in a unit to go back to, as long as nothing was flushed since."""

    appended: int
    written: int
    undone: int
    flushes: int


class Unit(Recording):
    """Reads, locks and appends within one transaction. Used by one thread."""

    def __init__(self, connection: Connection, dialect: Dialect, keys: KeyRing) -> None:
        super().__init__(connection, dialect, keys)
        self._cases: dict[str, Held] = {}
        self._appended: list[Appended] = []
        self._recorded: dict[str, tuple[str, int]] = {}
        self._flushes = 0
        self._case_id = 0

    def case(self, number: str) -> Held | None:
        """Return a case as this unit has left it, locking its row the first time."""
        known = self._cases.get(number)
        if known is None:
            known = super().case(number)
            if known is not None:
                self._cases[number] = known
        return known

    def cases(self, numbers: Sequence[str]) -> dict[str, Held]:
        """Return cases as this unit has left them, locking the rows of those not seen yet."""
        missing = [number for number in numbers if number not in self._cases]
        if missing:
            self._cases.update(super().cases(missing))
        return {number: self._cases[number] for number in numbers if number in self._cases}

    def entry_by_key(self, key: str) -> tuple[str, int] | None:
        """Return where an idempotency key was used, in the store or earlier in this unit."""
        return self._recorded.get(key) or super().entry_by_key(key)

    def append(
        self,
        held: Held | None,
        entry: Entry,
        sealed: Sealed,
        case: Case,
        content: Content | None = None,
        notices: Sequence[NoticeRow] = (),
    ) -> Held:
        """Add the next entry of a case; `held` is None for its first.

        `case` and `content` are what the entry makes of it; None for
        `content` leaves it as it is. Returns the case as it then stands, which
        the next entry of this unit follows. Nothing is sent before `flush`.

        Raises:
            SequenceGap: the entry is not the next one, or `held` is not the latest.
            RuleBroken: the case would be open with nothing live, or is redacted
                and something personal was to be added.
        """
        number = case.number
        seq = entry.seq
        known = self._cases.get(number)
        if known is not held and (held is None or known is not None):
            raise SequenceGap(f"{number}: entry {seq} was decided on a case that has moved on")
        last = 0 if held is None else held.case.seq
        if seq != last + 1 or case.seq != seq or entry.case != number:
            raise SequenceGap(f"{number}: entry {seq} (case at {case.seq}) after {last}")
        anchor = _anchor(held, case)
        body = entry_bytes(entry)
        plain = sealed_bytes(sealed)
        wrapped = None if held is None else held.wrapped_key
        hidden = None
        # A wake-up brings nothing to seal: to unwrap the key for it would cost a tenth of it.
        if wrapped is None or plain is not None:
            key = self._key(held, case, sealed, content)
            if key is not None:
                wrapped = key.wrapped
                hidden = None if plain is None else key.seal_entry(seq, plain)
        digest = link(genesis(number) if held is None else held.head, body, hidden)
        after = Held(
            self._take_id() if held is None else held.id,
            case,
            digest,
            anchor,
            wrapped,
            _content_after(held, content),
            redacted=held is not None and held.redacted,
        )
        row = (
            after.id, seq, seconds(entry.at), entry.actor, type(entry.command).__name__, entry.key or None,
            body, hidden, digest,
        )  # fmt: skip
        self._appended.append(Appended(held, after, row, entry, notices))
        self._cases[number] = after
        if entry.key:
            self._recorded[entry.key] = (number, seq)
        return after

    def mark(self) -> Mark:
        """Return a mark, so that what one command adds from here can be undone without the rest."""
        return Mark(len(self._appended), len(self._written), len(self._undo), self._flushes)

    def can_rewind(self, mark: Mark) -> bool:
        """Whether nothing was flushed since `mark`."""
        return mark.flushes == self._flushes

    def rewind(self, mark: Mark) -> None:
        """Forget everything added since `mark`. Nothing must have been flushed since."""
        assert mark.flushes == self._flushes, "what was sent cannot be taken back"
        while len(self._appended) > mark.appended:
            gone = self._appended.pop()
            number = gone.after.case.number
            if gone.before is None:
                del self._cases[number]
            else:
                self._cases[number] = gone.before
            if gone.entry.key:
                del self._recorded[gone.entry.key]
        del self._written[mark.written :]
        while len(self._undo) > mark.undone:
            self._undo.pop()()

    def apart(self, job: Callable[[Unit], T]) -> T:
        """Do a job in a unit of its own inside this transaction: kept whole, or undone whole when it raises.

        Nothing may have been added to this unit since its last flush. What
        only the commit finds out still undoes everything.
        """
        assert not self._appended, "what was added first would be sent last"
        self._flushes += 1
        self._cases.clear()
        with self._connection.begin_nested():
            inner = Unit(self._connection, self._dialect, self._keys)
            result = job(inner)
            inner.flush()
        return result

    def _take_id(self) -> int:
        self._case_id = self._dialect.take_case_id(self._cursor, self._case_id)
        return self._case_id

    def _key(self, held: Held | None, case: Case, sealed: Sealed, content: Content | None) -> CaseKey | None:
        """Return the case's key where there is something to seal, drawing one for the first time."""
        wrapped = None if held is None else held.wrapped_key
        if wrapped is not None:
            return self._keys.key_of(case.number, wrapped)
        if sealed.is_empty and (content is None or content.redacted or content == EMPTY_CONTENT):
            return None
        if held is not None and held.redacted:
            raise RuleBroken("case_redacted", f"{case.number}: nothing personal can be added any more")
        return self._keys.new_key(case.number)

    def flush(self) -> None:
        """Send everything added so far.

        Raises:
            SequenceGap: another transaction wrote to one of the cases first.
            KeyTaken: an idempotency key, number or delivery key is used already.
            RuleBroken: the database refused a row. Then nothing of the unit can be kept.
        """
        if self._appended:
            rows = plan(self._appended, self._seal_content)
            self._appended.clear()
            self._send(rows)
        self._send_numbers()
        for statement, parameters in self._written:
            self._connection.execute(statement, parameters)
            self._known_newest = None
        self._written.clear()
        self._undo.clear()
        self._flushes += 1

    def _seal_content(self, held: Held, content: Content) -> bytes | None:
        if held.wrapped_key is None:
            return None
        return self._keys.key_of(held.case.number, held.wrapped_key).seal_content(encode(content))

    def _send(self, rows: Rows) -> None:
        cursor, hot = self._cursor, self._hot
        send = self._dialect.send
        for statement, values in (
            (hot.insert_entry, rows.entries),
            (hot.insert_case, rows.opened),
            (hot.insert_obligation, rows.scheduled),
            (hot.insert_notice, rows.notices),
            (hot.advance_case, rows.advanced),
            (hot.change_case, rows.changed),
            (hot.reseal_case, rows.resealed),
            (hot.wake_obligation, rows.woken),
            (hot.change_obligation, rows.altered),
            (hot.end_obligation, rows.ended),
        ):
            if values and (changed := send(cursor, statement, values)) != len(values):
                raise SequenceGap(f"{changed} of {len(values)} rows: {statement.text}")


def _anchor(held: Held | None, case: Case) -> int:
    """Return the live obligation that the row of an open case names; the old one while it lives."""
    if case.status is not CaseStatus.OPEN:
        return 0
    live = case.obligations
    if held is not None and held.anchor in live:
        return held.anchor
    if not live:
        raise RuleBroken("case_open_has_next_step", f"{case.number}: open with nothing live")
    return min(live)


def _content_after(held: Held | None, content: Content | None) -> Content | Callable[[], Content]:
    if content is not None:
        return content
    return EMPTY_CONTENT if held is None else lambda: held.content
