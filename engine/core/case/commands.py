"""What a person, the clock or the engine may ask of a case.

Commands are recorded with the events they caused, so that an auditor can take
every decision again. What is personal stands in `Sealed`, beside the command.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from engine.core.vocabulary import Channel, ConsentStatus, Grade, Instant


class Command(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False, tag_field="command"):
    """A wish; `decide` says what it makes happen, or why not."""


class OpenCase(Command, frozen=True, tag=True, kw_only=True):
    """Receive a consultation. There is no way to turn it away."""

    channel: Channel = Channel.OTHER
    received_on: date | None = None
    roles: dict[str, str] = {}
    parent: str = ""
    parent_alias: str = ""


class RecordContact(Command, frozen=True, tag=True, kw_only=True):
    """Record one contact, or an attempt at one, for everybody it reached.

    `number` names the obligation the worker had opened; 0 for none. `reached`
    lists persons of the household; empty means the household as a whole.
    """

    grade: Grade
    contacted_at: Instant
    method: str = ""
    reached: tuple[str, ...] = ()
    number: int = 0
    outcome: str = ""


class RecordForm(Command, frozen=True, tag=True, kw_only=True):
    """Record one form outside of any obligation."""

    form: str


class AddNote(Command, frozen=True, tag=True, kw_only=True):
    """Add to the progress record."""


class ChangePersons(Command, frozen=True, tag=True, kw_only=True):
    """Add members of the household or put them right."""


class FireEvent(Command, frozen=True, tag=True, kw_only=True):
    """Move the case by an event that its state offers."""

    name: str


class FulfilObligation(Command, frozen=True, tag=True, kw_only=True):
    """Say that a review, deadline or follow-up is done, with its outcome."""

    number: int
    outcome: str = ""


class WithdrawObligation(Command, frozen=True, tag=True, kw_only=True):
    """Take a promise back, with a reason and an approver."""

    number: int
    approved_by: str


class DeferObligation(Command, frozen=True, tag=True, kw_only=True):
    """Put an obligation off to a later day, within the limits of the pathway."""

    number: int
    until_on: date


class AnswerEscalation(Command, frozen=True, tag=True, kw_only=True):
    """Say "I have this": the ladder rests for a bounded time."""

    number: int


class AskConsent(Command, frozen=True, tag=True, kw_only=True):
    """Make somebody ask the person for a consent."""

    kind: str


class RecordConsent(Command, frozen=True, tag=True, kw_only=True):
    """Record what the person said."""

    kind: str
    status: ConsentStatus


class AnswerRequest(Command, frozen=True, tag=True, kw_only=True):
    """Answer an approval, a referral or a hand-over: accept it or not, with a reason."""

    ref: str
    accept: bool


class Refer(Command, frozen=True, tag=True, kw_only=True):
    """Link the person to an agency; everything is kept until it accepts."""

    to: str
    within: str
    name: str = ""
    ladder: str = ""


class HandOver(Command, frozen=True, tag=True, kw_only=True):
    """Offer obligations, or all that a holder has in the case, to another holder."""

    to: str
    numbers: tuple[int, ...] = ()
    holder: str = ""


class AssignRole(Command, frozen=True, tag=True, kw_only=True):
    """Give a role of the case a holder of its own."""

    role: str
    holder: str


class PauseCase(Command, frozen=True, tag=True, kw_only=True):
    """Let the case rest until a day, if the approver of the pathway agrees."""

    until_on: date


class ResumeCase(Command, frozen=True, tag=True, kw_only=True):
    """End a rest early."""


class CloseCase(Command, frozen=True, tag=True, kw_only=True):
    """Close through the event that leads to a final state, with the person's view."""

    event: str = ""


class ReopenCase(Command, frozen=True, tag=True, kw_only=True):
    """Take a closed case up again."""


class Wake(Command, frozen=True, tag=True, kw_only=True):
    """The clock: act on everything of the case whose time has come."""


class Redate(Command, frozen=True, tag=True, kw_only=True):
    """The calendar grew: compute provisional due dates again."""


class Reroute(Command, frozen=True, tag=True, kw_only=True):
    """The directory changed: bring work whose holder is gone to whoever takes over."""


class Tell(Command, frozen=True, tag=True, kw_only=True):
    """The engine tells a case of something that happened in a linked one."""

    name: str
    alias: str


AnyCommand = (
    OpenCase
    | RecordContact
    | RecordForm
    | AddNote
    | ChangePersons
    | FireEvent
    | FulfilObligation
    | WithdrawObligation
    | DeferObligation
    | AnswerEscalation
    | AskConsent
    | RecordConsent
    | AnswerRequest
    | Refer
    | HandOver
    | AssignRole
    | PauseCase
    | ResumeCase
    | CloseCase
    | ReopenCase
    | Wake
    | Redate
    | Reroute
    | Tell
)
