"""Find and read the form files that a pathway names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, Final

from engine.checker.finding import Finding, Place, Severity
from engine.core.pathway.form_lint import FormFault, lint_form_schema
from engine.loading.document import BYTES_MAX, Document

ReadForm = Callable[[str], "str | bytes | None"]
"""Give the content of a form file by its path beside the pathway file; None where there is none."""

_SUFFIXES: Final = (".yaml", ".yml", ".json")


def folder_reader(folder: Path) -> ReadForm:
    """Return a reader of form files that never reads outside of `folder`, symbolic links included.

    A file longer than the limit of a document is read only so far that it is
    refused as too large; one that cannot be opened counts as missing.
    """
    root = folder.resolve()

    def read(name: str) -> bytes | None:
        try:
            path = (root / name).resolve()
            if not path.is_relative_to(root) or not path.is_file():
                return None
            with path.open("rb") as content:
                return content.read(BYTES_MAX + 1)
        except (OSError, ValueError):
            return None

    return read


def path_finding(name: str, place: Place) -> Finding | None:
    """Return why a form's path cannot be used, or None: it stays in the pathway's folder, on any system."""
    ja = en = do_ja = do_en = ""
    if "\\" in name:
        ja, en = f"様式のパス「{name}」に「\\」があります。", f"The path '{name}' holds a backslash."
        do_ja, do_en = "区切りは「/」にしてください。", "Separate folders with '/'."
    elif name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
        ja = f"様式のパス「{name}」が、支援経路のフォルダーの外を指しています。"
        en = f"The path '{name}' leads out of the pathway's folder."
        do_ja = "支援経路のファイルと同じフォルダーに様式を置き、forms/intake.yaml のように書いてください。"
        do_en = "Put the form beside the pathway file and write a path such as forms/intake.yaml."
    elif not name.endswith(_SUFFIXES):
        ja = f"様式のファイル「{name}」の種類が違います。"
        en = f"'{name}' is not the name of a form file."
        do_ja = "名前が .yaml か .json で終わるファイルにしてください。"
        do_en = "Use a file whose name ends in .yaml or .json."
    else:
        return None
    return Finding(code="F111", severity=Severity.ERROR, place=place, ja=ja, en=en, do_ja=do_ja, do_en=do_en)


def missing_form(name: str, place: Place) -> Finding:
    """Return the finding for a form file that is not there."""
    return Finding(
        code="F110",
        severity=Severity.ERROR,
        place=place,
        ja=f"様式のファイル「{name}」がありません。",
        en=f"There is no form file '{name}'.",
        do_ja="支援経路のファイルから見た場所と、名前のつづりを確かめてください。",
        do_en="Check the spelling, and where it lies as seen from the pathway file.",
    )


def form_findings(document: Document, name: str) -> tuple[Finding, ...]:
    """Return what keeps a form from being used, at the lines of its own file."""
    return document.located(_finding(fault, document) for fault in lint_form_schema(document.value, name))


def _finding(fault: FormFault, document: Document) -> Finding:
    place = place_of(fault.pointer, document.value)
    return Finding(
        code="F120",
        severity=Severity.ERROR,
        place=place,
        at_key=bool(place) and isinstance(place[-1], str),
        ja=fault.ja,
        en=fault.en,
        do_ja=fault.do_ja,
        do_en=fault.do_en,
    )


def place_of(pointer: str, value: Any) -> Place:
    """Return the place that a JSON Pointer (RFC 6901) names in a value, as far as the value has it."""
    place: list[str | int] = []
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
            place.append(key)
        elif isinstance(value, list) and key.isdecimal() and key.isascii() and int(key) < len(value):
            value = value[int(key)]
            place.append(int(key))
        else:
            break
    return tuple(place)
