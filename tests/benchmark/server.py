"""The same on PostgreSQL with fsync on, beside one `unnest` for each statement."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
from sqlalchemy import make_url

from engine.api import Settings
from tests.benchmark import casework, floor
from tests.benchmark import town as towns
from tests.benchmark.bulk import FIRST, Bulk, Population, populated, warmed
from tests.benchmark.casework import THREADS
from tests.benchmark.clock import swept
from tests.benchmark.figure import ROUNDS, Figure, median, seconds
from tests.benchmark.town import Town
from tests.postgres import Server, running_server


def postgres(bulk: Bulk, due: int, commands: int) -> Iterator[Figure]:
    """Sweep and give commands on a server of our own, every commit on disk."""
    with running_server(durable=True) as server:
        template = server.create()
        town = towns.found(bulk.folder / "server", template)
        population = populated(town, due, 0)
        town.close()
        copies = _Copies(server, template, town.settings)
        yield from _swept(copies, population)
        yield from _commanded(copies, commands)


class _Copies:
    def __init__(self, server: Server, template: str, settings: Settings) -> None:
        self._server = server
        self._template = str(make_url(template).database)
        self._settings = settings

    def open(self) -> Town:
        url = self._server.create(self._template)
        with psycopg.connect(_plain(url), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        return warmed(towns.entered(Settings(database=url, key_file=self._settings.key_file)))

    def drop(self, town: Town) -> None:
        town.close()
        self._server.drop(town.settings.database)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _swept(copies: _Copies, population: Population) -> Iterator[Figure]:
    took, raw = [], []
    for _ in range(ROUNDS):
        town = copies.open()
        took.append(seconds(lambda town=town: swept(town, population)))  # type: ignore[misc]
        copies.drop(town)
        town = copies.open()
        tracing = floor.traced(town)
        swept(town, population)
        copies.drop(town)
        town = copies.open()
        raw.append(floor.postgres_floor(town.settings.database, tracing.commits))
        copies.drop(town)
    rate, least = population.due / median(took), population.due / median(raw)
    yield Figure(
        f"PostgreSQL: 起床 {population.due:,} 件", f"PostgreSQL: {population.due:,} wake-ups due, one worker", rate, "/s",
        least, rate / least, "floor", 0.25, 0.50,
    )  # fmt: skip
    yield Figure(
        "同、目標 8,000 件/秒", "the same against 8,000 a second", rate, "/s", None, None, "", 8000, 8000
    )


def _commanded(copies: _Copies, count: int) -> Iterator[Figure]:
    ids = range(FIRST, FIRST + count)
    town = copies.open()
    tracing = floor.traced(town)
    casework.one_each(town, casework.transition, ids)
    copies.drop(town)
    alone, raw, many = [], [], []
    for _ in range(ROUNDS):
        town = copies.open()
        alone.append(count / seconds(partial(casework.one_each, town, casework.transition, ids)))
        copies.drop(town)
        town = copies.open()
        raw.append(count / floor.postgres_floor(town.settings.database, tracing.commits))
        copies.drop(town)
        town = copies.open()
        many.append(count / seconds(partial(_threaded, town, ids)))
        copies.drop(town)
    single, least = median(alone), median(raw)
    yield Figure(
        "PostgreSQL: 遷移、1件ごとに確定", "PostgreSQL: transitions, one a commit", single, "/s", least, single / least,
        "floor", 0.35, 0.50,
    )  # fmt: skip
    yield Figure(
        f"PostgreSQL: 遷移、{THREADS}の並行した利用者", f"PostgreSQL: transitions, {THREADS} threads", median(many), "/s",
        single, median(many) / single, "one thread",
    )  # fmt: skip


def _threaded(town: Town, ids: range) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda case_id: casework._given(town, casework.transition(case_id)), ids))
