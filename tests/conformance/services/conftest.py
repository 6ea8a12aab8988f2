"""A town with people, a calendar and two small pathways, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.api import Engine
from engine.scheduler.clock import MovedClock
from tests.conformance.services.town import MONDAY, Town, make_town


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """The town on SQLite and on PostgreSQL; its clock stands on a Monday morning."""
    made = make_town(database_url, tmp_path, MovedClock(MONDAY))
    yield made
    made.engine.close()


@pytest.fixture
def engine(town: Town) -> Engine:
    """The town's engine."""
    return town.engine
