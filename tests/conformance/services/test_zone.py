"""The zone is a setting: a town where the clock is put forward and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.core.vocabulary import Grade
from tests.conformance.services.town import Town

BERLIN = ZoneInfo("Europe/Berlin")


def test_office_days_end_by_the_clock_on_the_wall_across_daylight_saving(town: Town) -> None:
    with town.engine.reading() as reader:
        calendar = town.engine.office.calendar(reader, "office")
    # Weekends only, so that the dates are plain: the clock goes forward on Sunday 28 March 2027.
    abroad = replace(calendar, version=calendar.version + 1, zone="Europe/Berlin", closed={})
    town.engine.load_calendar(abroad)
    town.clock.move_to(datetime(2027, 3, 26, 10, tzinfo=BERLIN))
    number = town.open().case.number
    due = {live.key: live.due_at.astimezone(BERLIN) for live in town.case(number).obligations.values()}
    assert due["first"] == datetime(2027, 3, 31, 17, 15, tzinfo=BERLIN)
    assert due["keep"].date() == date(2027, 4, 2)
    assert due["first"].utcoffset() == timedelta(hours=2)
    assert town.clock.now().astimezone(BERLIN).utcoffset() == timedelta(hours=1)
    town.clock.move_to(datetime(2027, 3, 31, 17, 14, tzinfo=BERLIN))
    assert town.engine.sweep().cases == 0
    town.clock.move_to(datetime(2027, 3, 31, 17, 15, tzinfo=BERLIN))
    assert town.engine.sweep().cases == 1
    assert town.case(number).obligations[1].fell_due or town.case(number).obligations[2].fell_due
    town.call(number, Grade.INTERVIEW)
    verified = town.engine.verify(number)
    assert verified is not None
    assert verified.sound, verified.differences
