"""The mapping file: what it may say, and how its faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.csv_intake import mapping as mapping_module
from connectors.csv_intake.mapping import Mapping, MappingError, load_mapping
from connectors.csv_intake.mapping_yaml import YamlRefused, read_yaml
from engine.core.vocabulary import Channel, ConsentStatus

STANDARD = Path(mapping_module.__file__).parent / "mappings" / "standard.yaml"

GOOD = """\
mapping: ours
version: 1
title: {ja: 台帳, en: ledger}
pathway: standard_four_stage
required: [受付日, 氏名]
ditto: [受付日]
columns:
  受付日: received_on
  氏名: person.name
  方法: {to: channel, values: {電話: phone}}
  メモ: note
  メモ2: note
forms:
  intake:
    arrears: {column: 滞納, kind: integer}
    channel: {from: channel}
    area: 地区
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ours.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str) -> MappingError:
    with pytest.raises(MappingError) as caught:
        load_mapping(written(tmp_path, text))
    return caught.value


def test_the_shipped_mapping_loads_and_speaks_the_words_of_the_engine() -> None:
    standard = load_mapping(STANDARD)
    channel = standard.columns["受付方法"]
    assert set(channel.values.values()) <= {member.value for member in Channel}
    assert {"given", "declined", "not_asked"} <= {member.value for member in ConsentStatus}
    assert standard.pathway == "standard_four_stage"


def test_a_mapping_knows_all_headings_it_reads(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, GOOD))
    assert mapping.headings == ("受付日", "氏名", "方法", "メモ", "メモ2", "滞納", "地区")
    assert mapping.forms["intake"]["area"].column == "地区"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("pathway: standard_four_stage\n", "", 1, "pathway"),
        ("version: 1", "version: one", 2, "整数"),
        ("ditto: [受付日]", "ditto: 受付日", 6, "一覧"),
        ("ditto: [受付日]", "ditto: [住所]", 6, "住所"),
        ("required: [受付日, 氏名]", "required: [氏名]", 5, "受付日"),
        ("  メモ: note", "  メモ: person.nane", 11, "person.nane"),
        ("  メモ: note", "  メモ: address\n  所: address", 11, "address"),
        ("  氏名: person.name\n", "  氏名: note\n", 8, "person.name"),
        ("  メモ: note", "  メモ: {to: note, values: {a: b}}", 11, "values"),
        ("  メモ: note", "  メモ: {to: note, split: 、}", 11, "split"),
        ("  方法: {to: channel, values: {電話: phone}}", "  方法: channel", 10, "values"),
        ("  メモ: note", "  メモ: {to: note, also: [氏　名]}", 9, "氏名"),
        ("kind: integer}", "kind: number}", 15, "kind"),
        ("{from: channel}", "{from: channel, column: 方法}", 16, "どちらか一つ"),
        ("{from: channel}", "{column: 方法, kind: choice}", 16, "values"),
        ("{from: channel}", "{from: channel, colour: red}", 16, "colour"),
        ("forms:", "ignore: [メモ]\nforms:", 13, "メモ"),
        ("  メモ: note", "  メモ: note\n  メモ: note", 12, "二度"),
        ("  メモ: note", "  メモ: &a note", 11, "&"),
        ("  メモ: note", "  メモ: [note", 12, "YAML"),
    ],
)
def test_each_fault_of_a_mapping_is_told_where_it_stands(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    error = faults(tmp_path, GOOD.replace(old, new, 1))
    told = [problem for problem in error.problems if words in problem.ja]
    assert told
    assert told[0].line == line
    assert told[0].en
    assert "ours.yaml" in error.sentence("ja")
    assert "ours.yaml" in error.sentence("en")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    error = faults(
        tmp_path, GOOD.replace("メモ: note", "メモ: nowhere").replace("ditto: [受付日]", "ditto: [住所]")
    )
    assert len(error.problems) == 2


def test_a_missing_or_misencoded_mapping_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="開けません"):
        load_mapping(tmp_path / "none.yaml")
    path = tmp_path / "sjis.yaml"
    path.write_bytes(GOOD.encode("cp932"))
    with pytest.raises(MappingError, match="UTF-8"):
        load_mapping(path)


def test_keys_are_text_and_only_plain_words_are_numbers_or_truth() -> None:
    document, places = read_yaml('1: male\nno: "1"\na: true\nb: 12\nc: 0123\nd: 2024-04-01\n')
    assert document == {"1": "male", "no": "1", "a": True, "b": 12, "c": "0123", "d": "2024-04-01"}
    assert places[("b",)] == (4, 4)


@pytest.mark.parametrize(
    "text", ["a: *b", "a: !!str b", "? [x]\n: y", "--- 1\n--- 2\n", "[" * 200_000, "a: \x01"]
)
def test_yaml_beyond_what_a_mapping_needs_is_refused(text: str) -> None:
    with pytest.raises(YamlRefused):
        read_yaml(text)


def test_a_mapping_is_frozen(tmp_path: Path) -> None:
    mapping: Mapping = load_mapping(written(tmp_path, GOOD))
    with pytest.raises(ValueError, match="frozen"):
        mapping.version = 2  # type: ignore[misc]
