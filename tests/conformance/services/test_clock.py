"""Passes of the clock, on each database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text

from connectors.file_notice.carrier import FileCarrier
from engine.api import Engine
from engine.core.case.events import ObligationFellDue, RungClimbed
from engine.core.vocabulary import Grade
from tests.conformance.services.town import Town

TOKYO = ZoneInfo("Asia/Tokyo")


def rungs(town: Town, number: str) -> list[int]:
    replayed = town.engine.replay(number)
    assert replayed is not None
    return [
        event.rung
        for entry, _ in replayed.entries
        for event in entry.events
        if isinstance(event, RungClimbed)
    ]


def test_sweeping_twice_at_the_same_instant_escalates_once(town: Town) -> None:
    number = town.open().case.number
    town.later(days=9)
    first = town.engine.sweep()
    before = town.case(number)
    second = town.engine.sweep()
    assert (first.cases, second.cases) == (1, 0)
    assert town.case(number) == before
    assert sorted(rungs(town, number)) == [0, 0, 1]


def test_two_schedulers_at_once_wake_each_case_once(town: Town) -> None:
    numbers = [town.open().case.number for _ in range(30)]
    town.later(days=9)
    other = Engine(town.settings, clock=town.clock)
    try:
        with ThreadPoolExecutor(2) as pool:
            swept = list(pool.map(lambda engine: engine.sweep(), (town.engine, other)))
    finally:
        other.close()
    town.engine.sweep()
    assert sum(pass_.cases for pass_ in swept) == 30
    for number in numbers:
        assert sorted(rungs(town, number)) == [0, 0, 1]


def test_a_week_off_is_caught_up_late_and_once_and_said_to_be_late(town: Town) -> None:
    number = town.open().case.number
    town.later(days=60)
    swept = town.engine.sweep()
    assert swept.late_seconds > 40 * 86_400
    replayed = town.engine.replay(number)
    assert replayed is not None
    climbed = [
        event for entry, _ in replayed.entries for event in entry.events if isinstance(event, RungClimbed)
    ]
    assert [event.rung for event in climbed if event.number == 1] == [0, 1]
    assert all(event.planned_at is not None and event.planned_at < town.clock.now() for event in climbed)
    assert town.engine.sweep().cases == 0
    assert town.case(number).obligations[1].wakes_at > town.clock.now()


def test_after_an_outage_each_person_hears_once_and_not_a_thousand_times(town: Town, tmp_path: Path) -> None:
    for _ in range(40):
        town.open()
    town.later(days=30)
    town.engine.sweep()
    folder = tmp_path / "notices"
    dispatched = town.engine.deliver([FileCarrier(folder, TOKYO)])
    lines = [
        json.loads(line) for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()
    ]
    assert dispatched.delivered == len(lines)
    assert sorted(line["to"] for line in lines) == ["mori", "yamada"]
    assert "鈴木" not in json.dumps(lines, ensure_ascii=False)
    assert all("遅れてのお知らせ" in line["subject_ja"] for line in lines)
    assert town.engine.deliver([FileCarrier(folder, TOKYO)]).delivered == 0


def test_a_bounded_pass_says_that_it_left_something(town: Town) -> None:
    for _ in range(5):
        town.open()
    town.later(days=9)
    first = town.engine.sweep(cases_max=3)
    assert (first.cases, first.left) == (3, True)
    assert town.engine.sweep().cases == 2


def test_a_case_that_cannot_be_read_is_set_apart_and_the_others_go_on(town: Town) -> None:
    numbers = [town.open().case.number for _ in range(7)]
    db = create_engine(town.settings.database)
    with db.begin() as connection:
        connection.execute(
            text("UPDATE case_ SET projection = :junk WHERE number = :number"),
            {"junk": b"not json", "number": numbers[3]},
        )
    db.dispose()
    town.later(days=9)
    swept = town.engine.sweep()
    assert swept.cases == 6
    assert [number for number, _ in swept.set_apart] == [numbers[3]]
    assert town.engine.sweep().set_apart == []
    with town.engine.reading() as reader:
        [fault] = reader.faults()
    assert fault.case == numbers[3]
    town.later(minutes=6)
    assert [number for number, _ in town.engine.sweep().set_apart] == [numbers[3]]


def test_what_was_kept_in_time_never_escalates(town: Town) -> None:
    number = town.open().case.number
    town.later(days=1)
    town.call(number, Grade.INTERVIEW)
    town.later(days=5)
    town.engine.sweep()
    replayed = town.engine.replay(number)
    assert replayed is not None
    assert not any(
        isinstance(event, ObligationFellDue) for entry, _ in replayed.entries for event in entry.events
    )


def test_a_command_tells_the_clock_of_an_earlier_wake_up(town: Town) -> None:
    heard: list[object] = []
    town.engine.on_earlier(heard.append)
    opened = town.open()
    assert heard == [min(live.wakes_at for live in opened.case.obligations.values())]
