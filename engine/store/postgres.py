"""What is particular to PostgreSQL: many writers, rows locked one by one, binary parameters."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from engine.store.errors import StoreError
from engine.store.statements import Write, hot

CONNECT_SECONDS_MAX = 10
LOCK_WAIT = "10s"
CASE_IDS_TAKEN = 20


_TAKE_IDS = "SELECT nextval(pg_get_serial_sequence('case_', 'id')) FROM generate_series(1, %b)"


class PostgreSQL:
    """PostgreSQL 14 or later through psycopg 3, without extensions."""

    name = "postgresql"
    reading = hot(parameter="%b", any_of="= ANY (?::text[])", lock="", claim="", by_column=True)
    writing = hot(
        parameter="%b",
        any_of="= ANY (?::text[])",
        lock=" FOR NO KEY UPDATE",
        by_column=True,
        claim=" FOR NO KEY UPDATE OF c SKIP LOCKED",
    )
    one_writer = False

    def __init__(self) -> None:
        # Shared by the threads of a process; a deque gives each id once.
        self._ids: deque[int] = deque()

    def connect(self, url: URL) -> Engine:
        """Return the pool of connections. Opens none. Raises StoreError `driver_absent`."""
        try:
            db = create_engine(
                url,
                pool_pre_ping=True,
                connect_args={
                    "connect_timeout": CONNECT_SECONDS_MAX,
                    "options": f"-c lock_timeout={LOCK_WAIT} -c timezone=UTC",
                },
            )
        except ModuleNotFoundError:
            raise StoreError("driver_absent") from None
        event.listen(db, "connect", _prepare)
        return db

    def begin_reading(self, connection: Connection) -> Connection:
        """Prepare a connection whose next transaction sees one snapshot and writes nothing."""
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def begin_writing(self, connection: Connection) -> Connection:
        """Prepare a connection whose next transaction locks the cases it reads."""
        return connection.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=False)

    def cursor(self, connection: Connection) -> Any:
        """Return a cursor that gets its results in binary, inside the connection's transaction."""
        driver: Any = connection.connection.driver_connection
        return driver.cursor(binary=True)

    def many(self, values: Sequence[str]) -> Any:
        """Return the one parameter that stands for many."""
        return list(values)

    def send(self, cursor: Any, statement: Write, rows: Sequence[tuple[Any, ...]]) -> int:
        """Send a statement for many rows, as one array for each column, and return how many it reached."""
        cursor.execute(statement.text, [list(column) for column in zip(*rows, strict=True)])
        reached: int = cursor.rowcount
        return reached

    def take_case_id(self, cursor: Any, taken: int) -> int:  # noqa: ARG002 -- SQLite's way needs it
        """Return a fresh id from the sequence; numbers left unused are never used again."""
        while True:
            try:
                return self._ids.popleft()
            except IndexError:
                cursor.execute(_TAKE_IDS, (CASE_IDS_TAKEN,))
                self._ids.extend(row[0] for row in cursor.fetchall())

    def check_absent(self, url: URL) -> bool:  # noqa: ARG002 -- SQLite's way needs it
        """Whether there is certainly nothing at `url`: a server must be asked, so never here."""
        return False


def _prepare(connection: Any, _record: Any) -> None:
    from psycopg.types.numeric import Int8BinaryDumper  # noqa: PLC0415 -- installed only where it is used

    # One width for every integer, so that one statement is prepared once and not for each mix of widths.
    connection.adapters.register_dumper(int, Int8BinaryDumper)
