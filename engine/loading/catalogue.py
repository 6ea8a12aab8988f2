"""The pathways that are shipped with bansou, and the versions that a folder holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import engine
from engine.checker.finding import Finding, Severity
from engine.core.officetime.calendar import OfficeCalendar
from engine.loading.calendar import load_calendar
from engine.loading.pathway import Loaded, load_pathway

_FOLDER: Final = re.compile(r"[a-z][0-9a-z_]{0,63}")
_FILE: Final = re.compile(r"v([1-9][0-9]{0,5})\.yaml")
_NEARLY: Final = re.compile(r"(?i)v?0*[0-9]+\.ya?ml")


class VersionFile(NamedTuple):
    """A version of a pathway, as its folder and file name say."""

    pathway: str
    version: int
    path: Path


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a folder of pathways holds, and the files in it whose name keeps them out."""

    versions: tuple[VersionFile, ...]
    findings: tuple[Finding, ...]


def shipped_pathways() -> Path:
    """Return the folder of the shipped pathways: beside the `engine` package, in checkout and wheel."""
    return Path(engine.__file__).resolve().parent.parent / "pathways"


def list_versions(folder: Path) -> list[VersionFile]:
    """Return every `<id>/v<N>.yaml` below a folder, by pathway and version. No file is opened."""
    return list(read_catalogue(folder).versions)


def read_catalogue(folder: Path) -> Catalogue:
    """Return the versions below a folder, and a finding for each file that is nearly named like one.

    A folder that is not there holds nothing. Versions come sorted by pathway, then by number.
    """
    versions: list[VersionFile] = []
    findings: list[Finding] = []
    for path in sorted(folder.glob("*/*.y*ml")) if folder.is_dir() else ():
        name = _FILE.fullmatch(path.name)
        if name and _FOLDER.fullmatch(path.parent.name):
            versions.append(VersionFile(path.parent.name, int(name[1]), path))
        elif name or _NEARLY.fullmatch(path.name):
            findings.append(_misnamed(path, badly_foldered=name is not None))
    return Catalogue(tuple(sorted(versions)), tuple(findings))


def load_version(entry: VersionFile) -> Loaded:
    """Load one version, and refuse one whose content names another pathway or number than its path."""
    loaded = load_pathway(entry.path)
    if loaded.pathway is None:
        return loaded
    wrong = []
    if loaded.pathway.pathway != entry.pathway:
        wrong.append(
            _mismatch("pathway", loaded.pathway.pathway, f"{entry.pathway}/", "フォルダー", "the folder")
        )
    if loaded.pathway.version != entry.version:
        wrong.append(
            _mismatch("version", str(loaded.pathway.version), entry.path.name, "ファイル名", "the file name")
        )
    if not wrong:
        return loaded
    return replace(loaded, pathway=None, findings=(*loaded.located(wrong), *loaded.findings))


def shipped_calendar(name: str, version: int) -> OfficeCalendar:
    """Load a shipped office calendar.

    Raises:
        CalendarFileError: there is no such calendar, or its file is not usable.
    """
    return load_calendar(shipped_pathways() / "calendars" / name / f"v{version}.yaml")


def _mismatch(key: str, written: str, named: str, where_ja: str, where_en: str) -> Finding:
    return Finding(
        code="F130",
        severity=Severity.ERROR,
        place=(key,),
        ja=f"{key} の「{written}」が、{where_ja}「{named}」と合っていません。",
        en=f"The {key} '{written}' does not agree with {where_en} '{named}'.",
        do_ja="どちらかを直し、pathways/識別名/v版.yaml の形にそろえてください。",
        do_en="Correct one of them, so that the path is pathways/NAME/vVERSION.yaml.",
    )


def _misnamed(path: Path, *, badly_foldered: bool) -> Finding:
    if badly_foldered:
        ja, en = (
            f"フォルダー名「{path.parent.name}」は支援経路の識別名になりません。",
            (f"The folder '{path.parent.name}' cannot be the name of a pathway."),
        )
        do_ja = "半角の英小文字で始め、英小文字・数字・_ だけにしてください。"
        do_en = "Begin it with a small letter a-z; use only small letters, digits and _."
    else:
        ja, en = (
            f"ファイル名「{path.name}」は版の名前になっていません。",
            (f"The file name '{path.name}' is not that of a version."),
        )
        do_ja = "v1.yaml のように、小文字の v と版の番号にしてください。"
        do_en = "Name it v1.yaml: a small v and the number of the version."
    return Finding(
        code="F131",
        severity=Severity.WARNING,
        place=(),
        ja=ja,
        en=en,
        do_ja=do_ja,
        do_en=do_en,
        file=str(path),
        line=1,
        column=1,
    )
