"""A decision in the making: what is known, what has been decided so far, what is still to be told.

Every event is folded into the draft the moment it is decided, by the same fold
that replays it later, so that what follows is decided on what will stand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec import Struct

from engine.core.case.case import Case, Content, Obligation, Sealed
from engine.core.case.commands import AnyCommand
from engine.core.case.directory import Directory, Holding
from engine.core.case.draft import Draft
from engine.core.case.entry import Entry
from engine.core.case.events import AnyEvent, Notified, RoleAssigned
from engine.core.case.facts import Facts
from engine.core.case.fold import apply
from engine.core.case.refusals import refuse
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import ASSIGNEE, DUTY_DESK, SUPERIOR, Compiled, Definition
from engine.core.vocabulary import HolderKind, HolderReason, Instant, Limit, RoleKind

CLOCK = "clock"
ENGINE = "engine"
ENGINE_ACTORS = frozenset({CLOCK, ENGINE})
"""Actors that are not people: the sweep, and the engine telling one case of another."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision rests on besides the case: the pathway, the calendar, who is there."""

    pathway: Compiled
    calendar: OfficeCalendar
    directory: Directory


class Request(Struct, frozen=True, kw_only=True, gc=False):
    """A command with who gives it, when, for which case, and what is personal about it."""

    case: str
    command: AnyCommand
    actor: str
    at: Instant
    sealed: Sealed = Sealed()
    key: str = ""


class StartLinked(Struct, frozen=True, kw_only=True):
    """To be done in the same transaction: open another case of the household."""

    number: str
    alias: str
    pathway: str


class TellParent(Struct, frozen=True, kw_only=True):
    """To be done in the same transaction: tell the case that opened this one that it ended."""

    number: str
    alias: str


Effect = StartLinked | TellParent


class Decision(Struct, frozen=True, kw_only=True):
    """What a command makes happen: the entry to append, and what stands after it.

    `stands` is the personal part, or how to get it where the decision read nothing personal.
    """

    entry: Entry
    case: Case
    stands: Content | Callable[[], Content]
    effects: tuple[Effect, ...] = ()

    @property
    def content(self) -> Content:
        """What is personal after the command."""
        return self.stands if isinstance(self.stands, Content) else self.stands()


def spread_of(number: str) -> int:
    """Return the running number within a case number (2027-00042, 2027-00042-1): it shares cases out."""
    part = number.split("-", 2)[1:2]
    return int(part[0]) if part and part[0].isdecimal() else 0


