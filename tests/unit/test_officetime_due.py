"""Due instants: rolls, month ends, grids, openings, rungs, and what is provisional."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.core.officetime.calendar import OutsideCalendar
from engine.core.officetime.due import Due, Roll, before, due_after, due_on, grid_after, rung_after
from engine.core.officetime.span import Span, SpanError
from engine.loading.calendar import load_calendar

OFFICE = load_calendar(Path(__file__).parents[2] / "pathways/calendars/office/v1.yaml")
TOKYO = ZoneInfo("Asia/Tokyo")


def _at(text: str) -> datetime:
    """A Tokyo wall-clock time as an aware instant."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def _after(start: str, span: str, roll: Roll = Roll.NONE) -> Due:
    return due_after(_at(start), Span.parse(span), roll, OFFICE)


def test_hours_run_through_the_golden_week_and_never_roll() -> None:
    due = _after("2026-05-01T16:00", "48h", Roll.LATER)
    assert due == Due(_at("2026-05-03T16:00").astimezone(UTC), date(2026, 5, 3), False, None)
    assert _after("2026-05-01T23:50", "30min").on == date(2026, 5, 2)


def test_a_day_grained_due_is_the_end_of_the_office_day() -> None:
    assert _after("2026-06-01T09:00", "3d").at == _at("2026-06-04T17:15")


@pytest.mark.parametrize(
    ("start", "span", "roll", "on", "rolled_from"),
    [
        ("2026-04-25T10:00", "7d", Roll.EARLIER, date(2026, 5, 1), date(2026, 5, 2)),
        ("2026-04-25T10:00", "7d", Roll.LATER, date(2026, 5, 7), date(2026, 5, 2)),
        ("2026-04-25T10:00", "7d", Roll.NONE, date(2026, 5, 2), None),
        ("2026-04-20T10:00", "1w", Roll.EARLIER, date(2026, 4, 27), None),
        ("2026-05-01T10:00", "2bd", Roll.EARLIER, date(2026, 5, 8), None),
        ("2026-12-25T10:00", "3bd", Roll.EARLIER, date(2027, 1, 5), None),
        ("2027-01-31T10:00", "1mo", Roll.NONE, date(2027, 2, 28), None),
        ("2028-01-31T10:00", "1mo", Roll.NONE, date(2028, 2, 29), None),
        ("2028-02-29T10:00", "1y", Roll.NONE, date(2029, 2, 28), None),
        ("2028-02-29T10:00", "4y", Roll.NONE, date(2032, 2, 29), None),
        ("2026-11-30T10:00", "3mo", Roll.NONE, date(2027, 2, 28), None),
    ],
)
def test_a_due_date_lands_where_the_law_and_the_roll_put_it(
    start: str, span: str, roll: Roll, on: date, rolled_from: date | None
) -> None:
    due = _after(start, span, roll)
    assert (due.on, due.rolled_from) == (on, rolled_from)


def test_the_first_interview_of_the_worked_example_waits_for_the_new_year() -> None:
    assert _after("2026-12-25T10:00", "3bd", Roll.EARLIER).at == _at("2027-01-05T17:15")


def test_the_civil_day_of_the_start_is_the_offices_and_not_utcs() -> None:
    # 08:00 in Tokyo is still the day before in UTC.
    assert _after("2026-06-02T08:00", "1d").on == date(2026, 6, 3)


def test_rolling_earlier_never_reaches_the_day_it_was_set() -> None:
    due = _after("2026-05-01T10:00", "1d", Roll.EARLIER)
    assert (due.on, due.rolled_from) == (date(2026, 5, 7), date(2026, 5, 2))
    due = _after("2026-05-03T10:00", "1d", Roll.EARLIER)
    assert due.on == date(2026, 5, 7)


@pytest.mark.parametrize(
    ("roll", "on"),
    [(Roll.EARLIER, date(2026, 5, 7)), (Roll.LATER, date(2026, 5, 7)), (Roll.NONE, date(2026, 5, 2))],
)
@pytest.mark.parametrize("span", ["0d", "0w", "0mo"])
def test_something_due_the_same_day_but_set_after_closing_is_due_the_next(
    roll: Roll, on: date, span: str
) -> None:
    assert _after("2026-05-01T17:15", span, roll).on == date(2026, 5, 1)
    assert _after("2026-05-01T17:16", span, roll).on == on


