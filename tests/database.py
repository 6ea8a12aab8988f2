"""Fixtures that give a test an empty database, on SQLite, on PostgreSQL or on both.

`database_url` runs a test once on each; `sqlite_url` and `postgres_url` name one.
Each is the SQLAlchemy URL of a fresh database that goes away with the test.
Set `BANSOU_TEST_POSTGRES` to use a server that is already there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests import postgres

RUN_VARIABLE = "BANSOU_TEST_RUN"

_RUN = pytest.StashKey[tuple[Path, int]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder in its first process; pytest-xdist's workers inherit its name."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    folder = postgres.make_folder()
    config.stash[_RUN] = (folder, postgres.hold(folder))
    os.environ[RUN_VARIABLE] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's server, if one was started, and wait until it is gone."""
    if _RUN in config.stash:
        postgres.release(*config.stash[_RUN])


@pytest.fixture(scope="session")
def postgres_server() -> postgres.Server:
    """The PostgreSQL server of this run: the one named in the environment, or one started for it."""
    if given := os.environ.get(postgres.ADDRESS_VARIABLE):
        return postgres.Server(make_url(given).set(drivername="postgresql+psycopg"))
    return postgres.shared(Path(os.environ[RUN_VARIABLE]))


@pytest.fixture
def make_postgres(postgres_server: postgres.Server) -> Iterator[Callable[..., str]]:
    """A maker of fresh databases for one test: `make_postgres(template=…)` returns a URL.

    Every database made is dropped when the test ends, with whatever is still connected.
    """
    made: list[str] = []

    def make(template: str = "template0") -> str:
        made.append(postgres_server.create(template))
        return made[-1]

    yield make
    for url in made:
        postgres_server.drop(url)


@pytest.fixture
def postgres_url(make_postgres: Callable[..., str]) -> str:
    """The URL of a fresh, empty PostgreSQL database: `postgresql+psycopg://…`."""
    return make_postgres()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database in a file that does not exist yet: `sqlite:///…`."""
    return f"sqlite:///{tmp_path / 'bansou.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh, empty database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
