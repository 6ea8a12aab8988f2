"""People who come and go and calendars that grow, on each database."""

from __future__ import annotations

from dataclasses import replace as replaced
from datetime import date, timedelta

from msgspec.structs import replace

from engine.api import commands
from engine.core.case.directory import Absence
from engine.core.case.events import DueMoved, HolderChanged
from engine.core.vocabulary import HolderReason, InboxGroup, MoveReason, Standing
from tests.conformance.services.town import PEOPLE, Town, directory

YAMADA, SATO, MORI, DESK = PEOPLE


def test_somebody_who_holds_live_work_cannot_leave_until_it_is_handed_over(town: Town) -> None:
    number = town.open().case.number
    without = directory(replace(YAMADA, standing=Standing.LEFT), SATO, MORI, DESK, version=2)
    refused = town.engine.load_people(without, actor="mori")
    assert not refused.done
    assert [(held.holder, held.cases) for held in refused.still_held] == [("yamada", (number,))]
    town.do(number, commands.HandOver(to="sato", holder="yamada"), note="異動")
    ref = next(asked.ref for asked in town.case(number).waiting.values())
    town.do(number, commands.AnswerRequest(ref=ref, accept=True), actor="sato")
    assert town.engine.load_people(without, actor="mori").done


def test_work_of_somebody_who_is_away_comes_to_the_cover_and_says_so(town: Town) -> None:
    number = town.open().case.number
    gap = Absence(from_on=date(2026, 11, 30), until_on=date(2026, 12, 4), cover="sato")
    loaded = town.engine.load_people(
        directory(replace(YAMADA, absences=(gap,)), SATO, MORI, DESK, version=2), actor="mori"
    )
    assert loaded.rerouted == 1
    assert {live.holder for live in town.case(number).obligations.values()} == {"sato"}
    replayed = town.engine.replay(number)
    assert replayed is not None
    moved = [
        event for entry, _ in replayed.entries for event in entry.events if isinstance(event, HolderChanged)
    ]
    assert {event.held_because for event in moved} == {HolderReason.COVER}
    assert any("不在の代行" in item.reasons for item in town.engine.inbox("sato").items)


def test_routing_ends_at_the_duty_desk(town: Town) -> None:
    nobody = directory(
        replace(YAMADA, roles=()), replace(SATO, roles=()), replace(MORI, roles=()), DESK, version=2
    )
    town.engine.load_people(nobody, actor="mori")
    answer = town.engine.take_in([], actor="mori")
    assert answer == []
    number = town.open("yamada").case.number
    assert {live.holder for live in town.case(number).obligations.values()} == {"yamada"}


def test_a_calendar_that_grows_moves_open_dates_by_an_event_that_says_why(town: Town) -> None:
    number = town.open().case.number
    due_on = {live.key: live.due_on for live in town.case(number).obligations.values()}
    assert due_on == {"first": date(2026, 12, 3), "keep": date(2026, 12, 7)}
    with town.engine.reading() as reader:
        calendar = town.engine.office.calendar(reader, "office")
    closed = {**calendar.closed, date(2026, 12, 2): "臨時閉庁", date(2026, 12, 7): "臨時閉庁"}
    town.later(hours=1)
    changed = town.engine.load_calendar(replaced(calendar, version=calendar.version + 1, closed=closed))
    assert changed == 1
    moved = {live.key: live.due_on for live in town.case(number).obligations.values()}
    assert moved == {"first": date(2026, 12, 4), "keep": date(2026, 12, 4)}
    replayed = town.engine.replay(number)
    assert replayed is not None
    events = [event for event in replayed.entries[-1][0].events if isinstance(event, DueMoved)]
    assert {event.reason for event in events} == {MoveReason.CALENDAR}
    verified = town.engine.verify(number)
    assert verified is not None
    assert verified.sound, verified.differences


def test_a_date_beyond_what_is_known_is_provisional_until_the_calendar_grows(town: Town) -> None:
    with town.engine.reading() as reader:
        calendar = town.engine.office.calendar(reader, "office")
    town.clock.move_to(
        town.clock.now() + timedelta(days=(calendar.known_until - date(2026, 11, 30)).days - 2)
    )
    number = town.open().case.number
    assert all(live.provisional for live in town.case(number).obligations.values() if live.key == "keep")
    town.later(hours=1)
    town.engine.load_calendar(
        replaced(
            calendar, version=calendar.version + 1, known_until=calendar.known_until + timedelta(days=365)
        )
    )
    assert not any(live.provisional for live in town.case(number).obligations.values())


def test_the_inbox_groups_work_by_how_it_stands_and_says_why_it_is_there(town: Town) -> None:
    number = town.open().case.number
    assert [item.group for item in town.engine.inbox("yamada").items] == [
        InboxGroup.UPCOMING,
        InboxGroup.UPCOMING,
    ]
    town.later(days=3)
    [first, _] = town.engine.inbox("yamada").items
    assert (first.group, first.work, first.household) == (InboxGroup.TODAY, "初回面談", "鈴木 太郎 世帯")
    assert first.due_words == "今日 17:15 まで"
    assert "受け止め" in first.reasons
    town.later(days=1)
    [first, _] = town.engine.inbox("yamada").items
    assert (first.group, first.due_words) == (InboxGroup.OVERDUE, "1日超過")
    town.do(number, commands.FireEvent(name="done"), note="本人の考え")
    waiting = town.engine.inbox("yamada").group(InboxGroup.WAITING)
    assert [item.case for item in waiting] == [number]
    assert [item.work for item in town.engine.inbox("mori").items] == ["決裁: done"]


def test_work_that_has_not_opened_is_not_in_the_inbox_and_opens_by_itself(town: Town) -> None:
    number = town.open().case.number
    town.do(number, commands.FireEvent(name="housing_needed"))
    child = f"{number}-1"
    assert "look" in {live.key for live in town.case(child).obligations.values()}
    assert child not in {item.case for item in town.engine.inbox("yamada").items}
    town.later(days=10)
    town.engine.sweep()
    assert child in {item.case for item in town.engine.inbox("yamada").items}


def test_work_that_comes_up_while_its_holder_is_away_wakes_on_the_desk_of_the_cover(town: Town) -> None:
    gap = Absence(from_on=date(2026, 12, 3), until_on=date(2026, 12, 8), cover="sato")
    planned = directory(replace(YAMADA, absences=(gap,)), SATO, MORI, DESK, version=2)
    assert town.engine.load_people(planned, actor="mori").rerouted == 0
    number = town.open().case.number
    assert {live.holder for live in town.case(number).obligations.values()} == {"yamada"}
    town.later(days=5)
    town.engine.sweep()
    held = {live.key: live for live in town.case(number).obligations.values()}
    assert (held["first"].holder, held["first"].held_because) == ("sato", HolderReason.COVER)
    assert held["keep"].holder == "yamada"
    with town.engine.reading() as reader:
        assert {notice.kind for notice in reader.notices(["sato"])} == {"handed", "reminder"}
        assert reader.notices(["yamada"]) == []
    verified = town.engine.verify(number)
    assert verified is not None
    assert verified.sound
