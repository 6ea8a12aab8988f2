"""What can be wrong with a ledger, said so that the person who typed it can put it right.

Every sentence stands here, in Japanese and English, under a code that never
changes. A problem of one cell is a value (`CellProblem`): the row is set apart
and the rest of the file goes on. A problem of the file or of the mapping is an
exception: nothing of the file is taken in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Words(NamedTuple):
    """What is wrong and what to do, in both languages; `{name}` places are filled in."""

    ja: str
    en: str
    do_ja: str
    do_en: str


def column_letter(index: int) -> str:
    """Return the letters Excel shows above the column, `A` for index 0, `AA` for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One thing wrong in one cell.

    `line` is the physical line of the file, from 1, on which the row begins;
    `letter` is the column as Excel shows it; `value` is what was typed.
    """

    line: int
    column: str
    letter: str
    value: str
    code: str
    ja: str
    en: str
    do_ja: str
    do_en: str

    def sentence(self, lang: str = "ja") -> str:
        """Return where, what and what to do as one line of text in `ja` or `en`."""
        if lang == "en":
            return f"line {self.line}, column {self.letter} ({self.column}): {self.en} {self.do_en}"
        return f"{self.line}行目 {self.letter}列（{self.column}）：{self.ja}{self.do_ja}"


class CellRefused(Exception):
    """A conversion cannot read the text; `code` names the sentence, `places` fill it."""

    def __init__(self, code: str, **places: str) -> None:
        """Remember the code and the words that fill its sentence."""
        super().__init__(code)
        self.code = code
        self.places = places


class SpreadsheetError(Exception):
    """The file as a whole cannot be read; no row of it was taken in.

    `line` (from 1) and `letter` say where, when there is a place to name.
    """

    def __init__(self, code: str, line: int | None = None, letter: str | None = None, **places: str) -> None:
        """Fill the sentence of `code` with `places`."""
        words = SPREADSHEET_WORDS[code]
        self.code, self.line, self.letter = code, line, letter
        self.ja, self.en, self.do_ja, self.do_en = (text.format(**places) for text in words)
        super().__init__(self.sentence())

    def sentence(self, lang: str = "ja") -> str:
        """Return where, what and what to do as one line of text in `ja` or `en`."""
        if lang == "en":
            place = f"line {self.line}" if self.line else ""
            place += f", column {self.letter}" if self.letter else ""
            return f"{place}: {self.en} {self.do_en}" if place else f"{self.en} {self.do_en}"
        place = f"{self.line}行目" if self.line else ""
        place += f" {self.letter}列" if self.letter else ""
        return f"{place}：{self.ja}{self.do_ja}" if place else f"{self.ja}{self.do_ja}"


def cell_problem(line: int, column: str, letter: str, value: str, code: str, **places: str) -> CellProblem:
    """Make the problem that `code` names; long values are shown shortened to 200 characters."""
    shown = value if len(value) <= VALUE_CHARACTERS_MAX else value[:VALUE_CHARACTERS_MAX] + "…"
    ja, en, do_ja, do_en = (text.format(value=shown, column=column, **places) for text in CELL_WORDS[code])
    return CellProblem(line, column, letter, shown, code, ja, en, do_ja, do_en)


VALUE_CHARACTERS_MAX = 200

_SAVE_JA = "Excelで開き、「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」を選んで保存し直してください。"
_SAVE_EN = 'Open it in Excel and save it again as "CSV UTF-8 (comma delimited)".'

SPREADSHEET_WORDS: dict[str, Words] = {
    "missing": Words(
        "ファイル「{name}」がありません。",
        'There is no file "{name}".',
        "ファイル名とフォルダーを確かめてください。",
        "Check the name and the folder.",
    ),
    "unreadable": Words(
        "ファイル「{name}」を開けません（{reason}）。",
        'The file "{name}" cannot be opened ({reason}).',
        "Excelで開いたままなら閉じ、読み取りの権限を確かめてください。",
        "Close it in Excel if it is open, and check that you may read it.",
    ),
    "empty": Words(
        "ファイルは空です。",
        "The file is empty.",
        "保存し直すか、別のファイルを選んでください。",
        "Save it again or choose another file.",
    ),
    "too_large": Words(
        "ファイルが大きすぎます（{size} MB、上限 {limit} MB）。",
        "The file is too large ({size} MB, at most {limit} MB).",
        "年度ごとに分けて取り込んでください。",
        "Split it by fiscal year and take the parts in one after the other.",
    ),
    "too_many_rows": Words(
        "行が多すぎます（上限 {limit} 行）。",
        "There are too many rows (at most {limit}).",
        "年度ごとに分けて取り込んでください。",
        "Split it by fiscal year and take the parts in one after the other.",
    ),
    "too_many_columns": Words(
        "列が多すぎます（{count} 列、上限 {limit} 列）。",
        "There are too many columns ({count}, at most {limit}).",
        "使わない列を消すか、区切り文字（, ; タブ）を確かめてください。",
        "Remove unused columns, or check the delimiter (, ; or tab).",
    ),
    "cell_too_long": Words(
        'セルの文字が多すぎます（上限 {limit} 文字）。引用符（"）が閉じていないときにも起こります。',
        'A cell is too long (at most {limit} characters). A quotation mark (") that is never closed also does this.',
        "この行の引用符を確かめ、" + _SAVE_JA,
        "Check the quotation marks of this row. " + _SAVE_EN,
    ),
    "workbook": Words(
        "これはCSVではなく、Excelブック（{kind}）です。",
        "This is not a CSV file but an Excel workbook ({kind}).",
        _SAVE_JA,
        _SAVE_EN,
    ),
    "web_page": Words(
        "これはCSVではなく、ウェブページ（HTML）です。拡張子が .xls でも中身がHTMLのことがあります。",
        "This is not a CSV file but a web page (HTML), whatever its name ends in.",
        _SAVE_JA,
        _SAVE_EN,
    ),
    "binary": Words(
        "これは表のファイルではありません（{kind}）。",
        "This is not a spreadsheet file ({kind}).",
        "相談台帳のCSVファイルを選んでください。",
        "Choose the CSV file of the ledger.",
    ),
    "utf16": Words(
        "文字コードがUTF-16です（Excelの「Unicodeテキスト」）。",
        'The file is UTF-16 (what Excel calls "Unicode Text").',
        _SAVE_JA,
        _SAVE_EN,
    ),
    "jis": Words(
        "文字コードがJIS（ISO-2022-JP）です。",
        "The file is ISO-2022-JP (JIS).",
        _SAVE_JA,
        _SAVE_EN,
    ),
    "undecodable": Words(
        "文字コード {codec} として読めないバイト {byte} があります。ファイルが壊れているか、文字コードが混ざっています。",
        "The byte {byte} cannot be read as {codec}. The file is damaged or mixes encodings.",
        "この行を確かめ、" + _SAVE_JA,
        "Look at this line. " + _SAVE_EN,
    ),
    "unknown_encoding": Words(
        "文字コード「{codec}」は使えません。",
        'The encoding "{codec}" is not known here.',
        "utf-8、cp932、euc_jp のどれかを指定するか、指定を外してください。",
        "Name utf-8, cp932 or euc_jp, or leave it out.",
    ),
    "unclosed_quote": Words(
        '引用符（"）が閉じていません。このあとの行をすべて一つのセルとして読んでしまいます。',
        'A quotation mark (") is never closed, so everything below would be read as one cell.',
        "この行の引用符を確かめ、" + _SAVE_JA,
        "Check the quotation marks of this row. " + _SAVE_EN,
    ),
    "stray_quote": Words(
        '閉じた引用符（"）のすぐあとに文字があります。',
        'Text follows directly after a closing quotation mark (").',
        'セルの中の引用符は "" と二つ重ねてください。または、' + _SAVE_JA,
        'Write a quotation mark inside a cell twice (""). Or: ' + _SAVE_EN,
    ),
    "no_heading": Words(
        "見出しの行が見つかりません（先頭 {lines} 行を調べました）。",
        "No row of headings was found (the first {lines} rows were searched).",
        "列の名前（受付日、氏名など）を並べた行を一行置いてください。",
        "Put one row with the names of the columns above the rows.",
    ),
    "duplicate_heading": Words(
        "同じ見出し「{name}」が {letters} 列にあります。どちらを読むか決められません。",
        'The heading "{name}" stands above columns {letters}; which one counts is not known.',
        "見出しを別の名前に変えてください（例：電話番号、電話番号２）。",
        "Give each column a name of its own.",
    ),
    "missing_heading": Words(
        "必要な列「{names}」がありません。見出しとして読んだ行：{found}",
        'The required column "{names}" is missing. Read as headings: {found}',
        "見出しの名前を直すか、対応表（mappings の YAML）の columns か also に今の見出しを書いてください。",
        "Rename the heading, or put the present one under columns or also in the mapping file.",
    ),
    "changed_while_reading": Words(
        "読んでいる間にファイルが変わりました。",
        "The file changed while it was being read.",
        "Excelで閉じてから、もう一度取り込んでください。",
        "Close it in Excel and take it in again.",
    ),
}

CELL_WORDS: dict[str, Words] = {
    "required": Words(
        "「{column}」が空白です。結合したセルを解除すると、二行目以降が空白になります。",
        '"{column}" is blank. Unmerging cells leaves all but the first of them blank.',
        "値を入れてください。上の行と同じなら「同上」と書けます（使える列だけ）。",
        'Fill it in; where the column allows it, "同上" repeats the row above.',
    ),
    "name_blank": Words(
        "氏名が空白です。",
        "The name is blank.",
        "わからないときは「不明」または「匿名」と書いてください。名前がなくても相談は受け止めます。",
        'Write "不明" (unknown) or "匿名" (anonymous); no consultation is refused for want of a name.',
    ),
    "date_unreadable": Words(
        "{why_ja}",
        "{why_en}",
        "このセルの日付を書き直してください。",
        "Correct the date in this cell.",
    ),
    "date_incomplete": Words(
        "「{value}」には年・月・日がそろっていません。受付日は期限を数える起点です。",
        '"{value}" lacks its year, month or day, and deadlines are counted from this date.',
        "受け付けた日を年月日で書いてください。",
        "Write the full date.",
    ),
    "birth_after_reception": Words(
        "生年月日「{value}」が受付日より後です。元号の取り違えかもしれません。",
        'The birth date "{value}" is later than the reception. Perhaps the era is wrong.',
        "生年月日か受付日を直してください。",
        "Correct one of the two dates.",
    ),
    "time_unreadable": Words(
        "「{value}」を時刻として読めません。",
        '"{value}" cannot be read as a time of day.',
        "14:30 のように書いてください。",
        "Write it like 14:30.",
    ),
    "sex_unreadable": Words(
        "性別「{value}」を読めません。",
        'The sex "{value}" cannot be read.',
        "男、女、その他、または空白にしてください。",
        "Write 男, 女, その他, or leave it blank.",
    ),
    "integer_unreadable": Words(
        "「{value}」を整数として読めません。",
        '"{value}" cannot be read as a whole number.',
        "数字だけを書いてください。",
        "Write digits only.",
    ),
    "value_unknown": Words(
        "「{value}」は「{column}」の選択肢にありません。選べる値：{allowed}。",
        '"{value}" is not one of the choices of "{column}": {allowed}.',
        "選べる値に直すか、対応表の values に書き加えてください。",
        "Use one of the choices, or add it under values in the mapping file.",
    ),
    "ditto_not_allowed": Words(
        "「{column}」では「{value}」（上と同じ）を使えません。",
        'A ditto mark ("{value}") is not allowed in "{column}".',
        "値をそのまま書いてください。",
        "Write the value out.",
    ),
    "ditto_without_source": Words(
        "「{value}」とありますが、上の行の「{column}」に写す値がありません。",
        '"{value}" repeats the row above, but "{column}" is blank there.',
        "値をそのまま書いてください。",
        "Write the value out.",
    ),
    "formula": Words(
        "計算式「{value}」が入っています。計算の結果を読めません。",
        'The cell holds a formula ("{value}"), not its result.',
        "Excelで「値の貼り付け」をして、式を値に変えてください。",
        "In Excel, paste the column as values.",
    ),
    "excel_error": Words(
        "Excelのエラー「{value}」が入っています。",
        'The cell holds an Excel error ("{value}").',
        "もとの値を入れてください。##### は列の幅を広げてから保存し直すと直ります。",
        "Enter the value; ##### goes away when the column is widened and the file saved again.",
    ),
    "control_character": Words(
        "目に見えない制御文字（{codepoint}）が入っています。",
        "The cell holds an invisible control character ({codepoint}).",
        "セルの文字を打ち直してください。",
        "Type the cell again.",
    ),
    "too_many_cells": Words(
        "見出しより右に「{value}」があります。セルの中の , や改行が引用符で囲まれていないようです。",
        '"{value}" stands to the right of the last heading; a comma inside a cell is probably not quoted.',
        "余ったセルをもとの列に戻してください。",
        "Move the surplus back into its column.",
    ),
    "number_reused": Words(
        "受付番号「{value}」は {first}行目で別の内容に使われています（この行は {second}行目）。",
        'The number "{value}" already stands for another content on line {first} (this is line {second}).',
        "どちらかの番号を直すか、一行にまとめてください。",
        "Correct one of the numbers or join the rows.",
    ),
    "member_unreadable": Words(
        "世帯員「{value}」を読めません。",
        'The household member "{value}" cannot be read.',
        "「氏名（続柄・生年月日）」のように書いてください。例：伴走 花子（長女・H20.4.1）",
        "Write it as 氏名（続柄・生年月日）.",
    ),
    "short_row": Words(
        "見出しより列が少ない行です。足りない列は空白として読みました。",
        "The row has fewer cells than there are headings; the rest was read as blank.",
        "右の列が抜けていないか確かめてください。",
        "Check that nothing is missing on the right.",
    ),
    "phone_zero_lost": Words(
        "電話番号「{value}」は先頭の 0 が消えているようです。書かれたまま残しました。",
        'The phone number "{value}" seems to have lost its leading 0; it was kept as typed.',
        "Excelの列を「文字列」にして 0 を入れ直してください。",
        "Format the column as text in Excel and put the 0 back.",
    ),
    "age_not_birth": Words(
        "生年月日の欄に「{value}」とあります。年齢の控えとして残しました。",
        'The birth date reads "{value}"; it was kept as a note of the age.',
        "生年月日がわかったら記録してください。",
        "Record the birth date when it is known.",
    ),
    "birth_unknown": Words(
        "生年月日は「{value}」です。不明として残しました。",
        'The birth date reads "{value}"; it was kept as unknown.',
        "わかったら記録してください。",
        "Record it when it is known.",
    ),
    "kana_not_kana": Words(
        "フリガナ「{value}」にかな以外の文字があります。書かれたまま残しました。",
        'The reading "{value}" holds other characters than kana; it was kept.',
        "本人に読みを確かめ、全角カタカナで書いてください。",
        "Ask the person for the reading and write it in full-width katakana.",
    ),
    "gaiji": Words(
        "「{value}」に外字（{codepoint}）があります。この役所の端末だけで見える文字です。そのまま残しました。",
        '"{value}" holds a user-defined character ({codepoint}) that only this office\'s terminals show; it was kept.',
        "対応する標準の文字があれば打ち直してください。",
        "Type the standard character where there is one.",
    ),
}
