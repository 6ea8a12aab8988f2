"""Imports go down the floors, and each heavy tool has one home."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator

import pytest
from importlinter.cli import lint_imports

from tests.repo.source import ROOT, modules

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]


@pytest.fixture
def logs_left_as_they_are() -> Iterator[None]:
    """import-linter sets up logging and silences every logger there is; tests of what is logged come later."""
    loggers = [
        logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)
    ]
    silenced = {logger: logger.disabled for logger in loggers}
    root = (logging.root.level, list(logging.root.handlers))
    yield
    for logger, was in silenced.items():
        logger.disabled = was
    logging.root.setLevel(root[0])
    logging.root.handlers[:] = root[1]


@pytest.mark.usefixtures("logs_left_as_they_are")
def test_the_import_contracts_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True, verbose=False)
    assert status == 0, capsys.readouterr().out


def test_every_part_of_the_engine_stands_on_a_floor() -> None:
    floors = next(contract for contract in CONTRACTS if contract["id"] == "floors")["layers"]
    standing = set(re.findall(r"engine\.(\w+)", " ".join(floors)))
    parts = {name.parts[1].removesuffix(".py") for name in modules("engine")} - {"__init__"}
    assert parts <= standing
