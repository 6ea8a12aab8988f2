"""The tutorial is played as it stands: its files are written, its commands run, its output compared.

`python -m tests.scenario.test_tutorial` writes what the commands really say
into the tutorial and the README, after a change that was meant, and records the
transcripts anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import Final

import pytest

from engine.cli.main import main

ROOT: Final = Path(__file__).resolve().parents[2]
README: Final = ROOT / "README.md"
TUTORIAL: Final = ROOT / "docs" / "tutorial" / "first-pathway-ja.md"
TRANSCRIPTS: Final = ROOT / "docs" / "explanation" / "transcripts.md"
SAMPLE: Final = ROOT / "connectors" / "csv_intake" / "sample" / "ledger.csv"
WIDTH: Final = "110"

_FENCE: Final = re.compile(r"^```(yaml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WHOLE: Final = re.compile(r"# (\S+)\n")
_PART: Final = re.compile(r"# (\S+) の (\w+) を書き直す\n")


def played(text: str, folder: Path) -> str:
    """Return the tutorial with what its commands print when they are run in an empty folder."""
    status = 0

    def play(block: re.Match[str]) -> str:
        nonlocal status
        kind, body = block.groups()
        if kind == "yaml":
            _written(folder, body)
            return block[0]
        lines: list[str] = []
        for line in body.splitlines():
            if not line.startswith("$ "):
                continue
            output, status = _run(line.removeprefix("$ "), folder, status)
            lines += [line, *output]
        return "```console\n" + "\n".join(lines) + "\n```"

    return _FENCE.sub(play, text)


def shown(readme: str, tutorial: str) -> str:
    """Return the README with what the tutorial says now; a block's lines before and after `…` are counted."""
    said: dict[str, list[str]] = {}
    for block in re.findall(r"^```console\n(.*?)^```$", tutorial, re.MULTILINE | re.DOTALL):
        for each in re.split(r"^(?=\$ )", block, flags=re.MULTILINE):
            command, *output = each.rstrip("\n").split("\n")
            said.setdefault(command, output)

    def show(block: re.Match[str]) -> str:
        command, *lines = block[1].rstrip("\n").split("\n")
        output = said[command]
        if "…" in lines:
            at = lines.index("…")
            output = [*output[:at], "…", *output[len(output) - (len(lines) - at - 1) :]]
        return "```text\n" + "\n".join([command, *output]) + "\n```"

    return re.sub(r"^```text\n(\$ .*?)^```$", show, readme, flags=re.MULTILINE | re.DOTALL)


def _written(folder: Path, body: str) -> None:
    """Write a file that a block holds whole, or put the named part of one in its place."""
    part = _PART.match(body)
    if part:
        file, name = folder / part[1], part[2]
        old = re.compile(rf"^( *){name}:\n(?:\1 .*\n)+", re.MULTILINE)
        text, replaced = old.subn(lambda _: body[part.end() :], file.read_text(encoding="utf-8"))
        assert replaced == 1, f"{name} stands once in {file}"
    else:
        whole = _WHOLE.match(body)
        assert whole, "a file's first line names it"
        file, text = folder / whole[1], body
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _run(line: str, folder: Path, status: int) -> tuple[list[str], int]:
    if line == "echo $?":
        return [str(status)], 0
    program, *arguments = [str(SAMPLE) if word == "$SAMPLE" else word for word in shlex.split(line)]
    assert program == "bansou", line
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        ended = main(arguments)
    text = said.getvalue().replace(str(SAMPLE), SAMPLE.name).replace(f"{folder.resolve()}/", "")
    return [each.rstrip() for each in text.rstrip("\n").splitlines()], ended


def test_the_tutorial_says_what_its_commands_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BANSOU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", WIDTH)
    text = TUTORIAL.read_text(encoding="utf-8")
    again = played(text, tmp_path)
    assert again.splitlines() == text.splitlines(), "python -m tests.scenario.test_tutorial rewrites it"


def test_the_readme_shows_what_the_tutorial_says() -> None:
    readme = README.read_text(encoding="utf-8")
    assert readme.count("```text\n$ bansou") == 3
    again = shown(readme, TUTORIAL.read_text(encoding="utf-8"))
    assert again.splitlines() == readme.splitlines(), "python -m tests.scenario.test_tutorial rewrites it"


if __name__ == "__main__":
    os.environ["COLUMNS"] = WIDTH
    for page in (TUTORIAL, TRANSCRIPTS):
        with tempfile.TemporaryDirectory() as made:
            page.write_text(played(page.read_text(encoding="utf-8"), Path(made)), encoding="utf-8")
    README.write_text(
        shown(README.read_text(encoding="utf-8"), TUTORIAL.read_text(encoding="utf-8")), encoding="utf-8"
    )
