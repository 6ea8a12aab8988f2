"""From the text of one cell to a neutral value, with the habits of Excel in mind.

Each function is pure and either returns a value or raises `CellRefused` with
the code of a sentence in `problem.py`. Names and addresses keep every character
as typed (髙, 﨑, U+FA19, 𠮷, variation selectors); only white space at both ends
goes. Dates, digits and codes are compared with their width folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

import jaconv

from connectors.csv_intake.dates import EraError, PartialDate, parse_japanese_date
from connectors.csv_intake.problem import CellRefused

T = TypeVar("T")

DateReader = Callable[[str], date | PartialDate | EraError]
"""Reads a date without Excel's habits; says why not as a returned `EraError`."""

DITTO_MARKS: Final = frozenset({"〃", "″", "”", '"', "''", "々", "仝", "同上", "上同", "上に同じ", "同じ"})
EMPTY_WORDS: Final = frozenset({"-", "--", "ー", "―", "—", "‐", "−", "なし", "無し", "無", "空欄", "/"})
UNKNOWN_WORDS: Final = frozenset(
    {"不詳", "不明", "未詳", "わからない", "分からない", "未確認", "聞けず", "?", "??", "99", "9999"}
)

_EXCEL_ERROR = re.compile(
    r"#(REF|N/A|VALUE|NAME|DIV/0|NULL|NUM|SPILL|CALC|FIELD|GETTING_DATA|BLOCKED|UNKNOWN)[!?]?\Z|#{3,}\Z"
)
_QUOTED_FORMULA = re.compile(r'="((?:[^"]|"")*)"\Z')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_GAIJI = re.compile("[\ue000-\uf8ff]")

_SERIAL = re.compile(r"(\d{4,5})(?:\.(\d+))?\Z")
_SERIAL_ZERO: Final = date(1899, 12, 30)  # Excel counts a 29 February 1900 that never was
_SERIAL_FIRST: Final = 61  # 1900-03-01, the first day on which that fault is past
_SERIAL_LAST: Final = 91_312  # 2149-12-31
_ERA_CODE = re.compile(r"([1-5])(\d{6})\Z")  # 5060401: old host systems number the eras from Meiji
_AGE = re.compile(r"約?(満)?\d{1,3}(歳|才|代|ヶ月|か月|カ月)?(前後|くらい|ぐらい|位|前半|後半|代)*\Z")
_DATE_TAIL = re.compile(r"(\([日月火水木金土](曜日?)?\)|[日月火水木金土]曜日?|生まれ|生れ|生|受付|頃|ごろ)\Z")
_TIME_TAIL = re.compile(
    r"(?<=\d|日|\))\s*(?:T|\s)?\s*((?:午前|午後|AM|PM)?\s*\d{1,2}[:時]\s*\d{0,2}分?(?::\d{1,2}(?:\.\d+)?)?\s*(?:AM|PM)?)\Z",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(午前|午後|AM|PM)?(\d{1,2})(?:[:時](\d{1,2})?分?(半)?(?::\d{1,2}(?:\.\d+)?)?)(AM|PM|頃|ごろ)?\Z"
)
_FRACTION = re.compile(r"0?\.\d+\Z")
_PHONE_BARE = re.compile(r"[1-9]\d{8,9}\Z")
_KANA = re.compile(r"[ァ-ヿ　・＝\-]*\Z")


class DateText(NamedTuple):
    """What a date cell says: the date, and the time of day if it stood there too."""

    on: date | PartialDate | None
    at: time | None
    remark: str = ""
    warning: str = ""


