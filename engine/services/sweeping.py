"""One pass of the clock over a store: act on every case whose time has come, in batches, exactly once.

The row is the claim: acting on a case and moving its wake-up are one
transaction, so a pass that is killed, run twice or run late changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from engine.core.case import commands as cmd
from engine.core.case.deliberation import CLOCK, Request
from engine.core.case.refusals import Refusal
from engine.core.vocabulary import Instant
from engine.services.casework import Casework
from engine.services.desk import Desk
from engine.store.errors import StoreError
from engine.store.ports import Due, SweepRow
from engine.store.unit import Unit

BATCH_CASES = 100
"""Cases of one transaction. More gains little and makes commands wait."""

PARTS = 10
"""Into how many parts a batch is cut that the database refused: of 100, twice, instead of seven halvings."""

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=6)


@dataclass(slots=True)
class Swept:
    """What one pass did and what it left. `late_seconds` is how long the oldest wake-up had waited."""

    at: Instant
    cases: int = 0
    events: int = 0
    left: bool = False
    late_seconds: int = 0
    set_apart: list[tuple[str, str]] = field(default_factory=list)


class Sweep:
    """Passes of the clock. Safe to run in several processes at once."""

    def __init__(self, desk: Desk, casework: Casework, batch_cases: int = BATCH_CASES) -> None:
        self._desk = desk
        self._casework = casework
        self._batch_cases = batch_cases

    def run(
        self,
        now: Instant,
        *,
        finished_at: Callable[[], Instant] | None = None,
        cases_max: int | None = None,
        between: Callable[[Swept], None] | None = None,
    ) -> Swept:
        """Wake every case that is due at `now`, oldest first, at most `cases_max` of them.

        A case on which acting fails is set apart with a time to try again and
        does not hold up the others. `between` is called after each batch.

        Raises:
            StoreError: the database cannot be used at all.
        """
        swept = Swept(at=now)
        tries = self._tries()
        after: Due | None = None
        while True:
            limit = (
                self._batch_cases if cases_max is None else min(self._batch_cases, cases_max - swept.cases)
            )
            if limit <= 0:
                swept.left = True
                break
            after = self._batch(now, limit, after, swept, tries)
            if after is None:
                break
            if between is not None:
                between(swept)
        if swept.cases or swept.set_apart:
            row = SweepRow(
                started_at=now,
                finished_at=finished_at() if finished_at is not None else now,
                fired=swept.cases,
                left=int(swept.left),
                faults=len(swept.set_apart),
            )
            self._desk.write(lambda unit: unit.log_sweep(row))
        return swept

    def _tries(self) -> dict[int, int]:
        with self._desk.reading() as reader:
            return reader.tries()

    def _batch(
        self, now: Instant, limit: int, after: Due | None, swept: Swept, tries: dict[int, int]
    ) -> Due | None:
        """Wake one batch; returns where to go on, or None when nothing more is due."""
        claimed: list[Due] = []

        def act(unit: Unit) -> _Batch:
            claimed[:] = unit.due(now, limit, after)
            return self._wake(unit, [due.number for due in claimed], now, tries)

        try:
            batch = self._desk.write(act)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  whatever one case does wrong must not stop the others
            batch = self._part([due.number for due in claimed], now, tries)
        if claimed:
            waited = int((now - claimed[0].wakes_at).total_seconds())
            swept.late_seconds = max(swept.late_seconds, waited)
        swept.cases += batch.cases
        swept.events += batch.events
        ids = {due.number: due.case_id for due in claimed}
        for number, code in batch.refused:
            set_apart = partial(
                _set_apart, case_id=ids[number], code=code, now=now, tries=tries.get(ids[number], 0)
            )
            self._desk.write(set_apart)
        swept.set_apart += [*batch.failed, *batch.refused]
        return claimed[-1] if claimed else None

    def _wake(self, unit: Unit, numbers: list[str], now: Instant, tries: dict[int, int]) -> _Batch:
        batch = _Batch()
        held = unit.cases(numbers)
        for number in numbers:
            mark = unit.mark()
            request = Request(case=number, command=cmd.Wake(), actor=CLOCK, at=now)
            try:
                answer = self._casework.perform(unit, request)
            except StoreError as error:
                if error.code != "seal_broken":
                    raise
                answer = None
                batch.failed.append((number, error.code))
            except Exception as error:  # noqa: BLE001  set apart and reported, not swallowed
                answer = None
                batch.failed.append((number, type(error).__name__))
            if isinstance(answer, Refusal):
                batch.failed.append((number, answer.code))
                answer = None
            if answer is None:
                # With the others' commit: one of its own for each would cost half as much as the batch.
                unit.rewind(mark)
                _set_apart(unit, held[number].id, batch.failed[-1][1], now, tries.get(held[number].id, 0))
            else:
                batch.cases += bool(answer.entry.events)
                batch.events += len(answer.entry.events)
                if held[number].id in tries:
                    unit.clear_fault(held[number].id)
        return batch

    def _part(self, numbers: list[str], now: Instant, tries: dict[int, int]) -> _Batch:
        """Act on parts of a batch that the database refused, until what it refuses stands alone."""
        try:
            # In one transaction: with one for each part, waiting for the disk would cost most.
            return self._desk.write(lambda unit: self._parted(unit.apart, numbers, now, tries))
        except StoreError:
            raise
        except Exception:  # noqa: BLE001  only the commit told; then every part needs its own
            return self._parted(self._desk.write, numbers, now, tries)

    def _parted(
        self,
        write: Callable[[Callable[[Unit], _Batch]], _Batch],
        numbers: list[str],
        now: Instant,
        tries: dict[int, int],
    ) -> _Batch:
        total = _Batch()
        pending = [numbers]
        while pending:
            part = pending.pop(0)
            size = -(-len(part) // PARTS)
            for start in range(0, len(part), size or 1):
                some = part[start : start + size]
                try:
                    done = write(partial(self._wake, numbers=some, now=now, tries=tries))
                except StoreError:
                    raise
                except Exception as error:  # noqa: BLE001  as above
                    if len(some) == 1:
                        total.refused.append((some[0], type(error).__name__))
                    else:
                        pending.append(some)
                else:
                    total.cases += done.cases
                    total.events += done.events
                    total.failed += done.failed
        return total


@dataclass(slots=True)
class _Batch:
    """What came of some cases. `failed` are set apart already, `refused` by the database are not yet."""

    cases: int = 0
    events: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def _set_apart(unit: Unit, case_id: int, code: str, now: Instant, tries: int) -> None:
    # By id: a case that cannot even be read is set apart like any other.
    wait = min(FIRST_RETRY * 2 ** min(tries, 10), LONGEST_RETRY)
    unit.set_apart(case_id, code, at=now, next_try_at=now + wait)
