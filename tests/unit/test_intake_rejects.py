"""Rows set apart are written for Excel, corrected there, and given back."""

from __future__ import annotations

from pathlib import Path

from connectors.csv_intake import mapping as mapping_module
from connectors.csv_intake.consultation import Consultation, Rejected, Tally
from connectors.csv_intake.ledger import consultations
from connectors.csv_intake.mapping import load_mapping
from connectors.csv_intake.rejects import RejectsFile
from connectors.csv_intake.spreadsheet import REJECT_HEADINGS, read_spreadsheet

STANDARD = load_mapping(Path(mapping_module.__file__).parent / "mappings" / "standard.yaml")

LEDGER = """\
相談台帳
受付番号,受付日,氏名,住所,電話番号,メモ欄
R6-1,R6.4.1,佐藤　茂,本町,0999-00-1234,-
R6-2,先週,𠮷田　清,〃,+81-999-00-1234,@不在
R6-3,〃,,川向,'0999,"=1+1"
R6-4,R6.4.2,鈴木,本町,0999-00-0000,x,余り
"""


def set_apart(path: Path, rejects: Path) -> list[Consultation | Rejected]:
    sheet = read_spreadsheet(path, headings=STANDARD.headings)
    found = list(consultations(sheet, STANDARD))
    with RejectsFile(rejects, sheet) as file:
        for row in found:
            if isinstance(row, Rejected):
                file.write(row)
    return found


def test_a_corrected_rejects_file_is_taken_in_like_the_ledger(tmp_path: Path) -> None:
    ledger, rejects = tmp_path / "ledger.csv", tmp_path / "rejects.csv"
    ledger.write_text(LEDGER, encoding="utf-8")
    set_apart(ledger, rejects)
    text = rejects.read_bytes().decode("utf-8-sig")
    corrected = text.replace("R6-2,先週", "R6-2,R6.4.8").replace("R6-3,先週,,", "R6-3,R6.4.8,田中　修,")
    corrected = corrected.replace(",余り\r\n", "\r\n")
    assert corrected != text
    rejects.write_text(corrected, encoding="utf-8-sig", newline="")
    tally = Tally()
    sheet = read_spreadsheet(rejects, headings=STANDARD.headings)
    found = list(consultations(sheet, STANDARD, tally))
    assert all(isinstance(row, Consultation) for row in found)
    two, three, four = (row for row in found if isinstance(row, Consultation))
    assert (two.source_key, two.persons[0].name, two.address, two.phone) == (
        "R6-2", "𠮷田　清", "本町", "+81-999-00-1234",
    )  # fmt: skip
    assert (two.extra, three.extra) == ({"メモ欄": "@不在"}, {"メモ欄": "=1+1"})
    assert three.phone == "'0999"
    assert four.source_key == "R6-4"
    assert tally.unmapped == ("メモ欄",)


def test_the_file_opens_safely_in_excel_and_says_what_to_do(tmp_path: Path) -> None:
    ledger, rejects = tmp_path / "ledger.csv", tmp_path / "rejects.csv"
    ledger.write_text(LEDGER, encoding="utf-8")
    set_apart(ledger, rejects)
    assert rejects.read_bytes().startswith(b"\xef\xbb\xbf")
    text = rejects.read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert "'@不在" in text
    assert "'+81-999" in text
    assert "''0999" in text
    header = text.splitlines()[0]
    assert header.endswith(",".join(REJECT_HEADINGS))
    assert ",4,B列（受付日）,先週," in text
    assert "余り" in text


def test_an_uncorrected_rejects_file_comes_back_the_same(tmp_path: Path) -> None:
    ledger, once, twice = tmp_path / "ledger.csv", tmp_path / "once.csv", tmp_path / "twice.csv"
    ledger.write_text(LEDGER, encoding="utf-8")
    first = [row for row in set_apart(ledger, once) if isinstance(row, Rejected)]
    second = [row for row in set_apart(once, twice) if isinstance(row, Rejected)]
    assert [row.cells for row in second] == [row.cells for row in first]
    assert [[p.code for p in row.problems] for row in second] == [
        [p.code for p in row.problems] for row in first
    ]


def test_a_clean_ledger_leaves_no_rejects_file_behind(tmp_path: Path) -> None:
    ledger, rejects = tmp_path / "ledger.csv", tmp_path / "rejects.csv"
    ledger.write_text("受付番号,受付日,氏名\n1,R6.4.1,佐藤\n", encoding="utf-8")
    set_apart(ledger, rejects)
    assert not rejects.exists()
