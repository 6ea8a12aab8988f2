"""Fiscal years, and how long a closed record is kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

FISCAL_YEAR_FIRST_MONTH: Final = 4
"""Japan's public bodies begin their year on 1 April (Local Autonomy Act art. 208)."""


def fiscal_year(on: date, first_month: int = FISCAL_YEAR_FIRST_MONTH) -> int:
    """The fiscal year (年度) of a date, named by the calendar year in which it begins.

    Raises:
        ValueError: ``first_month`` is no month.
    """
    if not 1 <= first_month <= 12:
        raise ValueError(f"{first_month} is no month; the fiscal year begins in a month from 1 to 12")
    return on.year if on.month >= first_month else on.year - 1


def fiscal_year_start(year: int, first_month: int = FISCAL_YEAR_FIRST_MONTH) -> date:
    """The first day of a fiscal year."""
    return date(year, first_month, 1)


def retention_until(closed_on: date, years: int, first_month: int = FISCAL_YEAR_FIRST_MONTH) -> date:
    """The last day on which a record closed on a date must still be kept.

    Whole fiscal years, counted from the start of the one after completion, as
    the record rules of Japanese municipalities do: five years for a record
    closed on 31 March 2026 end on 31 March 2031, for one closed on 1 April
    2026 on 31 March 2032. Permanent records have no such day; do not ask.

    Raises:
        ValueError: ``years`` is below 1, or the day lies beyond the year 9999.
    """
    if years < 1:
        raise ValueError(f"{years} is no retention period; it is at least one fiscal year")
    kept_from = fiscal_year(closed_on, first_month) + 1
    return fiscal_year_start(kept_from + years, first_month) - timedelta(days=1)
