"""Replay and verification, on each database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from engine.api import commands
from engine.core.case.case import Case
from engine.core.vocabulary import Grade
from tests.conformance.services.town import Town


def lived(town: Town) -> tuple[str, list[tuple[datetime, Case]]]:
    """A case through a few weeks; returns it as it stood after each step."""
    number = town.open().case.number
    stood: list[tuple[datetime, Case]] = [(town.clock.now(), town.case(number))]
    for step in range(12):
        town.later(days=4, hours=1)
        town.engine.sweep()
        if step % 3 == 0:
            town.call(number, Grade.INTERVIEW if step % 2 else Grade.ATTEMPT)
        if step == 5:
            town.do(number, commands.FireEvent(name="housing_needed"))
        stood.append((town.clock.now(), town.case(number)))
    return number, stood


def test_replay_to_any_instant_gives_the_case_as_it_stood(town: Town) -> None:
    number, stood = lived(town)
    for at, case in stood:
        replayed = town.engine.replay(number, at)
        assert replayed is not None
        assert replayed.case == case
    before = stood[0][0] - timedelta(seconds=1)
    assert town.engine.replay(number, before) is None


def test_the_fold_of_the_history_is_the_live_state_and_every_decision_holds(town: Town) -> None:
    number, _ = lived(town)
    for each in (number, f"{number}-1"):
        verified = town.engine.verify(each)
        assert verified is not None
        assert verified.sound, verified
    assert town.engine.verify("2026-99999") is None


def tamper(town: Town, statement: str, **values: object) -> None:
    """Change the store as somebody with the database's own tools and rights would."""
    db = create_engine(town.settings.database)
    with db.begin() as connection:
        if connection.dialect.name == "sqlite":
            names = (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
                .scalars()
                .all()
            )
            for name in names:
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            connection.execute(text("ALTER TABLE entry DISABLE TRIGGER USER"))
        connection.execute(text(statement), values)
    db.dispose()


def test_a_changed_entry_shows_with_its_place(town: Town) -> None:
    number, _ = lived(town)
    tamper(town, "UPDATE entry SET body = CAST(body || ' ' AS BLOB) WHERE seq = 3" if "sqlite" in town.settings.database
           else "UPDATE entry SET body = body || '\\x20'::bytea WHERE seq = 3")  # fmt: skip
    verified = town.engine.verify(number)
    assert verified is not None
    assert not verified.sound
    assert verified.chain is not None
    assert verified.chain.seq == 3


def test_a_lost_last_entry_shows(town: Town) -> None:
    number, stood = lived(town)
    last = stood[-1][1].seq
    with town.engine.reading() as reader:
        rows = [
            row["number"]
            for row in reader.obligation_rows(number)
            if last in (row["scheduled_seq"], row["ended_seq"])
        ]
    tamper(town, f"DELETE FROM entry WHERE seq = {last} AND case_id = 1") if not rows else tamper(
        town, f"UPDATE entry SET at = at WHERE seq = {last}"
    )
    verified = town.engine.verify(number)
    assert verified is not None
    assert verified.sound == bool(rows)


def test_a_decision_that_comes_out_otherwise_is_named(town: Town) -> None:
    number, _ = lived(town)
    with town.engine.reading() as reader:
        calendar = town.engine.office.calendar(reader, "office")
    # The same version number with other content: what an upgrade gone wrong would do.
    closed = dict(calendar.closed)
    closed[calendar.local_date(town.case(number).opened_at) + timedelta(days=2)] = "臨時閉庁"
    from dataclasses import replace

    town.engine.office._calendars[("office", calendar.version)] = replace(calendar, closed=closed)
    verified = town.engine.verify(number)
    assert verified is not None
    assert not verified.sound
    assert verified.differences[0].seq == 1
    assert verified.differences[0].what == "events"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE entry SET actor = 'mori' WHERE seq = 2", "columns"),
        ("UPDATE entry SET at = at - 60 WHERE seq = 2", "columns"),
        (
            "UPDATE obligation SET wakes_at = wakes_at + 864000 WHERE status = 'live' AND number = 2",
            "obligation 2",
        ),
        ("UPDATE obligation SET holder = 'sato' WHERE status = 'live' AND number = 2", "obligation 2"),
    ],
)
def test_a_row_that_says_something_else_than_the_history_shows(town: Town, statement: str, what: str) -> None:
    number = town.open().case.number
    town.do(number, commands.AddNote(), note="経過")
    tamper(town, statement)
    verified = town.engine.verify(number)
    assert verified is not None
    assert verified.chain is None
    assert [difference.what for difference in verified.differences] == [what]


def test_a_decision_on_several_forms_comes_out_the_same_whatever_their_order(town: Town) -> None:
    number = town.open().case.number
    forms = {"visit": {"seen": "はい"}, "intake": {"topic": "家計"}}
    answer = town.do(number, commands.AddNote(), note="一")
    assert answer.entry.seq == 2
    contact = commands.RecordContact(grade=Grade.VOICE, contacted_at=town.clock.now(), reached=("p1",))
    town.do(number, contact, forms=forms)
    town.do(number, contact, forms=dict(reversed(forms.items())))
    verified = town.engine.verify(number)
    assert verified is not None
    assert verified.sound, verified.differences
