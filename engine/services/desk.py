"""Where work meets the store: one job, one transaction, tried again when somebody else was first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from engine.store.errors import KeyTaken, SequenceGap, StoreError
from engine.store.opening import Store
from engine.store.reader import Reader
from engine.store.unit import Unit
from engine.store.writer import GroupWriter

T = TypeVar("T")

TRIES_MAX = 5
"""How often a job that lost a race is decided anew before the person is told."""


class Desk:
    """Reading and writing for services. With `grouped`, waiting writers share a commit (SQLite)."""

    def __init__(self, store: Store, *, grouped: bool = False) -> None:
        self.store = store
        self._writer = GroupWriter(store) if grouped and store.one_writer else None

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Read one snapshot. Raises StoreError."""
        with self.store.reading() as reader:
            yield reader

    def write(self, job: Callable[[Unit], T]) -> T:
        """Run a job in a transaction and return what it returns, once it is on disk.

        A job that finds that somebody else wrote first is run again from its
        start, so it must read whatever it decides on inside.

        Raises:
            StoreError: disk, server, lock, key.
            SequenceGap, KeyTaken: it lost the race every time.
            RuleBroken: an invariant would have been broken.
        """
        for attempt in range(1, TRIES_MAX + 1):
            try:
                if self._writer is not None:
                    return self._writer.submit(job).result()
                with self.store.writing() as unit:
                    return job(unit)
            except (SequenceGap, KeyTaken):
                if attempt == TRIES_MAX:
                    raise
            except StoreError as error:
                if error.code != "locked" or attempt == TRIES_MAX:
                    raise
        raise AssertionError("the loop returns or raises")

    def close(self) -> None:
        """Let waiting jobs finish, then let go of the store."""
        if self._writer is not None:
            self._writer.close()
        self.store.close()
