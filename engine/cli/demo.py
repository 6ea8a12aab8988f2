"""The demonstration: a sample town lives two years of its consultation ledger, and then goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from connectors.csv_intake.intake import SAMPLE_LEDGER, SAMPLE_PEOPLE, rows_of, source_row
from engine.api import CALENDAR, Departure, Engine, Lived
from engine.cli.failing import DONE, failed
from engine.cli.serving import serve
from engine.cli.session import CommandSettings, Session
from engine.cli.words import say
from engine.core.case.directory import Directory
from engine.core.vocabulary import InboxGroup, Instant, Standing
from engine.loading.people import directory_of, load_people
from engine.scheduler.clock import MovedClock
from engine.settings import Settings
from engine.store.errors import StoreError

PATHWAY: Final = "standard_four_stage"
FIRST_ON: Final = date(2024, 4, 1)
LAST_ON: Final = date(2026, 3, 31)
LEAVING_ON: Final = date(2025, 4, 1)
SUCCESSORS: Final = {"kinoshita": "komatsu", "kume": "takano"}
"""Who left the sample town on the first day of the second year, and who took their work over."""

SHOWN_WORKER: Final = "aoyama"
ACTOR: Final = "engine"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was lived, and the instant at which the store goes on."""

    lived: Lived
    now: Instant


def live(session: Session, *, days: int = 0, once: bool = False) -> int:
    """Live the sample ledger on a trial store of its own, then let its clock go on until stopped.

    A store that has lived already just goes on. Raises StoreError.
    """
    settings = _settings(session.settings)
    session.settings = settings
    session.out.line(
        f"見本の町の2年間をたどります（{FIRST_ON} から）。試行用の保存先: {settings.database}",
        f"A sample town lives two years (from {FIRST_ON}). Trial store: {settings.database}",
        style="bold",
    )
    done = None
    try:
        with session.out.progress() as bar:
            task = bar.add_task(say(session.lang, "たどっています", "Living"), total=None)
            done = lived_through(
                settings, lambda day, total: bar.update(task, completed=day, total=total), days=days
            )
    except StoreError as error:
        if error.code != "exists":
            raise
        session.out.line(
            "すでにたどった保存先があります。続きから動かします。", "It has been lived already; it goes on."
        )
    if done is not None:
        _say_lived(session, done.lived)
    _where_to_look(session, settings)
    with session.engine(grouped=True) as engine:
        if not engine.is_trial:
            raise failed("not_a_trial")
        figures = _say_inbox(session, engine)
        if not once:
            serve(session, engine, [], threading.Event())
    lived = None if done is None else done.lived
    session.out.document({"done": True, "lived": lived, "database": settings.database, "inbox": figures})
    return DONE


def lived_through(
    settings: Settings, progress: Callable[[int, int], None] | None = None, *, days: int = 0
) -> Demonstration:
    """Make a trial store and live the sample ledger in it; `days` cuts it short, 0 lives it all.

    Raises:
        StoreError: there is a store already (`exists`), or it cannot be made.
    """
    Engine.init(settings, trial=True)
    clock = MovedClock(datetime(FIRST_ON.year, FIRST_ON.month, FIRST_ON.day, tzinfo=UTC))
    engine = Engine(settings, clock=clock)
    try:
        engine.load_shipped_calendar()
        engine.load_people(sample_town(), actor=ACTOR)
        engine.publish_shipped(actor=ACTOR)
        workers = engine.holders_by_name()
        rows = [(row.received_on, source_row(row, PATHWAY, workers)) for row in rows_of(SAMPLE_LEDGER)]
        last_on = FIRST_ON + timedelta(days=days - 1) if days else LAST_ON
        departures = [Departure(LEAVING_ON, leaver, taking) for leaver, taking in SUCCESSORS.items()]
        lived = engine.live(
            rows, first_on=FIRST_ON, last_on=last_on, departures=departures, progress=progress
        )
        with engine.reading() as reader:
            zone = ZoneInfo(engine.office.calendar(reader, CALENDAR).zone)
        morning = datetime(last_on.year, last_on.month, last_on.day, 9, tzinfo=zone) + timedelta(days=1)
        engine.shift_clock(morning)
        return Demonstration(lived, morning.astimezone(UTC))
    finally:
        engine.close()


def _settings(given: CommandSettings) -> CommandSettings:
    """Return the settings of the demonstration: a store and a key of its own unless some are named."""
    named = given.model_fields_set
    own = {
        "database": given.database if "database" in named else "sqlite:///var/demo.db",
        "key_file": given.key_file if "key_file" in named else Path("var/keys/demo.key"),
    }
    return given.model_copy(update=own)


def sample_town() -> Directory:
    """Return the sample town as it was in the first year: those who left later are still there."""
    people = load_people(SAMPLE_PEOPLE).staff
    assert people is not None, "the sample is checked by test"
    directory = directory_of(people, 1)
    there = {
        leaver: replace(directory.holders[leaver], standing=Standing.ACTIVE, roles=("worker", "deputy"))
        for leaver in SUCCESSORS
    }
    return replace(directory, holders={**directory.holders, **there})


def _say_lived(session: Session, lived: Lived) -> None:
    session.out.line(
        f"{lived.first_on} から {lived.last_on} まで: 相談 {lived.opened} 件を受け付け、{lived.commands} 回の操作があり、"
        f"時計が {lived.wakes} 回ケースを起こしました。異動に伴う引継ぎ {lived.handed_over} 件、"
        f"時計が扱えなかったケース {lived.set_apart} 件。",
        f"{lived.first_on} to {lived.last_on}: {lived.opened} consultations, {lived.commands} commands, "
        f"{lived.wakes} wake-ups; {lived.handed_over} cases handed over on departures, {lived.set_apart} set apart.",
    )


def _say_inbox(session: Session, engine: Engine) -> dict[str, int]:
    """Say how one worker's desk looks on the morning after."""
    inbox = engine.inbox(SHOWN_WORKER, lang=session.lang)
    figures = {group.value: len(inbox.group(group)) for group in InboxGroup}
    said = "、".join(f"{group.label(session.lang)} {figures[group.value]}" for group in InboxGroup)
    session.out.line(
        f"{inbox.name} さんの今朝の仕事: {said}", f"The desk of {inbox.name} this morning: {said}"
    )
    return figures


def _where_to_look(session: Session, settings: Settings) -> None:
    out = session.out
    out.line("別の端末で見るには:", "To look, in another terminal:", style="bold")
    out.text(f"  export BANSOU_DATABASE={settings.database} BANSOU_KEY_FILE={settings.key_file}")
    for name, ja, en in (
        (f"bansou inbox {SHOWN_WORKER}", "職員の仕事を見る", "see somebody's work"),
        ("bansou escalations", "督促が上がっている約束を見る", "see what has escalated"),
        ("bansou cases --limit 20", "ケースの一覧を見る", "see the cases"),
        ("bansou replay 2024-00001 --verify", "履歴をたどり、判断を確かめる", "replay a case and verify it"),
    ):
        out.line(f"  {name:<36}{ja}", f"  {name:<36}{en}")
    out.text("")
