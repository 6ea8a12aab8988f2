"""The source says where, what and why, in pieces that can be read, and names no machine."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from tests.repo.source import PACKAGES, ROOT, committed, modules, text, tree

FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 450
# The formatter keeps code to 110; a sentence in a string may run on a little rather than be broken.
LINE_CHARACTERS_MAX = 130

# Each pattern is put together here, so that this file does not name what it looks for.
_SEP = "/"
MACHINE = re.compile(
    "|".join(
        [
            rf"(?<![\w.]){_SEP}(?:root|Users){_SEP}\w",
            rf"(?<![\w.]){_SEP}home{_SEP}[a-z]+{_SEP}",
            rf"(?<![\w.]){_SEP}work{_SEP}(?:main|shared)\b",
            rf"{_SEP}opt{_SEP}(?:pypi|wheels)",
        ]
    )
)
REGISTRY = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("files", "pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("conda", "anaconda", "org"),
            ("proxy", "golang", "org"),
            ("jfrog", "io"),
        )
    )
)
UNFINISHED = re.compile(
    r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error"]) + r")\b"
)

# The sample ledger is written as Excel writes one in a town hall.
OTHER_CHARSETS = {Path("connectors/csv_intake/sample/ledger.csv"): "cp932"}


def _readable() -> list[tuple[Path, str]]:
    found = []
    for name in committed():
        content = (ROOT / name).read_bytes()
        if name in OTHER_CHARSETS:
            found.append((name, content.decode(OTHER_CHARSETS[name])))
        elif b"\0" not in content:
            found.append((name, content.decode("utf-8")))
    return found


def _matches(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {match.group()}"
        for name, content in _readable()
        for number, line in enumerate(content.splitlines(), 1)
        for match in pattern.finditer(line)
    ]


def test_no_committed_file_names_a_folder_of_somebodys_machine() -> None:
    assert _matches(MACHINE) == []


def test_no_committed_file_names_a_package_registry() -> None:
    assert _matches(REGISTRY) == []


def test_the_patterns_find_what_they_are_for() -> None:
    assert MACHINE.search("see " + _SEP.join(["", "root", "x"]))
    assert MACHINE.search(_SEP.join(["", "home", "hanako", "bansou"]))
    assert REGISTRY.search("https:" + _SEP * 2 + "pypi" + ".org" + _SEP + "simple")
    assert UNFINISHED.search("# TO" + "DO: later")


def test_every_committed_file_is_utf8_and_ends_its_last_line() -> None:
    assert [str(name) for name, content in _readable() if content and not content.endswith("\n")] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [str(name) for name in modules(*PACKAGES, "tests") if not ast.get_docstring(tree(name))] == []


def test_nothing_is_left_for_later() -> None:
    unfinished = [
        f"{name}:{number}: {line.strip()}"
        for name in modules(*PACKAGES, "tests")
        for number, line in enumerate(text(name).splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert unfinished == []


def test_every_module_can_be_read_in_one_sitting() -> None:
    lengths = {str(name): len(text(name).splitlines()) for name in modules(*PACKAGES)}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES_MAX} == {}


def test_every_function_fits_on_a_screen() -> None:
    long = [
        f"{name}:{node.lineno}: {node.name} has {lines} lines"
        for name in modules(*PACKAGES)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _code_lines(node)) > FUNCTION_LINES_MAX
    ]
    assert long == []


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's length without its docstring, which may be as long as the promise needs."""
    end = function.end_lineno
    assert end is not None
    first = function.body[0]
    docstring = 0
    if ast.get_docstring(function, clean=False) is not None and first.end_lineno is not None:
        docstring = first.end_lineno - first.lineno + 1
    return end - function.lineno + 1 - docstring


def test_no_line_runs_on_beyond_what_can_be_read() -> None:
    # ruff's E501 counts a Japanese character as two, and no sentence is better for being broken there.
    long = [
        f"{name}:{number}: {len(line)}"
        for name in modules(*PACKAGES, "tests")
        for number, line in enumerate(text(name).splitlines(), 1)
        if len(line) > LINE_CHARACTERS_MAX
    ]
    assert long == []


def test_every_adr_has_a_number_of_its_own() -> None:
    names = [name for name in committed() if name.parts[:2] == ("docs", "adr") and name.suffix == ".md"]
    records = [name for name in names if name.name not in ("README.md", "index.md")]
    assert [str(name) for name in records if not re.fullmatch(r"[0-9]{4}-[a-z0-9-]+\.md", name.name)] == []
    numbers = Counter(name.name[:4] for name in records)
    assert [number for number, times in numbers.items() if times > 1] == []


def test_the_readme_names_the_two_commands_that_are_enough() -> None:
    readme = text(Path("README.md"))
    assert "make up" in readme
    assert "make test" in readme
