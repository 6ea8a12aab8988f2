"""Spans of time as a pathway writes them: ``48h``, ``5bd``, ``1mo``."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.core.officetime.calendar import OfficeCalendar


class SpanUnit(StrEnum):
    """A unit of time. The value is what an author writes behind the number."""

    MINUTE = "min"
    HOUR = "h"
    DAY = "d"
    WEEK = "w"
    MONTH = "mo"
    YEAR = "y"
    OFFICE_DAY = "bd"

    @property
    def label_ja(self) -> str:
        """The unit as it stands behind a number in Japanese."""
        return _LABELS[self][0]

    @property
    def label_en(self) -> str:
        """The singular English name of the unit."""
        return _LABELS[self][1]


_LABELS: Final = {
    SpanUnit.MINUTE: ("分", "minute"),
    SpanUnit.HOUR: ("時間", "hour"),
    SpanUnit.DAY: ("日", "day"),
    SpanUnit.WEEK: ("週間", "week"),
    SpanUnit.MONTH: ("か月", "month"),
    SpanUnit.YEAR: ("年", "year"),
    SpanUnit.OFFICE_DAY: ("開庁日", "office day"),
}

COUNT_MAX: Final = {
    SpanUnit.MINUTE: 52_560_000,
    SpanUnit.HOUR: 876_000,
    SpanUnit.DAY: 36_500,
    SpanUnit.WEEK: 5_200,
    SpanUnit.MONTH: 1_200,
    SpanUnit.YEAR: 100,
    SpanUnit.OFFICE_DAY: 25_000,
}
"""No span is longer than about a hundred years: a longer one is a slip of the keyboard."""

CLOSED_RUN_ASSUMED_DAYS: Final = 10
"""Closed days in a row that ``Span.days_max`` assumes when it is given no calendar.

Ten is the longest run that Japan's offices have had (27 April to 6 May 2019).
"""

CLOCK_CHANGE_ASSUMED_MINUTES: Final = 120
"""The largest change of a zone's clock that ``Span.days_max`` assumes when it is given no calendar."""

_MINUTES_A_DAY: Final = 24 * 60
_TEXT: Final = re.compile(r"(0|[1-9][0-9]{0,8})(min|h|d|w|mo|y|bd)")
_MONTH_LENGTHS: Final = tuple(
    29 if (year, month) == (0, 1) else length
    for year in range(4)
    for month, length in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
)
_ALLOWED_JA: Final = "min（分）、h（時間）、d（日）、w（週）、mo（月）、y（年）、bd（開庁日）"
_ALLOWED_EN: Final = "min, h, d, w, mo, y, bd (office days)"


