"""The clock of a running process: a handful of jobs on APScheduler, none of which decides anything.

Killed at any instruction, run twice or off for a week: what was due is done
once by the next pass, because a pass takes everything due by now.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from engine.core.vocabulary import Instant
from engine.scheduler.clock import Clock

log = logging.getLogger("bansou.clock")

SWEEP = "sweep"
T = TypeVar("T")
_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


class Ticking:
    """Runs a sweep at the next wake-up and at least every so many seconds, and other jobs beside it.

    `sweep` makes one pass and returns the next wake-up of the store, if any.
    A job that fails is logged by the name of its error and comes again.
    """

    def __init__(
        self,
        clock: Clock,
        sweep: Callable[[], Instant | None],
        *,
        every_seconds: int = 30,
        others: Mapping[str, tuple[Callable[[], object], int]] | None = None,
    ) -> None:
        self._clock = clock
        self._sweep = sweep
        self._every = timedelta(seconds=every_seconds)
        self._lock = threading.Lock()
        # Held while a job runs. APScheduler waits for running jobs with its own
        # lock held, which a sweep needs to plan the next: stopping would hang.
        self._working = threading.Lock()
        self._stopped = False
        self._next_at: Instant | None = None
        # A pass that outlasts its interval is no news; APScheduler would say so each time, in English.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=_DEFAULTS)
        self._scheduler.add_job(
            self._tick,
            IntervalTrigger(seconds=every_seconds, timezone="UTC"),
            id=SWEEP,
            next_run_time=self._now(),
        )
        for name, (job, seconds) in (others or {}).items():
            self._scheduler.add_job(
                self._beside,
                IntervalTrigger(seconds=seconds, timezone="UTC"),
                args=(name, job),
                id=name,
                next_run_time=self._now(),
            )

    def start(self) -> None:
        """Start ticking, in threads of its own."""
        self._scheduler.start()

    def stop(self) -> None:
        """Stop, after what is running has ended; what was about to run does not."""
        with self._working:
            self._stopped = True
            self._scheduler.shutdown(wait=False)

    def wake_by(self, at: Instant) -> None:
        """Make sure that a sweep comes by an instant: something earlier than planned was scheduled."""
        with self._lock:
            if self._next_at is not None and at >= self._next_at:
                return
            self._plan(max(at, self._now() + timedelta(milliseconds=10)))

    def _beside(self, name: str, job: Callable[[], object]) -> None:
        with self._working:
            if not self._stopped:
                _safely(name, job)

    def _tick(self) -> None:
        with self._working:
            if self._stopped:
                return
            with self._lock:
                self._next_at = None
            coming = _safely(SWEEP, self._sweep)
            with self._lock:
                self._plan_after(coming)

    def _plan_after(self, coming: Instant | None) -> None:
        """Plan the next tick: when something is due, or after the longest pause, or earlier if a command said so."""
        latest = self._now() + self._every
        # Strictly later than now: an instant in the past would tick without end.
        wanted = latest if coming is None else min(max(coming, self._now() + timedelta(seconds=1)), latest)
        self._plan(min(wanted, self._next_at or wanted))

    def _plan(self, at: datetime) -> None:
        self._next_at = at
        with suppress(JobLookupError):  # stopped meanwhile
            self._scheduler.modify_job(SWEEP, next_run_time=at)

    def _now(self) -> Instant:
        return self._clock.now()


def _safely(name: str, job: Callable[[], T]) -> T | None:
    """Run a job; if it fails, log the name of its error alone: an error's words may name a person.

    Nothing is left to APScheduler, which would log the whole of it.
    """
    try:
        return job()
    except Exception as error:  # noqa: BLE001  logged, and the job comes again
        log.error("job %s failed: %s", name, type(error).__name__)  # noqa: TRY400  no traceback, on purpose
        return None
