"""Zones whose clocks change: nothing in the arithmetic knows only Tokyo."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from engine.core.officetime.calendar import OfficeCalendar
from engine.core.officetime.due import Roll, before, due_after, grid_after, rung_after
from engine.core.officetime.span import Span


def _calendar(zone: str, opens_at: time = time(8, 30), closes_at: time = time(17, 15)) -> OfficeCalendar:
    return OfficeCalendar(
        name="elsewhere",
        version=1,
        zone=zone,
        first_on=date(2026, 1, 1),
        last_on=date(2027, 12, 31),
        known_until=date(2027, 12, 31),
        closes_at=closes_at,
        opens_at=opens_at,
        closed={},
    )


# New York: 8 March 2026 02:00 -> 03:00, 1 November 02:00 -> 01:00.
# Berlin: 29 March 2026 02:00 -> 03:00, 25 October 03:00 -> 02:00.
@pytest.mark.parametrize(
    ("zone", "start", "wall_clock_then"),
    [
        ("America/New_York", "2026-03-07T12:00", "2026-03-08T13:00"),
        ("America/New_York", "2026-10-31T12:00", "2026-11-01T11:00"),
        ("Europe/Berlin", "2026-03-28T12:00", "2026-03-29T13:00"),
        ("Europe/Berlin", "2026-10-24T12:00", "2026-10-25T11:00"),
    ],
)
def test_24_hours_across_a_clock_change_are_24_real_hours(
    zone: str, start: str, wall_clock_then: str
) -> None:
    calendar, local = _calendar(zone), ZoneInfo(zone)
    start_at = datetime.fromisoformat(start).replace(tzinfo=local)
    then = datetime.fromisoformat(wall_clock_then).replace(tzinfo=local)
    day = Span.parse("24h")
    assert due_after(start_at, day, Roll.NONE, calendar).at == then.astimezone(UTC)
    assert rung_after(start_at, day, calendar) == then.astimezone(UTC)
    assert before(then, day, calendar) == start_at.astimezone(UTC)
    assert grid_after(start_at, day, Roll.NONE, start_at, calendar).at == then.astimezone(UTC)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
def test_the_office_closes_at_the_same_wall_clock_in_summer_and_winter(zone: str) -> None:
    calendar = _calendar(zone)
    for on in (date(2026, 1, 15), date(2026, 7, 15), date(2026, 3, 9), date(2026, 11, 2)):
        assert calendar.end_of_day(on).astimezone(ZoneInfo(zone)).time() == time(17, 15)
        assert calendar.start_of_day(on).astimezone(ZoneInfo(zone)).time() == time(8, 30)
    assert calendar.end_of_day(date(2026, 1, 15)).hour != calendar.end_of_day(date(2026, 7, 15)).hour
    assert calendar.clock_change_minutes == 60


def test_a_closing_time_that_comes_twice_means_the_later_one_and_an_opening_the_first() -> None:
    calendar = _calendar("America/New_York", opens_at=time(1, 15), closes_at=time(1, 30))
    assert calendar.start_of_day(date(2026, 11, 1)) == datetime(2026, 11, 1, 5, 15, tzinfo=UTC)
    assert calendar.end_of_day(date(2026, 11, 1)) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_time_that_the_clock_skips_runs_on_as_if_unchanged() -> None:
    calendar = _calendar("Europe/Berlin", opens_at=time(2, 15), closes_at=time(2, 30))
    assert calendar.start_of_day(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 15, tzinfo=UTC)
    assert calendar.end_of_day(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert calendar.local_date(calendar.end_of_day(date(2026, 3, 29))) == date(2026, 3, 29)


def test_the_same_instant_is_another_day_in_another_town() -> None:
    at = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert _calendar("Asia/Tokyo").local_date(at) == date(2026, 6, 2)
    assert _calendar("America/New_York").local_date(at) == date(2026, 6, 1)
    assert due_after(at, Span.parse("1d"), Roll.NONE, _calendar("Asia/Tokyo")).on == date(2026, 6, 3)


def test_a_calendar_day_across_the_change_is_one_date_and_not_24_hours() -> None:
    start_at = datetime(2026, 3, 28, 16, 15, tzinfo=UTC)  # 17:15 in Berlin
    due = due_after(start_at, Span.parse("1d"), Roll.NONE, _calendar("Europe/Berlin"))
    assert due.at == datetime(2026, 3, 29, 15, 15, tzinfo=UTC)
