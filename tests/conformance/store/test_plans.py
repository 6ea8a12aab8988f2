"""The database finds what is due, held and recorded by an index, however much there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from engine.store.opening import Store
from tests.conformance.store.sample import START, note, obligation, open_case

CASES = 300


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as unit:
        for n in range(CASES):
            open_case(unit, f"R8-{n}", obligation(1, due_at=START + timedelta(hours=n)), key=f"k{n}")
            note(unit, f"R8-{n}")
    with store._db.connect() as connection, connection.begin():
        connection.exec_driver_sql("ANALYZE")
    return store


def plan(store: Store, statement: str, parameters: tuple[Any, ...]) -> str:
    """Return how the database would find the rows, with scans of small tables ruled out."""
    with store._db.connect() as connection, connection.begin():
        cursor = connection.connection.cursor()
        if store.database == "sqlite":
            rows = cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            return "\n".join(row[3] for row in rows)
        cursor.execute("SET LOCAL enable_seqscan = off")
        rows = cursor.execute(f"EXPLAIN {statement}", parameters).fetchall()
        return "\n".join(row[0] for row in rows)


def no_scan(store: Store, told: str) -> bool:
    """Whether nothing is read from end to end and nothing sorted, beyond what the plan says of indexes."""
    if store.database == "sqlite":
        return "SCAN" not in told.replace("SCAN json_each", "") and "B-TREE FOR ORDER BY" not in told
    return "Seq Scan" not in told


def test_what_is_due_is_a_range_of_one_index(filled: Store) -> None:
    for hot in (filled._dialect.reading, filled._dialect.writing):
        for text, parameters in ((hot.due, (5, 5, 10)), (hot.due_after, (5, 1, 1, 5, 10))):
            told = plan(filled, text, parameters)
            assert "obligation_wakes" in told
            assert no_scan(filled, told), told
    told = plan(filled, filled._dialect.reading.next_wake, ())
    assert "obligation_wakes" in told


def test_a_case_an_entry_and_a_history_are_found_by_their_keys(filled: Store) -> None:
    hot = filled._dialect.reading
    for text, parameters, index in (
        (hot.case_by_number, ("R8-1",), "case_"),
        (hot.cases_by_number, (filled._dialect.many(["R8-1"]),), "case_"),
        (hot.entry_by_key, ("k1",), "entry_key"),
        (hot.entries, (1, 0, 100), "entry"),
    ):
        told = plan(filled, text, parameters)
        assert index in told
        assert no_scan(filled, told) or text is hot.cases_by_number, told


def test_the_lists_of_a_holder_are_found_by_index(filled: Store) -> None:
    sent: list[tuple[str, Any]] = []

    def note_down(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    event.listen(filled._db, "before_cursor_execute", note_down)
    with filled.reading() as reader:
        reader.inbox(["sato"])
        reader.holds_anything("sato")
        reader.awaited_from("clinic")
        reader.notices(["sato"])
        reader.outbox_due(START, 10)
    event.remove(filled._db, "before_cursor_execute", note_down)
    plans = [plan(filled, text, parameters) for text, parameters in sent if text.startswith("SELECT")]
    wanted = ("holder_due", "co_holder_due", "holder_due", "counterpart_due", "notice_inbox", "outbox_due")
    assert len(plans) == len(wanted)
    for told, index in zip(plans, wanted, strict=True):
        assert index in told or filled.database == "postgresql", told
        assert "Seq Scan on obligation" not in told


def test_asking_whether_a_leaving_holder_still_holds_work_reads_no_whole_table(filled: Store) -> None:
    # The foreign key's own question. Without an index that it can use, every departure would read everything.
    told = plan(
        filled,
        "SELECT 1 FROM obligation WHERE holder = 'suzuki' AND holder_standing = 'active'",
        (),
    )
    assert "obligation_holder_due" in told
