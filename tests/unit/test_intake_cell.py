"""The habits of Excel and of the people who type into it, one cell at a time."""

from __future__ import annotations

from datetime import date, time

import pytest

from connectors.csv_intake import cell
from connectors.csv_intake.dates import PartialDate
from connectors.csv_intake.problem import CELL_WORDS, CellRefused, column_letter

FIRST_OF_APRIL = date(2024, 4, 1)


@pytest.mark.parametrize(
    "text",
    [
        "R6.4.1", "r6.4.1", "Ｒ６．４．１", "令和6年4月1日", "令和 6年 4月 1日", "令和６年４月１日", "令6.4.1",
        "2024/4/1", "2024-04-01", "2024.4.1", "2024年4月1日", "20240401", "２０２４／０４／０１", " 2024/4/1 ",
        "　R6/4/1　", "R6-4-1", "45383", "４５３８３", "45383.0", "2024/4/1 0:00", "5060401", "R060401",
        "2024/4/1（月）", "R6.4.1(月)",
        "令和6年4月1日（月曜日）", "R6.4.1生", "R6.4.1生まれ", "R6.4.1受付", "2024年4月1日月曜日",
    ],
)  # fmt: skip
def test_every_spelling_of_one_day_means_that_day(text: str) -> None:
    assert cell.read_date(text) == (FIRST_OF_APRIL, None, "", "")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024/4/1 14:30", time(14, 30)),
        ("2024/04/01 9:05:00", time(9, 5)),
        ("2024-04-01T14:30:00", time(14, 30)),
        ("R6.4.1 午後2時", time(14)),
        ("令和6年4月1日 14時30分", time(14, 30)),
        ("2024/4/1 2:30 PM", time(14, 30)),
        ("45383.604166666664", time(14, 30)),
        ("45383.5", time(12)),
    ],
)
def test_a_time_behind_the_date_is_kept_apart(text: str, at: time) -> None:
    assert cell.read_date(text)[:2] == (FIRST_OF_APRIL, at)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("H31.4.30", date(2019, 4, 30)),
        ("S64.1.7", date(1989, 1, 7)),
        ("3200401", date(1945, 4, 1)),
        ("8767", date(1924, 1, 1)),
        ("36526", date(2000, 1, 1)),
    ],
)
def test_dates_at_the_edges_of_eras_and_serials(text: str, on: date) -> None:
    assert cell.read_date(text).on == on


@pytest.mark.parametrize(
    "text", ["4月頃", "先週", "R6.13.4", "令和6年2月30日", "H36.5.7", "6/31", "99999", "0000"]
)
def test_a_date_that_is_none_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(CellRefused) as caught:
        cell.read_date(text)
    assert caught.value.code == "date_unreadable"
    assert caught.value.places["why_ja"]
    assert caught.value.places["why_en"]


@pytest.mark.parametrize("text", ["", " ", "－", "なし", "―"])
def test_a_word_for_nothing_is_no_date(text: str) -> None:
    assert cell.read_date(text).on is None


def test_a_year_alone_is_a_year_and_not_a_serial_number() -> None:
    assert cell.read_date("1950").on == PartialDate(1950)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("昭和20年月日不詳", PartialDate(1945)),
        ("S20.99.99", PartialDate(1945)),
        ("昭和20年4月日不詳", PartialDate(1945, 4)),
        ("昭和20年4月不詳日", PartialDate(1945, 4)),
        ("1945-04-99", PartialDate(1945, 4)),
    ],
)
def test_a_birth_date_with_unknown_parts_keeps_what_is_known(text: str, on: PartialDate) -> None:
    assert cell.read_birth(text).on == on


@pytest.mark.parametrize("text", ["82歳", "８２才", "70代", "70代後半", "約60歳", "80歳くらい", "82"])
def test_an_age_in_place_of_a_birth_date_becomes_a_remark(text: str) -> None:
    read = cell.read_birth(text)
    assert read.on is None
    assert read.warning == "age_not_birth"
    assert text in read.remark


@pytest.mark.parametrize("text", ["不詳", "不明", "99", "９９", "わからない", "生年月日不詳"])
def test_an_unknown_birth_date_becomes_a_remark(text: str) -> None:
    read = cell.read_birth(text)
    assert read.on is None
    assert read.warning == "birth_unknown"
    assert text in read.remark


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("14:30", time(14, 30)), ("１４：３０", time(14, 30)), ("9時", time(9)), ("9時半", time(9, 30)),
        ("午後2時15分", time(14, 15)), ("午前12時", time(0)), ("PM 2:30", time(14, 30)), ("14:30:59", time(14, 30)),
        ("0.604166666666667", time(14, 30)), ("", None), ("－", None),
    ],
)  # fmt: skip
def test_times_of_day_are_read_in_every_spelling(text: str, at: time | None) -> None:
    assert cell.read_time(text) == at


