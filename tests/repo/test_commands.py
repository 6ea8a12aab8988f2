"""The commands that are enough on a fresh clone exist and explain themselves."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.repo.source import ROOT, text

TARGETS = ("help", "env", "up", "demo", "lint", "test", "test-quick", "bench", "night", "lock")


def test_make_alone_lists_every_target_in_japanese_and_english() -> None:
    # A recipe sees the outer make's flags, such as -s or --print-directory.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"
    }
    listing = subprocess.run(
        ["make"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"^  make (\S+)", listing, re.MULTILINE) == list(TARGETS)
    described = re.findall(r"^  make \S+ +(\S.*)\n {10,}(\S.*)$", listing, re.MULTILINE)
    assert len(described) == len(TARGETS)
    assert all(re.search(r"[ぁ-んァ-ヶ一-龠]", ja) and en.isascii() for ja, en in described)


@pytest.mark.parametrize("script", [".ci/run", ".ci/env"])
def test_a_script_can_be_run_and_stops_at_the_first_failure(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    assert re.search(r"^set -eu", text(Path(script)), re.MULTILINE)


def test_an_old_python_is_refused_with_words(tmp_path: Path) -> None:
    folder = tmp_path / "clone" / ".ci"
    folder.mkdir(parents=True)
    (folder / "env").write_text(text(Path(".ci/env")), encoding="utf-8")
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "dirname", "printf"):
        (tools / tool).symlink_to(f"/usr/bin/{tool}")
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" || exit 1\n', encoding="utf-8")
    old.chmod(0o755)
    run = subprocess.run(
        ["/bin/sh", folder / "env"], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "3.11 以降が必要です" in run.stderr
    assert "Python 3.9.2" in run.stderr
    assert "apt-get install python3 python3-venv" in run.stderr
    assert not (folder.parent / ".venv").exists()