def folded(text: str) -> str:
    """Return the text with width folded and white space taken out, for comparing and for dates."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def plain_text(text: str) -> str:
    """Return a text as typed, without white space at its ends and with LF for its line breaks."""
    return text.strip().replace("\r\n", "\n").replace("\r", "\n")


def cleaned(text: str) -> str:
    """Return the text of a cell fit to be read, an Excel text formula as its text.

    Raises:
        CellRefused: a formula, an Excel error value, or a control character.
    """
    stripped = plain_text(text)
    if found := _QUOTED_FORMULA.match(stripped):
        stripped = found[1].replace('""', '"').strip()
    elif stripped.startswith("=") and len(stripped) > 1:
        raise CellRefused("formula")
    if stripped.startswith("#") and _EXCEL_ERROR.match(stripped):
        raise CellRefused("excel_error")
    if found := _CONTROL.search(stripped):
        raise CellRefused("control_character", codepoint=f"U+{ord(found[0]):04X}")
    return stripped


def gaiji_in(text: str) -> str:
    """Return the first user-defined character (外字) as `U+E000`, or an empty text."""
    found = None if text.isascii() else _GAIJI.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def is_ditto(text: str) -> bool:
    """Whether the cell says "as above"."""
    return len(text) <= 4 and folded(text) in _DITTO_FOLDED


_DITTO_FOLDED: Final = frozenset(folded(mark) for mark in DITTO_MARKS)


def is_empty_word(text: str) -> bool:
    """Whether the cell says "nothing" in a word, as － or なし."""
    return len(text) <= 3 and folded(text) in EMPTY_WORDS


@lru_cache(maxsize=4096)
def read_date(text: str, parse: DateReader = parse_japanese_date) -> DateText:
    """Read a date, with a time of day behind it if there is one.

    Beyond what `parse` reads: Excel's serial numbers (1900 system, 45383 is
    2024-04-01), their fractions, a weekday, 生 or 受付 behind, 7-digit codes of
    old host systems (5060401).

    Raises:
        CellRefused: `date_unreadable`, with the reason `parse` gives.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if is_empty_word(plain) or not plain:
        return DateText(None, None)
    at = None
    if found := _SERIAL.match(plain):
        serial = int(found[1])
        if len(found[1]) == 5 or not 1868 <= serial <= 2199:
            return _from_serial(serial, float("0." + found[2]) if found[2] else None)
    elif found := _TIME_TAIL.search(plain):
        # Excel shows a bare date as 2024/4/1 0:00; midnight is never an hour of reception.
        at = read_time(found[1])
        at = None if at == time() else at
        plain = plain[: found.start()].strip()
    plain = re.sub(r"\s+", "", plain) if not re.search(r"\d\s+\d", plain) else plain
    while found := _DATE_TAIL.search(plain):
        # 日不詳, 不詳日 and a bare 日 belong to the date itself.
        plain = plain[: found.start()].strip()
    if found := _ERA_CODE.match(plain):
        plain = "MTSHR"[int(found[1]) - 1] + found[2]
    on = parse(plain)
    if isinstance(on, EraError):
        raise CellRefused("date_unreadable", why_ja=on.ja, why_en=on.en)
    return DateText(on, at)


def _from_serial(serial: int, fraction: float | None) -> DateText:
    if not _SERIAL_FIRST <= serial <= _SERIAL_LAST:
        raise CellRefused(
            "date_unreadable",
            why_ja=f"「{serial}」は日付として読めません。Excelの日付の通し番号なら {_SERIAL_FIRST}～{_SERIAL_LAST} です。",
            why_en=f"{serial} is no date; serial dates of Excel run from {_SERIAL_FIRST} to {_SERIAL_LAST}.",
        )
    at = None if not fraction else _from_fraction(fraction)
    return DateText(_SERIAL_ZERO + timedelta(days=serial), at)


def _from_fraction(fraction: float) -> time:
    seconds = min(round(fraction * 86_400), 86_399)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def read_birth(text: str, parse: DateReader = parse_japanese_date) -> DateText:
    """Read a birth date, exact or in part; an age or 不詳 gives no date but a remark.

    Raises:
        CellRefused: `date_unreadable`.
    """
    plain = folded(text)
    if not plain or plain in EMPTY_WORDS:
        return DateText(None, None)
    if plain in UNKNOWN_WORDS or plain in ("生年月日不詳", "年月日不詳"):
        return DateText(None, None, f"生年月日：{plain_text(text)}", "birth_unknown")
    if _AGE.match(plain):
        return DateText(None, None, f"年齢の記載：{plain_text(text)}", "age_not_birth")
    return DateText(read_date(text, parse).on, None)


