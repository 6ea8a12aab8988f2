"""Laws of office time, against a day-by-day loop that knows no tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.core.officetime.calendar import OfficeCalendar, OutsideCalendar
from engine.core.officetime.due import Due, Roll, before, due_after, due_on, grid_after, rung_after
from engine.core.officetime.fiscal import fiscal_year, retention_until
from engine.core.officetime.span import Span, SpanUnit
from engine.loading.calendar import load_calendar

OFFICE = load_calendar(Path(__file__).parents[2] / "pathways/calendars/office/v1.yaml")
DAY = timedelta(days=1)
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC")


@st.composite
def calendars(draw: st.DrawFn) -> OfficeCalendar:
    """Any small calendar that is open at least once, with its range starting on any weekday."""
    first_on = draw(st.dates(date(2025, 12, 1), date(2026, 12, 31)))
    size = draw(st.integers(1, 90))
    days = [first_on + n * DAY for n in range(size)]
    closed = draw(st.sets(st.sampled_from(days)))
    weekly = draw(st.frozensets(st.integers(0, 6)))
    assume(any(on.weekday() not in weekly and on not in closed for on in days))
    return OfficeCalendar(
        name="any",
        version=1,
        zone=draw(st.sampled_from(ZONES)),
        first_on=first_on,
        last_on=days[-1],
        known_until=draw(st.sampled_from(days)),
        closes_at=time(17, 15),
        opens_at=time(8, 30),
        closed=dict.fromkeys(closed, "閉庁"),
        weekly_closed=weekly,
    )


def _naive_is_open(calendar: OfficeCalendar, on: date) -> bool:
    if not calendar.first_on <= on <= calendar.last_on:
        raise OutsideCalendar(on, calendar.first_on, calendar.last_on)
    return on.weekday() not in calendar.weekly_closed and on not in calendar.closed


def _naive_walk(calendar: OfficeCalendar, on: date, n: int) -> date:
    _naive_is_open(calendar, on)
    if n == 0:
        while not _naive_is_open(calendar, on):
            on += DAY
        return on
    step = DAY if n > 0 else -DAY
    left = abs(n)
    while left:
        on += step
        left -= _naive_is_open(calendar, on)
    return on


def _dates(calendar: OfficeCalendar) -> st.SearchStrategy[date]:
    return st.dates(calendar.first_on - 3 * DAY, calendar.last_on + 3 * DAY)


def _or_outside(answer: object) -> object:
    """A call's answer, or OutsideCalendar itself."""
    assert callable(answer)
    try:
        return answer()
    except OutsideCalendar:
        return OutsideCalendar


@given(st.data(), calendars(), st.integers(-95, 95))
def test_the_tables_count_as_a_day_by_day_loop_does(
    draw: st.DataObject, calendar: OfficeCalendar, n: int
) -> None:
    on = draw.draw(_dates(calendar))
    assert _or_outside(lambda: calendar.add_office_days(on, n)) == _or_outside(
        lambda: _naive_walk(calendar, on, n)
    )
    assert _or_outside(lambda: calendar.is_open(on)) == _or_outside(lambda: _naive_is_open(calendar, on))
    assert _or_outside(lambda: calendar.next_open(on)) == _or_outside(lambda: _naive_walk(calendar, on, 0))

    def naive_previous() -> date:
        back = on
        while not _naive_is_open(calendar, back):
            back -= DAY
        return back

    assert _or_outside(lambda: calendar.previous_open(on)) == _or_outside(naive_previous)


@given(st.data(), calendars())
def test_days_between_are_the_open_days_after_the_first_up_to_the_second(
    draw: st.DataObject, calendar: OfficeCalendar
) -> None:
    within = st.dates(calendar.first_on, calendar.last_on)
    a, b = sorted((draw.draw(within), draw.draw(within)))
    counted = sum(_naive_is_open(calendar, a + n * DAY) for n in range(1, (b - a).days + 1))
    assert calendar.office_days_between(a, b) == counted == -calendar.office_days_between(b, a)


