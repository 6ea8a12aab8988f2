"""Plain SQL, past the engine, tries to break each invariant, and the database refuses."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from engine.core.vocabulary import Standing
from engine.store.errors import RuleBroken
from engine.store.opening import Store
from engine.store.ports import PathwayVersion
from tests.conformance.store.sample import (
    START,
    directory,
    follow,
    obligation,
    open_case,
    person,
)


@pytest.fixture
def lived(store: Store) -> Store:
    """A store with a case whose first obligation has ended and whose second is live."""
    with store.writing() as unit:
        open_case(unit, "R8-1")
        follow(unit, "R8-1", 1, obligation(2))
    return store


def send(store: Store, *statements: str) -> None:
    """Send plain SQL in one transaction, as somebody with a database tool would."""
    with store._db.connect() as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)


def refused(store: Store, *statements: str) -> str:
    """Return what the database said when it refused; fails when it did not."""
    before = rows_of(store)
    with pytest.raises(DBAPIError) as caught:
        send(store, *statements)
    assert rows_of(store) == before
    return str(caught.value.orig)


def rows_of(store: Store) -> list[list[tuple[Any, ...]]]:
    with store._db.connect() as connection, connection.begin():
        return [
            [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")]
            for table in ("case_", "obligation", "entry", "holder", "membership")
        ]


def says(store: Store, told: str, rule: str) -> bool:
    """Whether the refusal names the rule; SQLite names no foreign key."""
    return rule in told or (store.database == "sqlite" and told == "FOREIGN KEY constraint failed")


INSERT_CASE = (
    "INSERT INTO case_ (number, pathway, version, status, opened_at, seq, anchor, anchor_status, head, projection) "
    "SELECT 'R8-9', 'child', 1, 'open', 0, 1, {anchor}, head, projection FROM case_"
)
INSERT_OBLIGATION = (
    "INSERT INTO obligation (case_id, number, status, key, kind, holder, holder_standing, state, due_at, due_on, "
    "wakes_at, is_open, fell_due, urgency, scheduled_seq, ended_seq) "
    "VALUES ({case_id}, 9, {status}, 'call', 'follow_up', {holder}, {standing}, '', 0, '2026-04-01', "
    "{wakes_at}, 0, 0, 0, {scheduled}, {ended})"
)


def insert_obligation(**changes: str) -> str:
    values = {
        "case_id": "1", "status": "'live'", "holder": "'sato'", "standing": "'active'", "wakes_at": "1",
        "scheduled": "1", "ended": "NULL",
    }  # fmt: skip
    return INSERT_OBLIGATION.format(**{**values, **changes})


def test_the_attacks_would_succeed_if_they_broke_nothing(lived: Store) -> None:
    send(lived, insert_obligation())
    send(lived, "UPDATE case_ SET anchor = 9", "UPDATE obligation SET wakes_at = 5 WHERE number = 9")
    send(
        lived,
        insert_obligation().replace(", 9, 'live'", ", 10, 'fulfilled'").replace("'active', '', 0, '2026-04-01', 1",
        "NULL, '', 0, '2026-04-01', NULL").replace("1, NULL)", "1, 2)"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("anchor", "rule"),
    [
        ("NULL, NULL", "case_open_has_next_step"),
        ("2, NULL", "case_anchor_is_whole"),
        ("1, 'fulfilled'", "case_anchor_is_live"),
        ("2, 'live'", "case_anchor"),
        ("7, 'live'", "case_anchor"),
    ],
)
def test_i1_no_case_is_opened_without_a_live_obligation_of_its_own(
    lived: Store, anchor: str, rule: str
) -> None:
    assert says(lived, refused(lived, INSERT_CASE.format(anchor=anchor)), rule)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("UPDATE case_ SET anchor = NULL, anchor_status = NULL", "case_open_has_next_step"),
        ("UPDATE case_ SET anchor_status = NULL", "case_anchor_is_whole"),
        ("UPDATE case_ SET anchor = 1", "case_anchor"),
        ("UPDATE case_ SET anchor = 1, anchor_status = 'fulfilled'", "case_anchor_is_live"),
        ("UPDATE case_ SET status = 'closed', closed_at = 1", "case_open_has_next_step"),
        (
            """UPDATE obligation SET status = 'fulfilled', wakes_at = NULL, holder_standing = NULL, ended_seq = 2
            WHERE number = 2""",
            "case_anchor",
        ),
    ],
)
def test_i1_no_open_case_loses_its_last_live_obligation(lived: Store, change: str, rule: str) -> None:
    assert says(lived, refused(lived, change), rule)


def test_i2_no_live_obligation_is_without_a_wake_up(lived: Store) -> None:
    assert "obligation_live_wakes" in refused(lived, insert_obligation(wakes_at="NULL"))
    assert "obligation_live_wakes" in refused(lived, "UPDATE obligation SET wakes_at = NULL WHERE number = 2")


def test_i3_no_live_obligation_is_without_a_holder_who_is_active(lived: Store) -> None:
    assert "obligation_live_is_held" in refused(lived, insert_obligation(standing="NULL"))
    assert "obligation_holder_is_active" in refused(lived, insert_obligation(standing="'left'"))
    for nobody in ("'nobody'", "'clinic'"):
        assert says(lived, refused(lived, insert_obligation(holder=nobody)), "obligation_holder")
    assert says(
        lived, refused(lived, "UPDATE obligation SET holder = 'nobody' WHERE number = 2"), "obligation_holder"
    )


def test_i3_nobody_leaves_who_still_holds_work(lived: Store) -> None:
    assert says(
        lived, refused(lived, "UPDATE holder SET standing = 'left' WHERE id = 'sato'"), "obligation_holder"
    )
    send(lived, "UPDATE holder SET standing = 'left' WHERE id = 'suzuki'")
    assert "holder_never_goes" in refused(lived, "DELETE FROM holder WHERE id = 'sato'")
    assert "holder_agency" in refused(lived, "UPDATE holder SET standing = 'active' WHERE id = 'clinic'")
    assert "holder_keeps_its_kind" in refused(lived, "UPDATE holder SET kind = 'person' WHERE id = 'clinic'")


def test_i3_a_team_that_holds_work_keeps_an_active_member(lived: Store) -> None:
    send(lived, insert_obligation(holder="'desk'"))
    send(lived, "UPDATE holder SET standing = 'left' WHERE id = 'suzuki'")
    assert says(lived, refused(lived, "DELETE FROM membership WHERE person = 'sato'"), "obligation_holder")
    assert "membership_ends_or_begins" in refused(lived, "UPDATE membership SET team = 'clinic'")
    send(
        lived,
        "UPDATE holder SET standing = 'active' WHERE id = 'suzuki'",
        "DELETE FROM membership WHERE person = 'sato'",
    )
    leaving = "UPDATE holder SET standing = 'left' WHERE id = 'suzuki'"
    assert says(lived, refused(lived, leaving), "obligation_holder")


def test_i3_a_team_without_an_active_member_is_given_nothing(lived: Store) -> None:
    send(lived, "DELETE FROM membership")
    assert says(lived, refused(lived, insert_obligation(holder="'desk'")), "obligation_holder")
    assert "team_is_staffed" in refused(lived, "UPDATE holder SET standing = 'active' WHERE id = 'desk'")
    assert "team_is_staffed" in refused(
        lived, "INSERT INTO holder (id, kind, name, standing) VALUES ('ghosts', 'team', '無人', 'active')"
    )


def test_i3_a_directory_that_would_leave_work_with_nobody_does_not_come_into_force(lived: Store) -> None:
    gone = directory(2, sato=person("sato", standing=Standing.LEFT))
    with pytest.raises(RuleBroken), lived.writing() as unit:
        unit.put_directory(gone, START, "suzuki")
    with lived.writing() as unit:
        follow(unit, "R8-1", 2, obligation(3, holder="suzuki"))
        unit.put_directory(gone, START, "suzuki")
    with lived.reading() as reader:
        assert reader.directory_latest() == 2
    with pytest.raises(RuleBroken), lived.writing() as unit:
        open_case(unit, "R8-2")


def test_i4_an_obligation_ends_by_an_entry_and_never_changes_after(lived: Store) -> None:
    ended = {"status": "'fulfilled'", "wakes_at": "NULL", "standing": "NULL"}
    assert "obligation_ends_by_entry" in refused(lived, insert_obligation(**ended))
    assert says(lived, refused(lived, insert_obligation(**ended, ended="8")), "obligation_ended")
    assert says(lived, refused(lived, insert_obligation(scheduled="8")), "obligation_scheduled")
    assert "obligation_status" in refused(
        lived, insert_obligation(**{**ended, "status": "'lapsed'"}, ended="2")
    )
    assert "obligation_never_goes" in refused(lived, "DELETE FROM obligation WHERE number = 2")
    assert "obligation_ended_never_changes" in refused(
        lived, "UPDATE obligation SET due_at = 5 WHERE number = 1"
    )
    assert "obligation_ended_never_changes" in refused(
        lived,
        "UPDATE obligation SET status = 'live', wakes_at = 1, holder_standing = 'active', ended_seq = NULL "
        "WHERE number = 1",
    )


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE entry SET actor = 'nobody'", "entry_never_changes"),
        ("UPDATE entry SET body = body", "entry_never_changes"),
        ("DELETE FROM entry WHERE seq = 2", "entry_never_goes"),
        ("DELETE FROM case_", "case_never_goes"),
        ("UPDATE case_ SET number = 'R8-7'", "case_keeps_its_number"),
        ("UPDATE pathway_version SET text = ''", "pathway_released_never_changes"),
        ("DELETE FROM pathway_version", "pathway_released_never_goes"),
        ("UPDATE directory_version SET actor = ''", "directory_released_never_changes"),
        ("DELETE FROM directory_version", "directory_released_never_goes"),
        ("UPDATE calendar_version SET digest = ''", "calendar_released_never_changes"),
        ("DELETE FROM calendar_version", "calendar_released_never_goes"),
    ],
)
def test_i8_history_only_grows(lived: Store, statement: str, rule: str) -> None:
    send(
        lived, "INSERT INTO calendar_version (name, version, digest, body) SELECT 'o', 1, '', head FROM case_"
    )
    assert rule in refused(lived, statement)


@pytest.mark.parametrize("table", ["entry", "obligation", "case_", "pathway_version", "holder"])
def test_i8_no_table_of_the_history_can_be_emptied(lived: Store, table: str) -> None:
    statement = f"DELETE FROM {table}" if lived.database == "sqlite" else f"TRUNCATE {table} CASCADE"
    assert "_never_" in refused(lived, statement)


def test_i8_a_released_pathway_is_not_released_twice(lived: Store) -> None:
    with lived.reading() as reader:
        released = reader.pathway("child")
    assert isinstance(released, PathwayVersion)
    with pytest.raises(Exception, match="pathway_version"), lived.writing() as unit:
        unit.put_pathway(released)


def test_i8_an_entry_needs_an_actor_a_digest_and_a_case(lived: Store) -> None:
    entry = (
        "INSERT INTO entry (case_id, seq, at, actor, kind, body, digest) "
        "SELECT {case_id}, 3, 0, {actor}, 'AddNote', head, {digest} FROM case_"
    )
    assert "entry_has_actor" in refused(lived, entry.format(case_id=1, actor="''", digest="head"))
    assert "entry_digest" in refused(lived, entry.format(case_id=1, actor="'x'", digest="substr(head, 2)"))
    assert says(lived, refused(lived, entry.format(case_id=7, actor="'x'", digest="head")), "entry_case")


def test_a_case_that_is_redacted_keeps_no_key(lived: Store) -> None:
    assert "case_redacted" in refused(lived, "UPDATE case_ SET redacted_at = 1")
    assert "case_sealed_has_key" in refused(lived, "UPDATE case_ SET wrapped_key = NULL")


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("INSERT INTO holder (id, kind, name, standing) VALUES ('x', 'robot', '', 'left')", "holder_kind"),
        ("UPDATE holder SET standing = 'resting' WHERE id = 'suzuki'", "holder_standing"),
        ("INSERT INTO membership (team, person) VALUES ('nobody', 'sato')", "membership_team"),
        ("INSERT INTO membership (team, person) VALUES ('desk', 'nobody')", "membership_person"),
        ("UPDATE case_ SET status = 'lost', anchor = NULL, anchor_status = NULL", "case_status"),
        ("UPDATE case_ SET closed_at = 1", "case_closed_at"),
        ("UPDATE case_ SET head = substr(head, 2)", "case_head"),
        ("UPDATE case_ SET seq = 0", "case_has_history"),
        ("UPDATE case_ SET version = 7", "case_pathway"),
        (
            """INSERT INTO entry (case_id, seq, at, actor, kind, body, digest)
            SELECT 1, 0, 0, 'x', 'AddNote', head, head FROM case_""",
            "entry_seq",
        ),
        (
            """INSERT INTO notice (case_id, seq, n, to_holder, kind, number, about, at)
            VALUES (7, 1, 0, 'sato', 'x', 0, '', 0)""",
            "notice_case",
        ),
        (
            "INSERT INTO sweep_fault (case_id, at, code, tries, next_try_at) VALUES (7, 0, 'x', 1, 0)",
            "sweep_fault_case",
        ),
        (
            """INSERT INTO outbox (connector, key, created_at, due_at, attempts, status, body)
            SELECT 'mail', 'm', 0, 0, 0, 'forgotten', head FROM case_""",
            "outbox_status",
        ),
    ],
)
def test_rows_that_mean_nothing_are_refused(lived: Store, statement: str, rule: str) -> None:
    assert says(lived, refused(lived, statement), rule)
