"""The floor: the very rows that the engine wrote, in the very same commits, without the engine.

`Traced` stands before the store's dialect and writes down what is sent in
which transaction. `sqlite_floor` and `postgres_floor` send that again, to a
copy of the store as it was before, with a cursor of the driver and nothing else.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from engine.store import postgres, sqlite
from tests.benchmark.figure import seconds
from tests.benchmark.town import Town

Commit = list[tuple[str, list[Any]]]


class Traced:
    """A dialect that remembers what it was asked to send."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.commits: list[Commit] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def begin_writing(self, connection: Any) -> Any:
        self.commits.append([])
        return self._inner.begin_writing(connection)

    def send(self, cursor: Any, statement: Any, rows: Any) -> int:
        self.commits[-1].append((statement.text, list(rows)))
        reached: int = self._inner.send(cursor, statement, rows)
        return reached


def traced(town: Town) -> Traced:
    """Have a town's store remember what it sends from now on."""
    tracing = Traced(town.engine.desk.store._dialect)
    town.engine.desk.store._dialect = tracing
    return tracing


def sqlite_floor(file: Path, commits: list[Commit]) -> float:
    """Send what was traced to an SQLite file, every commit on disk; returns the seconds."""
    sent = [commit for commit in commits if commit]
    with closing(sqlite3.connect(file)) as connection:
        sqlite._prepare(connection, None)
        cursor = connection.cursor()

        def work() -> None:
            for commit in sent:
                cursor.execute("BEGIN IMMEDIATE")
                for text, rows in commit:
                    cursor.executemany(text, rows)
                cursor.execute("COMMIT")

        return seconds(work)


def postgres_floor(url: str, commits: list[Commit]) -> float:
    """Send what was traced to a PostgreSQL database as one `unnest` a statement; returns the seconds."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    sent = [
        [(text, [list(column) for column in zip(*rows, strict=True)]) for text, rows in commit]
        for commit in commits
        if commit
    ]
    with psycopg.connect(plain) as connection:
        postgres._prepare(connection, None)
        cursor = connection.cursor(binary=True)

        def work() -> None:
            for commit in sent:
                for text, columns in commit:
                    cursor.execute(text.encode(), columns)
                connection.commit()

        return seconds(work)
