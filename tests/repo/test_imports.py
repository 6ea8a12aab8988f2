"""Imports go down the floors, and each heavy tool has one home."""

from __future__ import annotations

import re
import tomllib

import pytest
from importlinter.cli import lint_imports

from tests.repo.source import ROOT, modules

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]


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
