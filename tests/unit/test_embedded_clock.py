"""The jobs of a running process, with the real APScheduler and no sleeping: events say when something came."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

import pytest

from engine.scheduler.clock import MovedClock, ShiftedClock, SystemClock
from engine.scheduler.embedded import Ticking

PATIENCE_SECONDS = 30


def test_a_tick_comes_at_once_and_again_at_the_next_wake_up() -> None:
    clock = SystemClock()
    came = threading.Semaphore(0)

    def sweep() -> datetime:
        came.release()
        return clock.now() + timedelta(seconds=1)

    ticking = Ticking(clock, sweep, every_seconds=3600)
    ticking.start()
    try:
        assert came.acquire(timeout=PATIENCE_SECONDS)
        assert came.acquire(timeout=PATIENCE_SECONDS)
    finally:
        ticking.stop()


def test_something_earlier_than_planned_wakes_the_clock() -> None:
    clock = SystemClock()
    came = threading.Semaphore(0)

    def sweep() -> None:
        came.release()

    ticking = Ticking(clock, sweep, every_seconds=3600)
    ticking.start()
    try:
        assert came.acquire(timeout=PATIENCE_SECONDS)
        for _ in range(2):
            ticking.wake_by(clock.now())
            assert came.acquire(timeout=PATIENCE_SECONDS)
    finally:
        ticking.stop()


def test_a_pass_that_fails_is_logged_by_its_name_alone_and_comes_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    came = threading.Semaphore(0)
    failed = threading.Event()

    def sweep() -> None:
        came.release()
        if not failed.is_set():
            failed.set()
            raise RuntimeError("鈴木 太郎")

    with caplog.at_level(logging.WARNING):
        ticking = Ticking(SystemClock(), sweep, every_seconds=1)
        ticking.start()
        try:
            assert came.acquire(timeout=PATIENCE_SECONDS)
            assert came.acquire(timeout=PATIENCE_SECONDS)
        finally:
            ticking.stop()
    assert [record.getMessage() for record in caplog.records] == ["job sweep failed: RuntimeError"]
    assert "鈴木" not in caplog.text


def test_other_jobs_run_beside_the_sweep() -> None:
    delivered = threading.Event()
    ticking = Ticking(SystemClock(), lambda: None, others={"outbox": (delivered.set, 3600)})
    ticking.start()
    try:
        assert delivered.wait(PATIENCE_SECONDS)
    finally:
        ticking.stop()


def test_a_moved_clock_stands_and_a_shifted_clock_goes_on() -> None:
    moved = MovedClock(datetime.fromisoformat("2026-04-01T09:00+09:00"))
    assert moved.now().isoformat() == "2026-04-01T00:00:00+00:00"
    moved.advance(timedelta(days=1))
    assert moved.now().isoformat() == "2026-04-02T00:00:00+00:00"
    ahead = ShiftedClock(timedelta(days=400)).now() - SystemClock().now()
    assert abs(ahead - timedelta(days=400)) <= timedelta(seconds=1)
