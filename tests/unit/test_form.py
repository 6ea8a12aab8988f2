"""What a form accepts, what a worker is told, which facts it yields."""

from __future__ import annotations

import socket
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.pathway.fact import FactType, builtin_fact_types
from engine.core.pathway.form import FormProblem, FormSchema, lint_form_schema
from engine.core.pathway.form_node import FORMATS
from engine.core.pathway.guard import compile_guard

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "アセスメント",
    "type": "object",
    "additionalProperties": False,
    "required": ["fields", "scheme_gap"],
    "$defs": {
        "yen": {"type": "integer", "minimum": 0, "maximum": 100_000_000},
        "address": {
            "type": "object",
            "x-label": {"ja": "住所", "en": "Address"},
            "additionalProperties": False,
            "required": ["city"],
            "properties": {
                "city": {"type": "string", "maxLength": 40, "x-label": {"ja": "市区町村", "en": "City"}},
                "postcode": {
                    "type": "string",
                    "pattern": "^[0-9]{3}-[0-9]{4}$",
                    "x-label": {"ja": "郵便番号", "en": "Postcode"},
                },
            },
        },
    },
    "properties": {
        "fields": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"enum": ["housing", "debt", "care"]},
            "x-label": {"ja": "困りごとの分野", "en": "Fields of need"},
        },
        "scheme_gap": {"type": "boolean", "x-label": {"ja": "制度の狭間", "en": "Gap between schemes"}},
        "income": {"$ref": "#/$defs/yen", "x-label": {"ja": "収入(円)", "en": "Income (yen)"}},
        "moved_on": {"type": "string", "format": "date", "x-label": {"ja": "転居日", "en": "Moved on"}},
        "seen_at": {"type": "string", "format": "date-time", "x-label": {"ja": "面会日時", "en": "Seen at"}},
        "ages": {"type": "array", "items": {"type": "integer"}, "x-label": {"ja": "年齢", "en": "Ages"}},
        "ratio": {"type": "number", "x-label": {"ja": "割合", "en": "Ratio"}},
        "danger": {
            "enum": ["none", "imminent"],
            "x-label": {"ja": "危険度", "en": "Danger"},
            "x-labels": {"none": {"ja": "なし", "en": "none"}, "imminent": {"ja": "切迫", "en": "imminent"}},
        },
        "note": {"type": ["string", "null"], "x-label": {"ja": "所見", "en": "Note"}},
        "address": {"$ref": "#/$defs/address"},
        "visits": {
            "type": "array",
            "x-label": {"ja": "訪問", "en": "Visits"},
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"place": {"type": "string", "x-label": {"ja": "場所", "en": "Place"}}},
            },
        },
    },
    "dependentRequired": {"moved_on": ["address"]},
    "if": {"properties": {"danger": {"const": "imminent"}}, "required": ["danger"]},
    "then": {"required": ["seen_at"]},
}
FORM = FormSchema("assessment", SCHEMA)
GOOD: dict[str, Any] = {"fields": ["housing"], "scheme_gap": False}


def problems(**changes: Any) -> tuple[FormProblem, ...]:
    return FORM.check({**GOOD, **changes})


def field_form(**keywords: Any) -> dict[str, Any]:
    field = {"x-label": {"ja": "欄", "en": "Box"}, **keywords}
    return {"type": "object", "additionalProperties": False, "properties": {"box": field}}


def test_the_example_form_has_no_fault() -> None:
    assert lint_form_schema(SCHEMA, "assessment") == ()


def test_right_values_have_no_problem() -> None:
    assert (
        problems(
            income=0,
            moved_on="2027-04-01",
            seen_at="2027-04-01T09:00:00+09:00",
            ages=[1],
            ratio=0.5,
            note=None,
            danger="imminent",
            address={"city": "横浜市", "postcode": "220-0001"},
            visits=[{"place": "自宅"}],
        )
        == ()
    )


def test_all_problems_come_at_once_in_the_order_of_the_form() -> None:
    found = FORM.check(
        {"fields": ["housing", "housing"], "income": -1, "address": {}, "danger": "x", "nots": 1}
    )
    assert [problem.pointer for problem in found] == [
        "/fields",
        "/scheme_gap",
        "/income",
        "/danger",
        "/address/city",
        "/nots",
    ]


