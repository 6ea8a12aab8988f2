"""What a database has to say for itself, so that everything else is written once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine

from engine.store.statements import Hot, Write


class Dialect(Protocol):
    """The differences between SQLite and PostgreSQL, all of them."""

    name: str
    reading: Hot
    writing: Hot
    one_writer: bool
    """Whether the database lets one transaction write at a time, so that writers had better queue."""

    def connect(self, url: URL) -> Engine:
        """Return the pool of connections. Opens none."""
        ...

    def begin_reading(self, connection: Connection) -> Connection:
        """Prepare a connection whose next transaction sees one snapshot and writes nothing."""
        ...

    def begin_writing(self, connection: Connection) -> Connection:
        """Prepare a connection whose next transaction writes."""
        ...

    def cursor(self, connection: Connection) -> Any:
        """Return a cursor of the driver, inside the connection's transaction."""
        ...

    def many(self, values: Sequence[str]) -> Any:
        """Return the one parameter that stands for many, as `Hot` expects it."""
        ...

    def send(self, cursor: Any, statement: Write, rows: Sequence[tuple[Any, ...]]) -> int:
        """Send a statement for many rows and return how many it reached."""
        ...

    def take_case_id(self, cursor: Any, taken: int) -> int:
        """Return a fresh id for a case, given the last that this transaction took (0 for none)."""
        ...

    def check_absent(self, url: URL) -> bool:
        """Whether there is certainly nothing at `url` yet."""
        ...
