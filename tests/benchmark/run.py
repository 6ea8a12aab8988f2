"""All of the figures in one run, in one table."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

from tests.benchmark.bulk import Bulk
from tests.benchmark.casework import long_history, transitions
from tests.benchmark.clock import failing, memory, room, storm, sweeps
from tests.benchmark.figure import Figure, as_json, render
from tests.benchmark.history import replay
from tests.benchmark.server import postgres

Group = Callable[[Bulk], Iterator[Figure]]


def groups(*, quick: bool) -> dict[str, Group]:
    """Name what can be measured, with its sizes."""
    if quick:
        return {
            "commands": lambda bulk: transitions(bulk, 400),
            "long": lambda bulk: long_history(bulk, 500, 60),
            "storm": lambda bulk: storm(bulk, 2_000),
            "sweeps": lambda bulk: sweeps(bulk, (1_000, 5_000, 20_000), 100),
            "failing": lambda bulk: failing(bulk, 1_000),
            "memory": lambda bulk: memory(bulk, 400, 2_000),
            "room": lambda bulk: room(bulk, 2_000),
            "replay": lambda bulk: replay(bulk, (500,), 1_000),
            "postgres": lambda bulk: postgres(bulk, 1_000, 100),
        }
    return {
        "commands": lambda bulk: transitions(bulk, 2_000),
        "long": lambda bulk: long_history(bulk, 5_000, 200),
        "storm": lambda bulk: storm(bulk, 100_000),
        "sweeps": lambda bulk: sweeps(bulk, (10_000, 100_000, 1_000_000), 1_000),
        "failing": lambda bulk: failing(bulk, 5_000),
        "memory": lambda bulk: memory(bulk, 2_000, 20_000),
        "room": lambda bulk: room(bulk, 5_000),
        "replay": lambda bulk: replay(bulk, (500, 5_000), 5_000),
        "postgres": lambda bulk: postgres(bulk, 5_000, 500),
    }


def measure(folder: Path, *, quick: bool = False, json_file: str = "", only: str = "") -> list[Figure]:
    """Measure, print the table, write the JSON if asked, and return the figures."""
    chosen = {name.strip() for name in only.split(",") if name.strip()}
    bulk = Bulk(folder)
    figures: list[Figure] = []
    start = perf_counter()
    for name, group in groups(quick=quick).items():
        if chosen and name not in chosen:
            continue
        sys.stderr.write(f"… {name} ({perf_counter() - start:.0f} s)\n")
        figures += group(bulk)
    about = {**_machine(), "seconds": round(perf_counter() - start), "quick": quick}
    sys.stdout.write(
        "\nbansou の速さ。すべての確定はディスクに書き終えています。3回の中央値。下限は、同じ行を同じ確定の区切りで、\n"
        "エンジンを通さずに書いたもの。機械を他の仕事と分け合うときは、値でなく比を見てください。\n"
        "How fast bansou is. Every commit is on disk. Medians of three. The floor writes the same rows in the same\n"
        "commits without the engine. Where the machine is shared, trust the ratios, not the values.\n\n"
    )
    sys.stdout.write("  ".join(f"{key}: {value}" for key, value in about.items()) + "\n\n" + render(figures))
    if json_file:
        Path(json_file).write_text(as_json(figures, about), encoding="utf-8")
    return figures


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }
