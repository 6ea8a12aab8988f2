"""`python -m tests.benchmark [--quick] [--json FILE] [--only storm,replay]`: the table without pytest."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmark.run import measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", default="")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bansou-bench-") as folder:
        measure(Path(folder), quick=given.quick, json_file=given.json, only=given.only)


if __name__ == "__main__":
    main()