@pytest.mark.parametrize(
    ("changes", "pointer", "field", "ja", "en"),
    [
        (
            {"income": -1},
            "/income",
            "income",
            "「収入(円)」は0以上にしてください。",
            "'Income (yen)' must be 0 or more.",
        ),
        ({"income": 10**9}, "/income", "income", "100,000,000以下", "100,000,000 or less"),
        ({"income": "5"}, "/income", "income", "「収入(円)」には整数を", "takes a whole number"),
        ({"income": True}, "/income", "income", "整数", "whole number"),
        ({"scheme_gap": "yes"}, "/scheme_gap", "scheme_gap", "はい・いいえ", "yes or no"),
        (
            {"fields": []},
            "/fields",
            "fields",
            "「困りごとの分野」が入力されていません",
            "'Fields of need' is not filled in",
        ),
        ({"fields": ["debt", "x"]}, "/fields/1", "fields", "次の中から選んで", "from: housing, debt, care"),
        ({"danger": "x"}, "/danger", "danger", "なし、切迫", "none, imminent"),
        ({"moved_on": "2027-02-30", "address": {"city": "a"}}, "/moved_on", "moved_on", "日付", "a date"),
        (
            {"moved_on": "2027-02-03"},
            "/address",
            "address",
            "「転居日」を入力したときは「住所」も",
            "'Address' is needed once 'Moved on'",
        ),
        ({"seen_at": "2027-04-01 9時"}, "/seen_at", "seen_at", "日時", "date and time"),
        (
            {"danger": "imminent"},
            "/seen_at",
            "seen_at",
            "「面会日時」が入力されていません",
            "'Seen at' is not filled in",
        ),
        (
            {"address": {"city": "a", "postcode": "２２０-０００１"}},
            "/address/postcode",
            "address.postcode",
            "「郵便番号」",
            "'Postcode'",
        ),
        (
            {"address": {"city": "a", "postcode": "220-0001\n"}},
            "/address/postcode",
            "address.postcode",
            "「郵便番号」",
            "'Postcode'",
        ),
        ({"address": {}}, "/address/city", "address.city", "「市区町村」", "'City'"),
        (
            {"address": {"city": "x" * 41}},
            "/address/city",
            "address.city",
            "40文字以内",
            "within 40 characters",
        ),
        (
            {"visits": [{}, {"place": 1}]},
            "/visits/1/place",
            "visits.place",
            "「場所」には文字",
            "'Place' takes text",
        ),
        (
            {"visits": [{"plase": "x"}]},
            "/visits/0/plase",
            "visits.plase",
            "「place」の書きまちがい",
            "Did you mean 'place'",
        ),
        (
            {"scheme_gapp": True},
            "/scheme_gapp",
            "scheme_gapp",
            "「scheme_gap」の書きまちがい",
            "Did you mean 'scheme_gap'",
        ),
        ({"note": 1}, "/note", "note", "文字か空欄", "text or empty"),
        ({"note": "x" * 20_001}, "/note", "note", "「所見」が長すぎます", "'Note' is too long"),
        ({"ages": [1] * 1_001}, "/ages", "ages", "「年齢」が多すぎます", "'Ages' has too many"),
        ({"ratio": float("nan")}, "/ratio", "ratio", "「割合」には数", "'Ratio' takes a number"),
        ({"income": 10**400}, "/income", "income", "大きすぎます", "too large"),
        ({"note": object()}, "/note", "note", "日付は文字で", "Pass dates as text"),
        ({"a/b~c": 1}, "/a~1b~0c", "a/b~c", "「a/b~c」という項目はこの様式にありません", "no field 'a/b~c'"),
    ],
)
def test_a_problem_names_the_field_as_the_worker_sees_it(
    changes: dict[str, Any], pointer: str, field: str, ja: str, en: str
) -> None:
    (found,) = problems(**changes)
    assert (found.pointer, found.field) == (pointer, field)
    assert ja in found.ja, found.ja
    assert en in found.en, found.en


def test_no_sentence_repeats_what_was_entered() -> None:
    secret = "山田太郎"
    for found in problems(
        income=secret, danger=secret, moved_on=secret, address=secret, fields=[secret], scheme_gap=secret
    ):
        assert secret not in found.ja + found.en


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        "x",
        1,
        [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]],
        {"a": [0] * 900, "b": {str(n): n for n in range(5_000)}},
        {1: 2},
    ],
)
def test_values_that_are_no_form_at_all_are_one_problem(values: object) -> None:
    (found,) = FORM.check(values)
    assert found.field == ""


