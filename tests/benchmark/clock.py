"""What the clock costs: many due together, few due among many, one in a hundred failing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from engine.api import Settings
from tests.benchmark import floor
from tests.benchmark import town as towns
from tests.benchmark.bulk import Bulk, Population
from tests.benchmark.figure import ROUNDS, Figure, median, seconds
from tests.benchmark.town import Town

IDLE_PASSES = 30


def storm(bulk: Bulk, count: int) -> Iterator[Figure]:
    """Fire `count` wake-ups that are due together, each exactly once."""
    population = bulk.sqlite(count)
    tracing = _traced(bulk, population)
    took, raw = [], []
    for _ in range(ROUNDS):
        town = bulk.copy(population)
        took.append(seconds(partial(swept, town, population)))
        check_once(town, population)
        town.close()
        raw.append(floor.sqlite_floor(_fresh(bulk, population), tracing.commits))
    ours, least = count / median(took), count / median(raw)
    yield Figure(
        f"起床 {count:,} 件が同時(100件ずつ)", f"{count:,} wake-ups due together, by 100", ours, "/s", least,
        ours / least, "floor", 0.25, 0.40,
    )  # fmt: skip
    if count == 100_000:
        yield Figure(
            "同、全部が済むまで",
            "the same, until all are done",
            median(took),
            "s",
            median(raw),
            None,
            "",
            10,
            10,
            "less",
        )


def swept(town: Town, population: Population) -> None:
    """Sweep at the instant at which the due ones are due, and see that all of them were acted on."""
    town.clock.move_to(population.due_at)
    done = town.engine.sweep()
    assert (done.cases, done.set_apart) == (population.due, []), (done.cases, done.set_apart[:3])


def check_once(town: Town, population: Population) -> None:
    """Count in the tables: one wake for each due case, none for another; a second pass does nothing."""
    again = town.engine.sweep()
    assert again.cases == 0
    with closing(sqlite3.connect(town.file)) as connection:
        woken = connection.execute(
            "SELECT count(*), count(DISTINCT case_id) FROM entry WHERE kind = 'Wake' AND seq > 2"
        ).fetchone()
    assert woken == (population.due, population.due), woken


def _traced(bulk: Bulk, population: Population) -> floor.Traced:
    town = bulk.copy(population)
    tracing = floor.traced(town)
    swept(town, population)
    town.close()
    return tracing


def _fresh(bulk: Bulk, population: Population) -> Path:
    town = bulk.copy(population)
    town.close()
    return town.file


def sweeps(bulk: Bulk, sizes: tuple[int, ...], due: int) -> Iterator[Figure]:
    """Sweep `due` cases among ever more live promises, and pass when nothing is due."""
    firing: dict[int, float] = {}
    idle: dict[int, float] = {}
    for size in sizes:
        population = bulk.sqlite(due, max(0, (size - 4 * due) // 5))
        took, passes = [], []
        for _ in range(ROUNDS):
            town = bulk.copy(population)
            passes += [seconds(town.engine.sweep) for _ in range(IDLE_PASSES)]
            took.append(seconds(partial(swept, town, population)))
            town.close()
        firing[size], idle[size] = median(took), median(passes)
    small, middle, large = sizes[0], sizes[-2], sizes[-1]
    for size in sizes:
        against = (middle, 2.0, 1.4) if size == large else None
        yield Figure(
            f"{size:,} 件の約束のうち {due:,} 件を起こす", f"a sweep of {due:,} due among {size:,} promises",
            1000 * firing[size], "ms", None, firing[size] / firing[middle] if against else None,
            f"{middle:,}", 2.0 if against else None, 1.4 if against else None, "less",
        )  # fmt: skip
    for size in sizes:
        last = size == large
        yield Figure(
            f"何も来ない時計の一回り({size:,} 件)", f"an idle sweep among {size:,} promises", 1e6 * idle[size], "µs",
            None, idle[size] / idle[small] if last else None, f"{small:,}", 2.5 if last else None, 1.2 if last else None,
            "less",
        )  # fmt: skip


def failing(bulk: Bulk, count: int) -> Iterator[Figure]:
    """Sweep with one case in a hundred failing: in the decision, and in the database."""
    population = bulk.sqlite(count)
    clean: list[float] = []
    deciding: list[float] = []
    storing: list[float] = []
    for _ in range(ROUNDS):
        for kept, spoilt in ((clean, ""), (deciding, _IN_DECISION), (storing, _IN_STORE)):
            town = bulk.copy(population)
            if spoilt:
                with closing(sqlite3.connect(town.file, isolation_level=None)) as connection:
                    connection.execute(spoilt)
            town.clock.move_to(population.due_at)
            kept.append(seconds(partial(_swept_apart, town, count, bool(spoilt))))
            town.close()
    plain = median(clean)
    for ja, en, took, must, aim in (
        ("判断", "in the decision", deciding, 1.2, 1.1), ("保存", "in the database", storing, 3.0, 2.5),
    ):  # fmt: skip
        yield Figure(
            f"100件に1件が{ja}で失敗", f"one in a hundred fails {en}", count / median(took), "/s", count / plain,
            median(took) / plain, "clean", must, aim, "less",
        )  # fmt: skip


_IN_DECISION = (
    'UPDATE case_ SET projection = CAST(replace(CAST(projection AS TEXT), \'"ladder":"routine"\', '
    '\'"ladder":"nowhere"\') AS BLOB) WHERE id >= 1001 AND id % 100 = 7'
)
_IN_STORE = (
    "CREATE TRIGGER bench_refuses BEFORE INSERT ON entry WHEN NEW.case_id >= 1001 AND NEW.case_id % 100 = 7 "
    "BEGIN SELECT RAISE(ABORT, 'bench: refused'); END"
)


def _swept_apart(town: Town, count: int, spoilt: bool) -> None:
    done = town.engine.sweep()
    apart = count // 100 if spoilt else 0
    assert (done.cases, len(done.set_apart)) == (count - apart, apart), (done.cases, done.set_apart[:3])


def memory(bulk: Bulk, few: int, many: int) -> Iterator[Figure]:
    """Sweep in a process of its own and read what it needed at most."""
    peak = {}
    for count in (few, many):
        population = bulk.sqlite(count)
        town = bulk.copy(population)
        town.close()
        told = subprocess.run(
            [
                sys.executable, "-m", "tests.benchmark.clock", town.settings.database, str(town.settings.key_file),
                population.due_at.isoformat(),
            ],
            check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        peak[count] = int(told.stdout) / 1024
    yield Figure(
        f"最大メモリー: {many:,} 件({few:,} 件との比)", f"peak memory, {many:,} due against {few:,}", peak[many], "MiB",
        peak[few], peak[many] / peak[few], f"{few:,} due", 1.2, 1.05, "less",
    )  # fmt: skip


def room(bulk: Bulk, count: int) -> Iterator[Figure]:
    """Measure the file: for each case as opened, and for each firing."""
    population = bulk.sqlite(count)
    town = bulk.copy(population)
    before = town.file.stat().st_size
    swept(town, population)
    town.close()
    with closing(sqlite3.connect(town.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    after = town.file.stat().st_size
    promises = population.obligations / population.due
    case = (before - population.empty_bytes) / count
    yield Figure(
        f"ケース1件(約束 {promises:.0f}、記録 2、世帯 3人)", f"a case: {promises:.0f} promises, 2 entries, a family",
        case / 1000, "kB", None, None, "", None, None, "less",
    )  # fmt: skip
    yield Figure(
        "起床1回(記録 1、知らせ 1)", "a firing: 1 entry, 1 notice", (after - before) / count / 1000, "kB", None, None, "",
        1.0, 0.75, "less",
    )  # fmt: skip


def _main(database: str, key_file: str, due_at: str) -> None:
    from datetime import datetime

    town = towns.entered(Settings(database=database, key_file=Path(key_file)))
    town.clock.move_to(datetime.fromisoformat(due_at))
    town.engine.sweep()
    town.close()
    # Not getrusage: it counts what the parent had before it became this process.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    sys.stdout.write(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    _main(*sys.argv[1:])
