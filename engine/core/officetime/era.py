"""Japanese dates at the edge: read 令和8年11月23日 and its kin, write them back, keep ISO dates inside."""

from __future__ import annotations

import calendar as gregorian
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, assert_never


@dataclass(frozen=True, slots=True)
class Era:
    """An era with its first and last day; ``last_on`` is None while it runs.

    Meiji and Taisho ended on the day on which the next era began, so that
    30 July 1912 and 25 December 1926 belong to two eras each.
    """

    name: str
    letter: str
    name_en: str
    start_on: date
    last_on: date | None

    @property
    def kanji(self) -> str:
        """The one-character short form, as in 令8.11.23."""
        return self.name[0]


ERAS: Final = (
    Era("明治", "M", "Meiji", date(1868, 1, 25), date(1912, 7, 30)),
    Era("大正", "T", "Taisho", date(1912, 7, 30), date(1926, 12, 25)),
    Era("昭和", "S", "Showa", date(1926, 12, 25), date(1989, 1, 7)),
    Era("平成", "H", "Heisei", date(1989, 1, 8), date(2019, 4, 30)),
    Era("令和", "R", "Reiwa", date(2019, 5, 1), None),
)
"""The eras since Meiji, oldest first. Sources: the imperial edicts of 1912 and 1926; the cabinet
orders on the era of 1989 and 2019; Meiji as its edict dated it back, by the Gregorian calendar."""

GREGORIAN_FROM: Final = date(1873, 1, 1)
"""Japan's civil calendar has been the Gregorian one since this day (Dajokan edict 337 of 1872)."""

YEAR_MAX: Final = 2199
"""The last year read: a later one is a slip, or 9999 for an unknown year."""

