"""The facts a guard may read about a case, looked up by dotted name when asked for.

A name that was never recorded has no value: the guard that reads it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from engine.core.case.case import Person
from engine.core.case.draft import Draft
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.fact import BUILTIN_FACTS
from engine.core.vocabulary import ConsentStatus, Grade, Instant

ADULT_AGE = 18
"""Years from which a member is no longer a child (児童福祉法4条)."""

CONTACT_GRADE = Grade.MESSAGE
"""The least grade that counts as having heard from the person."""


class Facts(Mapping[str, Any]):
    """The facts of one case at one instant. `person` narrows to one member of the household."""

    def __init__(
        self, draft: Draft, now: Instant, calendar: OfficeCalendar, person: Person | None = None
    ) -> None:
        self._forms = draft.facts
        self._people = draft.people
        self._persons = draft.persons
        self._consents = dict(draft.consents)
        self._contacts = (draft.contacts, draft.missed_in_a_row, draft.last_grade)
        # Looked through only when a guard asks: half of the cost of facts that nobody asked for.
        self._contacted_at = draft.last_contact_at.copy()
        self._opened_at = draft.opened_at
        self._entered_at = max(draft.entered_at.values(), default=draft.opened_at)
        self._now = now
        self._calendar = calendar
        self._person = person

    def of(self, person: Person) -> Facts:
        """Return the same facts with `person.*` of one member."""
        narrowed = copy(self)
        narrowed._person = person  # noqa: SLF001  a copy of its own
        return narrowed

    def __getitem__(self, name: str) -> Any:
        """Return the value of a fact. Raises KeyError when it was never recorded."""
        space, _, rest = name.partition(".")
        if name in BUILTIN_FACTS:
            value = self._built_in(name)
        elif space == "consent":
            value = self._consents.get(rest, ConsentStatus.NOT_ASKED).value
        elif space == "person":
            value = self._of_person(rest)
        else:
            value = self._of_form(space, rest)
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        """Walk the names of the recorded form fields."""
        for form, values in self._forms.items():
            yield from (f"{form}.{name}" for name in values)

    def __len__(self) -> int:
        """Count the recorded form fields."""
        return sum(len(values) for values in self._forms.values())

    def _built_in(self, name: str) -> Any:
        count, missed, grade = self._contacts
        match name:
            case "case.days_open":
                return self._days_since(self._opened_at)
            case "case.days_in_state":
                return self._days_since(self._entered_at)
            case "contact.count":
                return count
            case "contact.missed_in_a_row":
                return missed
            case "contact.last_grade":
                return None if grade is None else grade.value
            case "contact.days_since":
                spoken_at = _latest(self._contacted_at, "", CONTACT_GRADE)
                return None if spoken_at is None else self._days_since(spoken_at)
            case "household.size":
                return len(self._persons) or None
            case "household.single":
                return len(self._persons) == 1 if self._persons else None
            case "household.children":
                return self._children()
            case _:
                return max(self._ages() or (), default=None)

    def _of_form(self, form: str, field: str) -> Any:
        value: Any = self._forms.get(form)
        for part in field.split("."):
            if not isinstance(value, Mapping):
                return None
            value = value.get(part)
        return value

    def _of_person(self, field: str) -> Any:
        person = self._person
        if person is None:
            return None
        if field == "age":
            return person.age_on(self._calendar.local_date(self._now))
        return getattr(person, field, "") or None

    def _days_since(self, at: Instant) -> int:
        return (self._calendar.local_date(self._now) - self._calendar.local_date(at)).days

    def _ages(self) -> list[int] | None:
        on = self._calendar.local_date(self._now)
        ages = [self._people[person].age_on(on) for person in self._persons if person in self._people]
        known = [age for age in ages if age is not None]
        return known if len(known) == len(self._persons) and known else None

    def _children(self) -> int | None:
        on = self._calendar.local_date(self._now)
        ages = [self._people[person].age_on(on) for person in self._persons if person in self._people]
        young = sum(age is not None and age < ADULT_AGE for age in ages)
        # One child that is known is a child, even where another member's age is not.
        return young if young or self._ages() is not None else None


def last_contact_at(draft: Draft, person: str, needs: Grade | None) -> Instant | None:
    """Return when a person ('' for anybody of the household) was last reached with at least a grade."""
    return _latest(draft.last_contact_at, person, needs or Grade.ATTEMPT)


def _latest(known: Mapping[str, Instant], person: str, needs: Grade) -> Instant | None:
    reached = [at for grade in _AT_LEAST[needs] if (at := known.get(f"{person}|{grade}")) is not None]
    return max(reached, default=None)


_AT_LEAST = {needs: tuple(grade.value for grade in Grade if grade.reaches(needs)) for needs in Grade}