def read_time(text: str) -> time | None:
    """Read a time of day: 14:30, 14時半, 午後2時, PM2:30, or Excel's fraction 0.604.

    Raises:
        CellRefused: `time_unreadable`.
    """
    plain = folded(text).upper()
    if not plain or plain in EMPTY_WORDS:
        return None
    if _FRACTION.match(plain):
        return _from_fraction(float(plain))
    found = _TIME.match(plain)
    if not found:
        raise CellRefused("time_unreadable")
    half = found[1] or (found[5] if found[5] in ("AM", "PM") else None)
    hour, minute = int(found[2]), 30 if found[4] else int(found[3] or 0)
    if half in ("午後", "PM") and hour < 12:
        hour += 12
    elif half in ("午前", "AM") and hour == 12:
        hour = 0
    if hour > 23 or minute > 59:
        raise CellRefused("time_unreadable")
    return time(hour, minute)


_SEX: Final = {
    "男": 1, "男性": 1, "男子": 1, "M": 1, "MALE": 1, "1": 1, "♂": 1, "オトコ": 1,
    "女": 2, "女性": 2, "女子": 2, "F": 2, "FEMALE": 2, "2": 2, "♀": 2, "オンナ": 2,
    "その他": 9, "他": 9, "X": 9, "9": 9,
    "": 0, "0": 0, "回答しない": 0, "無回答": 0, "不明": 0, "不詳": 0, "未確認": 0,
}  # fmt: skip


def read_sex(text: str, values: Mapping[str, str] | None = None) -> int:
    """Return the ISO 5218 code: 0 not known, 1 male, 2 female, 9 not applicable.

    Raises:
        CellRefused: `sex_unreadable`.
    """
    plain = folded(text).upper()
    if values:
        plain = {folded(word).upper(): code for word, code in values.items()}.get(plain, plain)
    if plain in EMPTY_WORDS:
        return 0
    if plain not in _SEX:
        raise CellRefused("sex_unreadable")
    return _SEX[plain]


def read_integer(text: str) -> int | None:
    """Read a whole number: １２, 1,200, 3か月, 5件; blank or － gives None.

    Raises:
        CellRefused: `integer_unreadable`.
    """
    plain = folded(text).replace(",", "").removesuffix(".0")
    if not plain or plain in EMPTY_WORDS:
        return None
    found = re.match(r"(-?\d{1,15})(円|人|件|回|か月|ヶ月|カ月|ケ月|月|日|歳|才|名)?\Z", plain)
    if not found:
        raise CellRefused("integer_unreadable")
    return int(found[1])


def read_phone(text: str) -> tuple[str, str]:
    """Return the phone number in half width and the code of a warning, or an empty text.

    Several numbers in one cell stay together. A number that lost its leading 0
    to Excel is kept as typed: which of 0 and 00 is missing cannot be known.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    plain = re.sub("[‐‑‒–—―−ー]", "-", plain)
    if plain in EMPTY_WORDS:
        return "", ""
    return plain, "phone_zero_lost" if _PHONE_BARE.match(plain.replace("-", "")) else ""


def read_kana(text: str) -> tuple[str, str]:
    """Return the reading in full-width katakana and the code of a warning, or an empty text."""
    wide = jaconv.hira2kata(jaconv.h2z(plain_text(text), kana=True, ascii=False, digit=False))
    wide = "　".join(unicodedata.normalize("NFC", wide).split())
    return wide, "" if _KANA.match(wide) else "kana_not_kana"


def read_choice(text: str, values: Mapping[str, T], otherwise: T | None = None) -> T:
    """Return what `values` gives for the word, compared with width folded.

    Raises:
        CellRefused: `value_unknown`, naming the nearest choices, unless `otherwise` is given.
    """
    found = values.get(text)
    if found is not None:
        return found
    plain = folded(text)
    for word, value in values.items():
        if folded(word) == plain:
            return value
    if otherwise is not None:
        return otherwise
    near = get_close_matches(plain, list(values), n=3, cutoff=0.3)
    shown = near or list(values)[:12]
    raise CellRefused("value_unknown", allowed="、".join(shown))


def split_choices(text: str, marks: str | None) -> list[str]:
    """Part a cell at any of the characters of `marks` and at line breaks; blanks drop out."""
    pattern = "[" + re.escape((marks or "") + "\n") + "]"
    return [part.strip() for part in re.split(pattern, text) if part.strip()]
