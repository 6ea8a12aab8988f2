"""A municipality to measure: the shipped standard pathway, real cases, and any number of valid copies.

One case is opened and moved by the engine. Its rows are then copied under new
numbers: projection and entries with the new number, a key of its own, its
personal part sealed anew under that key, and the chain computed anew. A copy
differs from a case opened by hand in nothing that the engine or the database
looks at; `check_copies` has the engine verify some of them.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from engine.api import Engine, Person, Request, Sealed, Settings, commands
from engine.core.case.refusals import Refusal
from engine.core.ledger.chain import genesis, link
from engine.core.vocabulary import Grade, Instant
from engine.scheduler.clock import MovedClock
from engine.simulation.behaviour import Behaviour
from engine.simulation.town import town_of
from engine.store.sealing import KeyRing
from engine.store.statements import _CASE, _ENTRY, _OBLIGATION
from tests.scenario.stage import SHIPPED, compiled

PATHWAY = "standard_four_stage"
FILE = SHIPPED / PATHWAY / "v1.yaml"
WORKER = "worker1"
OPENED_AT = datetime(2026, 4, 6, 1, 0, tzinfo=UTC)
"""Monday 6 April 2026, 10:00 in Japan."""

LATER_AT = OPENED_AT + timedelta(days=91)
LOADED_ROWS = 2_000


@dataclass
class Town:
    """An engine on a store of its own, with a clock to move."""

    engine: Engine
    clock: MovedClock
    settings: Settings

    @property
    def file(self) -> Path:
        """The SQLite file."""
        database = make_url(self.settings.database).database
        assert database is not None
        return Path(database)

    def close(self) -> None:
        self.engine.close()


def found(folder: Path, url: str = "") -> Town:
    """Make a store with the calendar, a staffed directory and the standard pathway."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        database=url or f"sqlite:///{folder / 'bansou.db'}", key_file=folder / "key" / "master.key"
    )
    Engine.init(settings, trial=True)
    town = entered(settings)
    town.engine.load_shipped_calendar()
    town.engine.load_people(town_of(compiled(FILE)), actor="engine")
    published = town.engine.publish(FILE, actor="engine")
    assert published.done, published.findings
    return town


def entered(settings: Settings, *, grouped: bool = False) -> Town:
    """Open a store that is there."""
    clock = MovedClock(OPENED_AT)
    return Town(Engine(settings, clock=clock, grouped=grouped), clock, settings)


