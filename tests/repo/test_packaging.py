"""What is installed is pinned, checked by hash, free to use; what is shipped is complete."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repo.source import PACKAGES, ROOT, committed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [
    *PROJECT["project"]["dependencies"],
    *(line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra),
]
DEVELOPMENT = [*RUNTIME, *PROJECT["dependency-groups"]["dev"]]


def _pins(lock: str) -> dict[str, tuple[str, int]]:
    """Return each pinned name with its version and the number of its hashes."""
    pins: dict[str, tuple[str, int]] = {}
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))
    for block in blocks:
        if match := re.match(r"([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", block):
            pins[canonicalize_name(match[1])] = (
                match[2],
                len(re.findall(r"--hash=sha256:[0-9a-f]{64}", block)),
            )
    return pins


LOCKS = [("requirements.lock", RUNTIME), ("requirements-dev.lock", DEVELOPMENT)]


@pytest.mark.parametrize(("lock", "wanted"), LOCKS, ids=[name for name, _ in LOCKS])
def test_every_direct_dependency_is_pinned_to_a_version_it_allows(lock: str, wanted: list[str]) -> None:
    pins = _pins(lock)
    for line in wanted:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        assert name in pins, f"{line} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(pins[name][0]), (
            f"{lock} pins {name} to {pins[name][0]}, not {line}"
        )


@pytest.mark.parametrize("lock", [name for name, _ in LOCKS])
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    pins = _pins(lock)
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert len(pins) == sum("==" in line and not line.lstrip().startswith("#") for line in lines)
    assert [name for name, (_, hashes) in pins.items() if hashes == 0] == []
    assert [line for line in lines if "://" in line or line.startswith("-") or " @ " in line] == []


def test_what_is_tested_is_what_is_shipped() -> None:
    tested = _pins("requirements-dev.lock")
    shipped = _pins("requirements.lock")
    assert {name: pin for name, pin in shipped.items() if tested.get(name) != pin} == {}


# LGPL (psycopg) is allowed: it asks that the library can be exchanged, and a separate package can.
# GPL and AGPL would reach over to what a municipality builds on top.
STRONG_COPYLEFT = re.compile(r"(?<!L)(?<!Lesser )(?:\bA?GPL|GNU (?:Affero )?General Public)", re.IGNORECASE)


def _licence(name: str) -> str:
    said = metadata(name)
    classifiers = [line for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    expressions = said.get_all("License-Expression") or []
    # A licence field may hold the whole text; its first line names it.
    fields = [field.strip().split("\n")[0] for field in said.get_all("License") or []]
    return "; ".join(expressions or [*classifiers, *fields])


def test_no_runtime_dependency_is_under_the_gpl() -> None:
    refused = {}
    for name in _pins("requirements.lock"):
        try:
            licence = _licence(name)
        except PackageNotFoundError:
            continue  # pinned for another operating system or interpreter
        if not licence.strip("; ") or STRONG_COPYLEFT.search(licence):
            refused[name] = licence
    assert refused == {}


def test_the_licence_pattern_tells_gpl_from_lgpl() -> None:
    for licence in ("GPL-3.0-only", "AGPL-3.0", "GNU General Public License v3 (GPLv3)"):
        assert STRONG_COPYLEFT.search(licence)
    for licence in ("LGPL-3.0-only", "GNU Lesser General Public License", "MIT"):
        assert not STRONG_COPYLEFT.search(licence)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_package_and_pathway_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {str(name) for name in committed() if name.parts[0] in (*PACKAGES, "pathways")}
    assert expected <= names
    assert {name.split("/")[0] for name in names} <= {*PACKAGES, "pathways"}


def test_the_wheel_carries_its_licence_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        parts = {name.split(".dist-info/")[1]: name for name in archive.namelist() if ".dist-info/" in name}
        assert {"licenses/LICENSE", "licenses/NOTICE"} <= set(parts)
        assert "bansou = engine.cli.main:main" in archive.read(parts["entry_points.txt"]).decode()
