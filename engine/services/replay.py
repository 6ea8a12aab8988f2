"""What an auditor asks: what happened, what stood at an instant, and whether the decisions hold.

Replay folds the same events with the same fold as live work. Verification goes
further and decides every command again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.core.case.case import EMPTY_CONTENT, Case, Content, Sealed
from engine.core.case.decide import decide
from engine.core.case.deliberation import Decision, Request
from engine.core.case.entry import Entry, entry_bytes
from engine.core.case.fold import fold
from engine.core.ledger.chain import ChainFault
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import Instant, ObligationStatus
from engine.services.office import Office
from engine.store.ports import seconds
from engine.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case as it stood after its entries up to an instant, and those entries."""

    case: Case
    content: Content
    entries: tuple[tuple[Entry, Sealed], ...]
    pathway: Compiled


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a decision taken again is not what was recorded, or the fold is not what is stored."""

    seq: int
    what: str
    recorded: str
    again: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of one case found. `sound` when the chain holds and nothing differs."""

    number: str
    entries: int
    events: int
    chain: ChainFault | None
    differences: tuple[Difference, ...]
    redacted: bool = False

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return self.chain is None and not self.differences


class Replay:
    """Reading histories. Every method takes the snapshot to read from."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def at(self, reader: Reader, number: str, at: Instant | None = None) -> Replayed | None:
        """Return a case as it stood at an instant, or now; None when it was not there yet.

        Raises:
            ChainBroken: the history does not chain.
        """
        history = reader.history(number, at=at)
        if not history:
            return None
        case, content = fold(None, EMPTY_CONTENT, history)
        return Replayed(
            case, content, tuple(history), self._office.pathway(reader, case.pathway, case.version)
        )

    def verify(self, reader: Reader, number: str) -> Verification | None:
        """Check the chain of a case, take every decision again, and hold the fold against what is stored.

        What is stored are the case's row, the rows of its obligations, and
        the columns beside each entry: all are made from the entries alone.
        A redacted history is checked as far as it can be read: its chain and
        its fold, not the decisions that rested on what is gone.
        """
        held = reader.case(number)
        if held is None:
            return None
        chain = reader.fault_in(number)
        history = reader.history(number, verified=False) if chain is None else []
        differences = [] if held.redacted else list(self._again(reader, history))
        if history and not differences:
            case, content = fold(None, EMPTY_CONTENT, history)
            if case != held.case:
                differences.append(Difference(case.seq, "projection", "stored", "folded"))
            elif not held.redacted and content != held.content:
                differences.append(Difference(case.seq, "content", "stored", "folded"))
            differences += _columns_apart(reader, history)
            differences += _rows_apart(reader, case)
        events = sum(len(entry.events) for entry, _ in history)
        return Verification(number, len(history), events, chain, tuple(differences), held.redacted)

    def _again(self, reader: Reader, history: list[tuple[Entry, Sealed]]) -> Iterator[Difference]:
        case: Case | None = None
        content = EMPTY_CONTENT
        for entry, sealed in history:
            opened = entry.events[0]
            name, version = (
                (case.pathway, case.version) if case is not None else (opened.pathway, opened.version)  # type: ignore[union-attr]
            )
            around = self._office.around(
                reader,
                self._office.pathway(reader, name, version),
                calendar=entry.grounds.calendar,
                directory=entry.grounds.directory,
            )
            request = Request(
                case=entry.case,
                command=entry.command,
                actor=entry.actor,
                at=entry.at,
                sealed=sealed,
                key=entry.key,
            )
            again = decide(around, case, content, request)
            if not isinstance(again, Decision):
                yield Difference(entry.seq, "refused", _words(entry), again.code)
            elif again.entry != entry:
                yield Difference(entry.seq, "events", _words(entry), _words(again.entry))
            case, content = fold(case, content, [(entry, sealed)])


def _words(entry: Entry) -> str:
    """Return the events of an entry as canonical text; personal content never stands in one."""
    return entry_bytes(entry).decode()


def _columns_apart(reader: Reader, history: list[tuple[Entry, Sealed]]) -> Iterator[Difference]:
    """Name the entries whose columns say something else than their chained body."""
    written = [
        (entry.seq, seconds(entry.at), entry.actor, type(entry.command).__name__, entry.key)
        for entry, _ in history
    ]
    for recorded, stored in zip(written, reader.entry_columns(history[0][0].case), strict=True):
        if recorded != stored:
            yield Difference(recorded[0], "columns", str(recorded[1:]), str(stored[1:]))


def _rows_apart(reader: Reader, case: Case) -> Iterator[Difference]:
    """Name the live obligations whose rows, which drive clock and inbox, say something else than the fold."""
    stored = {
        row["number"]: (row["holder"], row["co_holder"] or "", row["due_at"], row["wakes_at"], row["key"])
        for row in reader.obligation_rows(case.number)
        if row["status"] == ObligationStatus.LIVE.value
    }
    folded = {
        live.number: (live.holder, live.co_holder, seconds(live.due_at), seconds(live.wakes_at), live.key)
        for live in case.obligations.values()
    }
    for number in sorted(stored.keys() | folded.keys()):
        if stored.get(number) != folded.get(number):
            row, fold_ = str(stored.get(number)), str(folded.get(number))
            yield Difference(case.seq, f"obligation {number}", row, fold_)
