"""Japanese dates as people write them, and the ones that must not be guessed."""

from __future__ import annotations

import pickle
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.core.officetime.era import ERAS, EraError, PartialDate, parse_japanese_date, wareki_text


@pytest.mark.parametrize(
    "text",
    [
        "R8.11.23",
        "r8.11.23",
        "Ｒ８．１１．２３",
        "R8/11/23",
        "R8-11-23",
        "R 8. 11. 23",
        "R081123",
        "令8.11.23",
        "令和8年11月23日",
        "令和８年１１月２３日",
        " 令和 8 年 11 月 23 日 ",
        "令和\u30008年11月23日",
        "㋿8年11月23日",
        "2026-11-23",
        "2026/11/23",
        "2026.11.23",
        "２０２６－１１－２３",
        "2026−11−23",
        "2026年11月23日",
        "西暦2026年11月23日",
        "20261123",
    ],
)
def test_one_day_written_in_many_ways_is_one_day(text: str) -> None:
    assert parse_japanese_date(text) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2026/1/5", date(2026, 1, 5)),
        ("S63/12/5", date(1988, 12, 5)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R1.5.1", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("大正15年12月25日", date(1926, 12, 25)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("明治45年7月30日", date(1912, 7, 30)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("M6.1.1", date(1873, 1, 1)),
        ("昭和3年2月29日", date(1928, 2, 29)),
    ],
)
def test_the_edges_of_the_eras_are_read(text: str, on: date) -> None:
    assert parse_japanese_date(text) == on


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        ("令和元年", PartialDate(2019)),
        ("平成31年", PartialDate(2019)),
        ("R1", PartialDate(2019)),
        ("令和8年11月", PartialDate(2026, 11)),
        ("昭和25年5月不詳日", PartialDate(1950, 5)),
        ("昭和25年5月日不詳", PartialDate(1950, 5)),
        ("昭和25年5月(日不詳)", PartialDate(1950, 5)),
        ("昭和25年5月不明", PartialDate(1950, 5)),
        ("昭和25年不詳月不詳日", PartialDate(1950)),
        ("昭和25年月日不詳", PartialDate(1950)),
        ("S25.5.99", PartialDate(1950, 5)),
        ("S25.99.99", PartialDate(1950)),
        ("1950-05-99", PartialDate(1950, 5)),
        ("1950-99-99", PartialDate(1950)),
        ("19500599", PartialDate(1950, 5)),
        ("19509999", PartialDate(1950)),
        ("1950年", PartialDate(1950)),
    ],
)
def test_an_unknown_part_stays_unknown(text: str, partial: PartialDate) -> None:
    assert parse_japanese_date(text) == partial


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("平成40年", "令和10年"),
        ("平成40年5月6日", "令和10年5月6日"),
        ("平成31年5月", "令和元年5月"),
        ("平成31年5月1日", "令和元年5月1日"),
        ("H31.5.1", "令和元年5月1日"),
        ("令和元年4月30日", "平成31年4月30日"),
        ("昭和64年1月8日", "平成元年1月8日"),
        ("昭和65年", "平成2年"),
        ("平成元年1月7日", "昭和64年1月7日"),
        ("昭和元年12月24日", "大正15年12月24日"),
        ("大正16年3月1日", "昭和2年3月1日"),
        ("明治46年1月1日", "大正2年1月1日"),
        ("昭和100年1月1日", "令和7年1月1日"),
    ],
)
def test_a_year_that_the_era_does_not_have_is_refused_with_the_right_spelling(text: str, right: str) -> None:
    error = parse_japanese_date(text)
    assert isinstance(error, EraError)
    assert f"正しくは{right}です" in error.ja
    assert f"would be {right}" in error.en


@pytest.mark.parametrize("text", ["1月5日", "01/05", "11-23", "11.23", "１月５日"])
def test_a_date_without_a_year_is_refused_and_not_guessed(text: str) -> None:
    error = parse_japanese_date(text)
    assert isinstance(error, EraError)
    assert "年がありません" in error.ja
    assert "no year" in error.en


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "not readable"),
        ("   ", "not readable"),
        ("あした", "not readable"),
        ("8.11.23", "not readable"),
        ("261123", "not readable"),
        ("46237", "not readable"),
        ("2026 11 23", "not readable"),
        ("2026-11-23T00:00", "not readable"),
        ("令和8年11月23日頃", "not readable"),
        ("٢٠٢٦-١١-٢٣", "not readable"),
        ("2" * 200, "not readable"),
        ("2026-02-29", "28 days"),
        ("R8.13.1", "no month 13"),
        ("R8.0.1", "no month 0"),
        ("R8.4.31", "30 days"),
        ("R8.4.0", "30 days"),
        ("R0.1.1", "no year 0"),
        ("1950-99-03", "no month"),
        ("9999-99-99", "year of"),
        ("1872-12-31", "not between 1873"),
        ("2200-01-01", "not between 1873"),
        ("明治5年12月2日", "only 1873"),
        ("R999.1.1", "only 1873"),
    ],
)
def test_what_is_no_date_is_refused_saying_why(text: str, because: str) -> None:
    error = parse_japanese_date(text)
    assert isinstance(error, EraError)
    assert because in error.en
    assert error.ja != error.en


def test_an_era_error_can_be_raised_and_travels() -> None:
    error = pickle.loads(pickle.dumps(parse_japanese_date("あした")))
    with pytest.raises(ValueError, match="not readable"):
        raise error


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (date(2026, 11, 23), "令和8年11月23日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1873, 1, 1), "明治6年1月1日"),
    ],
)
def test_a_date_is_written_by_era(on: date, text: str) -> None:
    assert wareki_text(on) == text


def test_no_era_date_is_written_for_the_old_calendar() -> None:
    with pytest.raises(ValueError, match="1873"):
        wareki_text(date(1872, 12, 31))


@given(st.dates(date(1873, 1, 1), date(2199, 12, 31)))
@example(date(1912, 7, 30))
def test_what_is_written_by_era_reads_back(on: date) -> None:
    assert parse_japanese_date(wareki_text(on)) == on
    assert parse_japanese_date(on.isoformat()) == on
    assert parse_japanese_date(f"{on:%Y%m%d}") == on


@given(st.integers(1873, 2199), st.none() | st.integers(1, 12))
def test_a_partial_date_reads_back_and_spans_the_days_it_can_mean(year: int, month: int | None) -> None:
    partial = PartialDate(year, month)
    assert parse_japanese_date(str(partial)) == partial
    assert (partial.last_on - partial.first_on).days + 1 in (
        {365, 366} if month is None else set(range(28, 32))
    )
    assert "不詳" in partial.label_ja
    assert "unknown" in partial.label_en


@given(
    st.text(alphabet="0123456789０９年月日不詳元令和平成昭HRSTM./-－ 　()", max_size=70)
    | st.text(max_size=70)
)
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(parse_japanese_date(text), date | PartialDate | EraError)


def test_eras_follow_each_other_without_a_gap() -> None:
    for era, following in pairwise(ERAS):
        assert era.last_on is not None
        assert (following.start_on - era.last_on).days in {0, 1}
        assert era.kanji != following.kanji
