"""The values that go into a store and come out of it, apart from cases and entries themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from msgspec import Struct

from engine.core.case.case import Case, Content
from engine.core.vocabulary import Instant


def seconds(at: Instant) -> int:
    """Return an instant as whole seconds since 1970-01-01T00:00Z, which is how tables keep it."""
    return int(at.timestamp())


def instant(stored: int) -> Instant:
    """Return a stored instant."""
    return datetime.fromtimestamp(stored, UTC)


def instant_or_none(stored: int | None) -> Instant | None:
    """Return a stored instant that may not have come yet."""
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


class Held:
    """A case as the store holds it, at one sequence. Its content is decrypted when first asked for.

    `head` is the 32-byte digest of the last entry. `anchor` is the number of
    the live obligation that the row of an open case names, 0 when closed.
    """

    __slots__ = ("_content", "_open", "anchor", "case", "head", "id", "redacted", "wrapped_key")

    def __init__(
        self,
        id: int,  # noqa: A002 -- the column's name
        case: Case,
        head: bytes,
        anchor: int,
        wrapped_key: bytes | None,
        content: Content | Callable[[], Content],
        *,
        redacted: bool = False,
    ) -> None:
        self.id = id
        self.case = case
        self.head = head
        self.anchor = anchor
        self.wrapped_key = wrapped_key
        self.redacted = redacted
        self._content = content if isinstance(content, Content) else None
        self._open = None if isinstance(content, Content) else content

    @property
    def content(self) -> Content:
        """What is personal about the case. Raises StoreError `seal_broken`."""
        if self._content is None:
            assert self._open is not None
            self._content = self._open()
            self._open = None
        return self._content

    def opened(self) -> Content:
        """Return the content, for whoever may or may not need it. Raises StoreError `seal_broken`."""
        return self.content

    def content_since(self, before: Held) -> Content | None:
        """Return the content if it differs from what `before` held, so that only then it is encrypted."""
        mine = self._content
        if mine is None or self.redacted or mine is before._content or mine == before._content:
            return None
        return mine


class NoticeRow(NamedTuple):
    """A message to a holder's inbox. `about` is a code, never personal content."""

    to_holder: str
    kind: str
    number: int = 0
    about: str = ""


class Notice(Struct, frozen=True, kw_only=True):
    """A message as it stands in an inbox."""

    id: int
    case: str
    seq: int
    n: int
    to_holder: str
    kind: str
    number: int
    about: str
    at: Instant
    read_at: Instant | None = None
    digest_id: int | None = None


class Due(NamedTuple):
    """A case of which at least one obligation wants something now. `wakes_at` is the earliest."""

    wakes_at: Instant
    case_id: int
    number: str


class StoredEntry(NamedTuple):
    """One entry as it lies in the table, with the personal part decrypted in `plain` where the key is left."""

    seq: int
    body: bytes
    sealed: bytes | None
    digest: bytes
    plain: bytes | None


class InboxRow(Struct, frozen=True, kw_only=True):
    """One live obligation for a list of work; `state` and `key` name what it is in the pathway."""

    case_id: int
    case: str
    pathway: str
    version: int
    number: int
    key: str
    kind: str
    holder: str
    co_holder: str
    counterpart: str
    person: str
    state: str
    due_at: Instant
    due_on: date
    wakes_at: Instant
    is_open: bool
    fell_due: bool
    urgency: int


class CaseRow(Struct, frozen=True, kw_only=True):
    """One case for a list of cases."""

    id: int
    number: str
    pathway: str
    version: int
    status: str
    opened_at: Instant
    closed_at: Instant | None
    seq: int
    parent: str


class PathwayVersion(Struct, frozen=True, kw_only=True):
    """A released version of a pathway: its text and its forms (JSON), as published."""

    pathway: str
    version: int
    digest: str
    effective_on: date
    text: str
    forms: str
    published_at: Instant
    published_by: str


class CalendarVersion(Struct, frozen=True, kw_only=True):
    """A released version of an office calendar, as bytes whose meaning is the caller's."""

    name: str
    version: int
    digest: str
    body: bytes


class OutboxRow(Struct, frozen=True, kw_only=True):
    """A message to the outside that a connector has to deliver. Without personal content, or sealed."""

    id: int
    connector: str
    key: str
    created_at: Instant
    due_at: Instant
    attempts: int
    status: str
    body: bytes
    last_error: str = ""


class Fault(Struct, frozen=True, kw_only=True):
    """A case that the sweep set apart because acting on it failed."""

    case: str
    at: Instant
    code: str
    tries: int
    next_try_at: Instant


class SweepRow(Struct, frozen=True, kw_only=True):
    """What one pass of the clock did."""

    started_at: Instant
    finished_at: Instant
    fired: int
    left: int
    faults: int
