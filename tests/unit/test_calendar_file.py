"""Calendar and closures files: what an officer writes, and what the file is told when it is wrong."""

from __future__ import annotations

import importlib.util
import pickle
from datetime import date, time
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.loading.calendar import (
    CalendarFileError,
    load_calendar,
    load_closures,
    parse_calendar,
    parse_closures,
)

CALENDARS = Path(__file__).parents[2] / "pathways/calendars"
SHIPPED = CALENDARS / "office/v1.yaml"
OFFICE = load_calendar(SHIPPED)

SMALL = """\
name: small
version: 3
zone: Europe/Berlin
first_on: 2027-01-01
last_on: 2027-12-31
known_until: 2027-06-30
opens_at: 09:00
closes_at: "16:30"
weekly_closed: [sat, sun]
yearly_closed:
  12-24..01-02: Winterpause
  05-10: Stadtfest
names_en:
  Tag der Arbeit: Labour Day
holidays:
  2027-05-10: Feiertag
  2027-05-03: Tag der Arbeit
"""


def test_every_line_of_a_small_calendar_means_what_it_says() -> None:
    calendar = parse_calendar(SMALL, "small.yaml")
    assert (calendar.name, calendar.version, calendar.zone) == ("small", 3, "Europe/Berlin")
    assert (calendar.opens_at, calendar.closes_at) == (time(9), time(16, 30))
    assert calendar.known_until == date(2027, 6, 30)
    assert calendar.reason_closed(date(2027, 5, 3), "en") == "Labour Day"
    assert calendar.reason_closed(date(2027, 5, 10)) == "Feiertag"
    assert not any(calendar.is_open(date(2027, 12, day)) for day in range(24, 32))
    assert not calendar.is_open(date(2027, 1, 1))
    assert calendar.is_open(date(2027, 1, 4))
    assert calendar.is_open(date(2027, 12, 23))


def test_the_shipped_calendar_is_what_the_generator_writes() -> None:
    spec = importlib.util.spec_from_file_location("generate", CALENDARS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    shipped = SHIPPED.read_text(encoding="utf-8")
    pinned = f"with holidays {version('holidays')}."
    if pinned in shipped:
        assert generate.calendar_text() == shipped
    else:  # Another release of the package: the released file stands, its days must still be the same.
        assert parse_calendar(generate.calendar_text(), "generated").closed == OFFICE.closed


def test_the_shipped_calendar_closes_the_year_end_and_names_its_bounds() -> None:
    assert (OFFICE.first_on, OFFICE.last_on) == (date(2015, 4, 1), date(2060, 3, 31))
    assert (OFFICE.zone, OFFICE.opens_at, OFFICE.closes_at) == ("Asia/Tokyo", time(8, 30), time(17, 15))
    for year in range(2015, 2059):
        assert not any(OFFICE.is_open(date(year, 12, day)) for day in (29, 30, 31))
        assert not any(OFFICE.is_open(date(year + 1, 1, day)) for day in (1, 2, 3))


CLOSURES = """\
closures:
  - {on: 2027-02-10, label: 町制記念日, label_en: Town Day}
  - {from: 2027-08-12, to: 2027-08-16, label: 夏季閉庁}
"""


def test_a_municipalitys_closures_close_its_own_days_and_leave_the_rest() -> None:
    town = parse_closures(CLOSURES, "closures.yaml", OFFICE, version=2)
    assert (town.name, town.version, town.zone) == ("office", 2, "Asia/Tokyo")
    assert town.reason_closed(date(2027, 2, 10)) == "町制記念日"
    assert town.reason_closed(date(2027, 2, 10), "en") == "Town Day"
    assert town.reason_closed(date(2027, 8, 13), "en") == "夏季閉庁"
    # 10 February is a Wednesday before a holiday: Tuesday's next office day is Friday.
    assert town.add_office_days(date(2027, 2, 9), 1) == date(2027, 2, 12)
    assert OFFICE.add_office_days(date(2027, 2, 9), 1) == date(2027, 2, 10)
    assert town.next_open(date(2027, 8, 11)) == date(2027, 8, 17)
    assert town != OFFICE


def test_a_closure_over_a_holiday_keeps_the_holidays_name() -> None:
    text = "closures: [{from: 2027-02-10, to: 2027-02-12, label: 連休}]"
    town = parse_closures(text, "closures.yaml", OFFICE, version=2)
    assert town.reason_closed(date(2027, 2, 11)) == "建国記念の日"
    assert town.reason_closed(date(2027, 2, 12)) == "連休"


def test_an_empty_list_of_closures_changes_only_the_version() -> None:
    town = parse_closures("closures: []", "closures.yaml", OFFICE, version=7)
    assert (town.version, town.closed) == (7, OFFICE.closed)


@pytest.mark.parametrize(
    ("text", "place", "because"),
    [
        ("closures:\n  - {on: 2027-2-10, label: x}", "2:10", "no date"),
        ("closures:\n  - {on: 2027-02-30, label: x}", "2:10", "no date"),
        ("closures:\n  - {on: 20270210, label: x}", "2:10", "no date"),
        ("closures:\n  - {on: 2027-02-10}", "2:5", "missing: label"),
        ("closures:\n  - {label: x}", "2:5", "'from' and 'to'"),
        ("closures:\n  - {from: 2027-02-10, label: x}", "2:5", "'from' and 'to'"),
        ("closures:\n  - {on: 2027-02-10, to: 2027-02-11, label: x}", "2:5", "'from' and 'to'"),
        ("closures:\n  - {from: 2027-02-10, to: 2027-02-09, label: x}", "2:28", "before 'from'"),
        ("closures:\n  - {from: 2027-02-10, to: 2029-02-09, label: x}", "2:28", "400 days"),
        ("closures:\n  - {on: 2061-02-10, label: x}", "2:5", "outside the calendar's range"),
        ("closures:\n  - {on: 2027-02-10, label: ''}", "2:29", "1 to 100 characters"),
        ("closures:\n  - {on: 2027-02-10, label: [x]}", "2:29", "single value"),
        ("closures:\n  - {on: 2027-02-10, reason: x}", "2:22", "no key 'reason'"),
        (
            "closures:\n  - {on: 2027-02-10, on: 2027-02-11, label: x}",
            "2:22",
            "duplicate key 'on' (first at 2:6)",
        ),
        (
            "closures:\n  - {on: 2027-02-10, label: x}\n  - {on: 2027-02-10, label: y}",
            "3:5",
            "already closed by 'x'",
        ),
        ("closures: 2027-02-10", "1:11", "write a list"),
        ("- x", "1:1", "pairs"),
        ("opened: []", "1:1", "no key 'opened'"),
        ("closures: &a []", "1:11", "anchors"),
        ("closures: !!python/object:os.system []", "1:11", "tags"),
        ("closures: [*a]", "1:12", "aliases"),
        ("closures: [", "2:1", "YAML"),
        ("closures: [\x00]", "", "YAML"),
        ("", "", "exactly one document"),
        ("closures: []\n---\nclosures: []", "", "exactly one document"),
        ("? [a]\n: b", "1:3", "single value"),
        ("closures: " + "[" * 50, "1:17", "too deeply"),
    ],
)
def test_a_wrong_closures_file_is_told_where_and_what(text: str, place: str, because: str) -> None:
    with pytest.raises(CalendarFileError) as caught:
        parse_closures(text, "closures.yaml", OFFICE, version=2)
    assert because in caught.value.en
    assert caught.value.en.startswith(f"closures.yaml:{place}" if place else "closures.yaml")
    assert caught.value.ja.startswith(f"closures.yaml:{place}" if place else "closures.yaml")
    assert not caught.value.ja.isascii()


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        ("zone: Europe/Berlin", "zone: Europe/Atlantis", "no time zone"),
        ("zone: Europe/Berlin", "zone: ../../etc/passwd", "no time zone"),
        ("version: 3", "version: 3.0", "whole number"),
        ("version: 3", "version: 0", "whole number"),
        ("version: 3\n", "", "missing: version"),
        ("09:00", "9:00", "no time of day"),
        ("09:00", "24:00", "no time of day"),
        ("09:00", "17:00", "must come after"),
        ("[sat, sun]", "[sat, 日]", "no weekday"),
        ("[sat, sun]", "[mon, tue, wed, thu, fri, sat, sun]", "no day is open"),
        ("12-24..01-02", "12-24..02-30", "no yearly closure"),
        ("12-24..01-02", "12/24", "no yearly closure"),
        ("2027-05-10:", "2028-05-10:", "outside the calendar's range"),
        ("2027-05-10: Feiertag", "2027-05-03: Feiertag", "duplicate key"),
        ("known_until: 2027-06-30", "known_until: 2028-06-30", "known_until"),
        ("last_on: 2027-12-31", "last_on: 2026-12-31", "must not come before"),
        ("last_on: 2027-12-31", "last_on: 2527-12-31", "200 years"),
        ("name: small", "name: small\nextra: 1", "no key 'extra'"),
    ],
)
def test_a_wrong_calendar_is_refused_saying_what(old: str, new: str, because: str) -> None:
    assert old in SMALL
    with pytest.raises(CalendarFileError) as caught:
        parse_calendar(SMALL.replace(old, new, 1), "small.yaml")
    assert because in caught.value.en
    assert not caught.value.ja.isascii()


