"""Strict YAML: what is read, what is refused, and where everything stood."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from engine.checker.finding import Finding, Place
from engine.loading.document import (
    BYTES_MAX,
    DEPTH_MAX,
    FINDINGS_MAX,
    NODES_MAX,
    Document,
    Unreadable,
    read_document,
)


def faults(text: str | bytes) -> list[tuple[str, int, int]]:
    with pytest.raises(Unreadable) as caught:
        read_document(text, "f.yaml")
    for finding in caught.value.findings:
        assert finding.file == "f.yaml"
        assert finding.ja.rstrip("）").endswith(("。", "行目"))
        assert all((finding.en, finding.do_ja, finding.do_en))
    return [(each.code, each.line, each.column) for each in caught.value.findings]


def words(text: str | bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_document(text, "f.yaml")
    return "\n".join(each.ja + each.do_ja for each in caught.value.findings)


def read(text: str | bytes) -> Any:
    return read_document(text, "f.yaml").value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("2027-04-01", "2027-04-01"), ("010", 10), ("-3", -3), ("+3", 3), ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"), ("'true'", "true"), ('"10"', "10"), ("'null'", "null"), ("nan", "nan"),
        ("7d", "7d"), ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)), ("''", ""),
        ("０１", "０１"), ("=", "="), ("<<", "<<"), ("{}", {}), ("[]", []),
    ],
)  # fmt: skip
def test_a_scalar_means_what_the_core_schema_of_yaml_1_2_says(written: str, meant: object) -> None:
    value = read(f"a: {written}")["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_a_key_is_always_text() -> None:
    assert read("1: a\non: b\ntrue: c\n2027-04-01: d\n010: e\n~: f\n") == {
        "1": "a", "on": "b", "true": "c", "2027-04-01": "d", "010": "e", "~": "f",
    }  # fmt: skip


def test_positions_are_of_keys_and_values_in_lines_and_characters_from_one() -> None:
    document = read_document("状態:\n  - {名: 😀, 次: x}\n  - b\n", "f.yaml")
    assert document.position(()) == (1, 1)
    assert document.position(("状態",), key=True) == (1, 1)
    assert document.position(("状態",)) == (2, 3)
    assert document.position(("状態", 0, "名"), key=True) == (2, 6)
    assert document.position(("状態", 0, "名")) == (2, 9)
    assert document.position(("状態", 0, "次")) == (2, 15)
    assert document.position(("状態", 1)) == (3, 5)
    assert document.position(("状態", 1), key=True) == (3, 5)


def test_a_place_that_is_not_there_stands_for_the_nearest_around_it() -> None:
    document = read_document("a:\n  b: c\n", "f.yaml")
    assert document.position(("a", "x", 3)) == document.position(("a",)) == (2, 3)


def test_an_offset_counts_into_a_text_as_it_is_written() -> None:
    document = read_document('a: "x > 1"\nb: x > 1\nc: "x\\u0020> 1"\n', "f.yaml")
    assert document.position(("a",), offset=4) == (1, 9)
    assert document.position(("b",), offset=4) == (2, 8)
    assert document.position(("c",), offset=4) == (3, 4)


def test_line_ends_and_byte_order_mark_make_no_difference() -> None:
    unix = read_document("a: 1\nb:\n  - c\n", "f.yaml")
    for other in (b"\xef\xbb\xbfa: 1\r\nb:\r\n  - c\r\n", "\ufeffa: 1\rb:\r  - c\r"):
        document = read_document(other, "f.yaml")
        assert document == unix
        assert document.position(("b", 0)) == (3, 5)


def test_duplicate_keys_name_both_places() -> None:
    assert faults("a: 1\nb: {c: 1, c: 2}\na: 3\n") == [("F011", 2, 11), ("F011", 3, 1)]
    assert "1行 1文字目" in words("a: 1\na: 3\n")
    assert faults("1: a\n'1': b\n") == [("F011", 2, 1)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x 1", ("F008", 1, 4)),
        ("a: *x", ("F008", 1, 4)),
        ("*x : a", ("F008", 1, 1)),
        ("a: !!str 1", ("F009", 1, 4)),
        ("a: ! 1", ("F009", 1, 4)),
        ("a: !!python/object/apply:os.system [x]", ("F009", 1, 4)),
        ("%YAML 1.1\n---\na: 1", ("F009", 1, 1)),
        ("%TAG ! tag:x,2000:\n---\na: 1", ("F009", 1, 1)),
        ("a: 1\n<<: {b: 1}", ("F010", 2, 1)),
        ("? [a]\n: b", ("F012", 1, 3)),
        ("? {a: b}\n: b", ("F012", 1, 3)),
        ("? # x\n: a", ("F012", 1, 2)),
        (": a", ("F005", 1, 1)),
        ("a:", ("F013", 1, 1)),
        ("x: 1\na: null", ("F013", 2, 1)),
        ("a: ~", ("F013", 1, 1)),
        ("- a\n-\n- b", ("F013", 2, 2)),
        ("a: {b, c: 1}", ("F013", 1, 5)),
        ("a: 1\n---\nb: 1", ("F007", 2, 1)),
        ("a: 1\n\tb: 1", ("F004", 2, 1)),
        ("a:\t1", ("F004", 1, 3)),
        ("a: x\0", ("F003", 1, 5)),
        ("a: \ud800", ("F003", 1, 4)),
        ("a: x\u2028y", ("F003", 1, 5)),
        ("a: x\u202ey", ("F003", 1, 5)),
        ("a: \ufeffx", ("F003", 1, 4)),
        ('a: "x\\0"', ("F003", 1, 4)),
        ("a: .inf", ("F016", 1, 4)),
        ("a: 1e999", ("F016", 1, 4)),
        ("a: 9223372036854775808", ("F016", 1, 4)),
        ("a: " + "9" * 100_000, ("F016", 1, 4)),
        ("a: 0x" + "f" * 300, ("F016", 1, 4)),
        ("a: x　", ("F017", 1, 4)),
        ("　a: x", ("F017", 1, 1)),
        ("", ("F006", 1, 1)),
        ("# x\n", ("F006", 1, 1)),
        ("null", ("F006", 1, 1)),
        ("a: [1, 2\nb: 3", ("F005", 2, 2)),
        ('a: "x', ("F005", 1, 6)),
        ("a: b: c", ("F005", 1, 5)),
        ("a: @x", ("F005", 1, 4)),
        ("a:\n  b: 1\n c: 2", ("F005", 3, 2)),
    ],
)
def test_what_would_mislead_is_refused_at_its_place(text: str, fault: tuple[str, int, int]) -> None:
    assert faults(text) == [fault]


def test_faults_that_can_be_found_together_come_together_in_the_order_of_lines() -> None:
    text = "a: 1\nb:\nc: !x 1\na: 2\nd: &y [*y]\n"
    assert [code for code, *_ in faults(text)] == ["F013", "F009", "F011", "F008", "F008"]


@pytest.mark.parametrize(
    "text",
    [
        "version：1\nb: c",
        "s:\n  received：\n    label: x",
        "a:　b\nc: d",
        "a: ｛b: c｝",
        "a: {ja：標準, en: x}",
        "a: “x: y”",
        "a:\n　- x\n　- y: z\n b",
    ],
)
def test_a_full_width_sign_is_named_as_the_likely_cause(text: str) -> None:
    assert "全角" in words(text)


def test_full_width_signs_inside_a_text_are_ordinary_japanese() -> None:
    assert read("a: 注意：電話（急ぎ）、必ず　連絡") == {"a": "注意：電話（急ぎ）、必ず　連絡"}
    assert read("a: '　字下げ'\nb: |\n  　段落\n") == {"a": "　字下げ", "b": "　段落\n"}


@pytest.mark.parametrize("encoding", ["cp932", "utf-16", "euc_jp"])
def test_another_encoding_is_told_to_be_saved_as_utf8(encoding: str) -> None:
    content = "支援: 受け止め\n".encode(encoding)
    assert [each[0] for each in faults(content)] == ["F001"]
    assert "UTF-8で保存してください" in words(content)
    assert encoding != "cp932" or "Shift_JIS" in words(content)


def test_the_first_byte_that_is_not_utf8_is_placed() -> None:
    assert faults("あ: 1\nいう: ".encode() + b"\xff") == [("F001", 2, 5)]


def test_a_picture_is_no_text() -> None:
    assert "文字のファイルではない" in words(b"\x89PNG\r\n\x1a\n\0\0\xff")


def test_hostile_sizes_are_refused_at_their_limit_and_soon() -> None:
    assert [each[0] for each in faults("[" * 200_000)] == ["F014"]
    assert [each[0] for each in faults("{a: " * 200_000)] == ["F014"]
    assert [each[0] for each in faults("x" * 10_000_000)] == ["F002"]
    assert [each[0] for each in faults(b"\xff" * (BYTES_MAX + 1))] == ["F002"]
    assert [each[0] for each in faults("[" + "1," * NODES_MAX + "]")] == ["F015"]
    assert len(faults("{" + "a," * 200_000 + "}")) == FINDINGS_MAX + 1


def test_the_deepest_allowed_nesting_is_read() -> None:
    text = "[" * DEPTH_MAX + "1" + "]" * DEPTH_MAX
    assert read(text) == json.loads(text)
    assert faults("[" + text + "]") == [("F014", 1, DEPTH_MAX + 1)]


def test_a_billion_laughs_never_begin() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{key}: &{key} [*{before}, *{before}]\n" for before, key in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert {each[0] for each in faults(bomb)} == {"F008"}


def test_unreadable_survives_a_copy_between_processes() -> None:
    with pytest.raises(Unreadable) as caught:
        read_document("a:", "f.yaml")
    assert pickle.loads(pickle.dumps(caught.value)).findings == caught.value.findings


pieces = st.sampled_from(
    [
        "a",
        "b: ",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "? ",
        "&a ",
        "*a ",
        "!x ",
        "|",
        ">-",
        '"',
        "'",
        "\\",
        "#",
        " ",
        "　",
        "：",
        "%YAML 1.2",
        "---",
        "...",
        "<<: ",
        "~",
        "1",
        "\t",
        "\0",
        "\ud800",
        "\u2028",
        "@",
        "😀",
        "\r",
    ]
)


@given(st.text() | st.binary() | st.lists(pieces, max_size=40).map("".join))
@example("%YAML 9.9\n---\na")
@example("? ? ? a")
@example('"\\ud83d\\ude00"')
@example("a: |2\n  x")
def test_any_text_is_read_or_unreadable_and_nothing_else(text: str | bytes) -> None:
    found: tuple[Finding, ...] = ()
    try:
        json.dumps(read_document(text, "f.yaml").value, allow_nan=False)
    except Unreadable as unreadable:
        found = unreadable.findings or (None,)  # type: ignore[assignment]
    for each in found:
        assert each.line >= 1
        assert each.column >= 1


safe_text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"])
)
scalars = (
    safe_text
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(safe_text, inner, max_size=4),
    max_leaves=20,
)


def leaves(value: Any, place: Place = ()) -> list[tuple[Place, Any]]:
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in leaves(inner, (*place, key))]
    if isinstance(value, list):
        return [each for step, inner in enumerate(value) for each in leaves(inner, (*place, step))]
    return [(place, value)]


def begins(document: Document, place: Place, written: str, *, key: bool = False) -> bool:
    line, column = document.position(place, key=key)
    return document.text.split("\n")[line - 1][column - 1 :].startswith(written)


@given(values)
def test_json_is_read_as_json_and_every_position_points_at_its_scalar(value: Any) -> None:
    document = read_document(json.dumps(value, ensure_ascii=False, indent=2), "f.json")
    assert document.value == value
    for place, leaf in leaves(value):
        assert begins(document, place, json.dumps(leaf, ensure_ascii=False))
        if place and isinstance(place[-1], str):
            assert begins(document, place, json.dumps(place[-1], ensure_ascii=False), key=True)


words_only = st.from_regex(r"\A[a-zA-Zぁ-ん一-龠][0-9a-zA-Zぁ-ん一-龠_]{0,20}\Z").filter(
    lambda text: text.lower() not in ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
)


@given(
    st.recursive(
        words_only,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(words_only, inner, min_size=1, max_size=3)
        ),
        max_leaves=15,
    ),
    st.booleans(),
)
def test_positions_point_at_what_a_yaml_writer_wrote(value: Any, flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, width=1000)
    document = read_document(text, "f.yaml")
    assert document.value == value
    for place, leaf in leaves(value):
        assert begins(document, place, leaf)
        if place and isinstance(place[-1], str):
            assert begins(document, place, place[-1], key=True)