@given(calendars(), st.integers(0, 10))
def test_the_longest_run_and_the_widest_count_are_those_of_a_loop(calendar: OfficeCalendar, n: int) -> None:
    days = [calendar.first_on + k * DAY for k in range((calendar.last_on - calendar.first_on).days + 1)]
    runs = "".join("." if _naive_is_open(calendar, on) else "x" for on in days).split(".")
    assert calendar.longest_closed_run() == max(map(len, runs))
    widths = []
    for on in days:
        reached = _or_outside(lambda on=on: _naive_walk(calendar, on, n))
        if isinstance(reached, date):
            widths.append((reached - on).days)
    bound = _or_outside(lambda: Span(n, SpanUnit.OFFICE_DAY).days_max(calendar))
    if n and widths:
        assert bound == max(widths)
    elif n:
        assert bound is OutsideCalendar
    else:
        assert isinstance(bound, int)
        assert bound >= max(widths, default=0)


@given(st.dates(date(2016, 1, 1), date(2055, 12, 31)), st.integers(1, 300), st.integers(1, 300))
def test_counting_twice_is_counting_the_sum(on: date, m: int, n: int) -> None:
    assert OFFICE.add_office_days(OFFICE.add_office_days(on, m), n) == OFFICE.add_office_days(on, m + n)


@given(st.dates(date(2016, 1, 1), date(2055, 12, 31)), st.integers(1, 300))
def test_counting_back_undoes_counting_forward_from_an_open_day(on: date, n: int) -> None:
    start = OFFICE.next_open(on)
    reached = OFFICE.add_office_days(start, n)
    assert OFFICE.add_office_days(reached, -n) == start
    assert OFFICE.office_days_between(start, reached) == n


