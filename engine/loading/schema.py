"""The JSON Schemas that editors use, generated from the model; `python -m engine.loading.schema` writes them.

A schema says the same as the model, in both languages, so that an officer who
types a pathway is told of a slip before anything is loaded.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

import engine
from engine.core.officetime.due import Roll
from engine.core.pathway.form_lint import DIALECT
from engine.core.pathway.form_node import FORMATS
from engine.core.pathway.model import Pathway
from engine.core.pathway.notation import (
    ASCII_IDENTIFIER_PATTERN,
    DATE_PATTERN,
    EVENT_PATTERN,
    IDENTIFIER_PATTERN,
    SPAN_PATTERN,
)
from engine.core.vocabulary import Authority, Grade, RoleKind, Sharing, Subject

PATHWAY_SCHEMA_ID: Final = "urn:bansou:schema:pathway"
FORM_SCHEMA_ID: Final = "urn:bansou:schema:form"

_NAMED_TEXTS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    SPAN_PATTERN: (
        "Span",
        "期間",
        "整数のすぐ後に単位を付けます。min 分、h 時間、d 日、w 週、mo 月、y 年、bd 開庁日。例: 3bd、48h、1mo",
        "A whole number directly followed by a unit: min, h, d, w, mo, y, bd (office days).",
    ),
    IDENTIFIER_PATTERN: (
        "Name",
        "名前",
        "英字・かな・漢字・_ で始め、英数字・かな・漢字・_ だけで64字まで",
        "Begins with a letter, kana, kanji or _; letters, digits, kana, kanji and _, 64 at most.",
    ),
    EVENT_PATTERN: (
        "EventName",
        "出来事の名前",
        "名前、または recorded.様式 のように点でつないだ、仕組みが知らせる出来事",
        "A name, or an event that the engine tells, with a dot: recorded.FORM, fulfilled.OBLIGATION.",
    ),
    ASCII_IDENTIFIER_PATTERN: (
        "AsciiName",
        "英字の名前",
        "半角の英小文字で始め、英小文字・数字・_ だけで64字まで",
        "Begins with a small letter a-z; small letters, digits and _, 64 at most.",
    ),
    DATE_PATTERN: ("CivilDate", "日付", "2027-04-01 のように、年-月-日", "Year-month-day, as 2027-04-01."),
}

PART_TITLES: Final[Mapping[str, str]] = {
    "Approval": "決裁",
    "Authority": "期限の根拠",
    "ConsentKind": "同意の種類",
    "ConsentNeed": "必要な同意",
    "Deadline": "期限",
    "Deferral": "延期の限度",
    "Each": "一人ひとりへの約束",
    "Everywhere": "どの状態でも効くもの",
    "FollowUp": "連絡",
    "Grade": "接触の段階",
    "Label": "表示名",
    "Migrate": "前の版からの移し方",
    "MigrationFrom": "一つの版からの移し方",
    "Opening": "受付",
    "Outcome": "結果と、そのあと",
    "Pathway": "支援経路",
    "Pause": "休止の限度",
    "Refer": "つなぎ",
    "Reopening": "再開",
    "Review": "見直し",
    "Role": "役割",
    "RoleKind": "役割の種類",
    "Roll": "閉庁日に当たったとき",
    "Rung": "督促の一段",
    "Sharing": "会議で扱う根拠",
    "Stage": "くりかえしの一区間",
    "Start": "別の支援経路を始める",
    "State": "状態",
    "Subject": "支援の単位",
    "Transition": "行き先",
    "Weight": "優先度の加点",
}
"""The Japanese title of every part and every closed set of words."""

_WORDS: Final[tuple[type[Enum], ...]] = (Authority, Grade, RoleKind, Roll, Sharing, Subject)


def pathway_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a pathway file.

    It accepts what the model accepts, null apart: a pathway leaves out what it
    does not say. Every key carries its explanation in Japanese and English
    (`x-ja`, `x-en`, and both in `description`).
    """
    made = Pathway.model_json_schema()
    definitions = {name: _plain(each) for name, each in made.pop("$defs").items()}
    body = _plain(made)
    for pattern, (name, ja, ja_text, en_text) in _NAMED_TEXTS.items():
        definitions[name] = {
            "title": ja,
            "description": f"{ja_text}\n\n{en_text}",
            "type": "string",
            "pattern": pattern,
            "patternErrorMessage": f"{ja_text} / {en_text}",
            "x-ja": ja_text,
            "x-en": en_text,
        }
    definitions["Span"]["examples"] = ["3bd", "48h", "1mo"]
    for kind in _WORDS:
        definitions[kind.__name__] = _words(kind)
    for name, each in [*definitions.items(), ("Pathway", body)]:
        if name in PART_TITLES:
            english = each["description"]
            each["title"] = PART_TITLES[name]
            each["description"] = f"{PART_TITLES[name]}\n\n{english}"
    return {
        "$schema": DIALECT,
        "$id": PATHWAY_SCHEMA_ID,
        "title": "支援経路 / Pathway",
        **{key: value for key, value in body.items() if key != "title"},
        "$defs": dict(sorted(definitions.items())),
    }


