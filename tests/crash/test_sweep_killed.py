"""A sweep killed between any two of its steps loses no wake-up and acts on none twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.case.events import ObligationFellDue, RungClimbed
from engine.scheduler.clock import MovedClock
from tests.conformance.services.town import MONDAY, Town, make_town

CASES = 60


def sweep(town: Town, place: str, count: int) -> subprocess.CompletedProcess[str]:
    settings = town.settings
    now = town.clock.now().isoformat()
    command = [
        sys.executable,
        "-m",
        "tests.crash.sweeper",
        settings.database,
        str(settings.key_file),
        now,
        place,
        str(count),
    ]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2]
    )


@pytest.mark.parametrize("place", ["before_flush", "after_flush", "after_commit"])
def test_kill_around_the_commit_loses_no_wake_up_and_repeats_none(
    database_url: str, tmp_path: Path, place: str
) -> None:
    town = make_town(database_url, tmp_path, MovedClock(MONDAY))
    numbers = [town.open().case.number for _ in range(CASES)]
    town.later(days=9)
    killed = sweep(town, place, 3)
    assert killed.returncode == -9, killed.stderr
    assert 0 < town.engine.sweep().cases < CASES
    assert town.engine.sweep().cases == 0
    for number in numbers:
        verified = town.engine.verify(number)
        assert verified is not None
        assert verified.sound, (number, verified)
        replayed = town.engine.replay(number)
        assert replayed is not None
        events = [event for entry, _ in replayed.entries for event in entry.events]
        assert sorted(event.number for event in events if isinstance(event, ObligationFellDue)) == [1, 2]
        assert sorted((event.number, event.rung) for event in events if isinstance(event, RungClimbed)) == [
            (1, 0), (1, 1), (2, 0),
        ]  # fmt: skip
    town.engine.close()
