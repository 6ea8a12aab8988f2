"""Which forms are refused before anybody fills them in."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.pathway.form import FormFault, FormSchema, lint_form_schema
from engine.core.pathway.form_node import PATTERN_TEXT_MAX

LABEL = {"ja": "欄", "en": "Box"}


def form(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def box(**keywords: Any) -> dict[str, Any]:
    return form(box={"x-label": LABEL, **keywords})


def only(schema: object, name: str | None = None) -> FormFault:
    (fault,) = lint_form_schema(schema, name)
    assert all(fault[1:]), fault
    return fault


@pytest.mark.parametrize(
    ("schema", "pointer", "en"),
    [
        (None, "", "not a mapping"),
        ([], "", "not a mapping"),
        ({"type": "objekt"}, "/type", "not valid JSON Schema"),
        (box(type="integer", minimum="x"), "/properties/box/minimum", "not valid JSON Schema"),
        ({**box(), "$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema", "another edition"),
        ({"type": "object", "properties": {}}, "", "lets fields pass"),
        ({"type": "array", "additionalProperties": False}, "", "outermost part"),
        (box(type="string", format="phone"), "/properties/box/format", "'phone' is not checked"),
        (box(type="number", multipleOf=0.01), "/properties/box/multipleOf", "19.99"),
        (box(**{"$ref": "https://example.com/x"}), "/properties/box/$ref", "outside of the form"),
        (box(**{"$ref": "#/properties/box"}), "/properties/box/$ref", "outside of the form"),
        (box(**{"$ref": "#/$defs/nothing"}), "/properties/box/$ref", "There is no"),
        (box(**{"$dynamicRef": "#x"}), "/properties/box/$dynamicRef", "cannot be used"),
        (
            box(type="object", patternProperties={"^a": {}}),
            "/properties/box/patternProperties",
            "cannot be used",
        ),
        (form(box={"type": "string"}), "/properties/box", "no label in ja or en"),
        (form(box={"x-label": {"ja": "欄"}}), "/properties/box", "no label in en"),
        (form(box={"x-label": {"ja": "欄", "en": " "}}), "/properties/box", "no label in en"),
        (form(危険={"x-label": LABEL}), "/properties/危険", "cannot be used in a guard"),
        (form(Box={"x-label": LABEL}), "/properties/Box", "cannot be used in a guard"),
        (form(**{"in": {"x-label": LABEL}}), "/properties/in", "cannot be used in a guard"),
        (form(count={"x-label": LABEL}), "/properties/count", "engine itself counts"),
        (box(enum=["a", "b"], **{"x-labels": {"a": LABEL}}), "/properties/box/x-labels", "b have no label"),
        (
            box(type="array", items={"properties": {"place": {"type": "string"}}}),
            "/properties/box/items/properties/place",
            "no label",
        ),
        ({1: 2}, "", "is not text"),
    ],
)
def test_a_faulty_form_is_refused_with_its_place(schema: object, pointer: str, en: str) -> None:
    fault = only(schema)
    assert (fault.pointer, en in fault.en) == (pointer, True), fault


def test_a_name_clashes_only_with_the_facts_of_its_own_namespace() -> None:
    assert only(form(days_since={"x-label": LABEL}), "contact").pointer == "/properties/days_since"
    assert lint_form_schema(form(days_since={"x-label": LABEL}), "plan") == ()


@pytest.mark.parametrize(
    "name", ["case", "household", "person", "consent", "recorded", "in", "様式", "Plan", ""]
)
def test_a_form_cannot_take_a_name_of_the_engine_or_one_no_guard_can_say(name: str) -> None:
    assert only(box(), name).pointer == ""


def test_all_faults_come_at_once() -> None:
    schema = {
        "type": "object",
        "properties": {"A": {"format": "x"}, "b": {"pattern": r"^\d+$", "x-label": LABEL}},
    }
    assert len(lint_form_schema(schema)) == 5


def test_conditions_may_name_a_field_without_a_label_of_its_own() -> None:
    schema = {**box(enum=["a"]), "if": {"properties": {"box": {"const": "a"}}}, "then": {"required": ["box"]}}
    assert lint_form_schema(schema) == ()


def test_examples_and_defaults_are_not_read_as_schemas() -> None:
    assert lint_form_schema(box(default={"$ref": "http://x"}, examples=[{"pattern": r"\d"}])) == ()


@pytest.mark.parametrize(
    "pattern",
    [
        "^[0-9]{3}-[0-9]{4}$",
        "^0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}$",
        "^([0-9]{3}-)?[0-9]{4}$",
        "^(?:a|b)$",
        "^[ァ-ヶー　]+$",
        r"^\(a\)\+\*$",
        "^[a-z]+@[a-z]+$",
        "[*+]+",
        r"^[\]a]+$",
    ],
)
def test_an_ordinary_pattern_is_allowed(pattern: str) -> None:
    assert lint_form_schema(box(type="string", pattern=pattern)) == ()


@pytest.mark.parametrize(
    ("pattern", "en"),
    [
        ("^(a+)+$", "another repeat"),
        ("^(a|a)*$", "another repeat"),
        ("^((a{1,9}))*$", "another repeat"),
        ("^(a?){40}$", "another repeat"),
        ("^(?:(?:a*)b?)+?$", "another repeat"),
        ("^a*a*a*$", "too many repeats"),
        ("^a{0,49}a{0,49}a{0,49}a{0,49}$", "too many repeats"),
        ("(a|a)" * 20, "too many repeats"),
        (r"^\d+$", "full-width"),
        (r"^\w$", "full-width"),
        (r"^(?=a)b$", "special construct"),
        (r"^(a)\1$", "special construct"),
        (r"^a\Z", "special construct"),
        ("a" * 201, "too long"),
        ("^(a$", "not a pattern"),
        (r"\p{Han}", "not a pattern"),
        ("[[a]", "special construct"),
        ("[a--b]", "special construct"),
    ],
)
def test_a_pattern_that_may_not_end_or_differs_between_validators_is_refused(pattern: str, en: str) -> None:
    assert en in only(box(type="string", pattern=pattern)).en


@pytest.mark.parametrize(
    "pattern", ["a*a*b", "(a|a)" * 15 + "b", "a{0,35}a{0,35}a{0,35}b", "^[a-z]+@[a-z]+$"]
)
def test_an_allowed_pattern_ends_soon_on_the_worst_text(pattern: str) -> None:
    schema = box(type="string", pattern=pattern)
    assert lint_form_schema(schema) == ()
    checked = FormSchema("f", schema)
    for length in (PATTERN_TEXT_MAX, 20_000):
        start = time.perf_counter()
        assert checked.check({"box": "a" * length})
        assert time.perf_counter() - start < 2.0


def test_a_definition_that_contains_itself_is_refused() -> None:
    schema = box(**{"$ref": "#/$defs/a"})
    schema["$defs"] = {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"items": {"$ref": "#/$defs/a"}}, "c": {}}
    assert [fault.pointer for fault in lint_form_schema(schema)] == ["/$defs/a", "/$defs/b"]


def test_a_deep_or_enormous_form_is_one_fault() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"items": deep}
    assert "too deeply nested" in only(deep).en
    assert "too large" in only(form(**{f"f{n}": {"x-label": LABEL} for n in range(5_000)})).en
    assert "301 fields" in only(form(**{f"f{n}": {"x-label": LABEL} for n in range(301)})).en


_words = st.sampled_from(
    [
        "type",
        "object",
        "properties",
        "items",
        "$ref",
        "#/$defs/a",
        "$defs",
        "a",
        "enum",
        "oneOf",
        "const",
        "pattern",
        "^(a",
        "format",
        "x-label",
        "x-labels",
        "required",
        "if",
        "multipleOf",
        "additionalProperties",
    ]
)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(_anything, _anything)
def test_the_lint_never_raises_and_a_form_without_fault_can_be_used(schema: object, values: object) -> None:
    if not lint_form_schema(schema, "plan"):
        assert isinstance(schema, dict)
        usable = FormSchema("plan", schema)
        usable.check(values)
        usable.fact_types()
        for field in usable.fields:
            usable.label(field)
            usable.choices(field)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), _anything, max_size=3))
def test_a_form_with_any_field_schema_is_refused_or_can_be_used(fields: dict[str, Any]) -> None:
    schema = form(
        **{
            name: {"x-label": LABEL, **(body if isinstance(body, dict) else {})}
            for name, body in fields.items()
        }
    )
    if not lint_form_schema(schema, "plan"):
        usable = FormSchema("plan", schema)
        for values in ({}, {"a": 1}, {"a": ["a"], "b": None}, {"c": {"a": "a"}}):
            usable.check(values)
        usable.fact_types()
        for field in usable.fields:
            usable.choices(field)
            usable.label(field)
