"""The CSV file as a whole: encoding, delimiter, headings, lines, limits, and what is no CSV at all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from connectors.csv_intake import charset, spreadsheet
from connectors.csv_intake.problem import SPREADSHEET_WORDS, SpreadsheetError
from connectors.csv_intake.spreadsheet import read_spreadsheet

LEDGER = "受付番号,受付日,氏名\r\nR6-1,R6.4.1,佐藤　茂\r\n"


def saved(tmp_path: Path, content: bytes | str, encoding: str = "utf-8", name: str = "ledger.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def refusal(path: Path, encoding: str | None = None) -> SpreadsheetError:
    with pytest.raises(SpreadsheetError) as caught:
        read_spreadsheet(path, encoding)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_three_encodings_of_a_town_hall_are_found_out(tmp_path: Path, encoding: str) -> None:
    sheet = read_spreadsheet(saved(tmp_path, LEDGER, encoding))
    assert sheet.header == ("受付番号", "受付日", "氏名")
    assert [row.cells for row in sheet.rows()] == [("R6-1", "R6.4.1", "佐藤　茂")]


def test_shift_jis_asked_for_is_read_as_what_windows_means_by_it(tmp_path: Path) -> None:
    sheet = read_spreadsheet(saved(tmp_path, "氏名,住所\r\n髙﨑,①～－∥\r\n", "cp932"), "shift_jis")
    assert next(sheet.rows()).cells == ("髙﨑", "①～－∥")


def test_variant_characters_of_names_pass_unchanged(tmp_path: Path) -> None:
    name = "髙﨑\ufa19𠮷葛\U000e0100"
    sheet = read_spreadsheet(saved(tmp_path, f"氏名,住所\r\n{name},伴走町\r\n", "utf-8-sig"))
    assert next(sheet.rows()).cells[0] == name


def test_a_byte_that_cannot_be_read_is_told_with_line_and_column(tmp_path: Path) -> None:
    content = "受付番号,受付日,氏名\r\nR6-1,R6.4.1,".encode("cp932") + b"\x85\x40\r\n"
    error = refusal(saved(tmp_path, content))
    assert (error.code, error.line, error.letter) == ("undecodable", 2, "C")
    assert "0x85" in error.ja
    assert "CP932" in error.ja


def test_a_broken_byte_in_utf8_is_told_as_utf8_and_not_as_cp932(tmp_path: Path) -> None:
    content = ("受付番号,氏名\n" + "R6-1,佐藤　茂\n" * 40).encode() + b"R6-2,\xff\xff\n"
    error = refusal(saved(tmp_path, content))
    assert (error.code, error.line, error.letter) == ("undecodable", 42, "B")
    assert "UTF-8" in error.ja


def test_the_line_of_a_broken_byte_counts_old_mac_line_ends_too(tmp_path: Path) -> None:
    content = "受付番号,氏名\rR6-1,".encode("cp932") + b"\x85\x40\r"
    error = refusal(saved(tmp_path, content), "cp932")
    assert (error.line, error.letter) == (2, "B")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_refused_with_how_to_save_it(tmp_path: Path, encoding: str) -> None:
    error = refusal(saved(tmp_path, "no,date,name\r\n" + "1,2024/4/1,SANTOS\r\n" * 20, encoding))
    assert error.code == "utf16"
    assert "CSV UTF-8" in error.do_ja
    assert "CSV UTF-8" in error.do_en


def test_an_excel_workbook_is_refused_with_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    error = refusal(path)
    assert error.code == "workbook"
    assert ".xlsx" in error.ja
    assert "名前を付けて保存" in error.do_ja


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "workbook"),
        (b"%PDF-1.7\n", "binary"),
        (bytes(range(256)) * 40 + b"\0" * 400, "binary"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
        ("氏名,住所\n佐藤,伴走町\n".encode("iso2022_jp"), "jis"),
        (b',,\r\n"",,\r\n', "no_heading"),
        ('番号,氏名\n1,"佐藤\n2,鈴木\n'.encode(), "unclosed_quote"),
        ('番号,氏名\n1,"佐藤"茂\n'.encode(), "stray_quote"),
        ("氏名,住所,氏名\n佐藤,伴走町,鈴木\n".encode(), "duplicate_heading"),
    ],
)
def test_what_is_no_ledger_is_refused_in_words(tmp_path: Path, content: bytes, code: str) -> None:
    error = refusal(saved(tmp_path, content))
    assert error.code == code
    assert error.sentence("ja")
    assert error.sentence("en")
    assert error.do_ja
    assert error.do_en


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv").code == "missing"
    assert refusal(tmp_path).code == "unreadable"


def test_an_unknown_encoding_is_refused_by_name(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, LEDGER), "martian").code == "unknown_encoding"


def test_a_wrong_encoding_asked_for_is_refused_rather_than_garbled(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path, LEDGER, "cp932"), "utf-8").code == "undecodable"


def test_the_line_of_an_unclosed_quote_is_the_line_on_which_it_opens(tmp_path: Path) -> None:
    error = refusal(saved(tmp_path, '番号,氏名\n1,佐藤\n2,"鈴木\n3,田中\n'))
    assert (error.code, error.line) == ("unclosed_quote", 3)


def test_a_quote_never_closed_in_a_long_file_is_stopped_by_the_cell_limit(tmp_path: Path) -> None:
    error = refusal(saved(tmp_path, '番号,氏名\n1,"佐藤\n' + "2,鈴木\n" * 40_000))
    assert (error.code, error.line) == ("cell_too_long", 2)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_delimiter_is_found_out(tmp_path: Path, mark: str) -> None:
    text = f"番号{mark}氏名{mark}内容\n1{mark}佐藤{mark}住まい、介護\n"
    sheet = read_spreadsheet(saved(tmp_path, text))
    assert (sheet.delimiter, len(sheet.header)) == (mark, 3)


def test_the_delimiter_that_excel_names_in_a_first_line_is_used(tmp_path: Path) -> None:
    sheet = read_spreadsheet(saved(tmp_path, "sep=;\r\n番号;氏名\r\n1;佐藤,茂\r\n"))
    assert (sheet.delimiter, sheet.header) == (";", ("番号", "氏名"))


def test_lines_are_physical_lines_although_cells_hold_line_breaks(tmp_path: Path) -> None:
    text = '番号,内容\r\n1,"一行目\r\n二行目\r\n三行目"\r\n2,次\r\n\r\n3,"a\nb"\r\n4,終\r\n'
    sheet = read_spreadsheet(saved(tmp_path, text))
    assert [(row.line, row.cells[:1]) for row in sheet.rows()] == [
        (2, ("1",)), (5, ("2",)), (6, ()), (7, ("3",)), (9, ("4",)),
    ]  # fmt: skip


def test_headings_are_found_below_titles_and_blank_rows(tmp_path: Path) -> None:
    text = "伴走町　相談台帳,,,福祉課\r\n\r\n,,,\r\n受付番号,受付日,氏名,住所\r\n1,R6.4.1,佐藤,本町\r\n"
    path = saved(tmp_path, text)
    assert read_spreadsheet(path).header_line == 4
    named = read_spreadsheet(path, headings=["受付番号", "氏名"])
    assert (named.header_line, named.rows_total) == (4, 1)


def test_known_headings_win_over_a_title_that_is_as_wide(tmp_path: Path) -> None:
    text = "相談台帳,令和6年度,福祉課\n受付番号,受付日,氏名\n1,R6.4.1,佐藤\n"
    path = saved(tmp_path, text)
    assert read_spreadsheet(path).header_line == 1
    assert read_spreadsheet(path, headings=["受付日"]).header_line == 2
    again = read_spreadsheet(path).headed_by(["受付日"])
    assert (again.header, again.rows_total) == (("受付番号", "受付日", "氏名"), 1)


def test_headings_are_compared_without_width_spaces_and_line_breaks(tmp_path: Path) -> None:
    path = saved(tmp_path, '"受付\n番号",ﾌﾘｶﾞﾅ,世帯員１※\n1,サトウ,鈴木\n')
    sheet = read_spreadsheet(path, headings=["受付番号", "フリガナ", "世帯員1"])
    assert [spreadsheet.plain_heading(text) for text in sheet.header] == ["受付番号", "フリガナ", "世帯員1"]


def test_a_file_with_headings_only_has_no_rows(tmp_path: Path) -> None:
    sheet = read_spreadsheet(saved(tmp_path, "受付番号,受付日,氏名\r\n"))
    assert (sheet.rows_total, list(sheet.rows())) == (0, [])


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("ROWS_MAX", -49, "too_many_rows"),
        ("COLUMNS_MAX", 2, "too_many_columns"),
        ("CELL_CHARACTERS_MAX", 3, "cell_too_long"),
    ],
)
def test_every_limit_of_the_file_refuses_with_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, code: str
) -> None:
    monkeypatch.setattr(spreadsheet, limit, value)
    error = refusal(saved(tmp_path, LEDGER))
    assert error.code == code
    assert error.line


def test_a_file_over_the_limit_of_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charset, "BYTES_MAX", 10)
    assert refusal(saved(tmp_path, LEDGER)).code == "too_large"


def test_a_file_that_shrinks_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = saved(tmp_path, LEDGER + "R6-2,R6.4.2,鈴木\r\n")
    sheet = read_spreadsheet(path)
    path.write_bytes(LEDGER.encode())
    with pytest.raises(SpreadsheetError, match="ファイルが変わりました"):
        list(sheet.rows())


def test_every_sentence_about_a_file_says_what_to_do_in_both_languages() -> None:
    assert all(all(text.strip() for text in words) for words in SPREADSHEET_WORDS.values())
