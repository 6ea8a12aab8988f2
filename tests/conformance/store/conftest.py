"""A settled store on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.opening import Store, init_store, open_store
from engine.store.sealing import KeyRing
from tests.conformance.store.sample import settle


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.key"


@pytest.fixture
def store(database_url: str, key_path: Path) -> Iterator[Store]:
    """A store with the sample's people and pathway, on SQLite and on PostgreSQL."""
    init_store(database_url, key_path, trial=True)
    opened = open_store(database_url, KeyRing.load(key_path))
    settle(opened)
    yield opened
    opened.close()
