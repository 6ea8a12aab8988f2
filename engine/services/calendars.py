"""Office calendars between the store, where they are bytes of a version, and the core, where they count."""

from __future__ import annotations

import hashlib
from datetime import date, time

from msgspec import Struct
from msgspec.json import Decoder, Encoder

from engine.core.officetime.calendar import OfficeCalendar


class _Stored(Struct, frozen=True, kw_only=True):
    name: str
    version: int
    zone: str
    first_on: date
    last_on: date
    known_until: date
    opens_at: time
    closes_at: time
    closed: dict[str, str]
    weekly_closed: tuple[int, ...]
    closed_en: dict[str, str]


_encode = Encoder(order="sorted").encode
_decode = Decoder(_Stored).decode


def calendar_bytes(calendar: OfficeCalendar) -> bytes:
    """Return the bytes that are stored for a version of a calendar."""
    return _encode(
        _Stored(
            name=calendar.name,
            version=calendar.version,
            zone=calendar.zone,
            first_on=calendar.first_on,
            last_on=calendar.last_on,
            known_until=calendar.known_until,
            opens_at=calendar.opens_at,
            closes_at=calendar.closes_at,
            closed={on.isoformat(): reason for on, reason in calendar.closed.items()},
            weekly_closed=tuple(sorted(calendar.weekly_closed)),
            closed_en=dict(calendar.closed_en),
        )
    )


def calendar_of(body: bytes) -> OfficeCalendar:
    """Read a stored calendar back."""
    stored = _decode(body)
    return OfficeCalendar(
        name=stored.name,
        version=stored.version,
        zone=stored.zone,
        first_on=stored.first_on,
        last_on=stored.last_on,
        known_until=stored.known_until,
        opens_at=stored.opens_at,
        closes_at=stored.closes_at,
        closed={date.fromisoformat(on): reason for on, reason in stored.closed.items()},
        weekly_closed=frozenset(stored.weekly_closed),
        closed_en=stored.closed_en,
    )


def digest_of_calendar(body: bytes) -> str:
    """Return the SHA-256 of a stored calendar, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()
