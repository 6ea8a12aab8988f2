"""How a promise stands, in one place and in words."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.case.standing import due_words, group_of, is_overdue
from engine.core.vocabulary import InboxGroup, ObligationKind, Sex
from engine.loading.calendar import load_calendar

CALENDAR = load_calendar(Path(__file__).parents[2] / "pathways" / "calendars" / "office" / "v1.yaml")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


@pytest.mark.parametrize(
    ("due", "now", "ja", "en"),
    [
        ("2026-12-25T17:15", "2026-12-25T09:00", "今日 17:15 まで", "today by 17:15"),
        ("2026-12-25T17:15", "2026-12-24T09:00", "明日 12月25日(金) まで", "tomorrow, 2026-12-25"),
        (
            "2027-01-05T17:15",
            "2026-12-25T09:00",
            "2027年1月5日(火) まで（あと3開庁日）",
            "by 2027-01-05 (3 office days)",
        ),
        ("2026-12-25T17:15", "2026-12-25T17:16", "期限を過ぎたところ", "just overdue"),
        ("2026-12-25T17:15", "2026-12-25T20:16", "3時間超過", "3 hours overdue"),
        ("2026-12-25T17:15", "2026-12-26T09:00", "1日超過", "1 day overdue"),
        ("2026-12-25T17:15", "2027-01-05T09:00", "11日超過", "11 days overdue"),
    ],
)
def test_a_due_time_is_said_as_a_person_at_a_desk_would(due: str, now: str, ja: str, en: str) -> None:
    assert due_words(at(due), at(now), CALENDAR) == ja
    assert due_words(at(due), at(now), CALENDAR, "en") == en


def test_what_waits_for_an_answer_is_work_again_once_it_is_overdue() -> None:
    due = at("2026-12-25T17:15")
    standing = {
        now: group_of(
            kind=ObligationKind.REFERRAL, due_at=due, due_on=date(2026, 12, 25), now=at(now),
            today=at(now).date(), awaited=False,
        )
        for now in ("2026-12-20T09:00", "2026-12-25T09:00", "2026-12-25T17:16")
    }  # fmt: skip
    assert list(standing.values()) == [InboxGroup.WAITING, InboxGroup.WAITING, InboxGroup.OVERDUE]


@given(st.integers(-(10**6), 10**6))
def test_words_and_groups_agree_on_what_is_overdue(seconds: int) -> None:
    due = at("2026-12-25T17:15")
    now = datetime.fromtimestamp(due.timestamp() + seconds, tz=due.tzinfo)
    group = group_of(
        kind=ObligationKind.FOLLOW_UP, due_at=due, due_on=due.date(), now=now, today=CALENDAR.local_date(now),
        awaited=False,
    )  # fmt: skip
    said = due_words(due, now, CALENDAR)
    assert (group is InboxGroup.OVERDUE) == is_overdue(due, now) == ("超過" in said or "過ぎた" in said)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("男", "1"), ("女", "2"), ("Female", "2"), ("m", "1"), ("2", "2"), ("", ""), ("その他", "その他")],
)
def test_sex_is_kept_by_its_code_and_said_in_words(typed: str, code: str) -> None:
    assert Sex.said(typed) == code
    assert Sex.words("2", "ja") == "女"
    assert Sex.words("その他", "ja") == "その他"
