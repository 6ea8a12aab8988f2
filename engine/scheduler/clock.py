"""The one reader of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

from engine.core.vocabulary import Instant


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> Instant:
        """Return the present instant in UTC, in whole seconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Return the present instant in UTC, in whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)


class MovedClock:
    """A clock that stands where it is put: for trials, demonstrations and tests."""

    def __init__(self, now: Instant) -> None:
        self._now = now.astimezone(UTC).replace(microsecond=0)

    def now(self) -> Instant:
        """Return the instant it was put at."""
        return self._now

    def move_to(self, now: Instant) -> None:
        """Put it at another instant, earlier or later."""
        self._now = now.astimezone(UTC).replace(microsecond=0)

    def advance(self, by: timedelta) -> None:
        """Move it on."""
        self.move_to(self._now + by)


class ShiftedClock:
    """The machine's clock, a constant time ahead or behind: a trial store that goes on where it was left."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> Instant:
        """Return the present instant, shifted."""
        return SystemClock().now() + self._by
