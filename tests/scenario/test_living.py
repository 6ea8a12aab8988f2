"""A few weeks of the sample town, lived by the engine that does the real work."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.csv_intake.intake import SAMPLE_LEDGER, rows_of, source_row
from engine.api import ClockFixed, Departure, Engine
from engine.cli.demo import PATHWAY, sample_town
from engine.scheduler.clock import MovedClock
from engine.settings import Settings

FIRST_ON, LAST_ON, LEAVING_ON = date(2024, 4, 1), date(2024, 5, 20), date(2024, 4, 24)


def lived(folder: Path) -> Engine:
    """Fifty days of the sample town, in which one worker leaves."""
    settings = Settings(database=f"sqlite:///{folder / 'town.db'}", key_file=folder / "keys" / "master.key")
    Engine.init(settings, trial=True)
    engine = Engine(settings, clock=MovedClock(datetime(2024, 4, 1, tzinfo=UTC)))
    engine.load_shipped_calendar()
    assert engine.load_people(sample_town(), actor="engine").done
    assert all(published.done for published in engine.publish_shipped(actor="engine"))
    workers = engine.holders_by_name()
    rows = [
        (row.received_on, source_row(row, PATHWAY, workers))
        for row in rows_of(SAMPLE_LEDGER)
        if row.received_on <= LAST_ON
    ]
    done = engine.live(
        rows,
        first_on=FIRST_ON,
        last_on=LAST_ON,
        departures=[Departure(LEAVING_ON, "kinoshita", "komatsu")],
    )
    assert done.opened == len(rows)
    assert done.set_apart == 0
    assert done.handed_over > 0
    return engine


def test_every_case_that_the_town_lived_holds_its_promise_and_its_history(tmp_path: Path) -> None:
    engine = lived(tmp_path)
    now = engine.now()
    with engine.reading() as reader:
        numbers = [row.number for row in reader.case_rows(limit=2_000)]
        cases = reader.folded(numbers)
        directory = engine.office.directory(reader)
    assert len(numbers) > 100
    for number in numbers:
        case = cases[number]
        assert bool(case.obligations) == case.is_open
        for live in case.obligations.values():
            assert live.wakes_at > now
            assert directory.can_hold(live.holder)
        verified = engine.verify(number)
        assert verified is not None
        assert verified.sound, (number, verified.chain, verified.differences[:1])
    assert not directory.can_hold("kinoshita")
    assert any(live.fell_due for case in cases.values() for live in case.obligations.values())
    engine.close()


def test_the_same_seed_lives_the_same_town_to_the_last_byte(tmp_path: Path) -> None:
    heads = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        engine = lived(tmp_path / name)
        with engine.reading() as reader:
            heads.append(
                {
                    row.number: [stored.body for stored in reader.entries(row.number)]
                    for row in reader.case_rows()
                }
            )
        engine.close()
    assert heads[0] == heads[1]


def test_a_store_with_real_cases_cannot_be_lived_in(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path / 'x.db'}", key_file=tmp_path / "keys" / "master.key")
    Engine.init(settings, trial=False)
    engine = Engine(settings)
    with pytest.raises(ClockFixed):
        engine.live([], first_on=FIRST_ON, last_on=LAST_ON)
    with pytest.raises(ClockFixed):
        engine.shift_clock(datetime(2030, 1, 1, tzinfo=UTC))
    engine.close()
