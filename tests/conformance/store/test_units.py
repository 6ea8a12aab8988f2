"""A unit of work is written whole or not at all, and what is read is what was written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from engine.core.case.case import EMPTY_CONTENT
from engine.core.case.commands import AddNote, Wake
from engine.core.case.events import (
    CaseClosed,
    CaseReopened,
    NoteRecorded,
    ObligationFulfilled,
    ObligationReplaced,
    ObligationScheduled,
    ObligationWithdrawn,
)
from engine.core.case.fold import fold
from engine.store.errors import KeyTaken, RuleBroken, SequenceGap
from engine.store.opening import Store
from engine.store.ports import CalendarVersion, NoticeRow
from engine.store.unit import Unit
from tests.conformance.store.sample import (
    FAMILY,
    START,
    directory,
    fall_due,
    follow,
    note,
    obligation,
    open_case,
    person,
    replace_obligation,
    step,
)


def test_what_is_appended_can_be_read_back(store: Store) -> None:
    with store.writing() as unit:
        written = open_case(unit)
    with store.reading() as reader:
        held = reader.case("R8-1")
        history = reader.history("R8-1")
    assert held is not None
    assert held.case == written.case
    assert held.content == written.content
    assert held.content.persons["p1"].name == "見本 花子"
    assert held.head == written.head
    assert fold(None, EMPTY_CONTENT, history) == (held.case, held.content)
    assert history[0][1] == FAMILY


def test_a_unit_that_fails_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as unit:  # noqa: PT012 -- the unit raises
        open_case(unit, "R8-1")
        unit.flush()
        open_case(unit, "R8-2")
        raise ZeroDivisionError
    with store.reading() as reader:
        assert reader.case_rows() == []
        assert reader.next_wake() is None


def life(number: str) -> list[Callable[[Unit], object]]:
    """Return five steps of a case."""
    return [
        lambda unit: open_case(unit, number, obligation(1), obligation(2), key=f"k{number}"),
        lambda unit: fall_due(unit, number, 1, START + timedelta(days=8)),
        lambda unit: replace_obligation(unit, number, 1, obligation(3)),
        lambda unit: note(unit, number),
        lambda unit: follow(unit, number, 3, obligation(4)),
    ]


def test_several_entries_of_one_case_in_one_unit_equal_the_same_in_several(store: Store) -> None:
    with store.writing() as unit:
        for each in life("R8-1"):
            each(unit)
    for each in life("R8-2"):
        with store.writing() as unit:
            each(unit)
    with store.reading() as reader:
        once, apart = reader.case("R8-1"), reader.case("R8-2")
        rows = [reader.obligation_rows(number) for number in ("R8-1", "R8-2")]
        assert once is not None
        assert apart is not None
        assert once.case.obligations == apart.case.obligations
        assert [{**row, "case_id": 0} for row in rows[0]] == [{**row, "case_id": 0} for row in rows[1]]
        assert [row["status"] for row in rows[0]] == ["replaced", "live", "fulfilled", "live"]
        assert rows[0][0]["fell_due"] == 1
        for number in ("R8-1", "R8-2"):
            held = reader.case(number)
            assert held is not None
            assert fold(None, EMPTY_CONTENT, reader.history(number)) == (held.case, held.content)
            assert reader.fault_in(number) is None


def test_an_obligation_that_begins_and_ends_in_one_entry_is_kept_as_ended(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit)
        step(
            unit, "R8-1", Wake(), ObligationScheduled(obligation=obligation(2)),
            ObligationReplaced(number=2, because="left"), ObligationScheduled(obligation=obligation(3)),
        )  # fmt: skip
    with store.reading() as reader:
        rows = reader.obligation_rows("R8-1")
    assert [(row["number"], row["status"], row["scheduled_seq"], row["ended_seq"]) for row in rows] == [
        (1, "live", 1, None),
        (2, "replaced", 2, 2),
        (3, "live", 2, None),
    ]


def test_rewinding_undoes_one_command_and_leaves_the_others(store: Store) -> None:
    with store.writing() as unit:
        first = unit.next_number(2026)
        open_case(unit, "R8-1", key="a")
        mark = unit.mark()
        assert unit.next_number(2026) == first + 1
        open_case(unit, "R8-2", key="b")
        note(unit, "R8-1", key="c")
        unit.put_intake_source("row 7", "R8-2", "d")
        unit.put_setting("theme", "plain")
        unit.rewind(mark)
        assert unit.entry_by_key("b") is None
        assert unit.intake_source("row 7") is None
        assert unit.next_number(2026) == first + 1
        note(unit, "R8-1", key="c")
    with store.reading() as reader:
        assert [row.number for row in reader.case_rows()] == ["R8-1"]
        assert reader.entry_by_key("a") == ("R8-1", 1)
        assert reader.entry_by_key("c") == ("R8-1", 2)
        assert reader.entry_by_key("b") is None
        assert reader.setting("theme") is None
        assert reader.intake_source("row 7") is None
    with store.writing() as unit:
        assert unit.next_number(2026) == first + 2


def test_a_number_taken_by_work_that_failed_is_given_again(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as unit:  # noqa: PT012 -- the unit raises
        unit.next_number(2026)
        raise ZeroDivisionError
    with store.writing() as unit:
        assert [unit.next_number(2026), unit.next_number(2026), unit.next_number(2027)] == [1, 2, 1]
    with store.writing() as unit:
        assert unit.next_number(2026) == 3


def test_an_entry_decided_on_a_case_that_moved_on_is_refused(store: Store) -> None:
    with store.writing() as unit:
        old = open_case(unit)
        entry = unit._appended[0].entry
        note(unit)
        with pytest.raises(SequenceGap):
            unit.append(old, entry, FAMILY, old.case)


def test_an_open_case_with_nothing_live_is_refused_before_anything_is_sent(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit, "R8-1")
        mark = unit.mark()
        with pytest.raises(RuleBroken, match="case_open_has_next_step"):
            step(unit, "R8-1", Wake(), ObligationFulfilled(number=1))
        unit.rewind(mark)
    with store.reading() as reader:
        held = reader.case("R8-1")
        assert held is not None
        assert held.case.seq == 1


def test_a_closed_case_holds_nothing_and_can_be_taken_up_again(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit)
    with store.writing() as unit:
        step(unit, "R8-1", Wake(), ObligationWithdrawn(number=1, because="closed", approved_by="sato"),
             CaseClosed(state="ended"))  # fmt: skip
    with store.reading() as reader:
        assert [row.status for row in reader.case_rows(status="closed")] == ["closed"]
        assert reader.next_wake() is None
    with store.writing() as unit:
        step(
            unit, "R8-1", Wake(), CaseReopened(state="opened"), ObligationScheduled(obligation=obligation(2))
        )
    with store.reading() as reader:
        assert reader.count_cases() == {"open": 1}
        assert reader.next_wake() == obligation(2).wakes_at


def test_an_idempotency_key_is_used_once(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit, "R8-1", key="letter 7")
    with pytest.raises(KeyTaken), store.writing() as unit:
        open_case(unit, "R8-2", key="letter 7")


def test_a_case_number_is_used_once(store: Store) -> None:
    with store.writing() as unit:
        held = open_case(unit, "R8-1")
        entry = unit._appended[0].entry
    with pytest.raises((KeyTaken, SequenceGap)), store.writing() as unit:
        unit.append(None, entry, FAMILY, held.case, held.content)
    with store.reading() as reader:
        assert len(reader.case_rows()) == 1


def test_what_is_due_comes_once_each_the_longest_waiting_first(store: Store) -> None:
    days = [START + timedelta(days=n) for n in range(5)]
    with store.writing() as unit:
        open_case(unit, "late", obligation(1, due_at=days[3]))
        open_case(unit, "both", obligation(1, due_at=days[2]), obligation(2, due_at=days[1]))
        open_case(unit, "later", obligation(1, due_at=days[4]))
    with store.writing() as unit:
        assert [(due.number, due.wakes_at) for due in unit.due(days[3], 10)] == [
            ("both", days[1]), ("late", days[3]),
        ]  # fmt: skip
    with store.writing() as unit:
        first = unit.due(days[3], 1)
        assert [due.number for due in first] == ["both"]
        assert [due.number for due in unit.due(days[3], 10, after=first[-1])] == ["both", "late"]
        assert unit.due(START, 10) == []
        assert unit.next_wake() == days[1]


def test_a_case_set_apart_is_passed_over_until_its_next_try(store: Store) -> None:
    due_at = START + timedelta(days=1)
    with store.writing() as unit:
        held = open_case(unit, "R8-1", obligation(1, due_at=due_at))
        open_case(unit, "R8-2", obligation(1, due_at=due_at))
    again = due_at + timedelta(hours=1)
    with store.writing() as unit:
        unit.set_apart(held.id, "chart_mismatch", at=due_at, next_try_at=again)
    with store.writing() as unit:
        assert [due.number for due in unit.due(due_at, 10)] == ["R8-2"]
        assert [due.number for due in unit.due(again, 10)] == ["R8-1", "R8-2"]
        unit.set_apart(held.id, "chart_mismatch", at=again, next_try_at=again + timedelta(hours=2))
    with store.reading() as reader:
        [fault] = reader.faults()
        assert (fault.case, fault.at, fault.tries) == ("R8-1", due_at, 2)
    with store.writing() as unit:
        unit.clear_fault(held.id)
    with store.reading() as reader:
        assert reader.faults() == []


def test_messages_stand_in_the_inbox_until_they_are_read(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit)
        step(
            unit, "R8-1", AddNote(), NoteRecorded(),
            notices=(NoticeRow("sato", "fell_due", 1), NoticeRow("desk", "escalated", 1, "rung:2")),
        )  # fmt: skip
    with store.reading() as reader:
        mine = reader.notices(["sato"])
        assert [(each.case, each.kind, each.number, each.n) for each in mine] == [("R8-1", "fell_due", 1, 0)]
        assert [each.about for each in reader.notices(["desk"])] == ["rung:2"]
    with store.writing() as unit:
        unit.mark_read([mine[0].id], START)
        unit.mark_digested([mine[0].id], 5)
    with store.reading() as reader:
        assert reader.notices(["sato"]) == []
        [read] = reader.notices(["sato"], unread_only=False)
        assert (read.read_at, read.digest_id) == (START, 5)


def test_an_inbox_shows_what_a_holder_holds_and_holds_along(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit, "R8-1", obligation(1), obligation(2, holder="suzuki", co_holder="sato"))
        open_case(unit, "R8-2", obligation(1, holder="suzuki", counterpart="clinic"))
    with store.reading() as reader:
        assert [(row.case, row.number) for row in reader.inbox(["sato"])] == [("R8-1", 1), ("R8-1", 2)]
        assert [(row.case, row.number) for row in reader.awaited_from("clinic")] == [("R8-2", 1)]
        assert reader.holds_anything("sato")
        assert not reader.holds_anything("desk")
        assert len(reader.live_obligations()) == 3
        assert len(reader.live_obligations(["R8-2"])) == 1


def test_a_delivery_is_tried_until_it_arrives_or_is_given_up(store: Store) -> None:
    with store.writing() as unit:
        unit.put_outbox("mail", "m1", b"{}", at=START, due_at=START)
        unit.put_outbox("mail", "m2", b"{}", at=START, due_at=START)
    with store.writing() as unit:
        first, second = unit.outbox_due(START, 10)
        unit.outbox_delivered(first.id)
        unit.outbox_failed(second.id, "timeout", START + timedelta(minutes=5))
    with store.writing() as unit:
        assert unit.outbox_due(START, 10) == []
        [again] = unit.outbox_due(START + timedelta(minutes=5), 10)
        assert (again.attempts, again.last_error) == (1, "timeout")
        unit.outbox_failed(again.id, "gone", None)
    with store.reading() as reader:
        assert [row.status for row in reader.outbox_rows()] == ["delivered", "dead"]
    with pytest.raises(KeyTaken), store.writing() as unit:
        unit.put_outbox("mail", "m1", b"{}", at=START, due_at=START)


def test_a_redacted_case_keeps_its_proof_and_loses_the_person(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit)
        note(unit, text="秘密")
    with store.writing() as unit:
        held = unit.case("R8-1")
        assert held is not None
        unit.redact(held, START)
    with store.reading() as reader:
        held = reader.case("R8-1")
        assert held is not None
        assert held.content.redacted
        assert held.content.persons == {}
        assert all(sealed.is_empty for _, sealed in reader.history("R8-1"))
        assert reader.fault_in("R8-1") is None
    with store.writing() as unit:
        step(unit, "R8-1", Wake(), ObligationScheduled(obligation=obligation(2)))
        with pytest.raises(RuleBroken, match="case_redacted"):
            note(unit)


def test_a_history_read_until_an_instant_ends_before_the_first_later_entry(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit)
        fall_due(unit, "R8-1", 1, START + timedelta(days=7))
        note(unit)
    with store.reading() as reader:
        assert [entry.seq for entry, _ in reader.history("R8-1", at=START)] == [1]
        assert [entry.seq for entry, _ in reader.history("R8-1", upto_seq=2)] == [1, 2]
        assert [entry.seq for entry in reader.entries("R8-1", after_seq=1)] == [2, 3]
        assert reader.history("R8-9") == []


def test_a_reader_does_not_see_what_is_written_while_it_reads(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit, "R8-1")
    with store.reading() as reader:
        before = reader.case_rows()
        with store.writing() as unit:
            open_case(unit, "R8-2")
        assert reader.case_rows() == before
    with store.reading() as reader:
        assert len(reader.case_rows()) == 2


def test_versions_are_found_by_number_by_day_and_as_the_newest(store: Store) -> None:
    with store.writing() as unit:
        unit.put_calendar(CalendarVersion(name="office", version=1, digest="a", body=b"{}"))
        unit.put_calendar(CalendarVersion(name="office", version=2, digest="b", body=b"[]"))
        unit.put_directory(directory(2, suzuki=person("suzuki", teams=())), START, "sato")
    with store.reading() as reader:
        assert [each.version for each in reader.calendars()] == [1, 2]
        newest, first = reader.calendar("office"), reader.calendar("office", 1)
        assert newest is not None
        assert first is not None
        assert (newest.body, first.body) == (b"[]", b"{}")
        assert reader.directory_latest() == 2
        assert reader.directory(1) == directory()
        assert reader.directory() == directory(2, suzuki=person("suzuki", teams=()))
        assert reader.directory(9) is None
        assert reader.pathway("child") == reader.pathway("child", 1) == reader.pathways()[0]
        assert reader.pathway_in_force("child", date(2026, 3, 31)) is None
        assert reader.pathway_in_force("child", date(2026, 4, 1)) is not None
