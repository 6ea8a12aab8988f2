"""Who writes: one thread that commits for many, or each for itself.

SQLite lets one transaction write at a time and pays for every commit with a
wait for the disk. A single thread that takes whatever is waiting into one
transaction pays once for all. PostgreSQL groups commits itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple, Protocol, TypeVar

from engine.store.errors import StoreError
from engine.store.opening import Store
from engine.store.unit import Unit

JOBS_MAX = 100

T = TypeVar("T")


class Writer(Protocol):
    """Somebody who does units of work."""

    def submit(self, job: Callable[[Unit], T]) -> Future[T]:
        """Do `job` in a unit of work; the result comes when it is committed.

        The future raises what the job raised, or what the store said. A job
        may be run more than once before that, so it must do nothing but work
        on its unit. What lists show is what was flushed: a job that must see
        what an earlier job of its group left waiting flushes first.
        """
        ...

    def close(self) -> None:
        """Finish what was submitted and take nothing more."""
        ...


class WriterClosed(RuntimeError):
    """A job was submitted after `close`."""


class _Job(NamedTuple):
    work: Callable[[Unit], Any]
    future: Future[Any]


class DirectWriter:
    """Does each job at once, in the caller's thread and a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._closed = False

    def submit(self, job: Callable[[Unit], T]) -> Future[T]:
        """Do `job` and return when it is committed or has failed."""
        if self._closed:
            raise WriterClosed
        future: Future[T] = Future()
        _alone(self._store, _Job(job, future))
        return future

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True


class GroupWriter:
    """One thread; up to 100 waiting jobs share a transaction, and none can hurt another.

    A job that raises is undone alone. When the shared transaction itself
    fails, its jobs are run again one by one, so that only the one at fault fails.
    """

    def __init__(self, store: Store, *, jobs_max: int = JOBS_MAX) -> None:
        self._store = store
        self._jobs_max = jobs_max
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        self._lock = Lock()
        self._thread = Thread(target=self._run, name="bansou-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Unit], T]) -> Future[T]:
        """Queue `job`; jobs are done in the order in which they came."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise WriterClosed
            self._waiting.put(_Job(job, future))
        return future

    def close(self) -> None:
        """Finish what was submitted, take nothing more, and wait for the thread to end."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            jobs = [first]
            last = False
            while len(jobs) < self._jobs_max and not last:
                try:
                    job = self._waiting.get_nowait()
                except Empty:
                    break
                if job is None:
                    last = True
                else:
                    jobs.append(job)
            self._do([job for job in jobs if job.future.set_running_or_notify_cancel()])
            if last:
                return

    def _do(self, jobs: Sequence[_Job]) -> None:
        if len(jobs) == 1:
            _settle(self._store, jobs[0])
            return
        answers: list[tuple[Any, Exception | None]] = []
        try:
            with self._store.writing() as unit:
                answers = [_guarded(unit, job) for job in jobs]
        except StoreError as error:
            # The disk or the server: trying each job alone would only say the same many times.
            for job in jobs:
                job.future.set_exception(error)
            return
        except Exception:  # noqa: BLE001 -- whatever it was, each job learns its own part of it below
            for job in jobs:
                _settle(self._store, job)
            return
        for job, (result, raised) in zip(jobs, answers, strict=True):
            if raised is None:
                job.future.set_result(result)
            else:
                job.future.set_exception(raised)


def open_writer(store: Store) -> Writer:
    """Return the writer that suits the store's database."""
    return GroupWriter(store) if store.one_writer else DirectWriter(store)


def _guarded(unit: Unit, job: _Job) -> tuple[Any, Exception | None]:
    mark = unit.mark()
    try:
        return job.work(unit), None
    except Exception as error:
        if not unit.can_rewind(mark):
            raise
        unit.rewind(mark)
        return None, error


def _alone(store: Store, job: _Job) -> None:
    job.future.set_running_or_notify_cancel()
    _settle(store, job)


def _settle(store: Store, job: _Job) -> None:
    try:
        with store.writing() as unit:
            result = job.work(unit)
    except Exception as error:  # noqa: BLE001 -- it belongs to whoever waits for the future
        job.future.set_exception(error)
    else:
        job.future.set_result(result)
