"""A case open to change: what a fold and a decision work on, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from engine.core.case.case import EMPTY_CONTENT, Case, Content, Linked, Obligation, Pause, Person, Waiting
from engine.core.vocabulary import CaseStatus, ConsentStatus, Grade, Instant, Subject


class Draft:
    """A case while entries are folded into it: the fields of `Case` and `Content`, open to change.

    Owned by one fold or one decision and never shared.
    """

    __slots__ = (
        "_content", "closed_at", "configuration", "consents", "contacts", "entered_at", "forms", "history",
        "in_a_row", "last_contact_at", "last_grade", "linked", "missed_in_a_row", "next_number", "next_ref",
        "number", "obligations", "opened_at", "parent", "parent_alias", "pathway", "pause", "persons", "roles",
        "seq", "status", "subject", "version", "waiting",
    )  # fmt: skip

    number: str
    pathway: str
    version: int
    subject: Subject
    status: CaseStatus
    opened_at: Instant
    closed_at: Instant | None
    seq: int
    configuration: tuple[str, ...]
    history: dict[str, tuple[str, ...]]
    entered_at: dict[str, Instant]
    roles: dict[str, str]
    persons: tuple[str, ...]
    obligations: dict[int, Obligation]
    next_number: int
    in_a_row: dict[str, int]
    missed_in_a_row: int
    contacts: int
    last_contact_at: dict[str, Instant]
    last_grade: Grade | None
    consents: dict[str, ConsentStatus]
    forms: dict[str, Instant]
    waiting: dict[str, Waiting]
    next_ref: int
    pause: Pause | None
    linked: dict[str, Linked]
    parent: str
    parent_alias: str
    _content: Content | Callable[[], Content]

    @classmethod
    def empty(cls, number: str, at: Instant) -> Draft:
        """Return the draft of a case of which nothing has happened yet."""
        return cls.of(
            Case(
                number=number, pathway="", version=0, subject=Subject.HOUSEHOLD, status=CaseStatus.OPEN,
                opened_at=at, seq=0,
            ),
            EMPTY_CONTENT,
        )  # fmt: skip

    @classmethod
    def of(cls, case: Case, content: Content | Callable[[], Content]) -> Draft:
        """Open a case to change, leaving the values given untouched.

        `content` may say how to get it: it is asked for when something personal is first read.
        """
        draft = cls()
        # Field by field: a loop over names costs a sweep as much as all the rest of a wake-up.
        draft.number = case.number
        draft.pathway = case.pathway
        draft.version = case.version
        draft.subject = case.subject
        draft.status = case.status
        draft.opened_at = case.opened_at
        draft.seq = case.seq
        draft.closed_at = case.closed_at
        draft.configuration = case.configuration
        draft.history = case.history.copy()
        draft.entered_at = case.entered_at.copy()
        draft.roles = case.roles.copy()
        draft.persons = case.persons
        draft.obligations = case.obligations.copy()
        draft.next_number = case.next_number
        draft.in_a_row = case.in_a_row.copy()
        draft.missed_in_a_row = case.missed_in_a_row
        draft.contacts = case.contacts
        draft.last_contact_at = case.last_contact_at.copy()
        draft.last_grade = case.last_grade
        draft.consents = case.consents.copy()
        draft.forms = case.forms.copy()
        draft.waiting = case.waiting.copy()
        draft.next_ref = case.next_ref
        draft.pause = case.pause
        draft.linked = case.linked.copy()
        draft.parent = case.parent
        draft.parent_alias = case.parent_alias
        draft._content = content
        return draft

    def case(self) -> Case:
        """Return what stands now as a value, to which the draft gives up its maps: the last thing asked of it."""
        return Case(
            number=self.number,
            pathway=self.pathway,
            version=self.version,
            subject=self.subject,
            status=self.status,
            opened_at=self.opened_at,
            seq=self.seq,
            closed_at=self.closed_at,
            configuration=self.configuration,
            history=self.history,
            entered_at=self.entered_at,
            roles=self.roles,
            persons=self.persons,
            obligations=self.obligations,
            next_number=self.next_number,
            in_a_row=self.in_a_row,
            missed_in_a_row=self.missed_in_a_row,
            contacts=self.contacts,
            last_contact_at=self.last_contact_at,
            last_grade=self.last_grade,
            consents=self.consents,
            forms=self.forms,
            waiting=self.waiting,
            next_ref=self.next_ref,
            pause=self.pause,
            linked=self.linked,
            parent=self.parent,
            parent_alias=self.parent_alias,
        )

    @property
    def content(self) -> Content:
        """The personal part of what stands now."""
        content = self._content
        if not isinstance(content, Content):
            content = self._content = content()
        return content

    @property
    def people(self) -> dict[str, Person]:
        """The members of the household, by id."""
        return self.content.persons

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """What the forms on record say, by form."""
        return self.content.facts

    def is_opened(self) -> bool:
        """Whether anything personal was read."""
        return isinstance(self._content, Content)

    def change_content(self, **changed: Any) -> None:
        """Put other values for some fields of the personal part."""
        self._content = replace(self.content, **changed)


assert set(Draft.__slots__) == {*Case.__struct_fields__, "_content"}, "a draft holds a case and its content"
