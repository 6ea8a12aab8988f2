"""Many write at once; none is lost, and none fails for another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event

import pytest

from engine.store.errors import KeyTaken
from engine.store.opening import Store
from engine.store.unit import Unit
from engine.store.writer import DirectWriter, GroupWriter, Writer, WriterClosed, open_writer
from tests.conformance.store.sample import note, obligation, open_case


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    opened = open_writer(store)
    yield opened
    opened.close()


def test_the_writer_suits_the_database(store: Store, writer: Writer) -> None:
    assert isinstance(writer, GroupWriter if store.database == "sqlite" else DirectWriter)


def test_notes_of_many_threads_on_one_case_are_all_kept_in_one_chain(store: Store, writer: Writer) -> None:
    writer.submit(open_case).result()
    start = Barrier(4)

    def write(_worker: int) -> None:
        start.wait(timeout=30)
        for _ in range(10):
            writer.submit(note).result(timeout=30)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with store.reading() as reader:
        assert len(reader.history("R8-1")) == 41
        assert reader.fault_in("R8-1") is None


def _together(writer: Writer, jobs: Sequence[Callable[[Unit], object]]) -> list[Future[object]]:
    """Submit jobs while the writer is busy, so that a group writer takes them into one transaction."""
    if isinstance(writer, DirectWriter):
        return [writer.submit(job) for job in jobs]
    busy, go = Event(), Event()

    def hold(_unit: Unit) -> None:
        busy.set()
        assert go.wait(timeout=30)

    held = writer.submit(hold)
    assert busy.wait(timeout=30)
    futures = [writer.submit(job) for job in jobs]
    go.set()
    held.result(timeout=30)
    return futures


def test_a_job_that_raises_is_undone_alone(store: Store, writer: Writer) -> None:
    def half(unit: Unit) -> None:
        open_case(unit, "R8-2")
        note(unit, "R8-2")
        raise ZeroDivisionError

    futures = _together(
        writer, [lambda unit: open_case(unit, "R8-1"), half, lambda unit: open_case(unit, "R8-3")]
    )
    assert [type(future.exception(timeout=30)) for future in futures] == [
        type(None),
        ZeroDivisionError,
        type(None),
    ]
    with store.reading() as reader:
        assert [row.number for row in reader.case_rows()] == ["R8-1", "R8-3"]
        assert [reader.fault_in(number) for number in ("R8-1", "R8-3")] == [None, None]


def test_a_job_that_the_database_refuses_fails_alone(store: Store, writer: Writer) -> None:
    def at_nobody(unit: Unit) -> None:
        open_case(unit, "R8-2", obligation(1, holder="nobody"))

    def again(unit: Unit) -> None:
        unit.put_outbox("mail", "same", b"", at=obligation(1).due_at, due_at=obligation(1).due_at)

    futures = _together(
        writer,
        [lambda unit: open_case(unit, "R8-1"), at_nobody, again, again, lambda unit: open_case(unit, "R8-3")],
    )
    failed = [future.exception(timeout=30) for future in futures]
    assert [error is None for error in failed] == [True, False, True, False, True]
    assert isinstance(failed[3], KeyTaken)
    with store.reading() as reader:
        assert [row.number for row in reader.case_rows()] == ["R8-1", "R8-3"]


def test_what_was_submitted_is_finished_and_nothing_more_is_taken(store: Store) -> None:
    writer = open_writer(store)
    futures = [writer.submit(partial(open_case, number=f"R8-{n}")) for n in range(20)]
    writer.close()
    assert all(future.done() for future in futures)
    with pytest.raises(WriterClosed):
        writer.submit(note)
    with store.reading() as reader:
        assert reader.count_cases() == {"open": 20}
