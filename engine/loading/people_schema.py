"""The JSON Schema of a people file, for editors; `python -m engine.loading.people_schema` writes it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import engine
from engine.core.pathway.notation import DATE_PATTERN, IDENTIFIER_PATTERN
from engine.loading.people_file import PeopleFile
from engine.loading.schema import written

PEOPLE_SCHEMA_ID: Final = "urn:bansou:schema:people"

_TITLES: Final = {
    "Agency": "関係機関",
    "Away": "不在",
    "StaffMember": "職員",
    "Team": "チーム",
}
_PATTERN_WORDS: Final = {
    IDENTIFIER_PATTERN: (
        "英字・かな・漢字・_ で始め、英数字・かな・漢字・_ だけで64字まで"
        " / begins with a letter, kana, kanji or _; letters, digits, kana, kanji and _, 64 at most"
    ),
    DATE_PATTERN: "2027-04-01 のように、年-月-日 / year-month-day, as 2027-04-01",
}


def people_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a people file.

    It accepts what the model accepts, null apart. What lies between entries
    (covers, teams, the duty desk) is checked when the file is read.
    """
    made: dict[str, Any] = _plain(PeopleFile.model_json_schema())
    definitions = made.pop("$defs")
    for name, title in _TITLES.items():
        definitions[name]["title"] = title
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": PEOPLE_SCHEMA_ID,
        **made,
        "title": "職員・チーム・関係機関 / People",
        "$defs": dict(sorted(definitions.items())),
    }


def _plain(node: Any) -> Any:
    """Rewrite a node as an officer needs it: without null and generated titles, with words for patterns."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if not (key == "title" and isinstance(value, str))}
    if node.get("default", ...) is None:
        del node["default"]
    kept = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    if len(kept) == 1:
        del node["anyOf"]
        node = {**kept[0], **node}
        node.pop("title", None)
    if "patternProperties" in node and "additionalProperties" not in node:
        [(pattern, value)] = node.pop("patternProperties").items()
        node |= {"propertyNames": {"type": "string", "pattern": pattern}, "additionalProperties": value}
    if node.get("pattern") in _PATTERN_WORDS:
        node["patternErrorMessage"] = _PATTERN_WORDS[node["pattern"]]
    return {
        key: ({name: _plain(each) for name, each in value.items()} if key == "properties" else _plain(value))
        for key, value in node.items()
    }


def main(folder: Path | None = None) -> int:
    """Write the schema file to a folder, by default `docs/schema` of the checkout. Return the exit status."""
    folder = folder or Path(engine.__file__).resolve().parent.parent / "docs" / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.json").write_text(written(people_schema()), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
