"""What can have happened to a case. Nothing else changes one.

An event carries what was resolved when it was decided (holder, due instant,
calendar version), so that folding needs nothing but events. Personal content
never stands in an event: it lies sealed beside it, in the same entry.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from engine.core.case.case import Obligation, Waiting
from engine.core.vocabulary import (
    Channel,
    ConsentStatus,
    Grade,
    HolderReason,
    Instant,
    MoveReason,
    Subject,
)


class Event(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False, tag_field="event"):
    """Something that happened. Written once, never changed."""


class CaseOpened(Event, frozen=True, tag=True, kw_only=True):
    """A consultation was received and a case opened."""

    pathway: str
    version: int
    subject: Subject
    channel: Channel
    persons: tuple[str, ...] = ()
    roles: dict[str, str] = {}
    received_on: date | None = None
    parent: str = ""
    parent_alias: str = ""


class PersonsChanged(Event, frozen=True, tag=True, kw_only=True):
    """The members of the household were added or put right."""

    persons: tuple[str, ...]


class FormRecorded(Event, frozen=True, tag=True, kw_only=True):
    """A form was filled in; its values are facts from now on."""

    form: str


class ContactRecorded(Event, frozen=True, tag=True, kw_only=True):
    """Somebody tried to reach, or reached, persons of the household."""

    grade: Grade
    contacted_at: Instant
    method: str = ""
    reached: tuple[str, ...] = ()


class NoteRecorded(Event, frozen=True, tag=True, kw_only=True):
    """A note was added to the progress record."""


class EventFired(Event, frozen=True, tag=True, kw_only=True):
    """A person moved the case, or the engine told it something."""

    name: str
    told: bool = False


class StateChanged(Event, frozen=True, tag=True, kw_only=True):
    """The case moved: what it left, what it entered, by which ways."""

    configuration: tuple[str, ...]
    history: dict[str, tuple[str, ...]] = {}
    exited: tuple[str, ...] = ()
    entered: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


class ObligationScheduled(Event, frozen=True, tag=True, kw_only=True):
    """A promise came into force."""

    obligation: Obligation


class ObligationOpened(Event, frozen=True, tag=True, kw_only=True):
    """A promise came into its holder's inbox."""

    number: int
    wakes_at: Instant


class ObligationFellDue(Event, frozen=True, tag=True, kw_only=True):
    """The due time of a promise passed without it being kept."""

    number: int
    wakes_at: Instant


class RungClimbed(Event, frozen=True, tag=True, kw_only=True):
    """An overdue promise climbed its ladder by a step; `told` hear of it."""

    number: int
    rung: int
    next_rung: int
    reminded: tuple[str, ...] = ()
    notified: tuple[str, ...] = ()
    agenda: str = ""
    raised: str = ""
    rung_at: Instant | None = None
    wakes_at: Instant
    planned_at: Instant | None = None


class RetryCame(Event, frozen=True, tag=True, kw_only=True):
    """The day came on which a failed attempt was to be made again."""

    number: int
    wakes_at: Instant


class EscalationAnswered(Event, frozen=True, tag=True, kw_only=True):
    """A person answered for an escalation; the ladder rests until then and no longer."""

    number: int
    until_at: Instant
    rung_at: Instant
    wakes_at: Instant


class AttemptRecorded(Event, frozen=True, tag=True, kw_only=True):
    """An attempt did not fulfil a promise. The due time stands."""

    number: int
    outcome: str
    retry_at: Instant | None = None
    wakes_at: Instant


class ObligationFulfilled(Event, frozen=True, tag=True, kw_only=True):
    """A promise was kept."""

    number: int
    outcome: str = ""
    late: bool = False


class ObligationReplaced(Event, frozen=True, tag=True, kw_only=True):
    """A promise ended because the state that made it was left."""

    number: int
    because: str


class ObligationWithdrawn(Event, frozen=True, tag=True, kw_only=True):
    """A promise was taken back, with a reason and by somebody."""

    number: int
    because: str
    approved_by: str


class DueMoved(Event, frozen=True, tag=True, kw_only=True):
    """A due date on record was moved, and why."""

    number: int
    reason: MoveReason
    due_at: Instant
    due_on: date
    wakes_at: Instant
    provisional: bool = False
    unrolled_on: date | None = None
    calendar_version: int = 1
    opens_at: Instant | None = None
    rung: int = 0
    rung_at: Instant | None = None


class HolderChanged(Event, frozen=True, tag=True, kw_only=True):
    """A promise went to another holder; `co_holder` keeps it too until the new one answers."""

    number: int
    holder: str
    held_because: HolderReason
    co_holder: str = ""


class CoHolderReleased(Event, frozen=True, tag=True, kw_only=True):
    """The new holder answered, so the old one is free."""

    number: int


class RoleAssigned(Event, frozen=True, tag=True, kw_only=True):
    """A role of the case has a holder of its own."""

    role: str
    holder: str


class PriorityChanged(Event, frozen=True, tag=True, kw_only=True):
    """What is pressing about a promise changed with the facts."""

    number: int
    urgency: int
    reasons: tuple[str, ...] = ()


class Notified(Event, frozen=True, tag=True, kw_only=True):
    """Persons or teams hear of something."""

    to: tuple[str, ...]
    number: int = 0
    about: str = ""


class ConsentRecorded(Event, frozen=True, tag=True, kw_only=True):
    """The person gave, declined or took back a consent."""

    kind: str
    status: ConsentStatus


class Asked(Event, frozen=True, tag=True, kw_only=True):
    """An approval, a referral or a hand-over waits for an answer."""

    waiting: Waiting


class Answered(Event, frozen=True, tag=True, kw_only=True):
    """Whoever was asked answered."""

    ref: str
    accepted: bool


class CasePaused(Event, frozen=True, tag=True, kw_only=True):
    """The case rests until a day, and somebody looks again then."""

    until_on: date
    approved_by: str
    review: int


class CaseResumed(Event, frozen=True, tag=True, kw_only=True):
    """The rest ended."""


class LinkedCaseStarted(Event, frozen=True, tag=True, kw_only=True):
    """Another pathway was opened for the same household."""

    alias: str
    number: str
    pathway: str


class LinkedCaseEnded(Event, frozen=True, tag=True, kw_only=True):
    """A linked case ended."""

    alias: str


class CaseClosed(Event, frozen=True, tag=True, kw_only=True):
    """The case reached its end, with the person's view and a decision."""

    state: str


class CaseReopened(Event, frozen=True, tag=True, kw_only=True):
    """A closed case was taken up again."""

    state: str


AnyEvent = (
    CaseOpened
    | PersonsChanged
    | FormRecorded
    | ContactRecorded
    | NoteRecorded
    | EventFired
    | StateChanged
    | ObligationScheduled
    | ObligationOpened
    | ObligationFellDue
    | RungClimbed
    | RetryCame
    | EscalationAnswered
    | AttemptRecorded
    | ObligationFulfilled
    | ObligationReplaced
    | ObligationWithdrawn
    | DueMoved
    | HolderChanged
    | CoHolderReleased
    | RoleAssigned
    | PriorityChanged
    | Notified
    | ConsentRecorded
    | Asked
    | Answered
    | CasePaused
    | CaseResumed
    | LinkedCaseStarted
    | LinkedCaseEnded
    | CaseClosed
    | CaseReopened
)