class Deliberation:
    """One command being decided. Owned by one call of `decide`, never kept."""

    __slots__ = (
        "_facts", "_today", "approved", "around", "draft", "effects", "events", "now", "pending", "request",
    )  # fmt: skip

    def __init__(self, around: Circumstances, draft: Draft, request: Request) -> None:
        self.around = around
        self.draft = draft
        self.request = request
        self.now = request.at
        self._today: date | None = None
        self.events: list[AnyEvent] = []
        self.effects: list[Effect] = []
        self.pending: deque[str] = deque()
        self.approved: dict[str, str] = {}
        self._facts: Facts | None = None

    @property
    def today(self) -> date:
        """The office's date."""
        if self._today is None:
            self._today = self.around.calendar.local_date(self.now)
        return self._today

    @property
    def pathway(self) -> Compiled:
        """The version of the pathway that the case follows."""
        return self.around.pathway

    @property
    def calendar(self) -> OfficeCalendar:
        """The office calendar in force."""
        return self.around.calendar

    @property
    def directory(self) -> Directory:
        """Who is there."""
        return self.around.directory

    @property
    def actor(self) -> str:
        """Who gave the command."""
        return self.request.actor

    def emit(self, event: AnyEvent) -> None:
        """Decide that something happens, and fold it in at once."""
        self.events.append(event)
        apply(self.draft, event, self.now, self.request.sealed)
        self._facts = None
        if len(self.events) > Limit.CASCADE_EVENTS_MAX * 10:
            raise refuse("cascade_too_long")

    def facts(self) -> Facts:
        """Return the facts as they stand now; a snapshot that later events do not change."""
        if self._facts is None:
            self._facts = Facts(self.draft, self.now, self.calendar)
        return self._facts

    def tell(self, name: str) -> None:
        """Queue an event for the chart; it is taken when what is being done is done."""
        self.pending.append(name)

    def live(self) -> list[Obligation]:
        """Return the live obligations in order of number."""
        return [self.draft.obligations[number] for number in sorted(self.draft.obligations)]

    def definition_of(self, obligation: Obligation) -> Definition | None:
        """Find how the file writes an obligation; None for the engine's own kinds."""
        found = self.pathway.definition(obligation.state, obligation.key)
        return found if found is not None and found.kind is obligation.kind else None

    def resolve(self, role: str) -> Holding:
        """Find who holds a role for this case today."""
        return self.directory.resolve(role, self.draft.roles, self.today, spread_of(self.draft.number))

    def assign(self, role: str) -> Holding:
        """Find who holds a role, and make a person found by role the case's own from now on."""
        found = self.resolve(role)
        written = self.pathway.pathway.roles.get(role)
        person = written is not None and written.kind is RoleKind.PERSON
        if person and found.because is HolderReason.ROLE and role not in self.draft.roles:
            self.emit(RoleAssigned(role=role, holder=found.holder))
        return found

    def hearers(self, roles: Sequence[str] | None, obligation: Obligation | None) -> tuple[str, ...]:
        """Return who is to hear: roles, or assignee, superior, duty desk of an obligation."""
        found: dict[str, None] = {}
        for role in roles or ():
            if role == ASSIGNEE and obligation is not None:
                found[obligation.holder] = None
                if obligation.co_holder and self.directory.can_hold(obligation.co_holder):
                    found[obligation.co_holder] = None
            else:
                found[self.role_holder(role, obligation)] = None
        return tuple(found)

    def role_holder(self, role: str, obligation: Obligation | None = None) -> str:
        """Return the holder of a role or pseudo-role."""
        if role == DUTY_DESK:
            return self.directory.duty_desk
        if role == ASSIGNEE and obligation is not None:
            return obligation.holder
        if role == SUPERIOR:
            role = self.superior_role(obligation.role if obligation is not None else "")
        return self.resolve(role).holder

    def superior_role(self, role: str) -> str:
        """Return the role above a role: what the file says, else what the directory says."""
        written = self.pathway.pathway.roles.get(role)
        return (written.above if written is not None else None) or self.directory.above.get(role, "")

    def notify(self, roles: Sequence[str] | None, obligation: Obligation | None, about: str) -> None:
        """Let roles hear of something."""
        to = self.hearers(roles, obligation)
        if to:
            self.emit(Notified(to=to, number=obligation.number if obligation else 0, about=about))

    def require_actor(self) -> None:
        """Refuse whoever is not an active member of staff."""
        if self.actor in ENGINE_ACTORS:
            return
        found = self.directory.holders.get(self.actor)
        if found is None or found.kind is not HolderKind.PERSON:
            raise refuse("actor_unknown", actor=self.actor)
        if not self.directory.can_hold(self.actor):
            raise refuse("actor_left", actor=found.name)

    def actor_has(self, roles: Sequence[str]) -> bool:
        """Whether the actor may act in one of these roles for this case."""
        if self.actor in ENGINE_ACTORS:
            return True
        for role in roles:
            if role == DUTY_DESK:
                holder = self.directory.duty_desk
            else:
                holder = self.resolve(role).holder
            if self.directory.acts_for(self.actor, holder) or self.directory.has_role(self.actor, role):
                return True
        return False

    def role_words(self, roles: Sequence[str]) -> tuple[str, str]:
        """Name roles for a sentence, in Japanese and English."""
        known = self.pathway.pathway.roles
        ja, en = (
            [known[role].label.text(lang) if role in known else role for role in roles]
            for lang in ("ja", "en")
        )
        return "・".join(ja), ", ".join(en)
