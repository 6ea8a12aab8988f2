"""A case as it stands: what the events so far have made of it.

Two parts. `Case` says how the work stands and names nobody of the household;
`Content` holds what is personal and is kept sealed under a key of the case.

All of it is immutable and made of trees, so that none of it can be part of a
cycle: `gc=False` keeps it away from the collector, which took a sixth of a sweep.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct, field

from engine.core.vocabulary import (
    CaseStatus,
    ConsentStatus,
    Grade,
    HolderReason,
    Instant,
    ObligationKind,
    Subject,
)


class Obligation(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A live promise: what, by whom, by when, and the next instant anything must happen to it.

    `number` counts the obligations of one case from 1 and never comes twice.
    `state` is empty for what is in force everywhere and for the engine's own
    kinds. `wakes_at` is the earliest of opening, due, next rung and retry.
    `unrolled_on` is the closed day that the due date was moved from, `spaced`
    the span that an outcome set instead of the usual one.
    """

    number: int
    key: str
    kind: ObligationKind
    holder: str
    role: str
    held_because: HolderReason
    scheduled_at: Instant
    due_at: Instant
    due_on: date
    wakes_at: Instant
    state: str = ""
    person: str = ""
    ladder: str = ""
    occurrence: int = 0
    anchored_at: Instant | None = None
    provisional: bool = False
    calendar_version: int = 1
    opens_at: Instant | None = None
    is_open: bool = False
    fell_due: bool = False
    rung: int = 0
    rung_at: Instant | None = None
    retry_at: Instant | None = None
    answered_until: Instant | None = None
    co_holder: str = ""
    counterpart: str = ""
    unrolled_on: date | None = None
    spaced: str = ""
    deferrals: int = 0
    first_due_on: date | None = None
    ref: str = ""
    urgency: int = 0
    reasons: tuple[str, ...] = ()


class Waiting(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Something asked of somebody and not answered yet: an approval, a referral, a hand-over."""

    ref: str
    kind: ObligationKind
    obligation: int
    asked_by: str
    asked_at: Instant
    event: str = ""
    name: str = ""
    to: str = ""
    numbers: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    until_on: date | None = None


class Pause(Struct, frozen=True, kw_only=True, gc=False):
    """A bounded rest of the case."""

    until_on: date
    approved_by: str
    review: int


class Linked(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Another case of the same household that this one opened."""

    number: str
    pathway: str
    ended: bool = False


class Case(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """How the work on one household, person or address stands after `seq` entries."""

    number: str
    pathway: str
    version: int
    subject: Subject
    status: CaseStatus
    opened_at: Instant
    seq: int
    closed_at: Instant | None = None
    configuration: tuple[str, ...] = ()
    history: dict[str, tuple[str, ...]] = field(default_factory=dict)
    entered_at: dict[str, Instant] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    persons: tuple[str, ...] = ()
    obligations: dict[int, Obligation] = field(default_factory=dict)
    next_number: int = 1
    in_a_row: dict[str, int] = field(default_factory=dict)
    missed_in_a_row: int = 0
    contacts: int = 0
    last_contact_at: dict[str, Instant] = field(default_factory=dict)
    last_grade: Grade | None = None
    consents: dict[str, ConsentStatus] = field(default_factory=dict)
    forms: dict[str, Instant] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    next_ref: int = 1
    pause: Pause | None = None
    linked: dict[str, Linked] = field(default_factory=dict)
    parent: str = ""
    parent_alias: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody still accompanies the case."""
        return self.status is CaseStatus.OPEN

    def in_state(self, state: str) -> bool:
        """Whether `state` is among the active states."""
        return state in self.configuration


class Person(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A member of the household, as the person gave it; never normalised."""

    id: str
    name: str = ""
    kana: str = ""
    birth_on: date | None = None
    sex: str = ""
    relation: str = ""

    def age_on(self, on: date) -> int | None:
        """Age in years on `on`; a year is reached the day before the birthday (年齢計算ニ関スル法律)."""
        if self.birth_on is None:
            return None
        tomorrow = date.fromordinal(on.toordinal() + 1)
        before = (tomorrow.month, tomorrow.day) < (self.birth_on.month, self.birth_on.day)
        return tomorrow.year - self.birth_on.year - before


class Content(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What is personal about a case: who, and the facts recorded in forms.

    After the retention period the key is destroyed and `redacted` is true:
    the work can still be replayed, the person can no longer be read.
    """

    persons: dict[str, Person] = field(default_factory=dict)
    household: str = ""
    address: str = ""
    phone: str = ""
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    redacted: bool = False


class Sealed(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """The personal part of one entry: what a command brought that names or describes somebody."""

    persons: tuple[Person, ...] = ()
    household: str = ""
    address: str = ""
    phone: str = ""
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    note: str = ""

    def by_name(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the forms in the order of their names.

        A stored entry keeps no other order, and a decision must come out the
        same when it is taken again from there.
        """
        return sorted(self.forms.items())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to seal."""
        return self == _NOTHING


_NOTHING = Sealed()
NOTHING_SEALED: Sealed = _NOTHING
EMPTY_CONTENT = Content()

Facts = Mapping[str, Any]
"""Dotted fact name to its latest recorded value; a missing name is unknown."""
