"""The shipped office calendar against the official list, two libraries and the days that people get wrong."""

from __future__ import annotations

import copy
import csv
import pickle
from datetime import date, time, timedelta
from pathlib import Path

import holidays
import jpholiday
import pytest

from engine.core.officetime.calendar import OfficeCalendar, OutsideCalendar
from engine.loading.calendar import load_calendar

ROOT = Path(__file__).parents[2]
OFFICE = load_calendar(ROOT / "pathways/calendars/office/v1.yaml")
OFFICIAL_CSV = ROOT.parent / "shared/data/syukujitsu.csv"

# The Cabinet Office's list for 2024 to 2027, month/day, as published in February 2026.
OFFICIAL_2024_TO_2027 = {
    2024: "1/1 1/8 2/11 2/12 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/15 "
    "8/11 8/12 9/16 9/22 9/23 10/14 11/3 11/4 11/23",
    2025: "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24",
    2026: "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23",
    2027: "1/1 1/11 2/11 2/23 3/21 3/22 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23",
}


def _days(first_on: date, last_on: date) -> list[date]:
    return [first_on + timedelta(days=day) for day in range((last_on - first_on).days + 1)]


def _named_holidays(calendar: OfficeCalendar) -> set[date]:
    """Every day that the calendar closes as a holiday, seen from outside."""
    not_holidays = {"年末年始の閉庁", "土曜日", "日曜日", None}
    return {
        on
        for on in _days(calendar.first_on, calendar.last_on)
        if calendar.reason_closed(on) not in not_holidays
    }