instants = st.integers(0, 24 * 365 * 86_400).map(
    lambda seconds: datetime(2016, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
COUNTS = {"min": 5000, "h": 500, "d": 400, "w": 60, "mo": 40, "y": 4, "bd": 250}
spans = st.sampled_from(list(SpanUnit)).flatmap(
    lambda unit: st.integers(0, COUNTS[unit.value]).map(lambda count: Span(count, unit))
)
rolls = st.sampled_from(list(Roll))


@given(instants, spans, rolls)
def test_a_due_never_precedes_the_moment_it_is_set(start_at: datetime, span: Span, roll: Roll) -> None:
    due = due_after(start_at, span, roll, OFFICE)
    assert due.at >= start_at
    assert due.on == OFFICE.local_date(due.at)


@given(instants, spans)
def test_a_rolled_due_is_on_an_open_day_and_says_where_it_came_from(start_at: datetime, span: Span) -> None:
    for roll in (Roll.EARLIER, Roll.LATER):
        due = due_after(start_at, span, roll, OFFICE)
        if span.is_elapsed:
            assert due == due_after(start_at, span, Roll.NONE, OFFICE)
            assert (due.at - start_at, due.rolled_from) == (
                timedelta(**{("hours" if span.unit is SpanUnit.HOUR else "minutes"): span.count}),
                None,
            )
            continue
        assert OFFICE.is_open(due.on)
        assert due.rolled_from is None or not OFFICE.is_open(due.rolled_from)
        assert due.at == OFFICE.end_of_day(due.on)


@given(instants, instants, spans, rolls)
def test_who_starts_later_is_never_due_earlier(a: datetime, b: datetime, span: Span, roll: Roll) -> None:
    first, second = sorted((a, b))
    assert due_after(first, span, roll, OFFICE).at <= due_after(second, span, roll, OFFICE).at


@given(instants, st.integers(0, 3), st.integers(0, 72), spans, rolls)
def test_starts_close_to_each_other_keep_their_order_too(
    first: datetime, days: int, hours: int, span: Span, roll: Roll
) -> None:
    second = first + timedelta(days=days, hours=hours)
    assert due_after(first, span, roll, OFFICE).at <= due_after(second, span, roll, OFFICE).at


@given(instants, spans, st.integers(0, 40), rolls)
def test_a_longer_span_of_the_same_unit_is_never_due_earlier(
    start_at: datetime, span: Span, more: int, roll: Roll
) -> None:
    longer = Span(min(span.count + more, COUNTS[span.unit.value]), span.unit)
    assert due_after(start_at, span, roll, OFFICE).at <= due_after(start_at, longer, roll, OFFICE).at


@given(instants, spans, rolls)
def test_a_due_beyond_known_holidays_is_provisional_and_none_before(
    start_at: datetime, span: Span, roll: Roll
) -> None:
    due = due_after(start_at, span, roll, OFFICE)
    used_last = max(due.on, due.rolled_from or due.on)
    assert due.provisional is (not span.is_elapsed and used_last > OFFICE.known_until)


@pytest.mark.parametrize("zone", ZONES)
@given(data=st.data())
def test_no_due_lies_further_than_the_span_can_reach(zone: str, data: st.DataObject) -> None:
    calendar = IN_ZONE[zone]
    start_at, span = data.draw(instants), data.draw(spans)
    due = due_after(start_at, span, Roll.LATER, calendar)
    reach = span.days_max(calendar) + calendar.longest_closed_run() + 1
    assert (due.on - calendar.local_date(start_at)).days <= reach
    # Not rolled, and not set after the day's end: the bound holds by itself.
    plain = due_after(start_at, span, Roll.NONE, calendar)
    if span.count:
        days = (plain.on - calendar.local_date(start_at)).days
        assert days <= span.days_max(calendar)
        assert days <= span.days_max(None)


IN_ZONE = {
    zone: OfficeCalendar(
        name=zone,
        version=1,
        zone=zone,
        first_on=OFFICE.first_on,
        last_on=OFFICE.last_on,
        known_until=OFFICE.known_until,
        closes_at=OFFICE.closes_at,
        opens_at=OFFICE.opens_at,
        closed=OFFICE.closed,
    )
    for zone in ZONES
}


@pytest.mark.parametrize("zone", ZONES)
@given(on=st.dates(date(2016, 1, 1), date(2037, 12, 31)))
def test_the_ends_of_a_day_lie_on_that_day_in_order(zone: str, on: date) -> None:
    calendar = IN_ZONE[zone]
    opens, closes = calendar.start_of_day(on), calendar.end_of_day(on)
    assert calendar.local_date(opens) == calendar.local_date(closes) == on
    assert opens < closes < calendar.start_of_day(on + DAY)
    assert closes.astimezone(ZoneInfo(zone)).time() == calendar.closes_at


@given(
    instants,
    spans.filter(lambda span: span.count > 0),
    rolls,
    st.integers(-400, 3000),
    st.integers(0, 86399),
)
def test_a_grid_point_is_the_first_of_all_points_after_the_instant(
    anchor_at: datetime, span: Span, roll: Roll, days: int, seconds: int
) -> None:
    after_at = anchor_at + timedelta(days=days, seconds=seconds)
    if span.is_elapsed:
        due = grid_after(anchor_at, span, roll, after_at, OFFICE)
        width = due_after(anchor_at, span, roll, OFFICE).at - anchor_at
        assert (due.at - anchor_at) % width == timedelta(0)
        assert due.at > max(after_at, anchor_at)
        assert due.at - width <= max(after_at, anchor_at)
        return
    expected = next(
        point
        for k in range(1, 10_000)
        if (point := _grid_point(anchor_at, Span(k * span.count, span.unit), roll)).at > after_at
    )
    assert grid_after(anchor_at, span, roll, after_at, OFFICE) == expected


def _grid_point(anchor_at: datetime, whole: Span, roll: Roll) -> Due:
    """A point of the grid is what a single span of the whole length gives."""
    return due_after(anchor_at, whole, roll, OFFICE)


@given(instants, spans)
def test_work_never_opens_after_its_due_and_a_rung_never_comes_before_it(at: datetime, span: Span) -> None:
    at = max(at, datetime(2022, 1, 1, tzinfo=UTC))
    assert before(at, span, OFFICE) <= at <= rung_after(at, span, OFFICE)


@given(instants, instants, spans)
def test_rungs_of_later_dues_come_later(a: datetime, b: datetime, span: Span) -> None:
    first, second = sorted((a, b))
    assert rung_after(first, span, OFFICE) <= rung_after(second, span, OFFICE)


@given(st.dates(date(2016, 1, 1), date(2055, 12, 31)))
def test_a_dated_due_rolls_to_the_nearest_open_day_on_its_side(on: date) -> None:
    earlier, none, later = (due_on(on, roll, OFFICE).on for roll in (Roll.EARLIER, Roll.NONE, Roll.LATER))
    assert earlier <= none == on <= later
    assert OFFICE.is_open(earlier)
    assert OFFICE.is_open(later)
    assert (earlier == on == later) is OFFICE.is_open(on)
    assert OFFICE.office_days_between(earlier, later) == (0 if OFFICE.is_open(on) else 1)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 30))
def test_a_record_is_kept_for_whole_fiscal_years_after_its_own(closed_on: date, years: int) -> None:
    until = retention_until(closed_on, years)
    assert fiscal_year(until) == fiscal_year(closed_on) + years
    assert fiscal_year(until + DAY) == fiscal_year(until) + 1