class SpanError(ValueError):
    """A text is no span. ``ja`` and ``en`` say what is wrong and what to write instead."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en

    def __reduce__(self) -> tuple[type[SpanError], tuple[str, str]]:
        return type(self), (self.ja, self.en)


@dataclass(frozen=True, slots=True, order=False)
class Span:
    """A whole number of one unit; never negative, never mixed.

    Spans have no order: a month may be shorter or longer than thirty days,
    and five office days than a week. Compare the due instants that they give.
    """

    count: int
    unit: SpanUnit

    def __post_init__(self) -> None:
        if self.count < 0:
            raise SpanError(
                f"期間 {self.count}{self.unit.value} は負です。0 以上の整数にしてください。",
                f"the span {self.count}{self.unit.value} is negative; write a whole number from 0 up",
            )
        limit = COUNT_MAX[self.unit]
        if self.count > limit:
            raise SpanError(
                f"期間 {self.count}{self.unit.value} は長すぎます。上限は {limit}{self.unit.value} です。"
                "桁を確かめてください。",
                f"the span {self.count}{self.unit.value} is too long; the limit is "
                f"{limit}{self.unit.value}; check the digits",
            )

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read a span such as ``5bd``. Zero is allowed: ``0d`` is the same day.

        Raises:
            SpanError: the text is not a whole number directly followed by a
                unit, all half-width; or it is longer than ``COUNT_MAX``.
        """
        given: object = text  # A YAML file may hold a number here.
        found = _TEXT.fullmatch(given) if isinstance(given, str) else None
        if found is None:
            raise _refusal(text)
        return cls(int(found[1]), SpanUnit(found[2]))

    def __str__(self) -> str:
        return f"{self.count}{self.unit.value}"

    @property
    def is_elapsed(self) -> bool:
        """Whether the span runs on the wall clock, through nights, weekends and closures."""
        return self.unit is SpanUnit.MINUTE or self.unit is SpanUnit.HOUR

    @property
    def label_ja(self) -> str:
        """The span in Japanese: 5開庁日, 48時間, 1か月."""
        return f"{self.count}{self.unit.label_ja}"

    @property
    def label_en(self) -> str:
        """The span in English: 5 office days, 48 hours, 1 month."""
        return f"{self.count} {self.unit.label_en}{'' if self.count == 1 else 's'}"

    def days_max(self, calendar: OfficeCalendar | None = None) -> int:
        """Say how many dates at most lie between a start and the end of this span, in days.

        It bounds the difference of the two local dates before any roll; a
        caller whose due dates roll later adds
        ``calendar.longest_closed_run()``. With a calendar the bound is exact
        for its range. Without one, an office is assumed to be closed for at
        most ``CLOSED_RUN_ASSUMED_DAYS`` between any two office days.

        Raises:
            OutsideCalendar: the span has more office days than the calendar.
        """
        match self.unit:
            case SpanUnit.MINUTE | SpanUnit.HOUR:
                minutes = self.count * (60 if self.unit is SpanUnit.HOUR else 1)
                change = CLOCK_CHANGE_ASSUMED_MINUTES if calendar is None else calendar.clock_change_minutes
                return -(-(minutes + change) // _MINUTES_A_DAY) if minutes else 0
            case SpanUnit.DAY:
                return self.count
            case SpanUnit.WEEK:
                return 7 * self.count
            case SpanUnit.MONTH:
                return _months_days_max(self.count)
            case SpanUnit.YEAR:
                return _months_days_max(12 * self.count)
            case SpanUnit.OFFICE_DAY:
                if calendar is None:
                    return max(1, self.count) * (CLOSED_RUN_ASSUMED_DAYS + 1)
                return calendar.office_days_width_max(self.count)


def _months_days_max(months: int) -> int:
    """The most days that so many months can hold, from any first of a month in a four-year cycle."""
    cycles, rest = divmod(months, 48)
    doubled = _MONTH_LENGTHS * 2
    return cycles * 1461 + max(sum(doubled[first : first + rest]) for first in range(48))


def _refusal(text: object) -> SpanError:
    """Say why a text is no span, with the likely spelling when there is one."""
    shown = repr(text)[:40]
    ja = f"{shown} は期間として読めません。"
    en = f"{shown} is not a span."
    if isinstance(text, str):
        plain = "".join(unicodedata.normalize("NFKC", text[:40]).split()).lower().lstrip("+")
        plain = re.sub(r"^0+(?=[0-9])", "", plain)
        if _TEXT.fullmatch(plain):
            ja += f"「{plain}」と、半角で空白を入れずに書いてください。"
            en += f" Write {plain!r}: half-width, lower case, no spaces, signs or leading zeros."
        elif re.fullmatch(r"-[0-9]+[a-z]+", plain):
            ja += "期間は負にできません。"
            en += " A span cannot be negative."
        elif re.fullmatch(r"[0-9]+m", plain):
            ja += f"m だけでは分か月か分かりません。「{plain}in」（分）か「{plain}o」（月）と書いてください。"
            en += f" 'm' may mean minutes or months: write '{plain}in' or '{plain}o'."
    ja += f"整数のすぐ後に単位を付けます。使える単位: {_ALLOWED_JA}。例: 5bd、48h、1mo。"
    en += f" Write a whole number directly followed by a unit. Units: {_ALLOWED_EN}. Examples: 5bd, 48h, 1mo."
    return SpanError(ja, en)
