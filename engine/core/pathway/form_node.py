"""How to read one node of a form's JSON Schema: its references, types, choices and label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator

from engine.core.pathway.form_sentence import Label

PATTERN_TEXT_MAX = 200
"""The longest text, in characters, that a pattern is tried on. A longer one does not match."""

FORMATS = frozenset({"date", "date-time", "email", "time", "uri", "uuid"})
"""The formats that a form may use: few, and each really checked on every machine.

What a library checks depends on what else happens to be installed. A fixed
list, held against the library when it is imported, does not.
"""
assert Draft202012Validator.FORMAT_CHECKER.checkers.keys() >= FORMATS, "a format would pass in silence"


def pointer_of(path: Sequence[object]) -> str:
    """Return the JSON Pointer (RFC 6901) of a path of keys and positions."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def resolved(root: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    """Follow local references (`#/$defs/NAME`), the node's own keywords winning; {} for what is no schema."""
    for _ in range(8):
        if not isinstance(node, Mapping):
            return {}
        reference = node.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/$defs/"):
            return node
        target = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
        node = {
            **(target if isinstance(target, Mapping) else {}),
            **{k: v for k, v in node.items() if k != "$ref"},
        }
    return {}


def choices_of(node: Mapping[str, Any]) -> dict[str, Label]:
    """Return the text values that a schema lists by `enum`, `const` or `oneOf` of `const`, with labels."""
    labels = node.get("x-labels")
    labels = labels if isinstance(labels, Mapping) else {}
    if isinstance(node.get("oneOf"), list) and all(
        isinstance(c, Mapping) and "const" in c for c in node["oneOf"]
    ):
        return {c["const"]: label_of(c, c["const"]) for c in node["oneOf"] if isinstance(c["const"], str)}
    listed = node.get("enum", [node["const"]] if "const" in node else [])
    values = [value for value in listed if isinstance(value, str)] if isinstance(listed, list) else []
    return {value: label_of({"x-label": labels.get(value)}, value) for value in values}


def types_of(node: Mapping[str, Any]) -> list[str]:
    """Return the JSON types a schema admits, read from `type`, or from its choices where it has none."""
    written = node.get("type")
    if isinstance(written, str):
        return [written]
    if isinstance(written, list):
        return [kind for kind in written if isinstance(kind, str)]
    listed = node.get("enum", [node["const"]] if "const" in node else None)
    if listed is None and isinstance(node.get("oneOf"), list):
        listed = [choice.get("const") for choice in node["oneOf"] if isinstance(choice, Mapping)]
    if isinstance(listed, list) and listed and all(isinstance(value, str | None) for value in listed):
        return ["string"] if any(listed) else []
    if "properties" in node:
        return ["object"]
    return []


def label_of(node: Mapping[str, Any], name: str) -> Label:
    """Return a schema's `x-label`, else its `title`, else `name`."""
    written = node.get("x-label")
    if isinstance(written, Mapping):
        ja, en = written.get("ja"), written.get("en")
        if isinstance(ja, str) and isinstance(en, str):
            return Label(ja, en)
        if isinstance(ja, str) or isinstance(en, str):
            return Label(str(ja or en), str(en or ja))
    if isinstance(written, str):
        return Label(written, written)
    title = node.get("title")
    return Label(title, title) if isinstance(title, str) else Label(name or "様式", name or "the form")
