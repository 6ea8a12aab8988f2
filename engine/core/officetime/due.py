"""When something falls due: from a start, on a date, on a fixed grid, before and after a due instant.

All instants are aware and come back in UTC. Equal arguments give equal
answers; no function here reads a clock.
"""

from __future__ import annotations

import calendar as gregorian
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from engine.core.officetime.calendar import OfficeCalendar, OutsideCalendar, require_aware
from engine.core.officetime.span import Span, SpanError, SpanUnit

_ONE_DAY: Final = timedelta(days=1)


class Roll(StrEnum):
    """Where a due date on a closed day goes."""

    EARLIER = "earlier"
    LATER = "later"
    NONE = "none"

    @property
    def label_ja(self) -> str:
        """The rule in Japanese."""
        return {"earlier": "前の開庁日へ", "later": "次の開庁日へ", "none": "動かさない"}[self.value]

    @property
    def label_en(self) -> str:
        """The rule in English."""
        return {
            "earlier": "to the open day before",
            "later": "to the next open day",
            "none": "stays where it is",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Due:
    """A due instant, with what an officer must know about it.

    ``at`` is the instant in UTC, ``on`` its local date. ``rolled_from`` is
    the closed day that the count reached, if the date was moved.
    ``provisional`` says that the date lies beyond the calendar's
    ``known_until`` and is to be computed again when the calendar grows;
    hours and minutes never are, as no holiday can move them.
    """

    at: datetime
    on: date
    provisional: bool
    rolled_from: date | None


def due_after(start_at: datetime, span: Span, roll: Roll, calendar: OfficeCalendar) -> Due:
    """Say when something that starts at an instant and may take a span falls due.

    ``min`` and ``h`` run on the wall clock, through nights, weekends and
    changes of the clock; they never roll. The other units count from the
    start's local date, which is not counted itself (Civil Code art. 140);
    months and years end on the day of the same number or, where that is
    missing, on the month's last (art. 143). The due instant is then the end
    of that office day.

    A due never precedes the moment it is set. A roll earlier that would
    reach the start's date or a day before it goes to the next open day
    instead, and a span of zero that is set after closing time falls due on
    the next open day (calendar spans with ``Roll.NONE``: on the next day).

    Raises:
        ValueError: ``start_at`` is naive.
        OutsideCalendar: the count leaves the calendar's range.
    """
    require_aware(start_at)
    start_at = start_at.astimezone(UTC)
    if span.is_elapsed:
        return _elapsed_due(start_at, span, 1, calendar)
    start_on = calendar.local_date(start_at)
    due = _rolled(_counted(start_on, span, 1, calendar), roll, calendar, start_on)
    if due.at >= start_at:
        return due
    if roll is Roll.NONE and span.unit is not SpanUnit.OFFICE_DAY:
        return _rolled(start_on + _ONE_DAY, roll, calendar, None)
    return _rolled(calendar.add_office_days(start_on, 1), roll, calendar, None)


def due_on(on: date, roll: Roll, calendar: OfficeCalendar) -> Due:
    """Say when something that is due on a civil date falls due: at that office day's end.

    The date was set by a person or a rule, so that a roll earlier may pass
    the present moment; whoever sets a date in the past sees it overdue.

    Raises:
        OutsideCalendar: the date, or the open day it rolls to, lies outside the range.
    """
    return _rolled(on, roll, calendar, None)


def grid_after(
    anchor_at: datetime, span: Span, roll: Roll, after_at: datetime, calendar: OfficeCalendar
) -> Due:
    """Say when the next point of a fixed grid falls due: the first strictly after ``after_at``.

    The points are the anchor plus one span, two spans and so on, each counted
    from the anchor and then rolled, so that nothing drifts: monthly from
    31 January gives 28 February, then 31 March. A roll earlier never reaches
    the anchor's date. Cost grows with the logarithm of the number of points.

    Raises:
        SpanError: the span is zero, so that the grid has only one point.
        ValueError: an instant is naive.
        OutsideCalendar: the point lies outside the calendar's range.
    """
    require_aware(anchor_at)
    require_aware(after_at)
    # In UTC first: Python subtracts and compares two instants of one zone by their wall clocks.
    anchor_at, after_at = anchor_at.astimezone(UTC), after_at.astimezone(UTC)
    if span.count == 0:
        raise SpanError(
            f"繰り返しの間隔 {span} は 0 です。1 以上にしてください。",
            f"the interval {span} of a recurrence is zero; write 1 or more",
        )
    if span.is_elapsed:
        passed = (after_at - anchor_at) // _elapsed(span)
        return _elapsed_due(anchor_at, span, max(1, passed + 1), calendar)
    anchor_on = calendar.local_date(anchor_at)

    def point(k: int) -> Due:
        return _rolled(_counted(anchor_on, span, k, calendar), roll, calendar, anchor_on)

    def is_after(k: int) -> bool:
        try:
            return point(k).at > after_at
        except OutsideCalendar:
            return True  # Beyond the range is later than anything within it.

    # Due instants never decrease with k, so that the first one after can be searched for.
    high = 1
    while not is_after(high):
        high *= 2
    low = high // 2 + 1
    while low < high:
        middle = (low + high) // 2
        if is_after(middle):
            high = middle
        else:
            low = middle + 1
    return point(low)


def before(at: datetime, span: Span, calendar: OfficeCalendar) -> datetime:
    """The instant a span before a due one, at which work on it opens or a warning comes.

    Minutes and hours are taken off the clock. The other units count back
    from the local date (``bd`` in office days) to the hour at which the
    office opens on that date. Never after ``at``.

    Raises:
        ValueError: ``at`` is naive.
        OutsideCalendar: the count leaves the calendar's range.
    """
    require_aware(at)
    at = at.astimezone(UTC)
    if span.is_elapsed:
        return at - _elapsed(span)
    on = calendar.local_date(at)
    if span.unit is not SpanUnit.OFFICE_DAY:
        on = _shifted(on, span, -1, calendar)
    elif span.count:
        on = calendar.add_office_days(on, -span.count)
    return min(at, calendar.start_of_day(on))


def rung_after(due_at: datetime, span: Span, calendar: OfficeCalendar) -> datetime:
    """The instant at which a rung of a ladder, counted from a due one, comes.

    Minutes and hours are added on the clock. The other units count from the
    due's local date, not counted itself, and the rung comes at the end of the
    office day they reach: everybody has the whole of the last day of grace.
    Due on Friday 1 May 2026 with ``2bd`` comes at the end of Friday the 8th.
    Calendar spans do not roll; a ladder that must find people at their desks
    counts in ``bd``. Never before ``due_at``.

    Raises:
        ValueError: ``due_at`` is naive.
        OutsideCalendar: the count leaves the calendar's range.
    """
    require_aware(due_at)
    due_at = due_at.astimezone(UTC)
    if span.is_elapsed:
        return due_at + _elapsed(span)
    return max(due_at, calendar.end_of_day(_counted(calendar.local_date(due_at), span, 1, calendar)))


def _elapsed(span: Span) -> timedelta:
    return timedelta(hours=span.count) if span.unit is SpanUnit.HOUR else timedelta(minutes=span.count)


def _elapsed_due(start_at: datetime, span: Span, times: int, calendar: OfficeCalendar) -> Due:
    at = start_at + times * _elapsed(span)
    return Due(at, calendar.local_date(at), provisional=False, rolled_from=None)


def _counted(start_on: date, span: Span, times: int, calendar: OfficeCalendar) -> date:
    """The date that a day-grained span, taken so many times, reaches from a date; not rolled."""
    if span.unit is SpanUnit.OFFICE_DAY:
        return calendar.add_office_days(start_on, span.count * times)
    return _shifted(start_on, span, times, calendar)


def _shifted(start_on: date, span: Span, times: int, calendar: OfficeCalendar) -> date:
    """A date moved by a calendar span forward or back, month ends clamped, within the calendar's range."""
    count = span.count * times
    try:
        match span.unit:
            case SpanUnit.DAY:
                moved = start_on + timedelta(days=count)
            case SpanUnit.WEEK:
                moved = start_on + timedelta(weeks=count)
            case SpanUnit.MONTH:
                moved = _months_later(start_on, count)
            case _:
                moved = _months_later(start_on, 12 * count)
    except (OverflowError, ValueError):
        raise OutsideCalendar(start_on, calendar.first_on, calendar.last_on) from None
    if not calendar.first_on <= moved <= calendar.last_on:
        raise OutsideCalendar(moved, calendar.first_on, calendar.last_on)
    return moved


def _months_later(on: date, months: int) -> date:
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    month += 1
    if on.day <= 28:
        return date(year, month, on.day)
    return date(year, month, min(on.day, gregorian.monthrange(year, month)[1]))


def _rolled(counted_on: date, roll: Roll, calendar: OfficeCalendar, not_before: date | None) -> Due:
    """Roll a counted date off a closed day and give the due instant at that day's end.

    ``not_before`` is the start's date: a roll earlier must stay after it, or
    goes later.
    """
    on = counted_on
    if roll is Roll.EARLIER:
        on = calendar.previous_open(counted_on)
        if not_before is not None and on != counted_on and on <= not_before:
            on = calendar.next_open(counted_on)
    elif roll is Roll.LATER:
        on = calendar.next_open(counted_on)
    elif not calendar.first_on <= on <= calendar.last_on:
        raise OutsideCalendar(on, calendar.first_on, calendar.last_on)
    return Due(
        at=calendar.end_of_day(on),
        on=on,
        provisional=max(on, counted_on) > calendar.known_until,
        rolled_from=counted_on if on != counted_on else None,
    )
