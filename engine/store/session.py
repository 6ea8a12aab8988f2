"""One transaction's way to the database: a cursor of the driver for what is hot, SQLAlchemy for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.json import Decoder, Encoder
from sqlalchemy import Connection, Executable, Row

from engine.core.case.case import EMPTY_CONTENT, Case, Content
from engine.store.dialect import Dialect
from engine.store.ports import Held
from engine.store.sealing import KeyRing
from engine.store.statements import Hot

# In the order of the fields: projections are compared as values, never as bytes.
encode = Encoder().encode
_case_of = Decoder(Case).decode
_content_of = Decoder(Content).decode


class Session:
    """What reading and writing share. Used by one thread, inside one transaction."""

    def __init__(self, connection: Connection, dialect: Dialect, keys: KeyRing, hot: Hot) -> None:
        self._connection = connection
        self._dialect = dialect
        self._keys = keys
        self._hot = hot
        self._cursor = dialect.cursor(connection)

    def _one(self, text: str, parameters: Iterable[Any] = ()) -> Any:
        return self._cursor.execute(text, tuple(parameters)).fetchone()

    def _all(self, text: str, parameters: Iterable[Any] = ()) -> list[Any]:
        found: list[Any] = self._cursor.execute(text, tuple(parameters)).fetchall()
        return found

    def _rows(self, statement: Executable) -> list[Row[Any]]:
        return list(self._connection.execute(statement).all())

    def _row(self, statement: Executable) -> Row[Any] | None:
        return self._connection.execute(statement).first()

    def _held(self, row: tuple[Any, ...]) -> Held:
        case_id, head, anchor, wrapped, redacted_at, projection, sealed = row
        case = _case_of(projection)
        redacted = redacted_at is not None
        content: Content | Callable[[], Content]
        if sealed is None:
            content = Content(redacted=True) if redacted else EMPTY_CONTENT
        else:
            content = self._opening(case.number, wrapped, sealed)
        return Held(case_id, case, head, anchor or 0, wrapped, content, redacted=redacted)

    def _opening(self, number: str, wrapped: bytes, sealed: bytes) -> Callable[[], Content]:
        keys = self._keys
        return lambda: _content_of(keys.key_of(number, wrapped).open_content(sealed))
