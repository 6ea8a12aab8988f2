"""What can go wrong says what to do, in Japanese and English, and leaves nothing half written."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path
from string import ascii_letters

import psycopg
import pytest
from sqlalchemy import make_url

from engine.core.case.case import NOTHING_SEALED
from engine.store.errors import WORDS, KeyTaken, RuleBroken, SequenceGap, StoreError, translated
from engine.store.opening import SCHEMA, Store, init_store, migrate, open_store
from engine.store.sealing import KeyRing
from tests.conformance.store.sample import note, open_case, settle


def code_of(caught: pytest.ExceptionInfo[StoreError]) -> str:
    """Return the error's code, having seen that it speaks both languages and says what to do."""
    error = caught.value
    assert all((error.ja, error.en, error.do_ja, error.do_en))
    assert not set(error.do_en) & set("{}")
    return error.code


def test_every_error_speaks_both_languages() -> None:
    for words in WORDS.values():
        assert any(letter > "\u3000" for letter in words.ja)
        assert any(letter in ascii_letters for letter in words.en)
        assert words.do_ja
        assert words.do_en


def test_a_store_is_made_once(store: Store, store_url: str, key_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        init_store(store_url, key_path, trial=False)
    assert code_of(caught) == "exists"
    assert store.is_trial
    assert migrate(store_url) == SCHEMA


def test_a_store_that_is_not_for_trial_says_so(database_url: str, key_path: Path) -> None:
    init_store(database_url, key_path, trial=False)
    opened = open_store(database_url, KeyRing.load(key_path))
    assert not opened.is_trial
    opened.close()


def test_nothing_is_opened_where_nothing_is(database_url: str, key_path: Path) -> None:
    keys = KeyRing.create(key_path)
    for attempt in (lambda: open_store(database_url, keys), lambda: migrate(database_url)):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert code_of(caught) == "absent"


def test_a_key_of_another_store_is_refused(store: Store, store_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(store_url, KeyRing.create(tmp_path / "other.key"))
    assert code_of(caught) == "wrong_key"


@pytest.mark.parametrize(("version", "code"), [("9999", "schema_newer"), ("0000", "schema_older")])
def test_tables_of_another_version_are_not_touched(
    store: Store, store_url: str, key_path: Path, version: str, code: str
) -> None:
    with store._db.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    with pytest.raises(StoreError) as caught:
        open_store(store_url, KeyRing.load(key_path))
    assert code_of(caught) == code
    if code == "schema_newer":
        with pytest.raises(StoreError) as caught:
            migrate(store_url)
        assert code_of(caught) == code


def test_a_database_of_something_else_is_not_touched(database_url: str, key_path: Path) -> None:
    init_store(database_url, key_path, trial=True)
    keys = KeyRing.load(key_path)
    opened = open_store(database_url, keys)
    with opened._db.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE setting SET value = 'ledger' WHERE name = 'product'")
    opened.close()
    for attempt in (
        lambda: open_store(database_url, keys),
        lambda: migrate(database_url),
        lambda: init_store(database_url, key_path, trial=True),
    ):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert code_of(caught) == "not_bansou"


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("拝啓 " * 5000, encoding="utf-8")
    before = file.read_bytes()
    for attempt in (
        lambda: open_store(f"sqlite:///{file}", KeyRing.create(tmp_path / "a.key")),
        lambda: init_store(f"sqlite:///{file}", tmp_path / "b.key", trial=True),
    ):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert code_of(caught) == "not_bansou"
    assert file.read_bytes() == before


@pytest.mark.parametrize("url", ["", "bansou.db", "mysql://localhost/x", "sqlite:/", "http://x"])
def test_an_address_that_is_not_understood_says_how_to_write_one(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url, KeyRing.create(tmp_path / "a.key"))
    assert code_of(caught) == "url_unknown"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        init_store(f"sqlite:///{tmp_path}/nowhere/b.db", tmp_path / "a.key", trial=True)
    assert code_of(caught) == "folder_absent"


def test_a_read_only_file_can_be_read_and_says_why_it_is_not_written(tmp_path: Path) -> None:
    file, key_path = tmp_path / "b.db", tmp_path / "a.key"
    init_store(f"sqlite:///{file}", key_path, trial=True)
    first = open_store(f"sqlite:///{file}", KeyRing.load(key_path))
    settle(first)
    locked = open_store(f"sqlite:///file:{file}?mode=ro&uri=true", KeyRing.load(key_path))
    with locked.reading() as reader:
        assert reader.pathway("child") is not None
    with pytest.raises(StoreError) as caught, locked.writing() as unit:
        open_case(unit)
    assert code_of(caught) == "read_only"
    first.close()
    locked.close()


def test_a_read_only_server_says_so(postgres_url: str, tmp_path: Path) -> None:
    init_store(postgres_url, tmp_path / "a.key", trial=True)
    opened = open_store(postgres_url, KeyRing.load(tmp_path / "a.key"))
    with pytest.raises(StoreError) as caught, opened.writing() as unit:  # noqa: PT012 -- the unit raises
        unit._connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        unit.put_setting("theme", "plain")
    assert code_of(caught) == "read_only"
    opened.close()


def test_a_full_disk_stops_a_unit_and_leaves_no_half_of_it(tmp_path: Path) -> None:
    url, key_path = f"sqlite:///{tmp_path / 'b.db'}", tmp_path / "a.key"
    init_store(url, key_path, trial=True)
    store = open_store(url, KeyRing.load(key_path))
    settle(store)
    with store._db.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    kept = 0
    with pytest.raises(StoreError) as caught:  # noqa: PT012 -- the unit raises
        for n in range(500):
            with store.writing() as unit:
                unit._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
                open_case(unit, f"R8-{n}a")
                note(unit, f"R8-{n}a", "長い記録 " * 200)
                open_case(unit, f"R8-{n}b")
            kept += 1
    assert code_of(caught) == "disk_full"
    with store.reading() as reader:
        rows = reader.case_rows()
        assert len(rows) == 2 * kept
        assert [reader.fault_in(row.number) for row in rows] == [None] * len(rows)
    store.close()


def test_a_server_that_goes_away_in_the_middle_leaves_nothing_and_is_found_again(
    postgres_url: str, tmp_path: Path
) -> None:
    init_store(postgres_url, tmp_path / "a.key", trial=True)
    store = open_store(postgres_url, KeyRing.load(tmp_path / "a.key"))
    settle(store)
    with pytest.raises(StoreError) as caught, store.writing() as unit:  # noqa: PT012 -- the unit raises
        open_case(unit, "R8-1")
        unit.flush()
        backend = unit._connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        address = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
        open_case(unit, "R8-2")
    assert code_of(caught) == "server_gone"
    with store.reading() as reader:
        assert reader.case_rows() == []
    with store.writing() as unit:
        open_case(unit, "R8-1")
    store.close()


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(f"postgresql+psycopg://u@/x?host={tmp_path}", KeyRing.create(tmp_path / "a.key"))
    assert code_of(caught) == "server_gone"


def test_a_store_that_stays_locked_says_so(tmp_path: Path) -> None:
    file, key_path = tmp_path / "b.db", tmp_path / "a.key"
    init_store(f"sqlite:///{file}", key_path, trial=True)
    store = open_store(f"sqlite:///{file}", KeyRing.load(key_path))
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with store._db.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA busy_timeout = 10")  # type: ignore[union-attr]
        with pytest.raises(StoreError) as caught, store.writing() as unit:
            open_case(unit)
        other.execute("ROLLBACK")
    other.close()
    assert code_of(caught) == "locked"
    store.close()


def _write_notes(url: str, key_path: str, count: int) -> None:
    store = open_store(url, KeyRing.load(Path(key_path)))
    for _ in range(count):
        with store.writing() as unit:
            note(unit)
    store.close()


def test_two_processes_that_write_one_case_lose_nothing(store: Store, store_url: str, key_path: Path) -> None:
    with store.writing() as unit:
        open_case(unit)
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_write_notes, args=(store_url, str(key_path), 15)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    with store.reading() as reader:
        assert [entry.seq for entry, _ in reader.history("R8-1")] == list(range(1, 32))
        assert reader.fault_in("R8-1") is None


def test_who_was_overtaken_between_reading_and_writing_is_told(store: Store) -> None:
    with store.writing() as unit:
        stale = open_case(unit)
    with store.writing() as unit:
        note(unit)
        entry = unit._appended[0].entry
        after = unit._appended[0].after
    with pytest.raises(SequenceGap), store.writing() as unit:
        unit.append(stale, entry, sealed=NOTHING_SEALED, case=after.case)


def test_errors_of_other_kinds_are_left_as_they_are() -> None:
    assert translated(ValueError("x")) is None
    assert translated(sqlite3.OperationalError("near x: syntax error")) is None
    assert translated(psycopg.errors.UndefinedTable("x")) is None
    assert isinstance(translated(psycopg.errors.DiskFull("x")), StoreError)
    assert isinstance(translated(psycopg.errors.CheckViolation("x")), RuleBroken)
    assert isinstance(translated(psycopg.errors.UniqueViolation("x")), KeyTaken)