def _official() -> set[date]:
    """The Cabinet Office's list within the calendar's range; its embedded part where the file is absent."""
    if not OFFICIAL_CSV.exists():
        return {
            date(year, *map(int, day.split("/")))
            for year, days in OFFICIAL_2024_TO_2027.items()
            for day in days.split()
        }
    with OFFICIAL_CSV.open(encoding="cp932", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return {date(*map(int, row[0].split("/"))) for row in rows}


def test_holidays_equal_the_cabinet_offices_list_in_every_year_it_gives() -> None:
    official = _official()
    years = range(max(2015, min(official).year), max(official).year + 1)
    first_on = max(OFFICE.first_on, date(years[0], 1, 1))
    expected = {on for on in official if on >= first_on}
    assert {on for on in _named_holidays(OFFICE) if first_on <= on and on.year in years} == expected
    assert OFFICE.known_until == date(max(official).year, 12, 31)


def test_the_embedded_official_days_are_in_the_calendar() -> None:
    for year, days in OFFICIAL_2024_TO_2027.items():
        expected = {date(year, *map(int, day.split("/"))) for day in days.split()}
        assert {on for on in _named_holidays(OFFICE) if on.year == year} == expected


def test_two_libraries_agree_with_the_calendar_over_its_whole_range() -> None:
    ours = _named_holidays(OFFICE)
    generated = holidays.country_holidays("JP", years=range(2015, 2061))
    assert ours == {on for on in generated if OFFICE.first_on <= on <= OFFICE.last_on}
    assert ours == {on for on in _days(OFFICE.first_on, OFFICE.last_on) if jpholiday.is_holiday(on)}


@pytest.mark.parametrize(
    ("on", "ja", "en"),
    [
        (date(2026, 9, 22), "国民の休日", "National Holiday"),
        (date(2026, 5, 6), "振替休日", "Substitute Holiday"),
        (date(2027, 3, 22), "振替休日", "Substitute Holiday"),
        (date(2026, 12, 29), "年末年始の閉庁", "Year-end closure"),
        (date(2027, 1, 1), "元日", "New Year's Day"),
        (date(2027, 1, 3), "年末年始の閉庁", "Year-end closure"),
        (date(2026, 5, 2), "土曜日", "Saturday"),
        (date(2019, 5, 1), "天皇の即位の日", "Emperor's Enthronement Day"),
        (date(2026, 5, 7), None, None),
        (date(2026, 12, 28), None, None),
        (date(2027, 1, 4), None, None),
    ],
)
def test_a_closed_day_gives_its_reason_in_both_languages(on: date, ja: str | None, en: str | None) -> None:
    assert (OFFICE.reason_closed(on), OFFICE.reason_closed(on, "en")) == (ja, en)
    assert OFFICE.is_open(on) is (ja is None)


def test_every_reason_of_the_shipped_calendar_has_an_english_name() -> None:
    for on in _days(OFFICE.first_on, OFFICE.last_on):
        english = OFFICE.reason_closed(on, "en")
        assert english is None or english.isascii()


def test_counting_from_a_closed_day_starts_at_the_next_open_one() -> None:
    assert OFFICE.add_office_days(date(2026, 5, 2), 1) == date(2026, 5, 7)
    assert OFFICE.add_office_days(date(2026, 5, 1), 1) == date(2026, 5, 7)
    assert OFFICE.add_office_days(date(2026, 5, 1), 2) == date(2026, 5, 8)
    assert OFFICE.add_office_days(date(2026, 5, 2), 0) == date(2026, 5, 7)
    assert OFFICE.add_office_days(date(2026, 5, 7), -1) == date(2026, 5, 1)
    assert OFFICE.add_office_days(date(2026, 5, 6), -1) == date(2026, 5, 1)


def test_silver_week_of_2026_is_five_closed_days() -> None:
    assert OFFICE.previous_open(date(2026, 9, 23)) == date(2026, 9, 18)
    assert OFFICE.next_open(date(2026, 9, 19)) == date(2026, 9, 24)
    assert OFFICE.office_days_between(date(2026, 9, 18), date(2026, 9, 24)) == 1


def test_the_longest_closed_run_is_the_ten_days_of_2019() -> None:
    assert OFFICE.longest_closed_run() == 10
    assert OFFICE.previous_open(date(2019, 5, 6)) == date(2019, 4, 26)
    assert OFFICE.next_open(date(2019, 4, 27)) == date(2019, 5, 7)


@pytest.mark.parametrize("on", [date(2015, 3, 31), date(2060, 4, 1), date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_outside_the_range_is_refused_and_not_guessed(on: date) -> None:
    asks = (OFFICE.is_open, OFFICE.next_open, OFFICE.previous_open, OFFICE.reason_closed)
    for ask in (
        *asks,
        lambda on: OFFICE.add_office_days(on, 1),
        lambda on: OFFICE.office_days_between(on, on),
    ):
        with pytest.raises(OutsideCalendar) as caught:
            ask(on)
        assert (caught.value.on, caught.value.first_on) == (on, OFFICE.first_on)
        assert "2015-04-01" in caught.value.ja
        assert "2060-03-31" in caught.value.en


def test_a_count_that_runs_over_the_edge_is_refused() -> None:
    with pytest.raises(OutsideCalendar):
        OFFICE.add_office_days(date(2060, 3, 30), 2)
    with pytest.raises(OutsideCalendar):
        OFFICE.add_office_days(date(2015, 4, 1), -1)


def test_a_calendar_compares_hashes_and_travels_as_a_value() -> None:
    again = pickle.loads(pickle.dumps(OFFICE))
    assert again == OFFICE
    assert hash(again) == hash(OFFICE)
    assert copy.deepcopy(OFFICE).next_open(date(2026, 5, 2)) == date(2026, 5, 7)


def test_changing_the_callers_mapping_does_not_change_the_calendar() -> None:
    closed = {date(2026, 6, 1): "x"}
    calendar = _small(closed=closed)
    closed[date(2026, 6, 2)] = "y"
    assert calendar.is_open(date(2026, 6, 2))
    assert "2026, 6, 2" not in repr(calendar)


def _small(**changes: object) -> OfficeCalendar:
    given: dict[str, object] = {
        "name": "small",
        "version": 1,
        "zone": "Asia/Tokyo",
        "first_on": date(2026, 6, 1),
        "last_on": date(2026, 6, 30),
        "known_until": date(2026, 6, 30),
        "closes_at": time(17, 15),
        "opens_at": time(8, 30),
        "closed": {},
    }
    return OfficeCalendar(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"last_on": date(2026, 5, 31)},
        {"known_until": date(2026, 7, 1)},
        {"closes_at": time(8, 30)},
        {"weekly_closed": frozenset(range(7))},
        {"weekly_closed": frozenset({7})},
        {"closed": {date(2026, 7, 1): "outside"}},
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="calendar small"):
        _small(**changes)