def test_closing_every_day_is_refused() -> None:
    text = "closures: [{from: 2027-01-01, to: 2027-12-31, label: x}]"
    with pytest.raises(CalendarFileError, match="no day is open"):
        parse_closures(text, "closures.yaml", parse_calendar(SMALL, "small.yaml"), version=2)


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(CalendarFileError, match="cannot be opened"):
        load_calendar(tmp_path / "absent.yaml")
    with pytest.raises(CalendarFileError, match="cannot be opened"):
        load_calendar(tmp_path)
    japanese = tmp_path / "sjis.yaml"
    japanese.write_bytes("closures: [{on: 2027-02-10, label: 町制記念日}]".encode("cp932"))
    with pytest.raises(CalendarFileError, match="not UTF-8"):
        load_closures(japanese, OFFICE, version=2)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(CalendarFileError, match="too large"):
        load_closures(large, OFFICE, version=2)


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "closures.yaml"
    path.write_bytes(CLOSURES.replace("\n", "\r\n").encode("utf-8-sig"))
    assert not load_closures(path, OFFICE, version=2).is_open(date(2027, 2, 10))


def test_an_error_travels_between_workers() -> None:
    error = pickle.loads(pickle.dumps(CalendarFileError("だめ", "no")))
    assert (error.ja, error.en, str(error)) == ("だめ", "no", "no")


def test_two_hundred_thousand_brackets_do_not_bring_it_down() -> None:
    with pytest.raises(CalendarFileError):
        parse_closures("[" * 200_000, "closures.yaml", OFFICE, version=2)


@given(
    st.text(alphabet="closures: []{}-\n\t,onfromtlab2027-0&*!?|>#'\"%@`", max_size=120) | st.text(max_size=60)
)
def test_any_text_is_read_or_refused_with_a_calendar_file_error(text: str) -> None:
    told = "closures.yaml"
    try:
        parse_closures(text, "closures.yaml", OFFICE, version=2)
    except CalendarFileError as error:
        told = error.ja
    assert told.startswith("closures.yaml")