def _words(kind: type[Enum]) -> dict[str, Any]:
    """Say a closed set of words, each with what it means."""
    labels = {}
    for member in kind:
        ja = getattr(member, "ja", None) or getattr(member, "label_ja", "")
        en = getattr(member, "en", None) or getattr(member, "label_en", "")
        labels[str(member.value)] = {"ja": ja, "en": en}
    listing = "\n".join(f"- {word}: {each['ja']} / {each['en']}" for word, each in labels.items())
    return {
        "description": f"{(kind.__doc__ or '').partition(chr(10))[0]}\n{listing}",
        "type": "string",
        "enum": list(labels),
        "enumDescriptions": [f"{each['ja']} / {each['en']}" for each in labels.values()],
        "x-labels": labels,
    }


def _plain(node: Any) -> Any:
    """Rewrite a node as an author needs it: without null, with named texts, keys checked by their names."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if key != "title"}
    if node.get("default", ...) is None:
        del node["default"]
    if "anyOf" in node:
        kept = [each for each in node["anyOf"] if each != {"type": "null"}]
        node["anyOf"] = kept
        if len(kept) == 1:
            del node["anyOf"]
            node = {**kept[0], **node}
            node.pop("title", None)
    if "patternProperties" in node and "additionalProperties" not in node:
        [(pattern, value)] = node.pop("patternProperties").items()
        # Editors take the key of `1: …` for a number: a name is text without our saying so.
        key = {name: each for name, each in _text(pattern).items() if name != "type"}
        node |= {"propertyNames": key, "additionalProperties": value}
    pattern = node.get("pattern")
    if isinstance(pattern, str):
        node = {key: value for key, value in node.items() if key not in ("type", "pattern", "examples")}
        node = {**_text(pattern), **node}
    made = {key: _plain(value) for key, value in node.items() if key not in ("properties", "propertyNames")}
    if "properties" in node:
        made["properties"] = {name: _plain(each) for name, each in node["properties"].items()}
    if "propertyNames" in node:
        made["propertyNames"] = node["propertyNames"]
    return made


def _text(pattern: str) -> dict[str, Any]:
    """Return the schema of a text with a pattern: by name, as a choice, or as it is."""
    if pattern in _NAMED_TEXTS:
        return {"$ref": f"#/$defs/{_NAMED_TEXTS[pattern][0]}"}
    choices = re.fullmatch(r"\^\(?([a-z]+(?:\|[a-z]+)*)\)?\$", pattern)
    if choices:
        return {"type": "string", "enum": choices[1].split("|")}
    return {"type": "string", "pattern": pattern}


def form_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that a form file is held to while it is typed.

    It is JSON Schema's own meta-schema, narrowed to what a form uses: labels,
    formats that are really checked, no field beside those named. What cannot
    be said so (patterns that take too long, references that lead nowhere) is
    said when the form is read.
    """
    label = {
        "type": "object",
        "required": ["ja", "en"],
        "properties": {
            "ja": {"type": "string", "minLength": 1, **_both("日本語の表示名", "The Japanese label.")},
            "en": {"type": "string", "minLength": 1, **_both("英語の表示名", "The English label.")},
        },
    }
    fields = {
        "type": "object",
        "maxProperties": 300,
        "propertyNames": {"pattern": ASCII_IDENTIFIER_PATTERN},
        "additionalProperties": {"$ref": "#/$defs/field"},
        **_both("項目", "The fields."),
    }
    common = {
        "type": {
            **_both(
                "値の種類（string 文字列、integer 整数、number 小数、boolean はい・いいえ、array 一覧、object 組）",
                "The kind of value: string, integer, number, boolean, array, object.",
            )
        },
        "x-label": {"$ref": "#/$defs/label", **_both("画面に出す名前", "What the screen calls it.")},
        "x-labels": {
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/label"},
            **_both("選択肢ごとの表示名", "The label of each choice."),
        },
        "enum": _both("選択肢", "The choices."),
        "format": {"type": "string", "enum": sorted(FORMATS), **_both("書式", "The format.")},
        "required": _both("必ず記録する項目", "Fields that must be recorded."),
        "properties": {"$ref": "#/$defs/fields", **_both("項目", "The fields.")},
    }
    return {
        "$schema": DIALECT,
        "$id": FORM_SCHEMA_ID,
        "title": "様式 / Form",
        **_both(
            "支援経路が記録させる様式（JSON Schema 2020-12）",
            "A form that a pathway records (JSON Schema 2020-12).",
        ),
        "allOf": [{"$ref": DIALECT}],
        "type": "object",
        "required": ["type", "properties"],
        "anyOf": [{"required": ["additionalProperties"]}, {"required": ["unevaluatedProperties"]}],
        "properties": {
            **common,
            "type": {"const": "object", **_both("object と書く", "Always object.")},
            "additionalProperties": {
                "const": False,
                **_both(
                    "false と書く。様式にない項目を受け入れない",
                    "Always false: no field that the form does not name.",
                ),
            },
        },
        "$defs": {
            "label": {"title": "表示名", **label},
            "fields": {"title": "項目の組", **fields},
            "field": {"title": "項目", "type": "object", "properties": common},
        },
    }


def _both(ja: str, en: str) -> dict[str, str]:
    return {"description": f"{ja}\n\n{en}", "x-ja": ja, "x-en": en}


def written(schema: Mapping[str, Any]) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def schema_files() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each schema file."""
    yield "pathway.json", written(pathway_schema())
    yield "form.json", written(form_schema())


def main(folder: Path | None = None) -> int:
    """Write the schema files, by default to `docs/schema` of the checkout. Return the exit status."""
    folder = folder or Path(engine.__file__).resolve().parent.parent / "docs" / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
