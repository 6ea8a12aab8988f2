"""The demonstration: a sample town lives two years of its consultation ledger, and then goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from connectors.csv_intake.intake import SAMPLE_LEDGER, SAMPLE_PEOPLE, rows_of, source_row
from engine.api import Departure, Engine, Lived
from engine.core.case.directory import Directory
from engine.core.vocabulary import Standing
from engine.loading.people import directory_of, load_people
from engine.scheduler.clock import MovedClock
from engine.settings import Settings

PATHWAY = "standard_four_stage"
FIRST_ON = date(2024, 4, 1)
LAST_ON = date(2026, 3, 31)
LEAVING_ON = date(2025, 4, 1)
SUCCESSORS = {"kinoshita": "komatsu", "kume": "takano"}
"""Who left the sample town on the first day of the second year, and who took their work over."""

ACTOR = "engine"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was lived, and where the store stands now."""

    lived: Lived
    now: datetime


def live(settings: Settings, progress: Callable[[int, int], None] | None = None, *, days: int = 0) -> Demonstration:
    """Make a trial store and live the sample ledger in it; `days` cuts it short, 0 lives it all.

    Raises:
        StoreError: there is a store already, or it cannot be made.
    """
    Engine.init(settings, trial=True)
    clock = MovedClock(datetime(FIRST_ON.year, FIRST_ON.month, FIRST_ON.day, tzinfo=UTC))
    engine = Engine(settings, clock=clock)
    try:
        engine.load_shipped_calendar()
        engine.load_people(_town(), actor=ACTOR)
        engine.publish_shipped(actor=ACTOR)
        workers = engine.holders_by_name()
        rows = [(row.received_on, source_row(row, PATHWAY, workers)) for row in rows_of(SAMPLE_LEDGER)]
        last_on = FIRST_ON + timedelta(days=days - 1) if days else LAST_ON
        departures = [Departure(LEAVING_ON, leaver, taking) for leaver, taking in SUCCESSORS.items()]
        lived = engine.live(rows, first_on=FIRST_ON, last_on=last_on, departures=departures, progress=progress)
        with engine.reading() as reader:
            zone = ZoneInfo(engine.office.calendar(reader, "office").zone)
        morning = datetime(last_on.year, last_on.month, last_on.day, 9, tzinfo=zone) + timedelta(days=1)
        engine.shift_clock(morning)
        return Demonstration(lived, morning.astimezone(UTC))
    finally:
        engine.close()


def _town() -> Directory:
    """Return the sample town as it was in the first year: those who left later are still there."""
    people = load_people(SAMPLE_PEOPLE).staff
    assert people is not None, "the sample is checked by test"
    directory = directory_of(people, 1)
    there = {
        leaver: replace(directory.holders[leaver], standing=Standing.ACTIVE, roles=("worker", "deputy"))
        for leaver in SUCCESSORS
    }
    return replace(directory, holders={**directory.holders, **there})
