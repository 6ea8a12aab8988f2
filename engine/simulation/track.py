"""One case that a scenario lives through, with everybody who heard of it since the last look."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.core.case import events as ev
from engine.core.case.case import EMPTY_CONTENT, Case, Content, Obligation, Waiting
from engine.core.case.deliberation import Decision
from engine.core.case.directory import Directory
from engine.core.case.entry import Entry
from engine.core.case.refusals import Refusal
from engine.core.pathway.compiled import DUTY_DESK, Compiled
from engine.core.vocabulary import HolderKind, ObligationKind
from engine.simulation.coverage import Coverage


@dataclass
class Heard:
    """Who heard of something since the last look."""

    escalated: list[str] = field(default_factory=list)
    agenda: list[str] = field(default_factory=list)
    notified: list[str] = field(default_factory=list)

    def note(self, event: ev.AnyEvent) -> None:
        """Take down who hears of an event."""
        match event:
            case ev.RungClimbed():
                self.escalated += [
                    *event.reminded,
                    *event.notified,
                    *([event.agenda] if event.agenda else []),
                ]
                self.agenda += [event.agenda] if event.agenda else []
                self.notified += event.notified
            case ev.HolderChanged() if event.held_because.value == "ladder":
                self.escalated.append(event.holder)
            case ev.Notified():
                self.notified += event.to


@dataclass
class Track:
    """A case of the run; `pathway` is None for one whose pathway is not at hand: it is only recorded."""

    number: str
    pathway: Compiled | None
    case: Case | None = None
    content: Content = EMPTY_CONTENT
    entries: list[Entry] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)
    refusal: Refusal | None = None
    coverage: Coverage = field(default_factory=Coverage)

    def take(self, decision: Decision) -> None:
        """Let a decision stand."""
        known: Case | None = self.case
        for event in decision.entry.events:
            self.heard.note(event)
            self.coverage.note(event, known)
        self.case, self.content = decision.case, decision.content
        self.entries.append(decision.entry)

    def live(self, name: str) -> list[Obligation]:
        """Return the live promises called `name` or `name@person`, oldest first."""
        key, _, person = name.partition("@")
        obligations = self.case.obligations.values() if self.case is not None else ()
        return [live for live in obligations if live.key == key and (not person or live.person == person)]

    def asked(self, name: str, kinds: tuple[ObligationKind, ...]) -> Waiting | None:
        """Return what waits for an answer: by event, `pause`, referral name or `hand_over`; "" for any."""
        for waiting in self.case.waiting.values() if self.case is not None else ():
            if waiting.kind in kinds and name in ("", name_of(waiting)):
                return waiting
        return None


def name_of(waiting: Waiting) -> str:
    """Return what a scenario calls something that waits for an answer."""
    if waiting.kind is ObligationKind.HANDOVER:
        return "hand_over"
    return "pause" if waiting.until_on is not None else waiting.event or waiting.name


def plays(holder: str, role: str, directory: Directory, case: Case | None) -> bool:
    """Whether a holder is meant by a role (or an id) that a scenario names."""
    if holder == role or (role == DUTY_DESK and holder == directory.duty_desk):
        return True
    found = directory.holders.get(holder)
    if found is None:
        return False
    return directory.has_role(holder, role) or (case is not None and case.roles.get(role) == holder)


def role_name(holder: str, directory: Directory) -> str:
    """Return the word by which a result names a holder: the role, where there is one."""
    if holder == directory.duty_desk:
        return DUTY_DESK
    found = directory.holders.get(holder)
    return found.roles[0] if found is not None and found.roles else holder


def person_for(role: str, directory: Directory, case: Case | None, unlike: str = "") -> str:
    """Return a person who can act as a role (or is called so), if possible not `unlike`."""
    found = directory.holders.get(role)
    if found is not None and found.kind is HolderKind.PERSON:
        return role
    own = case.roles.get(role, "") if case is not None else ""
    candidates = [own] if own else []
    if found is not None and found.kind is HolderKind.TEAM:
        candidates += directory.members(role)
    if role == DUTY_DESK:
        candidates += directory.members(directory.duty_desk)
    candidates += [
        holder.id
        for holder in directory.holders.values()
        if holder.kind is HolderKind.PERSON
        and directory.can_hold(holder.id)
        and directory.has_role(holder.id, role)
    ]
    persons = [each for each in candidates if directory.holders[each].kind is HolderKind.PERSON]
    return next((each for each in persons if each != unlike), persons[0] if persons else role)