def copied(town: Settings, folder: Path) -> Settings:
    """Copy an SQLite store that nobody has open, with its key."""
    folder.mkdir(parents=True, exist_ok=True)
    source = make_url(town.database).database
    assert source is not None
    target = folder / "copy.db"
    for ending in ("", "-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    shutil.copyfile(source, target)
    return Settings(database=f"sqlite:///{target}", key_file=town.key_file)


def family() -> Sealed:
    """A household of three with what is asked at intake."""
    names = (("p1", "見本 花子", "本人"), ("p2", "見本 太郎", "夫"), ("p3", "見本 さくら", "子"))
    return Sealed(
        persons=tuple(Person(id=id_, name=name, relation=relation) for id_, name, relation in names),
        household="見本",
        address="見本市中央町一丁目2番3号",
        phone="000-0000-0000",
        forms={"intake": Behaviour().fill(compiled(FILE), "intake")},
    )


def contact(at: Instant) -> tuple[commands.RecordContact, Sealed]:
    """A talk on the telephone, with its form: keeps the promise of staying in touch."""
    values = Behaviour().fill(compiled(FILE), "contact")
    command = commands.RecordContact(
        grade=Grade.VOICE, contacted_at=at, method="phone", reached=("p1", "p2", "p3")
    )
    return command, Sealed(forms={"contact": values}, note="電話で様子を聞いた。変わりないとのこと。")


def open_template(town: Town, at: Instant, *, woken: bool) -> str:
    """Open one case by the engine; `woken` lets its first promise fall due, so that its ladder comes next."""
    request = Request(case="", command=commands.OpenCase(), actor=WORKER, at=at, sealed=family())
    answer = town.engine.desk.write(lambda unit: town.engine.perform_within(unit, request, pathway=PATHWAY))
    assert not isinstance(answer, Refusal), answer
    number = answer.case.number
    if woken:
        due = min(live.wakes_at for live in answer.case.obligations.values())
        wake = Request(case=number, command=commands.Wake(), actor="clock", at=due)
        woke = town.engine.desk.write(lambda unit: town.engine.perform_within(unit, wake))
        assert not isinstance(woke, Refusal), woke
        assert len(woke.entry.events) == 1, woke.entry.events
    return number


@dataclass(frozen=True)
class Template:
    """The rows of one case, and its key ring."""

    case: dict[str, Any]
    entries: list[dict[str, Any]]
    obligations: list[dict[str, Any]]
    keys: KeyRing

    @property
    def wakes_at(self) -> Instant:
        """When the next thing of this case falls due."""
        live = [each["wakes_at"] for each in self.obligations if each["status"] == "live"]
        return datetime.fromtimestamp(min(live), UTC)


def template(town: Town, number: str) -> Template:
    """Read the rows of a case."""
    with town.engine.desk.store._db.connect() as connection:

        def rows(table: str, columns: tuple[str, ...], key: str, value: Any) -> list[dict[str, Any]]:
            text = f"SELECT {', '.join(columns)} FROM {table} WHERE {key} = :value ORDER BY 1, 2"
            from sqlalchemy import text as sql

            found_rows = connection.execute(sql(text), {"value": value}).all()
            return [dict(zip(columns, row, strict=True)) for row in found_rows]

        [case] = rows("case_", _CASE, "number", number)
        entries = rows("entry", _ENTRY, "case_id", case["id"])
        obligations = rows("obligation", _OBLIGATION, "case_id", case["id"])
    return Template(case, entries, obligations, town.engine.desk.store.keys)


Rows = tuple[tuple[Any, ...], list[tuple[Any, ...]], list[tuple[Any, ...]]]


def copies(source: Template, first: int, count: int) -> Iterator[Rows]:
    """Yield the rows of `count` copies, ids from `first`. Odd numbers: whom equal holders share a case
    out to goes by the number, and the template's is odd.
    """
    was = source.case["number"]
    old = source.keys.key_of(was, source.case["wrapped_key"])
    bodies = [each["body"] for each in source.entries]
    plain = [
        None if each["sealed"] is None else old.open_entry(each["seq"], each["sealed"])
        for each in source.entries
    ]
    content = None if source.case["sealed"] is None else old.open_content(source.case["sealed"])
    quoted = f'"{was}"'.encode()
    for case_id in range(first, first + count):
        number = f"2026-{2 * case_id + 1:07d}"
        name = f'"{number}"'.encode()
        key = source.keys.new_key(number)
        head = genesis(number)
        entries = []
        for row, body, secret in zip(source.entries, bodies, plain, strict=True):
            sealed = None if secret is None else key.seal_entry(row["seq"], secret)
            renamed = body.replace(quoted, name)
            head = link(head, renamed, sealed)
            fresh = {**row, "case_id": case_id, "body": renamed, "sealed": sealed, "digest": head}
            entries.append(tuple(fresh.values()))
        case = {
            **source.case, "id": case_id, "number": number, "head": head, "wrapped_key": key.wrapped,
            "projection": source.case["projection"].replace(quoted, name),
            "sealed": None if content is None else key.seal_content(content),
        }  # fmt: skip
        obligations = [tuple({**each, "case_id": case_id}.values()) for each in source.obligations]
        yield tuple(case.values()), entries, obligations


def number_of(case_id: int) -> str:
    """Return the number of a copy."""
    return f"2026-{2 * case_id + 1:07d}"


def load(town: Town, rows: Iterator[Rows]) -> None:
    """Put copies into the store, past the engine but not past the database's own rules."""
    if town.settings.database.startswith("sqlite"):
        _load_sqlite(town.file, rows)
    else:
        _load_postgres(town.settings.database, rows)


def _load_sqlite(file: Path, rows: Iterator[Rows]) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        while chunk := list(islice(rows, LOADED_ROWS)):
            connection.execute("BEGIN IMMEDIATE")
            for table, columns, values in _by_table(chunk):
                marks = ", ".join("?" * len(columns))
                connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
            connection.execute("COMMIT")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _load_postgres(url: str, rows: Iterator[Rows]) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        while chunk := list(islice(rows, LOADED_ROWS)):
            for table, columns, values in _by_table(chunk):
                with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream:
                    for row in values:
                        stream.write_row(row)
            connection.commit()
        connection.execute("SELECT setval(pg_get_serial_sequence('case_', 'id'), 100000000)")
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _by_table(chunk: list[Rows]) -> tuple[tuple[str, tuple[str, ...], list[tuple[Any, ...]]], ...]:
    return (
        ("entry", _ENTRY, [row for _, entries, _ in chunk for row in entries]),
        ("case_", _CASE, [case for case, _, _ in chunk]),
        ("obligation", _OBLIGATION, [row for _, _, obligations in chunk for row in obligations]),
    )


def check_copies(town: Town, case_ids: tuple[int, ...]) -> None:
    """Have the engine verify copies: chain, fold and every decision."""
    for case_id in case_ids:
        verified = town.engine.verify(number_of(case_id))
        assert verified is not None
        assert verified.sound, verified