def test_every_format_that_a_form_may_use_is_really_checked() -> None:
    for wrong in FORMATS:
        assert FormSchema("f", field_form(type="string", format=wrong)).check({"box": "(:"}), wrong


def test_a_remote_reference_is_refused_and_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    remote = field_form(**{"$ref": "http://127.0.0.1:9/x.json"})
    assert [fault.pointer for fault in lint_form_schema(remote)] == ["/properties/box/$ref"]
    with pytest.raises(Exception, match="Unresolvable"):
        FormSchema("f", remote).check({"box": 1})


def test_a_form_yields_typed_facts_that_guards_can_read() -> None:
    types = FORM.fact_types("assessment")
    assert dict(types) == {
        "assessment.fields": FactType.LIST_STRING,
        "assessment.scheme_gap": FactType.BOOL,
        "assessment.income": FactType.INT,
        "assessment.moved_on": FactType.DATE,
        "assessment.seen_at": FactType.STRING,
        "assessment.ages": FactType.LIST_INT,
        "assessment.ratio": FactType.NUMBER,
        "assessment.danger": FactType.STRING,
        "assessment.note": FactType.STRING,
        "assessment.address.city": FactType.STRING,
        "assessment.address.postcode": FactType.STRING,
    }
    guard = compile_guard("assessment.address.city == '横浜市'", {**builtin_fact_types(["sharing"]), **types})
    assert guard.evaluate({"assessment.address.city": "横浜市"}) is True


def test_nested_objects_are_facts_to_a_depth_of_three_names() -> None:
    leaf: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "integer"}}}
    nested = FormSchema(
        "f",
        {
            "type": "object",
            "properties": {
                "x": {"type": "integer"},
                "a": {
                    "type": "object",
                    "properties": {
                        "x": {"type": "integer"},
                        "b": {"type": "object", "properties": {"x": {"type": "integer"}, "c": leaf}},
                    },
                },
            },
        },
    )
    assert set(nested.fact_types()) == {"f.x", "f.a.x", "f.a.b.x"}


def test_labels_and_choices_are_known_by_field_name() -> None:
    assert FORM.label("address.city") == ("市区町村", "City")
    assert FORM.label("visits.place").en == "Place"
    assert FORM.label("").ja == "アセスメント"
    assert {value: label.ja for value, label in FORM.choices("danger").items()} == {
        "none": "なし",
        "imminent": "切迫",
    }
    assert list(FORM.choices("fields")) == ["housing", "debt", "care"]
    assert FORM.choices("income") == {}
    assert FORM.fields[:2] == ("fields", "scheme_gap")


def test_choices_may_be_written_as_one_of_constants() -> None:
    form = FormSchema(
        "f",
        field_form(oneOf=[{"const": "a", "x-label": {"ja": "あ", "en": "A"}}, {"const": "b", "title": "い"}]),
    )
    assert form.choices("box") == {"a": ("あ", "A"), "b": ("い", "い")}
    assert form.fact_types("f") == {"f.box": FactType.STRING}
    (found,) = form.check({"box": "c"})
    assert found.ja == "「欄」は次の中から選んでください: あ、い。"


PLAIN = {
    **SCHEMA,
    "properties": {**SCHEMA["properties"], "seen_at": {"type": "string"}},
}
_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(["housing", "debt", "imminent", "none", "220-0001", "2027-04-01", "x", ""]),
)
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*SCHEMA["properties"], "city", "postcode", "place", "zz"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*SCHEMA["properties"], "zz"], _values)))
def test_an_independent_validator_agrees_on_what_is_right(values: dict[str, Any]) -> None:
    other = jsonschema_rs.Draft202012Validator(PLAIN, validate_formats=True)
    assert (FormSchema("f", PLAIN).check(values) == ()) == other.is_valid(values)


@settings(max_examples=200, deadline=None)
@given(_values)
def test_every_problem_points_at_a_named_place_and_speaks_both_languages(values: object) -> None:
    for found in FORM.check(values):
        assert found.ja
        assert found.en
        assert "{field}" not in found.ja + found.en
        assert found.pointer == "" or found.pointer.startswith("/")
