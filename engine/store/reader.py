"""Reading: cases, histories, what is due, and the lists people work from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engine.core.case.case import NOTHING_SEALED, Case, Sealed
from engine.core.case.entry import Entry, entry_of, sealed_of
from engine.core.ledger.chain import ChainFault, Link, verify
from engine.core.vocabulary import Instant
from engine.store.errors import ChainBroken
from engine.store.listing import Listing
from engine.store.ports import Due, Held, StoredEntry, instant, seconds
from engine.store.released import Released

_SEQ_MAX = 2**62
FETCH_ROWS = 500


class Reader(Listing, Released):
    """One snapshot of the store."""

    def case(self, number: str) -> Held | None:
        """Return a case by its number, or None. In a unit of work the row is locked until the end."""
        row = self._one(self._hot.case_by_number, (number,))
        return None if row is None else self._held(row)

    def cases(self, numbers: Sequence[str]) -> dict[str, Held]:
        """Return the cases with these numbers; unknown numbers are left out."""
        rows = self._all(self._hot.cases_by_number, (self._dialect.many(numbers),))
        found = [self._held(row) for row in rows]
        return {held.case.number: held for held in found}

    def due(self, now: Instant, limit: int, after: Due | None = None) -> list[Due]:
        """Return the cases that want something at `now`, the longest waiting first, each once.

        `limit` bounds the obligations looked at, so at most that many cases
        come. `after` is the last of the previous batch. Cases set apart come
        when their next try has come. Under PostgreSQL a unit of work claims
        the cases: those that another worker has claimed are passed over.
        """
        at = seconds(now)
        if after is None:
            rows = self._all(self._hot.due, (at, at, limit))
        else:
            keyset = (seconds(after.wakes_at), after.case_id)
            rows = self._all(self._hot.due_after, (at, *keyset, at, limit))
        first: dict[int, Due] = {}
        for wakes_at, case_id, number in rows:
            if case_id not in first:
                first[case_id] = Due(instant(wakes_at), case_id, number)
        return list(first.values())

    def next_wake(self) -> Instant | None:
        """Return the earliest wake-up of all, or None when nothing is live."""
        row = self._one(self._hot.next_wake)
        return None if row is None else instant(row[0])

    def entry_by_key(self, key: str) -> tuple[str, int] | None:
        """Return the case number and sequence of the entry recorded under an idempotency key."""
        row = self._one(self._hot.entry_by_key, (key,))
        return None if row is None else (row[0], row[1])

    def entries(
        self, number: str, *, after_seq: int = 0, upto_seq: int | None = None, at: Instant | None = None
    ) -> Iterator[StoredEntry]:
        """Yield the stored entries of a case in order, `after_seq` excluded, `upto_seq` and `at` included.

        They stop before the first entry that was written after `at`: a clock
        that was put back does not make holes in a history. Read them out before asking the same transaction anything else.
        """
        held = self.case(number)
        if held is None:
            return
        upto = _SEQ_MAX if upto_seq is None else upto_seq
        until = _SEQ_MAX if at is None else seconds(at)
        cursor = self._dialect.cursor(self._connection)
        cursor.execute(self._hot.entries, (held.id, after_seq, upto))
        key = None if held.wrapped_key is None else self._keys.key_of(number, held.wrapped_key)
        while rows := cursor.fetchmany(FETCH_ROWS):
            for seq, body, sealed, digest, written_at in rows:
                if written_at > until:
                    return
                plain = None if sealed is None or key is None else key.open_entry(seq, sealed)
                yield StoredEntry(seq, body, sealed, digest, plain)

    def history(
        self, number: str, *, upto_seq: int | None = None, at: Instant | None = None, verified: bool = True
    ) -> list[tuple[Entry, Sealed]]:
        """Return the history of a case, ready to be folded; empty for an unknown number.

        What was redacted comes as nothing sealed.

        Raises:
            ChainBroken: `verified`, and the entries do not chain.
            StoreError: `seal_broken`.
        """
        stored = list(self.entries(number, upto_seq=upto_seq, at=at))
        if verified:
            fault = verify(number, (Link(e.seq, e.body, e.sealed, e.digest) for e in stored))
            if fault is not None:
                raise ChainBroken(number, fault)
        return [(entry_of(e.body), NOTHING_SEALED if e.plain is None else sealed_of(e.plain)) for e in stored]

    def fault_in(self, number: str) -> ChainFault | None:
        """Return the first fault of a case's stored history, held against its row's head, or None."""
        held = self.case(number)
        if held is None:
            return None
        rows = self._all(self._hot.entries, (held.id, 0, _SEQ_MAX))
        return verify(number, (Link(*row[:4]) for row in rows), held.head)

    def folded(self, numbers: Iterable[str]) -> dict[str, Case]:
        """Return the live projections of some cases, without anything personal."""
        return {number: held.case for number, held in self.cases(list(numbers)).items()}