@pytest.mark.parametrize("text", ["夕方", "25:00", "9:75", "午後"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CellRefused, match="time_unreadable"):
        cell.read_time(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("男", 1),
        ("女性", 2),
        ("M", 1),
        ("ｆ", 2),
        ("１", 1),
        ("2", 2),
        ("その他", 9),
        ("", 0),
        ("不明", 0),
        ("－", 0),
    ],
)
def test_sex_becomes_its_iso_5218_code(text: str, code: int) -> None:
    assert cell.read_sex(text) == code


def test_an_unknown_word_for_sex_is_refused_unless_the_mapping_names_it() -> None:
    with pytest.raises(CellRefused, match="sex_unreadable"):
        cell.read_sex("甲")
    assert cell.read_sex("甲", {"甲": "1"}) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("３", 3),
        ("3か月", 3),
        ("1,200円", 1200),
        ("12.0", 12),
        ("", None),
        ("なし", None),
        ("-2", -2),
    ],
)
def test_whole_numbers_are_read_with_their_units(text: str, number: int | None) -> None:
    assert cell.read_integer(text) == number


def test_a_number_with_a_word_in_it_is_refused() -> None:
    with pytest.raises(CellRefused, match="integer_unreadable"):
        cell.read_integer("数か月")


@pytest.mark.parametrize(
    ("text", "phone", "warning"),
    [
        ("０９９９－００－１２３４", "0999-00-1234", ""),
        ("9012345678", "9012345678", "phone_zero_lost"),
        ("312345678", "312345678", "phone_zero_lost"),
        ("0999-00-1234　携帯090-0000-0000", "0999-00-1234 携帯090-0000-0000", ""),
        ("なし", "", ""),
        ("119", "119", ""),
    ],
)
def test_a_phone_number_is_kept_as_typed_and_a_lost_zero_is_told(text: str, phone: str, warning: str) -> None:
    assert cell.read_phone(text) == (phone, warning)


@pytest.mark.parametrize(
    ("text", "kana", "warning"),
    [
        ("ｻﾄｳ ｼｹﾞﾙ", "サトウ　シゲル", ""),
        ("さとう　しげる", "サトウ　シゲル", ""),
        ("ﾊﾟｳﾛ・ｳﾞｨﾄｰﾙ", "パウロ・ヴィトール", ""),
        ("佐藤", "佐藤", "kana_not_kana"),
        ("", "", ""),
    ],
)
def test_a_reading_becomes_full_width_katakana(text: str, kana: str, warning: str) -> None:
    assert cell.read_kana(text) == (kana, warning)


@pytest.mark.parametrize("text", ["〃", "″", "同上", "仝", " 〃 ", '"', "上に同じ"])
def test_ditto_marks_are_known(text: str) -> None:
    assert cell.is_ditto(text)


@pytest.mark.parametrize("text", ["同上野", "々木", "", "佐々木", "同意あり"])
def test_words_that_only_look_like_ditto_marks_are_none(text: str) -> None:
    assert not cell.is_ditto(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("=A1+1", "formula"), ("=VLOOKUP(A2,B:C,2,0)", "formula"), ("#REF!", "excel_error"), ("#N/A", "excel_error"),
        ("#VALUE!", "excel_error"), ("#DIV/0!", "excel_error"), ("########", "excel_error"),
        ("a\x00b", "control_character"),
        ("a\x07", "control_character"),
    ],
)  # fmt: skip
def test_what_excel_left_in_place_of_a_value_is_refused(text: str, code: str) -> None:
    with pytest.raises(CellRefused, match=code):
        cell.cleaned(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('="0901234"', "0901234"),
        ("#102号室", "#102号室"),
        ("=", "="),
        ("　佐藤　茂　", "佐藤　茂"),
        ("一\r\n二\r三", "一\n二\n三"),
    ],
)
def test_what_looks_odd_and_is_right_is_kept(text: str, clean: str) -> None:
    assert cell.cleaned(text) == clean


def test_a_choice_is_found_whatever_its_width_and_a_near_one_is_offered() -> None:
    values = {"DV": "violence", "住まい": "housing"}
    assert cell.read_choice("ＤＶ", values) == "violence"
    assert cell.read_choice("別", values, "other") == "other"
    with pytest.raises(CellRefused) as caught:
        cell.read_choice("住まいい", values)
    assert caught.value.places["allowed"] == "住まい"


def test_user_defined_characters_are_noticed() -> None:
    assert cell.gaiji_in(b"\xf0\x40".decode("cp932")) == "U+E000"
    assert cell.gaiji_in("髙﨑\ufa19𠮷") == ""


def test_columns_are_lettered_as_excel_letters_them() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 51, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "ZZ",
        "AAA",
    ]


def test_every_sentence_about_a_cell_says_what_to_do_in_both_languages() -> None:
    assert all(all(text.strip() for text in words) for words in CELL_WORDS.values())
