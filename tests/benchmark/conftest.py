"""Options of `make bench`: `pytest … tests/benchmark --quick --json FILE`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="smaller counts: about a minute instead of ten")
    parser.addoption("--json", default="", help="write the figures to this file as well")
    parser.addoption("--only", default="", help="measure only the groups named, with commas between")
