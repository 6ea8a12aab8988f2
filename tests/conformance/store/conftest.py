"""A settled store on each database, copied from one that is made once a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from engine.store.opening import Store, init_store, open_store
from engine.store.sealing import KeyRing
from tests.conformance.store.sample import settle
from tests.postgres import Server


def _make(url: str, key_path: Path) -> None:
    init_store(url, key_path, trial=True)
    opened = open_store(url, KeyRing.load(key_path))
    settle(opened)
    opened.close()


@pytest.fixture(scope="session")
def settled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a settled SQLite store and its key; closed, so that the file holds everything."""
    folder = tmp_path_factory.mktemp("settled")
    _make(f"sqlite:///{folder / 'bansou.db'}", folder / "master.key")
    return folder


@pytest.fixture(scope="session")
def settled_database(
    postgres_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The name of a settled PostgreSQL database to copy, and its key."""
    key_path = tmp_path_factory.mktemp("settled") / "master.key"
    url = postgres_server.create()
    _make(url, key_path)
    yield str(make_url(url).database), key_path
    postgres_server.drop(url)


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    """Where the key of this test's store lies, or will lie."""
    return tmp_path / "keys" / "master.key"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path, key_path: Path) -> str:
    """The URL of a settled store of this test's own; runs once on each database."""
    if request.param == "sqlite":
        folder: Path = request.getfixturevalue("settled_file")
        _copy_key(folder / "master.key", key_path)
        shutil.copyfile(folder / "bansou.db", tmp_path / "bansou.db")
        return f"sqlite:///{tmp_path / 'bansou.db'}"
    template, key = request.getfixturevalue("settled_database")
    make: Callable[..., str] = request.getfixturevalue("make_postgres")
    _copy_key(key, key_path)
    return make(template)


def _copy_key(found: Path, wanted: Path) -> None:
    wanted.parent.mkdir(mode=0o700)
    shutil.copy(found, wanted)


@pytest.fixture
def store(store_url: str, key_path: Path) -> Iterator[Store]:
    """A store with the sample's people and pathway, on SQLite and on PostgreSQL."""
    opened = open_store(store_url, KeyRing.load(key_path))
    yield opened
    opened.close()