def test_zero_office_days_after_closing_are_the_next_office_day() -> None:
    assert _after("2026-05-01T17:16", "0bd").on == date(2026, 5, 7)


def test_a_naive_start_is_refused() -> None:
    naive = datetime(2026, 5, 1, 10)  # noqa: DTZ001
    aware = datetime(2026, 5, 1, 10, tzinfo=UTC)
    for span in (Span.parse("1h"), Span.parse("1d")):
        with pytest.raises(ValueError, match="no zone"):
            due_after(naive, span, Roll.NONE, OFFICE)
        with pytest.raises(ValueError, match="no zone"):
            before(naive, span, OFFICE)
        with pytest.raises(ValueError, match="no zone"):
            rung_after(naive, span, OFFICE)
        for one, other in ((naive, aware), (aware, naive)):
            with pytest.raises(ValueError, match="no zone"):
                grid_after(one, span, Roll.NONE, other, OFFICE)


def test_a_due_beyond_the_official_holidays_is_provisional() -> None:
    assert not _after("2027-12-01T10:00", "30d").provisional
    assert _after("2027-12-01T10:00", "31d").provisional
    assert _after("2027-12-28T10:00", "1bd").provisional


def test_a_roll_that_rests_on_unofficial_days_is_provisional_even_if_it_comes_back() -> None:
    due = _after("2027-12-02T10:00", "1mo", Roll.EARLIER)
    assert (due.on, due.rolled_from, due.provisional) == (date(2027, 12, 28), date(2028, 1, 2), True)


def test_hours_are_never_provisional() -> None:
    assert not _after("2028-06-01T10:00", "48h").provisional


@pytest.mark.parametrize("span", ["13000d", "2000w", "500mo", "40y", "9000bd", "100y"])
def test_a_span_that_leaves_the_calendar_is_refused(span: str) -> None:
    for roll in Roll:
        with pytest.raises(OutsideCalendar):
            _after("2026-05-01T10:00", span, roll)


def test_a_date_set_by_a_person_rolls_as_told() -> None:
    on = date(2026, 5, 5)
    assert due_on(on, Roll.EARLIER, OFFICE).on == date(2026, 5, 1)
    assert due_on(on, Roll.LATER, OFFICE).on == date(2026, 5, 7)
    assert due_on(on, Roll.NONE, OFFICE) == Due(_at("2026-05-05T17:15").astimezone(UTC), on, False, None)
    with pytest.raises(OutsideCalendar):
        due_on(date(2061, 1, 1), Roll.NONE, OFFICE)


def _grid(anchor: str, span: str, after: str, roll: Roll = Roll.NONE) -> Due:
    return grid_after(_at(anchor), Span.parse(span), roll, _at(after), OFFICE)


def test_a_monthly_grid_from_the_31st_does_not_drift_to_the_28th() -> None:
    anchor, after = "2026-12-31T10:00", "2026-12-31T10:00"
    found = []
    for _ in range(4):
        due = _grid(anchor, "1mo", after)
        found.append(due.on)
        after = due.at.astimezone(TOKYO).replace(tzinfo=None).isoformat()
    assert found == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


def test_a_grid_never_gives_the_anchor_itself_even_when_asked_before_it() -> None:
    assert _grid("2026-06-01T10:00", "7d", "2025-01-01T00:00").on == date(2026, 6, 8)
    assert _grid("2026-06-01T10:00", "6h", "2025-01-01T00:00").at == _at("2026-06-01T16:00")


def test_a_point_of_the_grid_is_strictly_after_the_instant() -> None:
    assert _grid("2026-06-01T10:00", "1w", "2026-06-08T17:14").on == date(2026, 6, 8)
    assert _grid("2026-06-01T10:00", "1w", "2026-06-08T17:15").on == date(2026, 6, 15)
    assert _grid("2026-06-01T10:00", "6h", "2026-06-01T16:00").at == _at("2026-06-01T22:00")


