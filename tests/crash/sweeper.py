"""A process that sweeps a store and is killed at a place it does not know.

`python -m tests.crash.sweeper URL KEY NOW PLACE COUNT`: sends itself SIGKILL
when it comes to PLACE for the COUNT-th time: `before_flush`, `after_flush`
(written, not committed) or `after_commit`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from engine.api import Engine
from engine.scheduler.clock import MovedClock
from engine.settings import Settings
from engine.store.opening import Store
from engine.store.unit import Unit


def _arm(place: str, count: int) -> None:
    seen = 0

    def come_to(here: str) -> None:
        nonlocal seen
        if here == place:
            seen += 1
            if seen == count:
                os.kill(os.getpid(), signal.SIGKILL)

    flush, writing = Unit.flush, Store.writing

    def flushing(self: Unit) -> None:
        come_to("before_flush")
        flush(self)
        come_to("after_flush")

    @contextmanager
    def written(self: Store) -> Iterator[Unit]:
        with writing(self) as unit:
            yield unit
        come_to("after_commit")

    Unit.flush = flushing  # type: ignore[method-assign]
    Store.writing = written  # type: ignore[method-assign]


def main() -> None:
    """Sweep once at an instant."""
    url, key, now, place, count = sys.argv[1:6]
    _arm(place, int(count))
    settings = Settings(database=url, key_file=Path(key), batch_cases=10)
    engine = Engine(settings, clock=MovedClock(datetime.fromisoformat(now)))
    engine.sweep()
    sys.exit("it was to be killed before it came here")


if __name__ == "__main__":
    main()
