"""The migrations make exactly the tables that the statements are written for, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import engine.store
from engine.store.opening import SCHEMA, Store, init_store, open_store
from engine.store.sealing import KeyRing
from engine.store.tables import metadata


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    init_store(database_url, tmp_path / "master.key", trial=True)
    opened = open_store(database_url, KeyRing.load(tmp_path / "master.key"))
    yield opened
    opened.close()


def test_the_tables_in_the_database_are_those_the_statements_know(store: Store) -> None:
    with store._db.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_version_that_is_expected() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(engine.store.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_partial_indexes_have_the_condition_that_was_meant(store: Store) -> None:
    # Alembic does not compare conditions.
    meant = {
        str(index.name): str(index.dialect_options["sqlite"]["where"])
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }
    question = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
        if store.database == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    )
    with store._db.connect() as connection:
        found = {row[0]: row[1] for row in connection.exec_driver_sql(question)}
    for name, where in meant.items():
        condition = re.sub(r"::\w+|[()]", "", found[name].split(" WHERE ", 1)[1])
        assert condition == where, name


def test_every_table_of_sqlite_is_strict(sqlite_url: str, tmp_path: Path) -> None:
    init_store(sqlite_url, tmp_path / "master.key", trial=True)
    opened = open_store(sqlite_url, KeyRing.load(tmp_path / "master.key"))
    with opened._db.connect() as connection:
        loose = connection.exec_driver_sql(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND type = 'table'"
        )
        assert {row[0] for row in loose} <= {"alembic_version", "sqlite_schema", "sqlite_sequence"}
        settings = [
            connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]
    opened.close()
