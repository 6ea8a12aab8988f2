"""What guards answer, and what their author is told when one cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.core.pathway.fact import FactType, FactTypes, builtin_fact_types
from engine.core.pathway.guard import Comparison, Guard, GuardError, compile_guard

TYPES: FactTypes = {
    **builtin_fact_types(["sharing"]),
    "assessment.scheme_gap": FactType.BOOL,
    "assessment.fields": FactType.LIST_STRING,
    "assessment.ages": FactType.LIST_INT,
    "assessment.income": FactType.NUMBER,
    "assessment.moved_on": FactType.DATE,
    "contact.danger": FactType.STRING,
    "household.note": FactType.STRING,
}


def guard(text: str) -> Guard:
    return compile_guard(text, TYPES)


def refusal(text: str) -> GuardError:
    with pytest.raises(GuardError) as caught:
        guard(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "facts", "answer"),
    [
        ("size(assessment.fields) >= 2 || assessment.scheme_gap", {"assessment.fields": ["a", "b"]}, True),
        ("size(assessment.fields) >= 2 || assessment.scheme_gap", {"assessment.fields": ["a"]}, None),
        ("size(assessment.fields) >= 2 || assessment.scheme_gap", {"assessment.scheme_gap": True}, True),
        ("size(assessment.fields) >= 2 || assessment.scheme_gap", {"assessment.scheme_gap": False}, None),
        ("contact.danger == 'imminent'", {"contact.danger": "imminent"}, True),
        ("contact.danger == 'imminent'", {"contact.danger": "none"}, False),
        ("contact.danger == 'imminent'", {}, None),
        ("'housing' in assessment.fields", {"assessment.fields": ["debt", "housing"]}, True),
        ("contact.danger in ['high', 'imminent']", {"contact.danger": "high"}, True),
        ("household.children > 0", {"household.children": 0}, False),
        ("consent.sharing == 'given'", {"consent.sharing": "withdrawn"}, False),
        (
            "household.single ? case.days_open > 7 : case.days_open > 30",
            {"household.single": True, "case.days_open": 8},
            True,
        ),
        ("household.single ? case.days_open > 7 : true", {"household.single": False}, True),
        ("household.single ? true : true", {}, None),
        ("(case.days_open + 3) * 2 - 1 >= 4 % 5 && -case.days_open < 0", {"case.days_open": 1}, True),
        ("assessment.income < 100000.0", {"assessment.income": 99999.5}, True),
        ("assessment.income < 100000.0", {"assessment.income": 5}, True),
        ("double(case.days_open) > 1.5", {"case.days_open": 2}, True),
        ("assessment.moved_on < '2027-04-01'", {"assessment.moved_on": "2027-03-31"}, True),
        ("assessment.fields.exists(f, f.startsWith('hou'))", {"assessment.fields": ["housing"]}, True),
        ("assessment.ages.all(a, a < 18)", {"assessment.ages": [3, 17]}, True),
        ("size(assessment.ages.filter(a, a < 18)) == 1", {"assessment.ages": [3, 18]}, True),
        ("assessment.ages[0] == 3", {"assessment.ages": [3]}, True),
        ("household.note == '全角“引用”'", {"household.note": "全角“引用”"}, True),
        ("household.note == 'and = or' // 説明", {"household.note": "and = or"}, True),
        (
            "!household.single\n  && case.days_open > 1",
            {"household.single": False, "case.days_open": 2},
            True,
        ),
    ],
)
def test_a_guard_answers_yes_no_or_unknown(text: str, facts: dict[str, object], answer: bool | None) -> None:
    assert guard(text).evaluate(facts) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("false && household.single", False),
        ("household.single && false", False),
        ("true || household.single", True),
        ("household.single || true", True),
        ("household.single || false", None),
        ("household.single && true", None),
        ("!household.single", None),
        ("household.single == household.single", None),
    ],
)
def test_an_unknown_fact_decides_only_where_the_answer_hangs_on_it(text: str, answer: bool | None) -> None:
    assert guard(text).evaluate({}) is answer


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("1 / case.days_open == 1", {"case.days_open": 0}),
        ("case.days_open % 0 == 1", {"case.days_open": 4}),
        ("assessment.fields[5] == 'a'", {"assessment.fields": ["a"]}),
        ("case.days_open + 1 > 0", {"case.days_open": 2**63 - 1}),
        ("int(contact.danger) == 1", {"contact.danger": "x"}),
    ],
)
def test_a_calculation_without_an_answer_is_unknown_and_raises_nothing(
    text: str, facts: dict[str, object]
) -> None:
    assert guard(text).evaluate(facts) is None
    assert guard(f"({text}) || household.single").evaluate({**facts, "household.single": True}) is True


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("household.single", "household.single", 1),
        ("household.single", "household.single", "true"),
        ("case.days_open", "case.days_open >= 0", True),
        ("case.days_open", "case.days_open >= 0", "3"),
        ("case.days_open", "case.days_open >= 0", 2.5),
        ("case.days_open", "case.days_open >= 0", 2**70),
        ("case.days_open", "case.days_open >= 0", float("inf")),
        ("contact.danger", "contact.danger != 'x'", 5),
        ("contact.danger", "contact.danger != 'x'", "\ud800"),
        ("assessment.fields", "size(assessment.fields) >= 0", "abc"),
        ("assessment.fields", "size(assessment.fields) >= 0", ["a", 1]),
        ("assessment.ages", "size(assessment.ages) >= 0", [1, 2.5]),
        ("assessment.income", "assessment.income > 0.0", True),
        ("household.single", "household.single", None),
    ],
)
def test_a_value_of_another_type_counts_as_not_recorded(name: str, text: str, value: object) -> None:
    assert guard(text).evaluate({name: value}) is None
    assert guard(f"recorded('{name}')").evaluate({name: value}) is False
    assert guard(f"({text}) || household.size > 0").evaluate({name: value, "household.size": 1}) is True


def test_a_whole_decimal_is_an_integer_because_json_schema_says_so() -> None:
    assert guard("case.days_open == 42").evaluate({"case.days_open": 42.0}) is True
    assert guard("assessment.ages == [1, 2]").evaluate({"assessment.ages": (1.0, 2)}) is True


def test_recorded_is_never_unknown_and_asks_without_reading() -> None:
    asked = guard("recorded(\"assessment.scheme_gap\") && !recorded( 'contact.danger' )")
    assert asked.reads == frozenset()
    assert asked.asks == {"assessment.scheme_gap", "contact.danger"}
    assert asked.evaluate({}) is False
    assert asked.evaluate({"assessment.scheme_gap": False}) is True
    assert asked.evaluate({"assessment.scheme_gap": False, "contact.danger": "x"}) is False


def test_recorded_inside_quotation_marks_is_text() -> None:
    quoted = guard("household.note == \"recorded('contact.danger')\"")
    assert quoted.asks == frozenset()
    assert quoted.evaluate({"household.note": "recorded('contact.danger')"}) is True


def test_recorded_guards_a_fact_that_may_be_missing() -> None:
    safe = guard("recorded('contact.danger') && contact.danger == 'imminent'")
    assert safe.evaluate({}) is False
    assert safe.evaluate({"contact.danger": "imminent"}) is True


def test_columns_after_recorded_are_those_of_the_written_text() -> None:
    text = "recorded('contact.danger') && 'x' > 1"
    assert refusal(text).column == text.index(">") + 1
    text = "recorded(\n 'contact.danger'\n) &&\n 'x' > 1"
    assert refusal(text).column == text.index(">") + 1


def test_columns_count_japanese_characters_as_one() -> None:
    text = "household.note == '住まい𠮟' && household.nite == 'x'"
    assert refusal(text).column == text.index("household.nite") + 1
    text = "household.note == '住まい𠮟' && 'x' > 1"
    assert refusal(text).column == text.index(">") + 1


def test_a_guard_lists_what_it_reads_and_which_words_it_expects() -> None:
    read = guard(
        "contact.danger == 'high' || 'debt' in assessment.fields"
        " || contact.danger in ['a', 'b'] || 'c' != household.note"
    )
    assert read.reads == {"contact.danger", "assessment.fields", "household.note"}
    assert [(c.fact, c.literal) for c in read.comparisons] == [
        ("contact.danger", "high"),
        ("assessment.fields", "debt"),
        ("contact.danger", "a"),
        ("contact.danger", "b"),
        ("household.note", "c"),
    ]
    assert read.comparisons[0] == Comparison("contact.danger", "high", 19)


def test_the_name_of_an_element_is_no_fact() -> None:
    assert guard("assessment.fields.exists(f, f == contact.danger)").reads == {
        "assessment.fields",
        "contact.danger",
    }


@pytest.mark.parametrize(
    ("text", "column", "ja", "en"),
    [
        ("contact.danger = 'x'", 16, "「==」", "Write '=='"),
        ("household.single and true", 18, "「&&」", "Write '&&'"),
        ("household.single OR true", 18, "「||」", "Write '||'"),
        ("not household.single", 1, "「!」", "Write '!'"),
        ("household.single & true", 18, "「&&」", "Write '&&'"),
        ("household.size <> 2", 16, "「!=」", "Write '!='"),
        ("household.size ≧ 2", 16, "「>=」", "Write '>='"),
        ("household.size ＞ 2", 16, "全角の「＞」", "full-width '＞'"),
        ("household.single == True", 21, "「true」", "Write 'true'"),
        ("contact.danger == ”x”", 19, "引用符「”」", "quotation mark ”"),
        ("contact.danger == 「x」", 19, "引用符「「」", "quotation mark 「"),
        ("contact.danger == ＇x＇", 19, "引用符「＇」", "quotation mark ＇"),
        ("contact.danger == 'x", 19, "閉じられていません", "never closed"),
        ("contact.danger　== 'x'", 15, "全角の空白", "full-width space"),
        ("危険度 == '高'", 1, "「危険度」", "'危険度'"),
        ("contact.危険度 == '高'", 9, "「危険度」", "'危険度'"),
        ("contact.danger == 高", 19, "引用符で囲んで", "quotation marks"),
        ("contact.dangr == 'x'", 1, "contact.danger", "contact.danger"),
        ("danger == 'x'", 1, "contact.danger", "contact.danger"),
        ("contact.danger == imminent", 19, "'imminent' と引用符で囲み", "Put text in quotation marks"),
        ("assessment", 1, "assessment.fields", "assessment.fields"),
        ("contact.danger > 1", 16, "「文字列」と「整数」", "text and a whole number"),
        ("assessment.income > 1", 19, "1.0", "1.0"),
        ("assessment.fields == 'a'", 19, "'housing' in", "'housing' in"),
        ("assessment.scheme_gap == 'true'", 23, "引用符なし", "without quotation marks"),
        ("household.single && 1", 18, "はい・いいえ", "yes or no"),
        ("household.single ? 1 : 'x'", 18, "条件 ? 一方 : 他方", "condition ? one : other"),
        ("case.days_open", 1, "「整数」", "a whole number"),
        ("contact.danger == null", 19, "recorded", "recorded"),
        ("has(contact.danger)", 1, "recorded", "recorded"),
        ("foo(1)", 1, "size、", "size,"),
        ("contact.danger.matches('(a+)+$')", 16, "「matches」", "'matches'"),
        ("now() > 1", 1, "時計", "clock"),
        ("today == 1", 1, "時計", "clock"),
        ("timestamp('2027-01-01T00:00:00Z') == 1", 1, "時計", "clock"),
        ("recorded('contact.dangr')", 11, "contact.danger", "contact.danger"),
        ("recorded(contact.danger)", 10, "引用符で囲んで", "quotation marks"),
        ("recorded('contact.danger', 'x')", 10, "一つ", "one field"),
        ("recorded()", 10, "一つ", "one field"),
        ("recorded('contact.danger').foo", 28, "「.foo」", "'.foo'"),
        ("recorded.contact.danger", 1, "contact.danger", "contact.danger"),
        ("assessment.fields.exists(f, assessment.fields.exists(g, f == g))", 47, "二つの条件", "another"),
        ("assessment.fields.map(f, f) == []", 19, "「map」", "'map'"),
        ("assessment.fields.exists(contact, true)", 26, "別の名前", "another name"),
        ("assessment.fields.exists(true, true)", 26, "別の名前", "another name"),
        ("assessment.fields.exists(f)", 26, "カンマ", "comma"),
        ("assessment.fields.exists(f, f.x == 1)", 31, "一つ分", "one element"),
        ("case.days_open.exists(f, true)", 5, "並びの項目", "on a list only"),
        ("{'a': 1}.a == 1", 1, "「{」", "'{'"),
        ("b'a' == b'a'", 1, "引用符", "quotation marks"),
        ("'''a''' == household.note", 1, "引用符", "quotation marks"),
        ("1u == 1u", 1, "「1」", "Write '1'"),
        ("99999999999999999999 == 1", 1, "大きすぎ", "too large"),
        (r"household.note == '\q'", 19, "「\\」", "'\\'"),
        ("(household.single", 1, "閉じられていません", "never closed"),
        ("household.single)", 17, "開きかっこ", "closes nothing"),
        ("household.single &&", 20, "途中で", "stops in the middle"),
        ("household.single true", 18, "「true」", "'true'"),
        (".contact.danger == 'x'", 1, "「.」", "'.'"),
        ("household.single; true", 17, "「;」", "';'"),
        ("household.single\x00", 17, "U+0000", "U+0000"),
        ("household.note == '\u202e'", 20, "U+202E", "U+202E"),
        ("// \ud800", 4, "U+D800", "U+D800"),
        ("", 1, "空です", "empty"),
        ("  // 何もない", 1, "空です", "empty"),
    ],
)
def test_a_refusal_says_where_and_what_to_write_instead(text: str, column: int, ja: str, en: str) -> None:
    error = refusal(text)
    assert (error.column, ja in error.ja, en in error.en) == (column, True, True), error


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "true && " * 200_000 + "true",
        "(" * 400 + "true" + ")" * 400,
        "[" * 400 + "]" * 400 + " == []",
        "!(" * 300 + "true" + ")" * 300,
        "true ? true : " * 60 + "true",
        "1" + "+1" * 400 + " == 401",
        "size(" * 150,
        "'" * 999,
        "\\" * 900,
        "." * 900,
        "household" + ".single" * 130,
        "🈳" * 900,
        "-" * 990,
    ],
    ids=lambda text: f"{text[:12]}…{len(text)}",
)
def test_a_hostile_guard_is_refused_with_a_short_sentence(text: str) -> None:
    error = refusal(text)
    assert 1 <= error.column <= 1_001
    assert len(error.ja) < 2_500
    assert len(error.en) < 2_500


def test_a_long_flat_condition_within_the_limit_is_allowed() -> None:
    assert guard(" || ".join(["household.size > 100"] * 41)).evaluate({"household.size": 3}) is False


def test_equal_guards_are_compiled_once_and_types_tell_them_apart() -> None:
    assert guard("household.single") is compile_guard("household.single", dict(TYPES))
    other = {"household.single": FactType.STRING}
    with pytest.raises(GuardError):
        compile_guard("household.single", other)


def test_facts_that_a_guard_does_not_read_are_not_looked_at() -> None:
    class Strict(dict[str, object]):
        def get(self, key: str, default: Any = None) -> Any:
            assert key == "household.size"
            return super().get(key, default)

    assert (
        guard("household.size > 1").evaluate(Strict({"household.size": 2, "contact.danger": object()}))
        is True
    )


def test_threads_that_share_a_guard_do_not_disturb_each_other() -> None:
    shared = guard("size(assessment.fields) >= 2 || (recorded('case.days_open') && case.days_open > 10)")

    def ask(start: int) -> list[bool | None]:
        return [
            shared.evaluate({"assessment.fields": ["a"] * (n % 4), "case.days_open": n % 20})
            for n in range(start, start + 2_000)
        ]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(ask, [0] * 4))
    finally:
        sys.setswitchinterval(interval)
    expected = [n % 4 >= 2 or n % 20 > 10 for n in range(2_000)]
    assert all(answer == expected for answer in answers)


def test_the_compiler_and_the_reading_agree_on_what_is_read() -> None:
    texts = [
        "size(assessment.fields) >= 2 || assessment.scheme_gap",
        "contact .\n danger == 'household.single'",
        "assessment.fields.exists(f, f == household.note) ? household.single : case.days_open > 1",
    ]
    compiled: Callable[[str], bytes] = lambda text: guard(text)._expression.serialize()  # noqa: E731
    for text in texts:
        stored = compiled(text)
        references = {
            name
            for name in TYPES
            if b"\x12" + bytes([len(name) + 2, 10, len(name)]) + name.encode() in stored
        }
        assert references == guard(text).reads
