"""Whether every guard can be read, asks what its forms can answer, and asks it when it is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.checker.arrow import Edge
from engine.checker.catalogue import found
from engine.checker.event import is_told
from engine.checker.exploration import Exploration
from engine.checker.finding import Finding
from engine.checker.guarding import Asked, Guarding
from engine.checker.outline import Outline, Turn
from engine.core.pathway.fact import BUILTIN_FACTS
from engine.core.pathway.guard import GuardError, compile_guard


def facts(guarding: Guarding) -> Iterator[Finding]:
    """Find guards that cannot be read or can never be true."""
    for asked in guarding.asked:
        if asked.error is not None:
            yield from _unreadable(guarding, asked)
            continue
        assert asked.guard is not None, "either it was read, or it was refused"
        wrong = list(_words(guarding, asked))
        yield from wrong
        if not wrong and not guarding.can_hold(asked.guard):
            code = "G206" if asked.arms else "G207"
            yield found(code, asked.at, text=asked.text)


def _unreadable(guarding: Guarding, asked: Asked) -> Iterator[Finding]:
    error = asked.error
    assert error is not None
    if any(re.search(rf"\b{re.escape(form)}\.", asked.text) for form in guarding.absent):
        return  # the form's own file is at fault, and is reported there
    if not asked.of_person and "person." in asked.text:
        try:
            compile_guard(asked.text, guarding.of_persons)
        except GuardError:
            pass
        else:
            word = re.search(r"\bperson\.\w+", asked.text)
            if word is not None:
                yield found("G203", asked.at, offset=word.start(), fact=word[0])
                return
    offset = max(0, error.column - 1)
    yield found("G201", asked.at, offset=offset, ja=error.ja, en=error.en, text=asked.text)


def _words(guarding: Guarding, asked: Asked) -> Iterator[Finding]:
    assert asked.guard is not None
    for comparison in asked.guard.comparisons:
        choices = guarding.choices(comparison.fact)
        if choices and comparison.literal not in choices:
            yield found(
                "G202", asked.at, offset=comparison.column - 1, fact=comparison.fact,
                literal=comparison.literal, choices="、".join(choices),
            )  # fmt: skip


class Knowledge:
    """Which forms are on record, and which have been asked for, when a case rests somewhere.

    Forms are bits of a mask. `certain[i]` holds on every way to configuration
    number i, `asked[i]` on at least one.
    """

    def __init__(self, outline: Outline, exploration: Exploration) -> None:
        self.outline = outline
        self.exploration = exploration
        self.bits = {form: 1 << at for at, form in enumerate(outline.pathway.forms)}
        self._turns = {name: turn for turn in outline.turns for name in turn.ids(outline.pathway)}
        self._forms_by_key: dict[str, list[str | None]] = {}
        for duty in outline.duties:
            self._forms_by_key.setdefault(duty.key, []).append(duty.written.form)
        self._in_force = [
            (exploration.bit(duty.state) if duty.state else -1, self.bits.get(duty.written.form, 0))
            for duty in outline.duties
            if duty.written.form is not None
        ]
        self.certain, self.asked = self._flow()

    def told_by(self, event: str) -> int:
        """The forms that are on record whenever an event comes."""
        prefix, _, name = event.partition(".")
        if prefix == "recorded":
            return self.bits.get(name, 0)
        if prefix == "fulfilled":
            forms = self._forms_by_key.get(name, [None])
            return self.bits.get(forms[0] or "", 0) if len(set(forms)) == 1 else 0
        return 0

    def _gained(self, edge: Edge) -> int:
        gained = self.told_by(edge.event)
        for number in edge.first:
            turn = self._turns.get(self.exploration.arrows[number].spec.id)
            for form in (turn.written.requires or ()) if turn is not None else ():
                gained |= self.bits.get(form, 0)
        return gained

    def _here(self, mask: int) -> int:
        asked = 0
        for where, form in self._in_force:
            if where & mask:
                asked |= form
        return asked

    def _flow(self) -> tuple[list[int], list[int]]:
        explored = self.exploration
        opening = self.bits.get(self.outline.pathway.opening.form, 0)
        certain = [opening if came is None else -1 for came in explored.came]
        asked = [opening | self._here(mask) for mask in explored.masks]
        edges = [(edge.start, edge.end, self._gained(edge)) for edge in explored.edges]
        moved = True
        while moved:
            moved = False
            for start, end, gained in edges:
                kept = certain[end] & (certain[start] | gained)
                heard = asked[end] | asked[start] | gained
                if kept != certain[end] or heard != asked[end]:
                    certain[end], asked[end], moved = kept, heard, True
        return certain, asked


def knowledge(outline: Outline, guarding: Guarding, exploration: Exploration) -> Iterator[Finding]:
    """Find facts that are read where they may not be known, or where nobody was asked for them."""
    known = Knowledge(outline, exploration)
    ever = 0
    for asked in known.asked:
        ever |= asked
    for each in guarding.asked:
        if each.guard is None or each.arms:
            continue
        unasked: dict[str, int | None] = {}
        unsure: dict[str, int | None] = {}
        for fact in sorted(each.guard.reads - each.guard.asks - frozenset(BUILTIN_FACTS)):
            if fact.split(".")[0] not in guarding.forms:
                continue
            if isinstance(each.about, Turn):
                _on_the_way(known, guarding, each.about, fact, unasked, unsure)
            elif not ever & known.bits[fact.split(".")[0]]:
                unasked[fact] = None
        for code, facts_found in (("G204", unasked), ("G205", unsure)):
            if facts_found:
                yield _reading(exploration, each, code, facts_found)


def _reading(exploration: Exploration, each: Asked, code: str, unknown: dict[str, int | None]) -> Finding:
    """One finding for a guard, whatever number of its facts is unknown."""
    fact, number = min(unknown.items(), key=lambda item: each.text.find(item[0]))
    return found(
        code, each.at, offset=max(0, each.text.find(fact)),
        path=exploration.path(number) if number is not None else (),
        facts="、".join(sorted(unknown)), fact=fact,
        forms="、".join(sorted({name.split(".")[0] for name in unknown})),
    )  # fmt: skip


def _on_the_way(
    known: Knowledge, guarding: Guarding, turn: Turn, fact: str,
    unasked: dict[str, int | None], unsure: dict[str, int | None],
) -> None:  # fmt: skip
    """Say whether a way on may be looked at before a fact is recorded, and where first."""
    form = fact.split(".", maxsplit=1)[0]
    bit = known.bits[form]
    here = known.told_by(turn.event or "")
    for required in turn.written.requires or ():
        # The form comes with the event, or the event is refused and says so.
        here |= known.bits.get(required, 0)
    needed = _is_needed(guarding.forms[form].schema, fact.split(".")[1:])
    where = list(_resting(known, turn))
    if not here & bit:
        silent = next((number for number in where if not known.asked[number] & bit), None)
        if silent is not None:
            unasked[fact] = silent
            return
    doubtful = (number for number in where if not ((known.certain[number] | here) & bit and needed))
    number = next(doubtful, None)
    if number is not None:
        unsure[fact] = number


def _resting(known: Knowledge, turn: Turn) -> Iterator[int]:
    """The configurations in which a way on is looked at; those that lead there, for `always`."""
    explored = known.exploration
    source = explored.bit(turn.source) if turn.source else -1
    for number, mask in enumerate(explored.masks):
        if not mask & source or explored.is_end(number):
            continue
        if turn.event is None or is_told(turn.event) or explored.hears(number, turn.event):
            yield number


def _is_needed(schema: Mapping[str, Any], fields: list[str]) -> bool:
    """Whether a form cannot be recorded without a field."""
    node: Any = schema
    for field in fields:
        if not isinstance(node, Mapping) or field not in node.get("required", ()):
            return False
        node = node.get("properties", {}).get(field)
    return True
