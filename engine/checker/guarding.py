"""Every guard of a file, read once: where it stands, what it may ask, and whether it can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.checker.finding import Place
from engine.checker.outline import Duty, Outline, Turn
from engine.checker.possibility import can_hold
from engine.core.pathway.compiled import fact_types_of
from engine.core.pathway.fact import CONSENT_STANDINGS, PERSON_FACTS, FactTypes
from engine.core.pathway.form import FormSchema
from engine.core.pathway.guard import Guard, GuardError, compile_guard
from engine.core.vocabulary import Grade


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A guard in its place. `about` is the way or obligation that asks it, None for the priority table."""

    text: str
    at: Place
    about: Turn | Duty | None
    of_person: bool
    arms: bool
    guard: Guard | None
    error: GuardError | None


class Guarding:
    """All guards of a pathway, typed against its forms, and the choices that the forms give."""

    def __init__(self, outline: Outline, forms: Mapping[str, Mapping[str, Any]]) -> None:
        self.forms = {
            name: FormSchema(name, schema) for name, schema in forms.items() if name in outline.pathway.forms
        }
        self.types: FactTypes = fact_types_of(outline.pathway, self.forms)
        self.of_persons: FactTypes = {**self.types, **PERSON_FACTS}
        self.absent = frozenset(outline.pathway.forms) - frozenset(self.forms)
        self.asked = tuple(self._asked(outline))
        self.by_turn = {
            asked.about: asked.guard
            for asked in self.asked
            if isinstance(asked.about, Turn) and asked.guard is not None
        }

    def choices(self, fact: str) -> tuple[str, ...]:
        """The closed set of words that a fact can be; empty where any may come."""
        space, _, field = fact.partition(".")
        if fact == "contact.last_grade":
            return tuple(grade.value for grade in Grade)
        if space == "consent":
            return CONSENT_STANDINGS
        form = self.forms.get(space)
        return tuple(form.choices(field)) if form is not None else ()

    def can_hold(self, *guards: Guard) -> bool:
        """Whether guards can be true together, as far as can be told."""
        return can_hold(guards, self.of_persons, self.choices)

    def read_forms(self) -> frozenset[str]:
        """The forms whose facts some guard reads or asks for."""
        return frozenset(
            name.split(".")[0]
            for asked in self.asked
            if asked.guard is not None
            for name in asked.guard.reads | asked.guard.asks
        )

    def _asked(self, outline: Outline) -> Iterator[Asked]:
        for turn in outline.turns:
            yield from self._one(turn.written.when, (*turn.at, "when"), turn)
        for duty in outline.duties:
            yield from self._one(duty.written.urgent, (*duty.at, "urgent"), duty)
            yield from self._one(getattr(duty.written, "when", None), (*duty.at, "when"), duty, arms=True)
            if duty.written.for_ is not None:
                yield from self._one(duty.written.for_.when, (*duty.at, "for", "when"), duty, of_person=True)
        for index, weight in enumerate(outline.pathway.priority):
            yield from self._one(weight.when, ("priority", index, "when"), None)

    def _one(
        self, text: str | None, at: Place, about: Turn | Duty | None, *, arms: bool = False,
        of_person: bool = False,
    ) -> Iterator[Asked]:  # fmt: skip
        if text is None:
            return
        guard = error = None
        try:
            guard = compile_guard(text, self.of_persons if of_person else self.types)
        except GuardError as refused:
            error = refused
        yield Asked(text, at, about, of_person, arms, guard, error)
