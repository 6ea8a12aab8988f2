"""Fiscal years and retention periods."""

from __future__ import annotations

from datetime import date

import pytest

from engine.core.officetime.fiscal import fiscal_year, fiscal_year_start, retention_until


def test_the_fiscal_year_turns_on_1_april() -> None:
    assert fiscal_year(date(2026, 3, 31)) == 2025
    assert fiscal_year(date(2026, 4, 1)) == 2026
    assert fiscal_year_start(2026) == date(2026, 4, 1)


def test_five_years_count_from_the_fiscal_year_after_completion() -> None:
    assert retention_until(date(2026, 3, 31), 5) == date(2031, 3, 31)
    assert retention_until(date(2026, 4, 1), 5) == date(2032, 3, 31)
    assert retention_until(date(2028, 2, 29), 1) == date(2029, 3, 31)


def test_a_year_that_begins_in_january_is_a_setting() -> None:
    assert fiscal_year(date(2026, 3, 31), first_month=1) == 2026
    assert retention_until(date(2026, 3, 31), 5, first_month=1) == date(2031, 12, 31)


def test_no_retention_and_no_month_are_refused() -> None:
    with pytest.raises(ValueError, match="no retention period"):
        retention_until(date(2026, 3, 31), 0)
    with pytest.raises(ValueError, match="no month"):
        fiscal_year(date(2026, 3, 31), first_month=13)