def test_a_daily_grid_that_rolls_earlier_skips_what_fell_on_the_same_friday() -> None:
    assert _grid("2026-04-01T10:00", "1d", "2026-05-01T17:15", Roll.EARLIER).on == date(2026, 5, 7)


def test_a_grid_in_office_days_counts_from_its_anchor() -> None:
    assert _grid("2026-05-01T10:00", "5bd", "2026-05-14T18:00").on == OFFICE.add_office_days(
        date(2026, 5, 1), 10
    )


def test_a_grid_near_the_calendars_end_still_answers_and_past_it_refuses() -> None:
    assert _grid("2015-04-01T10:00", "7d", "2060-03-20T10:00").on == date(2060, 3, 24)
    with pytest.raises(OutsideCalendar):
        _grid("2015-04-01T10:00", "7d", "2060-03-31T18:00")


def test_a_grid_of_no_width_is_refused() -> None:
    for span in ("0d", "0h", "0bd"):
        with pytest.raises(SpanError, match="zero"):
            _grid("2026-06-01T10:00", span, "2026-06-01T10:00")


@pytest.mark.parametrize(
    ("due", "span", "expected"),
    [
        ("2026-06-10T17:15", "3d", "2026-06-07T08:30"),
        ("2026-06-10T17:15", "2h", "2026-06-10T15:15"),
        ("2026-05-08T17:15", "2bd", "2026-05-01T08:30"),
        ("2026-05-05T17:15", "1bd", "2026-05-01T08:30"),
        ("2027-03-31T17:15", "1mo", "2027-02-28T08:30"),
        ("2028-02-29T17:15", "1y", "2027-02-28T08:30"),
        ("2026-06-10T17:15", "1w", "2026-06-03T08:30"),
        ("2026-06-10T17:15", "0d", "2026-06-10T08:30"),
        ("2026-06-10T03:00", "0d", "2026-06-10T03:00"),
        ("2026-05-05T17:15", "0bd", "2026-05-05T08:30"),
    ],
)
def test_work_opens_at_the_start_of_the_day_so_far_before_its_due(due: str, span: str, expected: str) -> None:
    assert before(_at(due), Span.parse(span), OFFICE) == _at(expected)


def test_two_days_grace_on_friday_1_may_2026_end_with_friday_the_8th() -> None:
    assert rung_after(_at("2026-05-01T17:15"), Span.parse("2bd"), OFFICE) == _at("2026-05-08T17:15")


@pytest.mark.parametrize(
    ("due", "span", "expected"),
    [
        ("2026-05-03T04:00", "4h", "2026-05-03T08:00"),
        ("2026-05-01T17:15", "1d", "2026-05-02T17:15"),
        ("2026-05-01T17:15", "0bd", "2026-05-01T17:15"),
        ("2026-05-01T22:00", "0d", "2026-05-01T22:00"),
        ("2026-05-02T12:00", "1bd", "2026-05-07T17:15"),
        ("2027-01-31T17:15", "1mo", "2027-02-28T17:15"),
    ],
)
def test_a_rung_comes_at_the_end_of_the_last_day_of_grace(due: str, span: str, expected: str) -> None:
    assert rung_after(_at(due), Span.parse(span), OFFICE) == _at(expected)


def test_every_answer_is_in_utc() -> None:
    start = _at("2026-05-01T10:00")
    answers = [before(start, Span.parse(s), OFFICE) for s in ("1h", "1d")]
    answers += [rung_after(start, Span.parse(s), OFFICE) for s in ("1h", "1d")]
    answers += [due_after(start, Span.parse(s), Roll.LATER, OFFICE).at for s in ("1h", "1d")]
    answers += [grid_after(start, Span.parse(s), Roll.LATER, start, OFFICE).at for s in ("1h", "1d")]
    assert all(answer.tzinfo is UTC and answer.utcoffset() == timedelta(0) for answer in answers)


def test_every_roll_has_a_label_in_both_languages() -> None:
    assert all(roll.label_ja and roll.label_en.isascii() for roll in Roll)
