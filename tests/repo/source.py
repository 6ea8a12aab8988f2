"""The committed files and the modules among them, for the tests of this folder."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "connectors", "ui")


@cache
def committed() -> tuple[Path, ...]:
    """Return every committed file, relative to the root; a file removed but not yet committed is left out."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    names = [Path(name) for name in listing.decode().split("\0") if name]
    return tuple(name for name in names if (ROOT / name).is_file())


@cache
def modules(*tops: str) -> tuple[Path, ...]:
    """Return the committed Python files below the given top-level folders."""
    return tuple(name for name in committed() if name.suffix == ".py" and name.parts[0] in tops)


@cache
def text(name: Path) -> str:
    """Return a committed file's text."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tree(name: Path) -> ast.Module:
    """Return a committed module's syntax tree."""
    return ast.parse(text(name), filename=str(name))