TEXT_LENGTH_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date whose day, or whose month and day, is unknown (不詳).

    It occurs among birth dates of old family registers and of people found
    without papers. It is stored as the Government Interoperability Framework
    writes it, with 99 for an unknown part: ``str()`` gives 1950-05-99.
    """

    year: int
    month: int | None = None

    def __str__(self) -> str:
        return f"{self.year:04d}-{99 if self.month is None else self.month:02d}-99"

    @property
    def first_on(self) -> date:
        """The earliest day it can mean."""
        return date(self.year, self.month or 1, 1)

    @property
    def last_on(self) -> date:
        """The latest day it can mean."""
        month = self.month or 12
        return date(self.year, month, gregorian.monthrange(self.year, month)[1])

    @property
    def label_ja(self) -> str:
        """The date with its unknown part named, in Japanese."""
        if self.month is None:
            return f"{self.year}年（月日不詳）"
        return f"{self.year}年{self.month}月（日不詳）"

    @property
    def label_en(self) -> str:
        """The date with its unknown part named, in English."""
        if self.month is None:
            return f"{self.year} (month and day unknown)"
        return f"{self.year}-{self.month:02d} (day unknown)"


class EraError(ValueError):
    """A text is no date. ``ja`` and ``en`` say why and what to write instead.

    ``parse_japanese_date`` returns it as a value, since a person's slip is no
    bug; a caller for whom it is one may raise it.
    """

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en

    def __reduce__(self) -> tuple[type[EraError], tuple[str, str]]:
        return type(self), (self.ja, self.en)


_ERA_OF: Final = {
    **{era.name: era for era in ERAS},
    **{era.kanji: era for era in ERAS},
    **{era.letter: era for era in ERAS},
}
_UNKNOWN: Final = {"99", "不詳", "不明"}
_TAIL: Final = (
    r"(?:[-/.年](?P<month>[0-9]{1,2}|不詳|不明)(?:[-/.月](?P<day>[0-9]{1,2}|不詳|不明)日?|月)?|年)?"
)
_ERA_TEXT: Final = re.compile(
    rf"(?P<era>明治|大正|昭和|平成|令和|[明大昭平令]|[MTSHR])[-/.]?(?P<year>[0-9]{{1,3}}|元){_TAIL}"
)
_WESTERN_TEXT: Final = re.compile(rf"(?:西暦)?(?P<year>[0-9]{{4}}){_TAIL}")
_COMPACT_WESTERN: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_COMPACT_ERA: Final = re.compile(r"([MTSHR明大昭平令])([0-9]{2})([0-9]{2})([0-9]{2})")
_YEARLESS: Final = re.compile(r"[0-9]{1,2}[-/.月][0-9]{1,2}日?")
_UNKNOWN_TAIL: Final = re.compile(
    r"(?P<head>.*?年(?:[0-9]{1,2}月)?)(?:月日不[詳明]|日不[詳明]|不[詳明]日|\((?:月日|日)不[詳明]\)|不[詳明])"
)
_EXAMPLES_JA: Final = "例: 令和8年11月23日、R8.11.23、2026-11-23。"
_EXAMPLES_EN: Final = "Examples: 令和8年11月23日, R8.11.23, 2026-11-23."


def parse_japanese_date(text: str) -> date | PartialDate | EraError:
    """Read a date as people and old systems write it.

    Reads eras in full, by one character or by letter (令和8年11月23日, 令8.11.23,
    R8/11/23, 令和元年5月1日), western dates (2026-11-23, 2026/1/5, 20261123), in
    full or half width, with spaces around the parts. A missing or unknown day
    or month (不詳, 99) gives a ``PartialDate``. Excel's serial numbers are not
    dates here.

    Everything else gives an ``EraError``: a year that the era does not have
    is refused with the right spelling (平成40年 is 令和10年), and so is a day
    outside the era, a date without a year, a year before 1873 (the calendar
    was another one) or after ``YEAR_MAX``.
    """
    if len(text) > TEXT_LENGTH_MAX:
        return _unreadable(text[:TEXT_LENGTH_MAX] + "…")
    plain = _plain(text)
    if re.search(r"[0-9]\s+[0-9]", plain):
        return _unreadable(text)
    plain = re.sub(r"\s+", "", plain)
    if found := _UNKNOWN_TAIL.fullmatch(plain):
        plain = found["head"]
    if found := _COMPACT_WESTERN.fullmatch(plain):
        return _western(text, found[1], found[2], found[3])
    if found := _COMPACT_ERA.fullmatch(plain.upper()):
        return _in_era(text, _ERA_OF[found[1]], int(found[2]), found[3], found[4])
    if found := _ERA_TEXT.fullmatch(plain.upper()):
        year = 1 if found["year"] == "元" else int(found["year"])
        return _in_era(text, _ERA_OF[found["era"]], year, found["month"], found["day"])
    if found := _WESTERN_TEXT.fullmatch(plain):
        return _western(text, found["year"], found["month"], found["day"])
    if _YEARLESS.fullmatch(plain):
        return EraError(
            f"「{text}」には年がありません。何年か推定しません。年を付けてください。{_EXAMPLES_JA}",
            f"{text!r} has no year, and the year is not guessed; add it. {_EXAMPLES_EN}",
        )
    return _unreadable(text)


def wareki_text(on: date) -> str:
    """Write a date by era: 令和8年11月23日, 令和元年5月1日.

    On a day of two eras the new one is written, as public bodies do.

    Raises:
        ValueError: the date lies before 1873, when the calendar was another one.
    """
    if on < GREGORIAN_FROM:
        raise ValueError(f"{on} lies before {GREGORIAN_FROM}; Japan's calendar was not the Gregorian one")
    era = _era_on(on)
    return f"{_year_text(era, on.year)}{on.month}月{on.day}日"


def _plain(text: str) -> str:
    """Full width to half, ㋿ to 令和, the many dashes and slashes to one of each."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return re.sub("[‐‑‒–—―−ー]", "-", plain).replace("．", ".").replace("。", ".")


def _era_on(on: date) -> Era:
    return next(era for era in reversed(ERAS) if era.start_on <= on)


def _year_text(era: Era, western_year: int) -> str:
    year = western_year - era.start_on.year + 1
    return f"{era.name}{'元' if year == 1 else year}年"


