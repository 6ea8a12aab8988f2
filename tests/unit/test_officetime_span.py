"""Spans: what is read, what is refused and how, and how many days they can take."""

from __future__ import annotations

import copy
import pickle
from datetime import date, time

import pytest

from engine.core.officetime.calendar import OfficeCalendar, OutsideCalendar
from engine.core.officetime.span import COUNT_MAX, Span, SpanError, SpanUnit


def _calendar(zone: str = "Asia/Tokyo") -> OfficeCalendar:
    return OfficeCalendar(
        name="plain",
        version=1,
        zone=zone,
        first_on=date(2026, 1, 1),
        last_on=date(2026, 12, 31),
        known_until=date(2026, 12, 31),
        closes_at=time(17, 15),
        opens_at=time(8, 30),
        closed={date(2026, 5, 4): "a", date(2026, 5, 5): "b", date(2026, 5, 6): "c"},
    )


@pytest.mark.parametrize("unit", list(SpanUnit))
@pytest.mark.parametrize("count", [0, 1, 30])
def test_a_written_span_reads_back_as_itself(unit: SpanUnit, count: int) -> None:
    span = Span(count, unit)
    assert Span.parse(str(span)) == span
    assert pickle.loads(pickle.dumps(span)) == span


@pytest.mark.parametrize(
    ("text", "ja", "en"),
    [
        ("5bd", "5開庁日", "5 office days"),
        ("48h", "48時間", "48 hours"),
        ("1mo", "1か月", "1 month"),
        ("30min", "30分", "30 minutes"),
        ("2w", "2週間", "2 weeks"),
        ("1d", "1日", "1 day"),
        ("1y", "1年", "1 year"),
    ],
)
def test_a_span_has_a_label_in_both_languages(text: str, ja: str, en: str) -> None:
    assert (Span.parse(text).label_ja, Span.parse(text).label_en) == (ja, en)


@pytest.mark.parametrize("unit", list(SpanUnit))
def test_only_minutes_and_hours_run_on_the_wall_clock(unit: SpanUnit) -> None:
    assert Span(1, unit).is_elapsed is (unit.value in {"min", "h"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "d",
        "5",
        "5 bd",
        " 5bd",
        "5bd\n",
        "5BD",
        "-1d",
        "+1d",
        "1.5h",
        "05d",
        "５bd",
        "5ｂｄ",
        "5m",
        "1d2h",
        "٥d",
    ],
)
def test_a_text_that_is_no_span_is_refused_naming_the_units(text: str) -> None:
    with pytest.raises(SpanError) as caught:
        Span.parse(text)
    assert "bd（開庁日）" in caught.value.ja
    assert "bd (office days)" in caught.value.en


@pytest.mark.parametrize("text", ["5 bd", "５ｂｄ", "5BD", "005bd", "+5bd"])
def test_a_slip_of_the_keyboard_is_answered_with_the_right_spelling(text: str) -> None:
    with pytest.raises(SpanError) as caught:
        Span.parse(text)
    assert "「5bd」" in caught.value.ja
    assert "'5bd'" in caught.value.en


def test_a_lone_m_is_not_guessed_to_be_minutes_or_months() -> None:
    with pytest.raises(SpanError, match="'5min' or '5mo'"):
        Span.parse("5m")


def test_a_negative_span_is_called_negative() -> None:
    with pytest.raises(SpanError, match="cannot be negative"):
        Span.parse("-3d")
    with pytest.raises(SpanError, match="negative"):
        Span(-3, SpanUnit.DAY)


def test_a_number_without_unit_from_a_file_is_refused_and_not_a_crash() -> None:
    with pytest.raises(SpanError, match="5 is not a span"):
        Span.parse(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("unit", list(SpanUnit))
def test_a_span_over_a_century_is_refused(unit: SpanUnit) -> None:
    assert Span(COUNT_MAX[unit], unit).count == COUNT_MAX[unit]
    with pytest.raises(SpanError, match="too long"):
        Span.parse(f"{COUNT_MAX[unit] + 1}{unit.value}")


def test_an_error_survives_a_journey_between_workers() -> None:
    error = SpanError("だめ", "no")
    again = pickle.loads(pickle.dumps(error))
    assert (again.ja, again.en) == ("だめ", "no")
    outside = copy.copy(OutsideCalendar(date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)))
    assert outside.on == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        *[("0h", 0), ("1min", 1), ("24h", 1), ("25h", 2), ("48h", 2), ("0d", 0), ("7d", 7), ("2w", 14)],
        *[("1mo", 31), ("2mo", 62), ("3mo", 92), ("12mo", 366), ("48mo", 1461), ("1y", 366), ("4y", 1461)],
        # Friday 1 May's next office day is Thursday the 7th, six days on.
        *[("1bd", 6), ("5bd", 12), ("0bd", 5)],
    ],
)
def test_the_widest_reach_of_a_span_in_tokyo(text: str, days: int) -> None:
    assert Span.parse(text).days_max(_calendar()) == days


def test_where_clocks_change_24_hours_can_reach_the_second_date_after() -> None:
    assert Span.parse("24h").days_max(_calendar("Europe/Berlin")) == 2


def test_without_a_calendar_the_bound_is_no_smaller_than_with_one() -> None:
    for text in ["0h", "1h", "24h", "7d", "1mo", "1y", "0bd", "1bd", "5bd", "30bd"]:
        assert Span.parse(text).days_max(None) >= Span.parse(text).days_max(_calendar("Europe/Berlin"))


def test_more_office_days_than_the_calendar_has_are_refused() -> None:
    with pytest.raises(OutsideCalendar):
        Span.parse("300bd").days_max(_calendar())
