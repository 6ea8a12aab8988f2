"""An office's calendar: which days it is open, and arithmetic on its days in constant time."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

WEEKDAYS_JA: Final = ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日")
WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_ONE_DAY: Final = timedelta(days=1)


class OutsideCalendar(ValueError):
    """A question about a day of which the calendar knows nothing.

    The calendar refuses instead of guessing: a due date computed from
    holidays that nobody entered would look like any other. ``on`` is the
    day asked about, or the day from which the count left the range.
    """

    def __init__(self, on: date, first_on: date, last_on: date) -> None:
        self.on = on
        self.first_on = first_on
        self.last_on = last_on
        self.ja = (
            f"{on} からの計算は、開庁日カレンダーの範囲（{first_on}～{last_on}）を超えます。"
            "休日が分からない日付は推定しません。日付を確かめるか、範囲を広げた新しい版のカレンダーを"
            "登録してください。"
        )
        self.en = (
            f"{on} leads outside the office calendar, which knows {first_on} to {last_on}; closed days are "
            "not guessed. Check the date, or load a new version of the calendar with a wider range."
        )
        super().__init__(self.en)

    def __reduce__(self) -> tuple[type[OutsideCalendar], tuple[date, date, date]]:
        return type(self), (self.on, self.first_on, self.last_on)


@dataclass(frozen=True)
class OfficeCalendar:
    """One version of an office's open and closed days, immutable.

    ``closed`` maps each closed day, beyond the weekly ones, to its reason in
    Japanese; ``closed_en`` translates those reasons. ``weekly_closed`` holds
    weekdays, Monday being 0. Both ends of ``first_on`` to ``last_on``
    belong to the range. After ``known_until`` closed days are computed, not
    yet official (the equinoxes are fixed one year ahead), so that due dates
    there are provisional.

    Construction fills prefix tables once (about 10 ms for 45 years); every
    question about a day then costs well under a microsecond. Days outside
    the range raise ``OutsideCalendar``.

    Raises:
        ValueError: the range is empty, ``known_until`` or a closed day lies
            outside it, the office closes before it opens, or no day is open.
        ZoneInfoNotFoundError: ``zone`` is no IANA zone of this machine.
    """

    name: str
    version: int
    zone: str
    first_on: date
    last_on: date
    known_until: date
    closes_at: time
    opens_at: time
    closed: Mapping[date, str]
    weekly_closed: frozenset[int] = frozenset({5, 6})
    closed_en: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.first_on > self.last_on:
            raise ValueError(f"calendar {self.name}: the first day {self.first_on} is after {self.last_on}")
        if not self.first_on <= self.known_until <= self.last_on:
            raise ValueError(f"calendar {self.name}: known_until {self.known_until} lies outside the range")
        if self.opens_at >= self.closes_at or self.opens_at.tzinfo or self.closes_at.tzinfo:
            raise ValueError(f"calendar {self.name}: opening hours must be local and end after they begin")
        if not self.weekly_closed <= set(range(7)):
            raise ValueError(f"calendar {self.name}: weekdays are numbers from 0 (Monday) to 6")
        object.__setattr__(self, "closed", dict(self.closed))
        object.__setattr__(self, "closed_en", dict(self.closed_en))
        outside = [on for on in self.closed if not self.first_on <= on <= self.last_on]
        if outside:
            raise ValueError(f"calendar {self.name}: closed day {min(outside)} lies outside the range")
        self._fill_tables()

    def _fill_tables(self) -> None:
        """Count open days up to each day, and list them: the two tables behind every answer."""
        base = self.first_on.toordinal()
        size = self.last_on.toordinal() - base + 1
        closed = {on.toordinal() for on in self.closed}
        weekly = self.weekly_closed
        opens: list[date] = []
        upto = array("i", [0])  # upto[i + 1] counts the open days among the first i + 1
        for ordinal in range(base, base + size):
            # Ordinal 1 was a Monday, so that (ordinal - 1) % 7 is the weekday.
            if (ordinal - 1) % 7 not in weekly and ordinal not in closed:
                opens.append(date.fromordinal(ordinal))
            upto.append(len(opens))
        if not opens:
            raise ValueError(f"calendar {self.name}: no day is open")
        object.__setattr__(self, "_base", base)
        object.__setattr__(self, "_size", size)
        object.__setattr__(self, "_opens", tuple(opens))
        object.__setattr__(self, "_upto", upto)
        object.__setattr__(self, "_zone", ZoneInfo(self.zone))

    _base: int = field(init=False, repr=False, compare=False)
    _size: int = field(init=False, repr=False, compare=False)
    _opens: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _upto: array[int] = field(init=False, repr=False, compare=False)
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        return hash((self.name, self.version, self.zone, self.first_on, self.last_on))

    def __reduce__(self) -> tuple[type[OfficeCalendar], tuple[object, ...]]:
        return type(self), tuple(getattr(self, each.name) for each in fields(self) if each.init)

    def _place(self, on: date) -> int:
        place = on.toordinal() - self._base
        if 0 <= place < self._size:
            return place
        raise OutsideCalendar(on, self.first_on, self.last_on)

    def _nth(self, index: int, on: date) -> date:
        if 0 <= index < len(self._opens):
            return self._opens[index]
        raise OutsideCalendar(on, self.first_on, self.last_on)

    def is_open(self, on: date) -> bool:
        """Whether the office is open on this day. Raises ``OutsideCalendar``."""
        place = self._place(on)
        return self._upto[place + 1] > self._upto[place]

    def next_open(self, on: date) -> date:
        """The first open day from ``on`` forward, ``on`` itself included. Raises ``OutsideCalendar``."""
        return self._nth(self._upto[self._place(on)], on)

    def previous_open(self, on: date) -> date:
        """The first open day from ``on`` backward, ``on`` itself included. Raises ``OutsideCalendar``."""
        return self._nth(self._upto[self._place(on) + 1] - 1, on)

    def add_office_days(self, on: date, n: int) -> date:
        """The n-th open day after ``on``, which is not counted itself (Civil Code art. 140).

        A start on a closed day counts from the next open day as the first:
        Saturday 2 May 2026 and one office day give Thursday the 7th. A
        negative ``n`` counts open days backward in the same way; zero gives
        ``on`` if it is open, else the next open day.

        Raises:
            OutsideCalendar: the start or the answer lies outside the range.
        """
        place = self._place(on)
        if n > 0:
            return self._nth(self._upto[place + 1] + n - 1, on)
        return self._nth(self._upto[place] + n, on)

    def office_days_between(self, a: date, b: date) -> int:
        """Count the open days after ``a`` up to and with ``b``; negative when ``b`` comes first.

        Raises:
            OutsideCalendar: ``a`` or ``b`` lies outside the range.
        """
        return self._upto[self._place(b) + 1] - self._upto[self._place(a) + 1]

    def reason_closed(self, on: date, lang: Literal["ja", "en"] = "ja") -> str | None:
        """Why the office is closed on this day, or None if it is open. Raises ``OutsideCalendar``.

        A holiday's name comes before the weekday's. An untranslated reason is
        given in Japanese.
        """
        self._place(on)
        reason = self.closed.get(on)
        if reason is not None:
            return reason if lang == "ja" else self.closed_en.get(reason, reason)
        weekday = on.weekday()
        if weekday in self.weekly_closed:
            return (WEEKDAYS_JA if lang == "ja" else WEEKDAYS_EN)[weekday]
        return None

    def longest_closed_run(self) -> int:
        """The greatest number of closed days in a row within the range."""
        return self._longest_closed_run

    @cached_property
    def _longest_closed_run(self) -> int:
        edges = (self.first_on - _ONE_DAY, *self._opens, self.last_on + _ONE_DAY)
        return max((b - a).days for a, b in pairwise(edges)) - 1

    def office_days_width_max(self, n: int) -> int:
        """The most days between a date and its n-th office day, for any start in the range.

        Raises:
            OutsideCalendar: the range holds fewer than ``n`` open days.
        """
        widths = self._width_max
        if n not in widths:
            if n == 0:
                widths[n] = self._longest_closed_run
                return widths[n]
            # The widest count from an open day starts on it; only the range's first day can be
            # a closed start with no open day before it.
            starts, ends = self._opens, self._opens[n:]
            if not self.is_open(self.first_on):
                starts, ends = (self.first_on, *self._opens), self._opens[n - 1 :]
            if not ends:
                raise OutsideCalendar(self.first_on, self.first_on, self.last_on)
            widths[n] = max((b - a).days for a, b in zip(starts, ends, strict=False))
        return widths[n]

    @cached_property
    def _width_max(self) -> dict[int, int]:
        return {}

    @cached_property
    def clock_change_minutes(self) -> int:
        """By how many minutes the zone's offset varies within the range: 0 in Japan, 60 with summer time."""
        start = datetime.combine(self.first_on, time(12))
        offsets = {
            (start + timedelta(days=day)).replace(tzinfo=self._zone).utcoffset() for day in range(self._size)
        }
        known = [offset for offset in offsets if offset is not None]
        return -(-int((max(known) - min(known)).total_seconds()) // 60)

    def local_date(self, at: datetime) -> date:
        """The civil date of an aware instant in the office's zone; not limited to the range."""
        require_aware(at)
        return at.astimezone(self._zone).date()

    def end_of_day(self, on: date) -> datetime:
        """The UTC instant at which the office closes on a date; not limited to the range.

        Where a clock change makes that local time come twice, the later one
        counts, and where it skips it, the time runs on as if unchanged: nobody
        is late because a clock was moved.
        """
        end = self._ends.get(on)
        if end is None:
            local = datetime.combine(on, self.closes_at, self._zone)
            end = max(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))
            if self.first_on <= on <= self.last_on:  # keeps the memo bounded
                self._ends[on] = end
        return end

    @cached_property
    def _ends(self) -> dict[date, datetime]:
        return {}

    def start_of_day(self, on: date) -> datetime:
        """The UTC instant at which the office opens on a date; not limited to the range.

        Where a clock change makes that local time come twice, the first one
        counts; where it skips it, the time runs on as if unchanged.
        """
        return datetime.combine(on, self.opens_at, self._zone).astimezone(UTC)


def require_aware(at: datetime) -> None:
    """Refuse an instant without a zone: which moment it means would depend on the machine.

    Raises:
        ValueError: the instant is naive. A caller's bug.
    """
    if at.tzinfo is UTC:
        return
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"the instant {at!r} has no zone; instants are aware and in UTC")
