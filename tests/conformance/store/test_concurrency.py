"""What only a database with many writers can get wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from engine.store.opening import Store, open_store
from engine.store.sealing import KeyRing
from tests.conformance.store.sample import START, note, obligation, open_case

pytestmark = pytest.mark.postgres


@pytest.fixture
def store(
    settled_database: tuple[str, Path], make_postgres: Callable[..., str], tmp_path: Path
) -> Iterator[Store]:
    """A settled store on PostgreSQL: SQLite lets one transaction write at a time."""
    template, key = settled_database
    shutil.copy(key, tmp_path / "master.key")
    opened = open_store(make_postgres(template), KeyRing.load(tmp_path / "master.key"))
    yield opened
    opened.close()


def test_two_sweeps_at_once_claim_different_cases(store: Store) -> None:
    with store.writing() as unit:
        for n in range(4):
            open_case(unit, f"R8-{n}", obligation(1, due_at=START + timedelta(hours=n)))
    later = START + timedelta(days=1)
    with store.writing() as first, store.writing() as second:
        mine = [due.number for due in first.due(later, 2)]
        theirs = [due.number for due in second.due(later, 10)]
    assert mine == ["R8-0", "R8-1"]
    assert theirs == ["R8-2", "R8-3"]


def test_a_command_waits_for_the_one_before_it_and_sees_what_it_wrote(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit)

    def add(_n: int) -> None:
        with store.writing() as unit:
            note(unit)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))
    with store.reading() as reader:
        assert len(reader.history("R8-1")) == 21
        assert reader.fault_in("R8-1") is None


def test_numbers_of_a_year_come_once_each(store: Store) -> None:
    def take(_n: int) -> int:
        with store.writing() as unit:
            return unit.next_number(2026)

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, range(20)))
    assert sorted(taken) == list(range(1, 21))


def test_the_last_two_members_of_a_team_do_not_leave_it_at_the_same_moment(store: Store) -> None:
    with store.writing() as unit:
        open_case(unit, "R8-1", obligation(1, holder="desk"))
    leave = "UPDATE holder SET standing = 'left' WHERE id = '{}'"
    with store._db.connect() as first, store._db.connect() as second, ThreadPoolExecutor(1) as pool:
        one, two = first.begin(), second.begin()
        first.exec_driver_sql(leave.format("sato"))
        # It waits for the team's row, which the first has locked.
        waiting = pool.submit(second.exec_driver_sql, leave.format("suzuki"))
        one.commit()
        waiting.result(timeout=30)
        with pytest.raises(DBAPIError, match="obligation_holder"):
            two.commit()