def _western(text: str, year: str, month: str | None, day: str | None) -> date | PartialDate | EraError:
    if int(year) == 9999:
        return EraError(
            f"「{text}」は年が不詳です。年が分からない日付は記録できません。空欄にして、備考に書いてください。",
            f"the year of {text!r} is unknown; leave the date empty and write what is known into the remarks",
        )
    if not GREGORIAN_FROM.year <= int(year) <= YEAR_MAX:
        return EraError(
            f"「{text}」の年は {GREGORIAN_FROM.year}～{YEAR_MAX} の範囲にありません。年を確かめてください。",
            f"the year of {text!r} is not between {GREGORIAN_FROM.year} and {YEAR_MAX}; check it",
        )
    return _assembled(text, int(year), month, day)


def _in_era(
    text: str, era: Era, year: int, month: str | None, day: str | None
) -> date | PartialDate | EraError:
    """A date of an era's year, refused with the right spelling when the era does not have it."""
    if year == 0:
        return EraError(
            f"「{text}」: 0年はありません。最初の年は元年（1年）です。",
            f"{text!r}: an era has no year 0; its first year is 1 (元年)",
        )
    western_year = era.start_on.year + year - 1
    if not GREGORIAN_FROM.year <= western_year <= YEAR_MAX:
        return EraError(
            f"「{text}」は西暦{western_year}年です。読めるのは {GREGORIAN_FROM.year}～{YEAR_MAX} 年です"
            "（明治5年以前は旧暦のため換算しません）。年を確かめてください。",
            f"{text!r} is the year {western_year}; only {GREGORIAN_FROM.year} to {YEAR_MAX} is read "
            "(earlier dates follow the old calendar); check the year",
        )
    read = _assembled(text, western_year, month, day)
    match read:
        case EraError():
            return read
        case PartialDate():
            first_on, last_on = read.first_on, read.last_on
        case date():
            first_on = last_on = read
        case _:  # pragma: no cover
            assert_never(read)
    if last_on < era.start_on or (era.last_on is not None and first_on > era.last_on):
        return _wrong_era(text, era, read, first_on, last_on)
    return read


def _wrong_era(text: str, era: Era, read: date | PartialDate, first_on: date, last_on: date) -> EraError:
    right = _era_on(last_on if last_on < era.start_on else first_on)
    spelling = _year_text(right, first_on.year)
    if isinstance(read, date):
        spelling += f"{read.month}月{read.day}日"
    elif read.month is not None:
        spelling += f"{read.month}月"
    ends_ja = f"{era.start_on} から" + (f" {era.last_on} まで" if era.last_on else "")
    ends_en = f"from {era.start_on}" + (f" to {era.last_on}" if era.last_on else "")
    return EraError(
        f"「{text}」は{era.name}にありません（{era.name}は {ends_ja}）。正しくは{spelling}です。"
        "元の書類を確かめて、書き直してください。",
        f"{text!r} is not in {era.name_en} ({ends_en}); that would be {spelling}. "
        "Check the paper it came from and write it anew.",
    )


def _assembled(text: str, year: int, month: str | None, day: str | None) -> date | PartialDate | EraError:
    """Put year, month and day together; an unknown or missing part gives a PartialDate."""
    if month is None or month in _UNKNOWN:
        if day is not None and day not in _UNKNOWN:
            return EraError(
                f"「{text}」は日があるのに月が不詳です。月を確かめるか、日も不詳にしてください。",
                f"{text!r} has a day but no month; find the month, or make the day unknown as well",
            )
        return PartialDate(year)
    if not 1 <= int(month) <= 12:
        return EraError(
            f"「{text}」: {month}月はありません。1～12 の月にしてください。",
            f"{text!r}: there is no month {month}; write 1 to 12",
        )
    if day is None or day in _UNKNOWN:
        return PartialDate(year, int(month))
    days = gregorian.monthrange(year, int(month))[1]
    if not 1 <= int(day) <= days:
        return EraError(
            f"「{text}」: {year}年{int(month)}月は {days} 日までです。日を確かめてください。",
            f"{text!r}: {year}-{int(month):02d} has {days} days; check the day",
        )
    return date(year, int(month), int(day))


def _unreadable(text: str) -> EraError:
    return EraError(
        f"「{text}」は日付として読めません。{_EXAMPLES_JA}年月日のうち分からない部分は「不詳」と書けます。",
        f"{text!r} is not readable as a date. {_EXAMPLES_EN} An unknown part may be written 不詳 or 99.",
    )
