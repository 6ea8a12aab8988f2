"""`make bench`: print the table. Nothing here fails because it was slow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmark.run import measure


def test_the_figures_are_measured_and_every_count_is_exact(
    pytestconfig: pytest.Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        figures = measure(
            tmp_path,
            quick=pytestconfig.getoption("--quick"),
            json_file=pytestconfig.getoption("--json"),
            only=pytestconfig.getoption("--only"),
        )
    assert figures
