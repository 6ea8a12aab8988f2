"""How a live promise stands at an instant: overdue, today, upcoming, waiting. The one definition of overdue."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from engine.core.officetime.calendar import OfficeCalendar
from engine.core.vocabulary import InboxGroup, Instant, ObligationKind

WEEKDAYS = "月火水木金土日"


def is_overdue(due_at: Instant, now: Instant) -> bool:
    """Whether a due time has passed. Every list, report and page asks here and nowhere else."""
    return due_at < now


def group_of(
    *, kind: ObligationKind, due_at: Instant, due_on: date, now: Instant, today: date, awaited: bool
) -> InboxGroup:
    """Return the group of the inbox in which a promise stands.

    What waits for somebody else's answer waits only until it is overdue: then
    it is work again.
    """
    if is_overdue(due_at, now):
        return InboxGroup.OVERDUE
    if awaited or kind is ObligationKind.REFERRAL:
        return InboxGroup.WAITING
    return InboxGroup.TODAY if due_on <= today else InboxGroup.UPCOMING


def due_words(due_at: Instant, now: Instant, calendar: OfficeCalendar, lang: str = "ja") -> str:
    """Say when something is due as a person at a desk would: 今日まで, あと3開庁日, 2日超過."""
    on, today = calendar.local_date(due_at), calendar.local_date(now)
    days = (on - today).days
    if is_overdue(due_at, now):
        return _overdue_words(due_at, now, -days, lang)
    if days == 0:
        at = due_at.astimezone(ZoneInfo(calendar.zone)).strftime("%H:%M")
        return f"今日 {at} まで" if lang == "ja" else f"today by {at}"
    if days == 1:
        return f"明日 {_day(on)} まで" if lang == "ja" else f"tomorrow, {on.isoformat()}"
    office_days = calendar.office_days_between(today, on)
    if lang == "ja":
        year = f"{on.year}年" if on.year != today.year else ""
        return f"{year}{_day(on)} まで（あと{office_days}開庁日）"
    return f"by {on.isoformat()} ({office_days} office days)"


def _overdue_words(due_at: Instant, now: Instant, days: int, lang: str) -> str:
    if days >= 1:
        return f"{days}日超過" if lang == "ja" else f"{days} day{'' if days == 1 else 's'} overdue"
    hours = int((now - due_at).total_seconds() // 3600)
    if hours >= 1:
        return f"{hours}時間超過" if lang == "ja" else f"{hours} hour{'' if hours == 1 else 's'} overdue"
    return "期限を過ぎたところ" if lang == "ja" else "just overdue"


def _day(on: date) -> str:
    return f"{on.month}月{on.day}日({WEEKDAYS[on.weekday()]})"
