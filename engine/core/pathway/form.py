"""Forms: what a worker records, checked by JSON Schema 2020-12, and the facts it yields.

One authority decides whether values are right: `jsonschema`, with every format
asserted and nothing ever fetched. Each problem names the field by the label the
worker sees, in Japanese and English; all problems come at once.

Patterns mean what they mean in JSON Schema (ECMA-262), not in Python: `$` is the
very end of the text, without a line break before it.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from referencing import Registry

from engine.core.pathway.fact import FactType, FactTypes
from engine.core.pathway.form_lint import FormFault, lint_form_schema
from engine.core.pathway.form_node import (
    FORMATS,
    PATTERN_TEXT_MAX,
    choices_of,
    label_of,
    pointer_of,
    resolved,
    types_of,
)
from engine.core.pathway.form_sentence import Label, sentence, type_sentence

__all__ = ["FormFault", "FormProblem", "FormSchema", "lint_form_schema"]

FACT_DEPTH_MAX = 3
TEXT_LENGTH_MAX = 20_000
NODES_MAX = 5_000
LIST_LENGTH_MAX = 1_000
VALUE_DEPTH_MAX = 16
INT_DIGITS_MAX = 18


class FormProblem(NamedTuple):
    """One thing that is wrong with recorded values.

    `pointer` is the JSON Pointer of the value (of the field that is missing,
    where one is); `field` its dotted name without list positions, empty for the
    form as a whole. The sentences never repeat the value, which may be personal.
    """

    pointer: str
    field: str
    ja: str
    en: str


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """Compile an ECMA-262 pattern for Python, `$` outside of a class becoming the very end."""
    parts, in_class, at = [], False, 0
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            parts.append(text[at : at + 2])
            at += 2
            continue
        in_class = (in_class or sign == "[") and sign != "]"
        parts.append(r"\Z" if sign == "$" and not in_class else sign)
        at += 1
    return re.compile("".join(parts), re.ASCII)


def _check_pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    # A long text is refused unmatched: a pattern's cost may grow faster than its text.
    if isinstance(instance, str) and (
        len(instance) > PATTERN_TEXT_MAX or not _pattern(pattern).search(instance)
    ):
        yield ValidationError("does not match")


# The stubs leave `extend` untyped.
_extend: Any = validators.extend
_Validator: Any = _extend(Draft202012Validator, {"pattern": _check_pattern})


def _field_of(path: Sequence[object]) -> str:
    return ".".join(str(step) for step in path if isinstance(step, str))


class FormSchema:
    """One form of a pathway, ready to check values. Never changes; may be shared by threads.

    `schema` must have passed `lint_form_schema` without a fault.
    """

    __slots__ = ("_validator", "form", "schema")

    form: str
    schema: Mapping[str, Any]

    def __init__(self, form: str, schema: Mapping[str, Any]) -> None:
        """Keep the validator for a form called `form`; about 10 µs."""
        self.form = form
        self.schema = schema
        self._validator = _Validator(
            schema, format_checker=FormatChecker(formats=FORMATS), registry=Registry()
        )

    def __repr__(self) -> str:
        """Show the form's name."""
        return f"FormSchema({self.form!r})"

    def check(self, values: object) -> tuple[FormProblem, ...]:
        """Return every problem of the values, in the order of the form's fields; empty when they are right.

        `values` are JSON values (dates as text). Too large or not JSON at all
        is a problem by itself and ends the check there.
        """
        oversize = _oversize(values, ())
        if oversize is not None:
            path, ja, en = oversize
            return (self._problem(path, ja, en),)
        order = {name: at for at, name in enumerate(self.schema.get("properties", {}))}
        problems = [
            problem for error in self._validator.iter_errors(values) for problem in self._problems(error)
        ]
        unique = dict.fromkeys(problems)
        return tuple(sorted(unique, key=lambda p: (order.get(p.field.split(".")[0], len(order)), p.pointer)))

    def fact_types(self, name: str | None = None) -> FactTypes:
        """Return the facts that this form yields, by dotted name under `name` (the form's own by default).

        Nested objects are flattened to a depth of three names. Lists of objects
        and fields that may hold several kinds of value are not facts.
        """
        found: dict[str, FactType] = {}
        self._collect(name or self.form, self.schema, 0, found)
        return MappingProxyType(found)

    def label(self, field: str) -> Label:
        """Return what a person calls the field with this dotted name; the name itself if it has no label."""
        node: Any = self.schema
        for step in field.split(".") if field else ():
            node = self._property(self._inner(node), step)
        return label_of(node, field.rpartition(".")[2])

    def choices(self, field: str) -> Mapping[str, Label]:
        """Return the values that the field with this dotted name can take, in order, with their labels.

        Empty for a field that is not a choice. For a list, the choices of its
        elements. Labels come from `x-labels` or from `oneOf` with `const`.
        """
        node: Any = self.schema
        for step in field.split("."):
            node = self._property(self._inner(node), step)
        return MappingProxyType(choices_of(self._inner(node)))

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the dotted names of the form's own fields, in order."""
        return tuple(self.schema.get("properties", {}))

    def _resolved(self, node: Any) -> Mapping[str, Any]:
        return resolved(self.schema, node)

    def _inner(self, node: Any) -> Mapping[str, Any]:
        """Return the schema of a list's elements, or the schema itself."""
        node = self._resolved(node)
        return self._resolved(node.get("items", {})) if "array" in types_of(node) else node

    def _property(self, node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        properties = node.get("properties", {})
        return self._resolved(properties.get(name, {})) if isinstance(properties, Mapping) else {}

    def _collect(self, prefix: str, node: Mapping[str, Any], depth: int, found: dict[str, FactType]) -> None:
        for name, child in node.get("properties", {}).items():
            part = self._resolved(child)
            dotted = f"{prefix}.{name}"
            if "object" in types_of(part):
                if depth + 1 < FACT_DEPTH_MAX:
                    self._collect(dotted, part, depth + 1, found)
                continue
            kind = self._fact_type(part)
            if kind is not None:
                found[dotted] = kind

    def _fact_type(self, node: Mapping[str, Any]) -> FactType | None:
        kinds = [kind for kind in types_of(node) if kind != "null"]
        if len(kinds) != 1:
            return None
        if kinds[0] == "array":
            inner = types_of(self._resolved(node.get("items", {})))
            return {"string": FactType.LIST_STRING, "integer": FactType.LIST_INT}.get(
                inner[0] if len(inner) == 1 else ""
            )
        if kinds[0] == "string" and node.get("format") == "date":
            return FactType.DATE
        return {
            "string": FactType.STRING,
            "integer": FactType.INT,
            "number": FactType.NUMBER,
            "boolean": FactType.BOOL,
        }.get(kinds[0])

    def _problem(self, path: Sequence[object], ja: str, en: str) -> FormProblem:
        label = self.label(_field_of(path))
        return FormProblem(
            pointer_of(path),
            _field_of(path),
            ja.replace("{field}", label.ja),
            en.replace("{field}", label.en),
        )

    def _problems(self, error: ValidationError) -> Iterator[FormProblem]:
        """Say one validation error, once for each field that it is about."""
        path: list[object] = list(error.absolute_path)
        keyword, instance = error.validator, error.instance
        rule: Any = error.validator_value
        if keyword == "required" and isinstance(instance, dict):
            for name in _missing(rule, instance):
                yield self._problem(
                    [*path, name], "「{field}」が入力されていません。", "'{field}' is not filled in."
                )
        elif keyword == "dependentRequired" and isinstance(instance, dict):
            for present, names in rule.items():
                for name in _missing(names, instance) if present in instance else ():
                    other = self.label(_field_of([*path, present]))
                    yield self._problem(
                        [*path, name],
                        f"「{other.ja}」を入力したときは「{{field}}」も必要です。",
                        f"'{{field}}' is needed once '{other.en}' is filled in.",
                    )
        elif keyword in ("additionalProperties", "unevaluatedProperties") and isinstance(instance, dict):
            known = list(self._fields_at(path))
            for name in [name for name in instance if name not in known] or list(instance):
                near = difflib.get_close_matches(str(name), known, n=1)
                yield FormProblem(
                    pointer_of([*path, name]),
                    _field_of([*path, name]),
                    f"「{str(name)[:60]}」という項目はこの様式にありません。"
                    + (f"「{near[0]}」の書きまちがいではありませんか。" if near else "消してください。"),
                    f"This form has no field '{str(name)[:60]}'. "
                    + (f"Did you mean '{near[0]}'?" if near else "Remove it."),
                )
        else:
            node = error.schema if isinstance(error.schema, Mapping) else {}
            ja, en = sentence(str(keyword), rule, choices_of(resolved(self.schema, node)))
            yield self._problem(path, ja, en)

    def _fields_at(self, path: Sequence[object]) -> Iterator[str]:
        node: Mapping[str, Any] = self.schema
        for step in path:
            node = self._property(node, step) if isinstance(step, str) else self._inner(node)
        yield from node.get("properties", {})


def _missing(names: Sequence[str], instance: Mapping[str, Any]) -> list[str]:
    return [name for name in names if name not in instance]


def _oversize(value: object, path: tuple[object, ...]) -> tuple[tuple[object, ...], str, str] | None:
    """Find the first value that is larger than any form needs, or that JSON cannot hold."""
    nodes = 0
    waiting: list[tuple[object, tuple[object, ...]]] = [(value, path)]
    while waiting:
        node, where = waiting.pop()
        nodes += 1
        if nodes > NODES_MAX or len(where) > VALUE_DEPTH_MAX:
            return (
                (),
                "入力が大きすぎます。分けて記録してください。",
                "The entry is too large. Record it in parts.",
            )
        if isinstance(node, str) and len(node) > TEXT_LENGTH_MAX:
            limit = f"{TEXT_LENGTH_MAX:,}"
            return (
                where,
                f"「{{field}}」が長すぎます。{limit}文字までにしてください。",
                f"'{{field}}' is too long. Keep it within {limit} characters.",
            )
        if isinstance(node, list) and len(node) > LIST_LENGTH_MAX:
            limit = f"{LIST_LENGTH_MAX:,}"
            return (
                where,
                f"「{{field}}」が多すぎます。{limit}件までにしてください。",
                f"'{{field}}' has too many entries. Keep it within {limit}.",
            )
        if isinstance(node, dict):
            if not all(isinstance(key, str) for key in node):
                return where, *type_sentence("object")
            waiting.extend((child, (*where, key)) for key, child in reversed(node.items()))
        elif isinstance(node, list):
            waiting.extend((child, (*where, at)) for at, child in reversed(list(enumerate(node))))
        elif isinstance(node, float) and not math.isfinite(node):
            return where, *type_sentence("number")
        elif isinstance(node, int) and abs(node) >= 10**INT_DIGITS_MAX:
            return (
                where,
                f"「{{field}}」の数が大きすぎます({INT_DIGITS_MAX}桁まで)。",
                f"'{{field}}' is too large a number (at most {INT_DIGITS_MAX} digits).",
            )
        elif not isinstance(node, str | bool | int | float | None):
            return (
                where,
                "「{field}」に記録できない種類の値があります。日付は文字で渡してください。",
                "'{field}' holds a value that cannot be recorded. Pass dates as text.",
            )
    return None
