"""From a file to a Pathway: every fault at its line, in words; forms, digests, catalogue, schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.checker.finding import Finding, Severity
from engine.core.pathway.model import Pathway
from engine.core.vocabulary import Grade
from engine.loading.catalogue import (
    list_versions,
    load_version,
    read_catalogue,
    shipped_calendar,
    shipped_pathways,
)
from engine.loading.document import BYTES_MAX
from engine.loading.form import place_of
from engine.loading.pathway import Loaded, load_pathway
from engine.loading.schema import PART_TITLES, form_schema, main, pathway_schema, schema_files
from engine.loading.sentence import parts
from tests.repo.source import ROOT
from tests.unit.pathway_text import EXAMPLE, FORM


def load(text: str, form: str | bytes | None = FORM) -> Loaded:
    return load_pathway(text, "pathways/x/v1.yaml", lambda _: form)


def changed(*changes: tuple[str, str]) -> str:
    text = EXAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def only(loaded: Loaded) -> Finding:
    [finding] = loaded.findings
    return finding


def test_the_worked_example_loads_with_its_forms() -> None:
    loaded = load(EXAMPLE)
    assert loaded.findings == ()
    assert loaded.usable
    assert loaded.pathway is not None
    assert loaded.pathway.states["received"].follow_ups["acknowledge"].needs is Grade.MESSAGE
    assert loaded.forms["intake"]["type"] == "object"
    assert loaded.form_texts == {"intake": FORM}
    assert len(loaded.digest) == 64


def test_an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() -> None:
    finding = only(load(changed(("    follow_ups:", "    folow_ups:"))))
    assert (finding.code, finding.file, finding.line, finding.column) == ("F101", "pathways/x/v1.yaml", 36, 5)
    assert finding.ja + finding.do_ja == "「folow_ups」というキーはありません。follow_ups のことですか。"
    assert "Did you mean follow_ups?" in finding.do_en


@pytest.mark.parametrize(
    ("old", "new", "code", "spot", "words"),
    [
        ("version: 1", "version: one", "F102", "one", "整数"),
        ("version: 1", "version: 0", "F107", "0", "1 以上"),
        ("version: 1", "version: 1.0", "F102", "1.0", "整数"),
        ("legal_basis: 社", "legal_basis: 3 # 社", "F102", "3 #", "引用符"),
        ("worker: 相談支援員", "worker: 5", "F102", "5", "文字列"),
        ("worker: 相談支援員", "worker x: 相談員", "F104", "worker x", "名前"),
        ("subject: household", "subject: houshold", "F106", "houshold", "household のことですか"),
        ("needs: message", "needs: 面談する", "F106", "面談する", "interview（面談）"),
        ("max_silence: 45d", "max_silence: 45 d", "F105", "45 d", "「45d」と、半角で"),
        ("max_silence: 45d", "max_silence: 45", "F102", "45", "期間"),
        ("max_silence: 45d", "max_silence: 101y", "F105", "101y", "長すぎます"),
        ("every: 6mo", "every: 6m", "F105", "6m", "6mo"),
        ("{14d: 6}, 30d", "{14d: 600}, 30d", "F107", "600", "400 以下"),
        ("{14d: 6}, 30d", "{14x: 6}, 30d", "F105", "14x", "期間"),
        ("[{7d: 4}, {14d: 6}, 30d]", "[7d, 30d]", "F108", "every", "最後の間隔だけ"),
        ("2027-04-01", "2027-02-30", "F109", "2027-02-30", "ありません"),
        ("2027-04-01", "2027/04/01", "F109", "2027/04/01", "年-月-日"),
        ("2027-04-01", "令和9年4月1日", "F109", "令和9年4月1日", "年-月-日"),
        ("{form: intake, state: received}", "{form: intake}", "F103", "opening", "state（最初の状態）"),
        ("due: 1bd, needs", "needs", "F108", "acknowledge", "due・every・at"),
        ("due: 1bd, needs", "due: 1bd, at: 3d, needs", "F108", "acknowledge", "due・every・at"),
        ("{retry: 2bd,", "{retry: 2bd, next: 3d,", "F108", "unreachable", "一緒に書けません"),
        ("final: true", "final: 'yes'", "F102", "'yes'", "true か false"),
        ("keep_in_touch: keep", "keep_in_touch: kep", "F106", "kep", "keep と"),
        ("from: {1:", "from: {v1:", "F104", "v1", "版の番号"),
        ("label: 終結", "every: 3d", "F101", "every: 3d", "字下げ"),
        ("roll: earlier", "roll: [earlier]", "F106", "[earlier]", "一覧"),
        ("    stage: 受け止め", '    stage: ""', "F107", '""', "1字以上"),
        ("forms/intake.yaml", "../intake.yaml", "F111", "../intake", "外を指しています"),
        ("forms/intake.yaml", "/etc/passwd", "F111", "/etc", "外を指しています"),
        ("forms/intake.yaml", "c:/x.yaml", "F111", "c:/x", "外を指しています"),
        ("forms/intake.yaml", "forms\\intake.yaml", "F111", "forms\\", "「/」"),
        ("forms/intake.yaml", "forms/intake.xlsx", "F111", "forms/intake.x", ".yaml か .json"),
    ],
)
def test_one_slip_gives_one_finding_where_it_stands(
    old: str, new: str, code: str, spot: str, words: str
) -> None:
    text = changed((old, new))
    finding = only(load(text))
    assert finding.code == code
    assert text.split("\n")[finding.line - 1][finding.column - 1 :].startswith(spot)
    assert words in finding.ja + finding.do_ja
    assert finding.ja.endswith("。")
    assert finding.en.endswith(".")
    assert finding.do_ja
    assert finding.do_en
    assert finding.severity is Severity.ERROR


def test_all_slips_of_a_file_come_at_once_in_the_order_of_lines() -> None:
    loaded = load(
        changed(
            ("subject: household", "subject: houshold"),
            ("    follow_ups:", "    folow_ups:"),
            ("version: 1", "version: one"),
            ("forms/intake.yaml", "../intake.yaml"),
            ("every: 6mo", "every: 6m"),
        )
    )
    assert [each.code for each in loaded.findings] == ["F102", "F106", "F111", "F105", "F101"]
    assert [each.line for each in loaded.findings] == sorted(each.line for each in loaded.findings)
    assert loaded.pathway is None
    assert not loaded.usable


@pytest.mark.parametrize("text", ["- a", "a", "1", "states： x"])
def test_a_file_that_is_no_mapping_is_refused_as_a_whole(text: str) -> None:
    assert only(load(text)).code == "F102"


@pytest.mark.parametrize("text", ["a: [", "\0", "", "a: 1\na: 2"])
def test_an_unreadable_file_is_a_finding_and_no_exception(text: str) -> None:
    loaded = load(text)
    assert loaded.pathway is None
    assert loaded.document is None
    assert loaded.findings
    with pytest.raises(ValueError, match="could not be read"):
        loaded.located([])


def test_a_missing_form_is_told_at_the_line_that_names_it() -> None:
    finding = only(load(EXAMPLE, None))
    assert (finding.code, finding.line, finding.column) == ("F110", 17, 11)


def test_a_fault_of_a_form_is_told_at_its_own_file_and_line() -> None:
    finding = only(
        load(
            EXAMPLE,
            FORM.replace(
                "    x-label: {ja: 経路, en: Channel}\n",
                "    format: zzz\n    x-label: {ja: 経路, en: Channel}\n",
            ),
        )
    )
    assert (finding.code, finding.file, finding.line, finding.column) == (
        "F120", "pathways/x/forms/intake.yaml", 7, 5,
    )  # fmt: skip


def test_a_form_that_is_not_utf8_is_told_at_its_own_file() -> None:
    finding = only(load(EXAMPLE, FORM.encode("cp932")))
    assert (finding.code, finding.file) == ("F001", "pathways/x/forms/intake.yaml")


def test_a_form_may_be_json() -> None:
    form = json.dumps({"type": "object", "additionalProperties": False, "properties": {}}, indent=2)
    assert load(EXAMPLE, form).findings == ()


def test_a_finding_of_a_check_gets_file_line_and_column() -> None:
    loaded = load(EXAMPLE)
    finding = Finding(
        code="R001", severity=Severity.ERROR, place=("states", "received"), at_key=True, ja="", en="",
        do_ja="",        do_en="",
    )  # fmt: skip
    [placed] = loaded.located([finding])
    assert (placed.file, placed.line, placed.column) == ("pathways/x/v1.yaml", 32, 3)


def test_the_digest_is_over_the_text_and_the_forms_whatever_the_line_ends() -> None:
    first = load(EXAMPLE)
    assert load(EXAMPLE.replace("\n", "\r\n"), FORM.replace("\n", "\r\n")).digest == first.digest
    assert load("\ufeff" + EXAMPLE).digest == first.digest
    assert load(EXAMPLE + "# x\n").digest != first.digest
    assert load(EXAMPLE, FORM + "# x\n").digest != first.digest


def test_pointers_become_places_as_far_as_they_lead() -> None:
    value = {"a/b": [{"~": 1}]}
    assert place_of("/a~1b/0/~0", value) == ("a/b", 0, "~")
    assert place_of("/a~1b/7/x", value) == ("a/b",)
    assert place_of("", value) == ()


# --- from a folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "pathways" / "standard_four_stage"
    (home / "forms").mkdir(parents=True)
    (home / "v1.yaml").write_text(EXAMPLE, encoding="utf-8")
    (home / "forms" / "intake.yaml").write_text(FORM, encoding="utf-8")
    return home.parent


def test_a_version_is_found_by_folder_and_file_name_and_loaded_with_its_forms(folder: Path) -> None:
    [entry] = list_versions(folder)
    assert entry[:2] == ("standard_four_stage", 1)
    assert load_version(entry).pathway is not None
    assert load_version(entry).digest == load(EXAMPLE).digest


def test_versions_are_listed_by_number_and_not_by_letters(folder: Path) -> None:
    for number in (2, 10):
        (folder / "standard_four_stage" / f"v{number}.yaml").write_text(EXAMPLE, encoding="utf-8")
    assert [each.version for each in list_versions(folder)] == [1, 2, 10]


def test_content_that_disagrees_with_its_path_is_refused_at_its_line(folder: Path) -> None:
    (folder / "standard_four_stage").rename(folder / "other")
    (folder / "other" / "v1.yaml").rename(folder / "other" / "v2.yaml")
    [entry] = list_versions(folder)
    loaded = load_version(entry)
    assert loaded.pathway is None
    assert [(each.code, each.line) for each in loaded.findings] == [("F130", 1), ("F130", 2)]


def test_a_file_that_is_nearly_named_like_a_version_is_told(folder: Path) -> None:
    for name in ("V1.yaml", "v01.yaml", "v1.yml", "2.yaml"):
        (folder / "standard_four_stage" / name).write_text(EXAMPLE, encoding="utf-8")
    (folder / "Other").mkdir()
    (folder / "Other" / "v1.yaml").write_text(EXAMPLE, encoding="utf-8")
    catalogue = read_catalogue(folder)
    assert len(catalogue.versions) == 1
    assert [each.code for each in catalogue.findings] == ["F131"] * 5


def test_no_form_is_read_through_a_link_out_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(FORM, encoding="utf-8")
    form = folder / "standard_four_stage" / "forms" / "intake.yaml"
    form.unlink()
    form.symlink_to(tmp_path / "secret.yaml")
    assert only(load_version(list_versions(folder)[0])).code == "F110"


def test_a_file_that_cannot_be_opened_or_is_too_large_is_a_finding(tmp_path: Path) -> None:
    assert only(load_pathway(tmp_path / "v1.yaml")).code == "F019"
    assert only(load_pathway(tmp_path)).code == "F019"
    (tmp_path / "v1.yaml").write_bytes(b"x" * (BYTES_MAX * 3))
    assert only(load_pathway(tmp_path / "v1.yaml")).code == "F002"


def test_the_shipped_folder_is_found_beside_the_engine_and_holds_the_office_calendar() -> None:
    assert shipped_pathways() == ROOT / "pathways"
    assert shipped_calendar("office", 1).name == "office"
    assert read_catalogue(ROOT / "nowhere").versions == ()


# --- the schemas of editors


def keyed(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "properties" and isinstance(value, dict) and node.get("type") == "object":
                found += [(f"{path}/{name}", each) for name, each in value.items()]
            found += keyed(value, f"{path}/{key}")
    elif isinstance(node, list):
        for at, value in enumerate(node):
            found += keyed(value, f"{path}/{at}")
    return found


def test_the_committed_schemas_are_those_of_the_model(tmp_path: Path) -> None:
    main(tmp_path)
    for name, text in schema_files():
        assert (ROOT / "docs" / "schema" / name).read_text(encoding="utf-8") == text
        assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_the_schemas_are_valid_2020_12() -> None:
    for schema in (pathway_schema(), form_schema()):
        Draft202012Validator.check_schema(schema)
        assert schema["$schema"].endswith("2020-12/schema")
        assert schema["$id"]


def test_every_key_is_explained_in_japanese_and_english() -> None:
    found = keyed(pathway_schema()) + keyed(form_schema())
    assert len(found) > 100
    for path, each in found:
        assert each.get("x-ja"), path
        assert each.get("x-en"), path
        assert each["x-ja"] in each["description"], path
        assert each["x-en"] in each["description"], path


def test_every_part_and_every_word_is_titled_and_labelled() -> None:
    schema = pathway_schema()
    assert {part.__name__ for part in parts(Pathway)} - {"Recurrence"} <= PART_TITLES.keys()
    for name, each in schema["$defs"].items():
        assert each["title"], name
        assert each["description"], name
        for word in each.get("enum", []):
            assert each["x-labels"][word]["ja"]
            assert each["x-labels"][word]["en"]


def test_null_is_never_offered() -> None:
    assert '"null"' not in json.dumps(pathway_schema())
    assert ": null" not in json.dumps(pathway_schema())


def test_a_form_without_fault_satisfies_the_schema_of_forms() -> None:
    validator = Draft202012Validator(form_schema())
    assert list(validator.iter_errors(load(EXAMPLE).forms["intake"])) == []
    assert not validator.is_valid({"type": "object", "properties": {}})
    assert not validator.is_valid({"type": "array", "properties": {}, "additionalProperties": False})
    wrong = {"type": "object", "properties": {"A": {"type": "string"}}, "additionalProperties": False}
    assert not validator.is_valid(wrong)


def test_every_shipped_form_satisfies_the_schema_of_forms() -> None:
    validator = Draft202012Validator(form_schema())
    for entry in list_versions(shipped_pathways()):
        for name, form in load_version(entry).forms.items():
            assert list(validator.iter_errors(form)) == [], (entry.path, name)
