"""Rows of a ledger become consultations, or are set apart with every reason."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from connectors.csv_intake import mapping as mapping_module
from connectors.csv_intake.consultation import Consultation, PersonRow, Rejected, Tally
from connectors.csv_intake.dates import PartialDate
from connectors.csv_intake.ledger import consultations
from connectors.csv_intake.mapping import Mapping, load_mapping
from connectors.csv_intake.problem import SpreadsheetError
from connectors.csv_intake.spreadsheet import read_spreadsheet

STANDARD = load_mapping(Path(mapping_module.__file__).parent / "mappings" / "standard.yaml")
BASE = {"受付番号": "R6-1", "受付日": "R6.4.1", "氏名": "佐藤　茂"}


def table(rows: list[dict[str, str]]) -> str:
    headings = list(dict.fromkeys(key for row in [BASE, *rows] for key in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([row.get(heading, "") for heading in headings])
    return out.getvalue()


def read_text(
    tmp_path: Path, text: str, mapping: Mapping = STANDARD, tally: Tally | None = None
) -> list[Consultation | Rejected]:
    path = tmp_path / "ledger.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return list(consultations(read_spreadsheet(path, headings=mapping.headings), mapping, tally))


def read(tmp_path: Path, *rows: dict[str, str], tally: Tally | None = None) -> list[Consultation | Rejected]:
    return read_text(tmp_path, table([{**BASE, **row} for row in rows]), tally=tally)


def taken(found: Consultation | Rejected) -> Consultation:
    assert isinstance(found, Consultation), found
    return found


def codes(found: Consultation | Rejected) -> list[str]:
    assert isinstance(found, Rejected), found
    return [problem.code for problem in found.problems]


def test_a_full_row_becomes_a_consultation_with_neutral_values(tmp_path: Path) -> None:
    [found] = read(
        tmp_path,
        {
            "受付番号": "R6-0001", "受付日": "令和6年4月1日", "受付時刻": "午後2時", "受付方法": "電話", "相談経路": "民生委員",
            "氏名": "髙﨑　\ufa19奈", "フリガナ": "ﾀｶｻｷ ｶﾅ", "生年月日": "S60.1.8", "性別": "女", "住所": "伴走町葛\U000e0100１丁目",
            "地区": "本町", "電話番号": "０９９９－００－１２３４", "世帯員1": "髙﨑　蓮（長男・H25.5.5・男）", "世帯員2": "なし",
            "相談内容": "住まい、ＤＶ・住まい", "相談の概要": "一行目\r\n二行目", "緊急度": "高", "滞納月数": "３か月", "同意": "○",
            "担当": "青山 恵", "対応状況": "対応中", "備考": "見ない列", "手書き": "対応表にない列",
        },
    )  # fmt: skip
    assert taken(found).cells[0] == "R6-0001"
    assert replace(taken(found), cells=()) == Consultation(
        source_line=2,
        source_key="R6-0001",
        content_digest=taken(found).content_digest,
        received_on=date(2024, 4, 1),
        received_time=time(14),
        channel="phone",
        persons=(
            PersonRow("髙﨑　\ufa19奈", "タカサキ　カナ", date(1985, 1, 8), 2, "本人"),
            PersonRow("髙﨑　蓮", "", date(2013, 5, 5), 1, "長男"),
        ),
        address="伴走町葛\U000e0100１丁目",
        phone="0999-00-1234",
        topics=("housing", "violence"),
        note="一行目\n二行目",
        consent="given",
        worker="青山 恵",
        status="対応中",
        forms={
            "intake": {
                "channel": "phone", "topics": ["housing", "violence"], "content": "一行目\n二行目",
                "visitor": "commissioner", "remarks": "本町",
            }
        },
        extra={"緊急度": "高", "滞納月数": "３か月", "手書き": "対応表にない列"},
        warnings=(),
    )  # fmt: skip


def test_a_row_with_the_required_cells_only_is_taken(tmp_path: Path) -> None:
    [found] = read(tmp_path, {})
    one = taken(found)
    assert (one.channel, one.consent, one.worker, one.topics, one.extra) == (
        "other",
        "not_asked",
        None,
        (),
        {},
    )


@pytest.mark.parametrize(
    ("row", "code", "letter"),
    [
        ({"受付日": ""}, "required", "B"),
        ({"受付日": "R6.13.4"}, "date_unreadable", "B"),
        ({"受付日": "令和6年4月"}, "date_incomplete", "B"),
        ({"氏名": "　"}, "name_blank", "C"),
        ({"氏名": "〃"}, "ditto_not_allowed", "C"),
        ({"受付日": "〃"}, "ditto_without_source", "B"),
        ({"性別": "甲"}, "sex_unreadable", "D"),
        ({"受付方法": "狼煙"}, "value_unknown", "D"),
        ({"生年月日": "R33.3.3"}, "birth_after_reception", "D"),
        ({"生年月日": "令和7年"}, "birth_after_reception", "D"),
        ({"担当": "=VLOOKUP(A2,B:C,2,0)"}, "formula", "D"),
        ({"相談の概要": "#REF!"}, "excel_error", "D"),
        ({"住所": "本町\x07"}, "control_character", "D"),
        ({"受付時刻": "夕方"}, "time_unreadable", "D"),
        ({"世帯員1": "（長男）"}, "member_unreadable", "D"),
        ({"世帯員1": "佐藤　蓮（長男・R6.13.1）"}, "date_unreadable", "D"),
        ({"同意": "たぶん"}, "value_unknown", "D"),
    ],
)
def test_a_slip_sets_the_row_apart_and_says_where(
    tmp_path: Path, row: dict[str, str], code: str, letter: str
) -> None:
    [found] = read(tmp_path, row)
    assert codes(found) == [code]
    assert isinstance(found, Rejected)
    [problem] = found.problems
    assert (problem.line, problem.letter) == (2, letter)
    assert f"2行目 {letter}列" in problem.sentence("ja")
    assert f"line 2, column {letter}" in problem.sentence("en")


def test_every_problem_of_a_row_is_told_at_once(tmp_path: Path) -> None:
    [found] = read(tmp_path, {"受付日": "先週", "氏名": "", "性別": "甲"})
    assert codes(found) == ["name_blank", "date_unreadable", "sex_unreadable"]


def test_ditto_marks_take_the_value_above_in_the_columns_that_allow_it(tmp_path: Path) -> None:
    first, second, third = read(
        tmp_path,
        {"住所": "本町1丁目", "電話番号": "0999-00-1234", "担当": "青山 恵"},
        {"受付番号": "R6-2", "受付日": "〃", "住所": "同上", "電話番号": "″"},
        {"受付番号": "R6-3", "受付日": "〃", "住所": "〃"},
    )
    assert taken(second).received_on == taken(third).received_on == taken(first).received_on
    assert taken(second).address == taken(third).address == "本町1丁目"
    assert taken(second).phone == "0999-00-1234"
    assert taken(second).worker is None


def test_ditto_marks_reach_over_blank_rows_and_rows_set_apart(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"受付日": "R6.5.7", "氏名": ""},
        {"受付番号": "", "受付日": "", "氏名": ""},
        {"受付番号": "R6-2", "受付日": "〃"},
    )
    assert codes(found[0]) == ["name_blank"]
    assert taken(found[1]).received_on == date(2024, 5, 7)


def test_a_ditto_mark_below_a_cell_that_could_not_be_read_is_set_apart_too(tmp_path: Path) -> None:
    first, second = read(tmp_path, {"受付日": "=TODAY()"}, {"受付番号": "R6-2", "受付日": "〃"})
    assert codes(first) == codes(second) == ["formula"]


def test_a_blank_date_below_a_merged_cell_is_set_apart_and_not_guessed(tmp_path: Path) -> None:
    _, second = read(tmp_path, {}, {"受付番号": "R6-2", "受付日": ""})
    assert isinstance(second, Rejected)
    assert "結合" in second.problems[0].ja
    assert "同上" in second.problems[0].do_ja


def test_blank_rows_repeated_headings_and_duplicates_are_counted_and_skipped(tmp_path: Path) -> None:
    tally = Tally()
    text = table([{**BASE, "住所": "本町"}]).splitlines()
    headings, row = text
    found = read_text(
        tmp_path,
        f"{headings}\r\n{row}\r\n\r\n,,,\r\n\u3000, ,,\r\n{headings}\r\n{row}\r\n{headings}" + "\r\n",
        tally=tally,
    )
    assert len(found) == 1
    assert (tally.rows, tally.accepted, tally.blanks, tally.repeated_headings, tally.duplicates) == (
        7,
        1,
        3,
        2,
        1,
    )
    assert tally.duplicate_lines == [(2, 7)]


def test_a_number_used_for_another_content_is_set_apart_with_both_lines(tmp_path: Path) -> None:
    first, second = read(tmp_path, {}, {"氏名": "鈴木　清"})
    taken(first)
    assert codes(second) == ["number_reused"]
    assert isinstance(second, Rejected)
    assert "2行目" in second.problems[0].ja
    assert "3行目" in second.problems[0].ja


def test_the_number_of_a_row_set_apart_is_free_for_its_corrected_copy(tmp_path: Path) -> None:
    first, second = read(tmp_path, {"受付日": "先週"}, {})
    assert codes(first) == ["date_unreadable"]
    assert taken(second).source_key == "R6-1"


def test_without_a_number_a_row_is_known_by_all_its_cells(tmp_path: Path) -> None:
    spec = STANDARD.model_dump(by_alias=True)
    spec["columns"].pop("受付番号")
    spec["required"] = ["受付日", "氏名"]
    mapping = Mapping.model_validate(spec)
    tally = Tally()
    text = "受付日,氏名,住所\nR6.4.1,佐藤,本町\nR6.4.1,佐藤,川向\nR6.4.1,佐藤,本町\n"
    one, two = read_text(tmp_path, text, mapping, tally)
    assert taken(one).source_key != taken(two).source_key
    assert tally.duplicates == 1
    [moved] = read_text(tmp_path, "住所,受付日,氏名\n\n本町,R6.4.1,佐藤\n", mapping)
    assert taken(moved).source_key == taken(one).source_key


def test_surplus_cells_set_the_row_apart_and_blank_ones_do_not(tmp_path: Path) -> None:
    text = "受付番号,受付日,氏名\n1,R6.4.1,佐藤,本町\n2,R6.4.1,鈴木,, \n"
    first, second = read_text(tmp_path, text)
    assert codes(first) == ["too_many_cells"]
    assert isinstance(first, Rejected)
    assert first.problems[0].value == "本町"
    assert first.problems[0].letter == "D"
    taken(second)


def test_a_short_row_is_read_with_a_warning_since_excel_leaves_off_trailing_commas(tmp_path: Path) -> None:
    [found] = read_text(tmp_path, "受付番号,受付日,氏名,住所\n1,R6.4.1,佐藤\n")
    assert [warning.code for warning in taken(found).warnings] == ["short_row"]


def test_what_a_person_should_look_at_is_told_without_stopping_the_row(tmp_path: Path) -> None:
    tally = Tally()
    row = {"電話番号": "9012345678", "生年月日": "70代", "フリガナ": "佐藤", "住所": "本町\ue000"}
    [found] = read(tmp_path, row, tally=tally)
    told = {warning.code for warning in taken(found).warnings}
    assert told == {"phone_zero_lost", "age_not_birth", "kana_not_kana", "gaiji"}
    assert taken(found).persons[0].remark == "年齢の記載：70代"
    assert tally.warnings == 4


def test_an_age_column_and_a_partial_birth_date_are_both_kept(tmp_path: Path) -> None:
    [found] = read(tmp_path, {"生年月日": "昭和20年月日不詳", "年齢": "78"})
    assert taken(found).persons[0].birth_on == PartialDate(1945)
    assert taken(found).persons[0].remark == "年齢の記載：78"


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("佐藤　蓮", PersonRow("佐藤　蓮")),
        ("佐藤　蓮（長男）", PersonRow("佐藤　蓮", relation="長男")),
        ("佐藤 蓮(長男、2013/5/5)", PersonRow("佐藤 蓮", "", date(2013, 5, 5), 0, "長男")),
        ("佐藤　花子（妻・45歳・女）", PersonRow("佐藤　花子", "", None, 2, "妻", "年齢の記載：45歳")),
        ("佐藤　正（父・入院中）", PersonRow("佐藤　正", "", None, 0, "父", "入院中")),
        ("佐藤　ハル（祖母・生年月日不詳）", PersonRow("佐藤　ハル", "", None, 0, "祖母", "生年月日不詳")),
    ],
)
def test_a_household_member_is_read_from_one_cell(tmp_path: Path, text: str, person: PersonRow) -> None:
    [found] = read(tmp_path, {"世帯員3": text})
    assert taken(found).persons[1:] == (person,)


def test_a_household_member_is_read_from_columns_of_its_own(tmp_path: Path) -> None:
    spec = STANDARD.model_dump(by_alias=True)
    spec["columns"].pop("世帯員1")
    for part, heading in (
        ("name", "員氏名"),
        ("relation", "員続柄"),
        ("birth_on", "員生年月日"),
        ("sex", "員性別"),
    ):
        spec["columns"][heading] = f"member.1.{part}"
    mapping = Mapping.model_validate(spec)
    row = {**BASE, "員氏名": "佐藤　蓮", "員続柄": "長男", "員生年月日": "H25.5.5", "員性別": "1"}
    [found] = read_text(tmp_path, table([row]), mapping)
    assert taken(found).persons[1] == PersonRow("佐藤　蓮", "", date(2013, 5, 5), 1, "長男")


def test_a_topic_the_mapping_does_not_know_is_still_received(tmp_path: Path) -> None:
    [found] = read(tmp_path, {"相談内容": "ペットの世話、介護"})
    assert taken(found).topics == ("other", "care")


def test_a_column_the_mapping_does_not_name_is_kept_and_told_once(tmp_path: Path) -> None:
    tally = Tally()
    first, second = read(tmp_path, {"班": "３班"}, {"受付番号": "R6-2", "班": "４班"}, tally=tally)
    assert [taken(first).extra, taken(second).extra] == [{"班": "３班"}, {"班": "４班"}]
    assert tally.unmapped == ("班",)
    assert len(tally.notes_ja) == len(tally.notes_en) == 1


def test_a_column_without_a_heading_is_kept_under_its_letter(tmp_path: Path) -> None:
    [found] = read_text(tmp_path, "受付番号,受付日,,氏名\n1,R6.4.1,走り書き,佐藤\n")
    assert taken(found).extra == {"（見出しなし C列）": "走り書き"}


def test_another_name_for_a_heading_is_known(tmp_path: Path) -> None:
    [found] = read_text(tmp_path, "整理番号,相談日,相談者氏名\n1,R6.4.1,佐藤\n")
    assert taken(found).source_key == "1"


def test_a_missing_required_column_is_told_with_the_headings_that_were_found(tmp_path: Path) -> None:
    with pytest.raises(SpreadsheetError) as caught:
        read_text(tmp_path, "受付番号,年月日,氏名\n1,R6.4.1,佐藤\n")
    assert caught.value.code == "missing_heading"
    assert "受付日" in caught.value.ja
    assert "年月日" in caught.value.ja
    assert caught.value.line == 1


def test_headings_without_rows_give_nothing(tmp_path: Path) -> None:
    tally = Tally()
    assert read_text(tmp_path, "受付番号,受付日,氏名\n", tally=tally) == []
    assert tally.rows == 0


def test_another_reading_of_dates_can_be_passed_in(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("受付番号,受付日,氏名\n1,きのう,佐藤\n", encoding="utf-8")
    sheet = read_spreadsheet(path)
    [found] = consultations(sheet, STANDARD, parse_date=lambda text: date(2024, 4, 1))
    assert taken(found).received_on == date(2024, 4, 1)
