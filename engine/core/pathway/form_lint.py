"""What is wrong with a form before anybody fills it in.

JSON Schema allows much that would fail a municipality later: formats that no
validator checks, patterns that take minutes on thirty characters, references
that reach for the network, fields without a label. All faults come at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

from engine.core.pathway.fact import BUILTIN_FACTS, ENGINE_NAMESPACES
from engine.core.pathway.form_node import FORMATS, choices_of, pointer_of
from engine.core.pathway.form_pattern import pattern_faults

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_DEPTH_MAX = 24
SCHEMA_NODES_MAX = 5_000
FIELDS_MAX = 300

_FIELD_NAME = re.compile(r"[a-z][0-9a-z_]{0,63}")
_FORM_NAME = _FIELD_NAME
# CEL cannot name these after a dot: `a.in` does not parse.
_UNSPEAKABLE = frozenset({"in", "true", "false", "null"})
_IN_SCHEMAS = ("properties", "$defs", "dependentSchemas")
_IN_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_IN_NODES = (
    "items",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
)
_REFUSED_KEYWORDS = (
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "patternProperties",
    "contentSchema",
)


class FormFault(NamedTuple):
    """One reason why a form cannot be used: where (JSON Pointer), what, and what to do."""

    pointer: str
    ja: str
    en: str
    do_ja: str
    do_en: str


_Path = tuple[object, ...]


def _fault(path: _Path, ja: str, en: str, do_ja: str, do_en: str) -> FormFault:
    return FormFault(pointer_of(path), ja, en, do_ja, do_en)


def lint_form_schema(schema: object, name: str | None = None) -> tuple[FormFault, ...]:
    """Return every fault of a form's schema, in the order of the file; empty when it can be used.

    `name` is the form's name in the pathway; with it, the names of its facts
    are held against those of the engine. Never raises.
    """
    if not isinstance(schema, Mapping):
        return (
            _fault(
                (),
                "様式が項目の組(マッピング)になっていません。",
                "The form is not a mapping.",
                "type: object と properties を書いてください。",
                "Write type: object and properties.",
            ),
        )
    size = _too_large(schema)
    if size is not None:
        return (size,)
    faults = list(_validity(schema))
    if not faults:
        faults += _root(schema, name)
        for path, node in _nodes(schema, ()):
            faults += _node(schema, path, node)
        faults += _cycles(schema)
    return tuple(dict.fromkeys(faults))


def _too_large(schema: Mapping[Any, Any]) -> FormFault | None:
    waiting: list[tuple[object, _Path]] = [(schema, ())]
    nodes = 0
    while waiting:
        node, path = waiting.pop()
        nodes += 1
        if len(path) > SCHEMA_DEPTH_MAX or nodes > SCHEMA_NODES_MAX:
            return _fault(
                path[:3],
                "様式が大きすぎるか、入れ子が深すぎます。",
                "The form is too large or too deeply nested.",
                "様式を二つに分けてください。",
                "Split it into two forms.",
            )
        if isinstance(node, Mapping):
            for key, child in node.items():
                if not isinstance(key, str):
                    return _fault(
                        path,
                        f"名前「{str(key)[:60]}」が文字列ではありません。",
                        f"The name '{str(key)[:60]}' is not text.",
                        "名前を引用符で囲んでください。",
                        "Put the name in quotation marks.",
                    )
                waiting.append((child, (*path, key)))
        elif isinstance(node, list | tuple):
            waiting.extend((child, (*path, at)) for at, child in enumerate(node))
    return None


def _validity(schema: Mapping[str, Any]) -> Iterator[FormFault]:
    dialect = schema.get("$schema")
    if dialect not in (None, DIALECT, DIALECT + "#"):
        yield _fault(
            ("$schema",),
            "JSON Schema 2020-12 以外の版が指定されています。",
            "The form names another edition of JSON Schema than 2020-12.",
            f"$schema を {DIALECT} にするか、消してください。",
            f"Set $schema to {DIALECT}, or remove it.",
        )
        return
    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
        path = tuple(error.absolute_path)
        found = str(error.instance)[:60]
        yield _fault(
            path,
            f"JSON Schema 2020-12 として正しくありません(「{found}」)。",
            f"This is not valid JSON Schema 2020-12 ('{found}').",
            f"「{path[-1] if path else 'schema'}」の書き方を直してください。{error.message[:120]}",
            f"Correct '{path[-1] if path else 'schema'}': {error.message[:120]}",
        )


def _root(schema: Mapping[str, Any], name: str | None) -> Iterator[FormFault]:
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), Mapping):
        yield _fault(
            (),
            "様式の一番外側が項目の組ではありません。",
            "The outermost part of the form is not an object with properties.",
            "type: object と properties を書いてください。",
            "Write type: object and properties.",
        )
    if schema.get("additionalProperties") is not False and schema.get("unevaluatedProperties") is not False:
        yield _fault(
            (),
            "様式にない項目も受け入れてしまい、書きまちがいに気づけません。",
            "The form lets fields pass that it does not name, so a slip of the pen goes unnoticed.",
            "additionalProperties: false を書いてください。",
            "Write additionalProperties: false.",
        )
    properties = schema.get("properties")
    fields = properties if isinstance(properties, Mapping) else {}
    if len(fields) > FIELDS_MAX:
        yield _fault(
            ("properties",),
            f"項目が{len(fields)}あります(上限{FIELDS_MAX})。",
            f"There are {len(fields)} fields (at most {FIELDS_MAX}).",
            "様式を分けてください。",
            "Split the form.",
        )
    if name is not None and (not _FORM_NAME.fullmatch(name) or name in ENGINE_NAMESPACES | _UNSPEAKABLE):
        yield _fault(
            (),
            f"様式の名前「{name[:60]}」は使えません。",
            f"A form cannot be called '{name[:60]}'.",
            f"英小文字で始まる名前にし、{'、'.join(sorted(ENGINE_NAMESPACES))} は避けてください。",
            f"Use a lower-case ASCII name other than {', '.join(sorted(ENGINE_NAMESPACES))}.",
        )
    for field in fields:
        if f"{name or 'contact'}.{field}" in BUILTIN_FACTS:
            yield _fault(
                ("properties", field),
                f"項目「{field}」は、システムが数える {name or 'contact'}.{field} と同じ名前です。",
                f"The engine itself counts {name or 'contact'}.{field}; no field may be called '{field}'.",
                "別の名前にしてください。",
                "Use another name.",
            )


def _nodes(node: object, path: _Path) -> Iterator[tuple[_Path, Mapping[str, Any]]]:
    """Walk every schema within a schema, never what stands in `enum`, `default` or `examples`."""
    if not isinstance(node, Mapping):
        return
    yield path, node
    for key, child in node.items():
        if key in _IN_SCHEMAS and isinstance(child, Mapping):
            for name, inner in child.items():
                yield from _nodes(inner, (*path, key, name))
        elif key in _IN_LISTS and isinstance(child, list):
            for at, inner in enumerate(child):
                yield from _nodes(inner, (*path, key, at))
        elif key in _IN_NODES:
            yield from _nodes(child, (*path, key))


def _node(root: Mapping[str, Any], path: _Path, node: Mapping[str, Any]) -> Iterator[FormFault]:
    yield from _reference(root, path, node)
    for keyword in _REFUSED_KEYWORDS:
        if keyword in node:
            yield _fault(
                (*path, keyword),
                f"「{keyword}」は様式では使えません。",
                f"'{keyword}' cannot be used in a form.",
                "項目を properties に一つずつ書いてください。",
                "Name each field under properties.",
            )
    kept = node.get("format")
    if isinstance(kept, str) and kept not in FORMATS:
        yield _fault(
            (*path, "format"),
            f"形式「{kept[:60]}」は確かめられないため、何でも通ってしまいます。",
            f"The format '{kept[:60]}' is not checked by anything, so every text would pass.",
            f"次のどれかにしてください: {'、'.join(sorted(FORMATS))}。",
            f"Use one of: {', '.join(sorted(FORMATS))}.",
        )
    step = node.get("multipleOf")
    if isinstance(step, float) and not step.is_integer():
        yield _fault(
            (*path, "multipleOf"),
            f"multipleOf: {step} は二進の小数では正しく判定できません(19.99 が拒まれます)。",
            f"multipleOf: {step} cannot be decided in binary fractions (19.99 is refused).",
            "円や分など、整数になる単位で記録してください。",
            "Record it in a unit that is whole, such as yen or minutes.",
        )
    pattern = node.get("pattern")
    if isinstance(pattern, str):
        for ja, en, do_ja, do_en in pattern_faults(pattern):
            yield _fault((*path, "pattern"), ja, en, do_ja, do_en)
    properties = node.get("properties")
    # Conditions (`if`, `not`, …) name fields again; their labels stand where the field is defined.
    conditional = any(
        step in ("if", "then", "else", "not", "allOf", "anyOf", "oneOf", "dependentSchemas") for step in path
    )
    if isinstance(properties, Mapping):
        for field, child in properties.items():
            yield from _field(root, (*path, "properties", field), field, child, conditional=conditional)


def _field(
    root: Mapping[str, Any], path: _Path, field: str, child: object, *, conditional: bool
) -> Iterator[FormFault]:
    if not _FIELD_NAME.fullmatch(field) or field in _UNSPEAKABLE:
        yield _fault(
            path,
            f"項目の名前「{field[:60]}」は条件の中で使えません。",
            f"The field name '{field[:60]}' cannot be used in a guard.",
            "英小文字で始まり、英小文字・数字・下線だけの名前にして、日本語は x-label に書いてください。",
            "Use lower-case ASCII letters, digits and underscores; put the Japanese in x-label.",
        )
    if conditional or not isinstance(child, Mapping):
        return
    target = root.get("$defs", {}).get(str(child.get("$ref", "")).removeprefix("#/$defs/"), {})
    label = child.get("x-label", target.get("x-label") if isinstance(target, Mapping) else None)
    missing = [lang for lang in ("ja", "en") if not _has_text(label, lang)]
    if missing:
        yield _fault(
            path,
            f"項目「{field[:60]}」の表示名がありません({'・'.join(missing)})。",
            f"The field '{field[:60]}' has no label in {' or '.join(missing)}.",
            "x-label: {ja: 日本語の名前, en: English name} を書いてください。",
            "Write x-label: {ja: 日本語の名前, en: English name}.",
        )
    labels = child.get("x-labels")
    if labels is not None:
        inner = child.get("items") if isinstance(child.get("items"), Mapping) else child
        values = {**choices_of(inner or {}), **choices_of(child)}
        unlabelled = [
            value
            for value in values
            if not isinstance(labels, Mapping)
            or not all(_has_text(labels.get(value), lang) for lang in ("ja", "en"))
        ]
        if unlabelled:
            yield _fault(
                (*path, "x-labels"),
                f"選択肢「{'」「'.join(unlabelled[:5])}」の表示名がありません。",
                f"The choices {', '.join(unlabelled[:5])} have no label in Japanese and English.",
                "選択肢ごとに {ja: …, en: …} を書いてください。",
                "Write {ja: …, en: …} for each choice.",
            )


def _has_text(label: object, lang: str) -> bool:
    written = label.get(lang) if isinstance(label, Mapping) else None
    return isinstance(written, str) and bool(written.strip())


def _reference(root: Mapping[str, Any], path: _Path, node: Mapping[str, Any]) -> Iterator[FormFault]:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return
    name = reference.removeprefix("#/$defs/")
    definitions = root.get("$defs")
    if name == reference:
        yield _fault(
            (*path, "$ref"),
            f"様式の外を参照しています(「{reference[:80]}」)。様式は一つのファイルで完結します。",
            f"This refers outside of the form ('{reference[:80]}'). A form is complete in one file.",
            "内容を $defs に写し、#/$defs/名前 で参照してください。",
            "Copy it to $defs and refer to #/$defs/NAME.",
        )
    elif not isinstance(definitions, Mapping) or name not in definitions:
        yield _fault(
            (*path, "$ref"),
            f"参照先「{reference[:80]}」がありません。",
            f"There is no '{reference[:80]}'.",
            f"$defs に「{name[:60]}」を書くか、参照を直してください。",
            f"Define '{name[:60]}' under $defs, or correct the reference.",
        )


def _cycles(schema: Mapping[str, Any]) -> Iterator[FormFault]:
    """Refuse definitions that contain themselves: neither a screen nor a fact has an endless form."""
    definitions = schema.get("$defs")
    if not isinstance(definitions, Mapping):
        return
    uses = {
        name: {str(node["$ref"]).removeprefix("#/$defs/") for _, node in _nodes(body, ()) if "$ref" in node}
        for name, body in definitions.items()
    }
    for name in uses:
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            for used in uses.get(waiting.pop(), set()) - reached:
                reached.add(used)
                waiting.append(used)
        if name in reached:
            yield _fault(
                ("$defs", name),
                f"「{name}」が自分自身を含んでいます。",
                f"'{name}' contains itself.",
                "入れ子の深さを決め、段ごとに書いてください。",
                "Decide how deep it goes and write each level out.",
            )
