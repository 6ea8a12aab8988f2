"""What is particular to SQLite: one file, one writer at a time, and durability that must be asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from engine.store.statements import Write, hot

BUSY_MILLISECONDS_MAX = 10_000
CHECKPOINT_PAGES = 10_000

_STATEMENTS = hot(
    parameter="?", any_of="IN (SELECT value FROM json_each(?))", lock="", claim="", by_column=False
)


class SQLite:
    """SQLite in WAL mode with `synchronous=FULL`: what is committed survives a power cut."""

    name = "sqlite"
    reading = _STATEMENTS
    writing = _STATEMENTS
    one_writer = True

    def connect(self, url: URL) -> Engine:
        """Return the pool of connections. Opens none."""
        db = create_engine(url)
        event.listen(db, "connect", _prepare)
        event.listen(db, "begin", _begin)
        return db

    def begin_reading(self, connection: Connection) -> Connection:
        """Prepare a connection whose next transaction sees one snapshot and writes nothing."""
        return connection.execution_options(bansou_writes=False)

    def begin_writing(self, connection: Connection) -> Connection:
        """Prepare a connection whose next transaction holds the write lock from its start."""
        return connection.execution_options(bansou_writes=True)

    def cursor(self, connection: Connection) -> Any:
        """Return a cursor of the driver, inside the connection's transaction."""
        return connection.connection.cursor()

    def many(self, values: Sequence[str]) -> Any:
        """Return the one parameter that stands for many."""
        return json.dumps(list(values))

    def send(self, cursor: Any, statement: Write, rows: Sequence[tuple[Any, ...]]) -> int:
        """Send a statement for many rows and return how many it reached."""
        cursor.executemany(statement.text, rows)
        reached: int = cursor.rowcount
        return reached

    def take_case_id(self, cursor: Any, taken: int) -> int:
        """Return a fresh id: the write lock makes counting on from the largest safe."""
        if taken:
            return taken + 1
        largest: int = cursor.execute("SELECT coalesce(max(id), 0) FROM case_").fetchone()[0]
        return largest + 1

    def check_absent(self, url: URL) -> bool:
        """Whether the file is missing or empty."""
        if url.database is None or "uri" in url.query:
            return False
        file = Path(url.database)
        return not file.exists() or file.stat().st_size == 0


def _prepare(connection: Any, _record: Any) -> None:
    # The driver would begin no transaction before a SELECT: read-modify-write would lose updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS_MAX}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("bansou_writes", True)
    # A transaction that starts by reading and then writes fails at once when another wrote meanwhile.
    # Past SQLAlchemy's execution, which costs ten times the statement.
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")
