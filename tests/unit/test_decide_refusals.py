"""Every refusal can be provoked, and reads as a sentence in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from engine.core.case import commands as cmd
from engine.core.case.case import EMPTY_CONTENT, Case, Content, Person, Sealed
from engine.core.case.decide import decide
from engine.core.case.deliberation import CLOCK, Circumstances, Decision, Request
from engine.core.case.refusals import CATALOGUE, Refusal, refuse
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import compile_pathway
from engine.core.pathway.model import Pathway
from engine.core.vocabulary import Channel, Grade, Limit
from tests.property.deciding import pathway, town, without
from tests.scenario.stage import LANGUAGE, calendar, run

BY_SERVICES = frozenset({"pathway_unknown", "changed_meanwhile"})
"""Refusals that the store's services give before or after a decision."""

AT = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)


class Office:
    """A case that is opened on a pathway, to ask things of."""

    def __init__(self, name: str = "asking", *, until: date | None = None, persons: int = 1) -> None:
        known = calendar()
        around = known if until is None else _ending(known, until)
        self.around = Circumstances(pathway(name), around, town(name))
        self.now = AT
        people = tuple(Person(id=f"p{number}") for number in range(persons))
        self.case: Case | None = None
        self.content: Content = EMPTY_CONTENT
        self.opening = self.say(cmd.OpenCase(channel=Channel.PHONE), forms={"intake": {}}, persons=people)

    def say(self, command: cmd.AnyCommand, actor: str = "worker1", **sealed: object) -> str:
        """Give a command; returns the code of the refusal, empty when it was decided."""
        request = Request(
            case="2025-00000", command=command, actor=actor, at=self.now,
            sealed=Sealed(**sealed),  # type: ignore[arg-type]
        )  # fmt: skip
        answer = decide(self.around, self.case, self.content, request)
        if isinstance(answer, Decision):
            self.case, self.content = answer.case, answer.content
            return ""
        return answer.code

    def number(self, key: str) -> int:
        assert self.case is not None
        return next(live.number for live in self.case.obligations.values() if live.key == key)


def _ending(known: OfficeCalendar, last_on: date) -> OfficeCalendar:
    closed = {on: reason for on, reason in known.closed.items() if on <= last_on}
    return OfficeCalendar(
        name=known.name, version=known.version, zone=known.zone, first_on=known.first_on, last_on=last_on,
        known_until=last_on, closes_at=known.closes_at, opens_at=known.opens_at, closed=closed,
    )  # fmt: skip


def _left() -> str:
    office = Office()
    office.around = Circumstances(office.around.pathway, calendar(), without(town("asking"), "worker1"))
    return office.say(cmd.AddNote(), note="x")


def _unopened() -> str:
    office = Office()
    office.case = None
    return office.say(cmd.AddNote(), note="x")


def _silence() -> str:
    office = Office("timing")
    office.say(cmd.FireEvent(name="early"))
    return office.say(
        cmd.DeferObligation(number=office.number("later"), until_on=date(2025, 12, 1)), note="入院"
    )


def _circle() -> str:
    file = {
        "pathway": "circle", "version": 1, "effective_on": "2025-04-01", "title": "輪", "subject": "household",
        "max_silence": "9d", "roles": {"worker": "担当"}, "forms": {"intake": "forms/intake.yaml"},
        "opening": {"form": "intake", "state": "a"},
        "states": {
            "a": {"always": {"when": "household.size > 0", "to": "b"}},
            "b": {"always": {"when": "household.size > 0", "to": "a"}},
        },
    }  # fmt: skip
    asking = pathway("asking")
    circle = compile_pathway(Pathway.model_validate(file), {"intake": asking.forms["intake"]}, "circle")
    around = Circumstances(circle, calendar(), town("asking"))
    request = Request(
        case="2025-00000", command=cmd.OpenCase(), actor="worker1", at=AT,
        sealed=Sealed(forms={"intake": {}}, persons=(Person(id="p1"),)),
    )  # fmt: skip
    answer = decide(around, None, EMPTY_CONTENT, request)
    return answer.code if isinstance(answer, Refusal) else ""


PROVOKED: dict[str, Callable[[], str]] = {
    "actor_unknown": lambda: Office().say(cmd.AddNote(), "nobody", note="x"),
    "actor_left": _left,
    "case_unknown": _unopened,
    "key_reused": lambda: Office().say(cmd.OpenCase(), forms={"intake": {}}),
    "form_unknown": lambda: Office().say(cmd.RecordForm(form="x"), forms={"x": {}}),
    "note_too_long": lambda: Office().say(cmd.AddNote(), note="文" * (Limit.NOTE_CHARACTERS_MAX + 1)),
    "too_many_persons": lambda: Office(persons=Limit.PERSONS_PER_CASE_MAX + 1).opening,
    "needs_contact": lambda: (office := Office("timing")).say(
        cmd.FulfilObligation(number=office.number("office"))
    ),
    "calendar_ends": lambda: Office(until=date(2025, 6, 4)).opening,
    "cascade_too_long": _circle,
    "deferral_breaks_silence": _silence,
    "pause_not_offered": lambda: Office("timing").say(cmd.PauseCase(until_on=date(2025, 6, 9)), note="x"),
    "request_unknown": lambda: Office().say(cmd.AnswerRequest(ref="r9", accept=True)),
    "obligation_unknown": lambda: Office().say(cmd.AnswerEscalation(number=99)),
}


@pytest.mark.parametrize("code", PROVOKED)
def test_a_refusal_that_no_scenario_meets_can_be_provoked(code: str) -> None:
    assert PROVOKED[code]() == code


@cache
def _met_in_scenarios() -> frozenset[str]:
    runs = [run(file) for file in sorted(LANGUAGE.glob("*.yaml"))]
    return frozenset(
        step.refusal.code for result in runs for step in result.steps if step.refusal is not None
    )


def test_every_refusal_is_met_somewhere() -> None:
    assert set(CATALOGUE) == _met_in_scenarios() | set(PROVOKED) | BY_SERVICES


def test_nothing_is_provoked_here_that_a_scenario_shows_already() -> None:
    assert set(PROVOKED) - _met_in_scenarios() == set(PROVOKED)


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_refusal_reads_as_sentences_in_both_languages(code: str) -> None:
    ja, en, do_ja, do_en = CATALOGUE[code]
    assert ja.endswith("。")
    assert do_ja.endswith(("。", "}")) or "例:" in do_ja
    assert en.endswith(".")
    assert not re.search(r"[ぁ-んァ-ヶ]", en + do_en)
    for words in (ja, do_ja):
        assert not re.search(r"却下|処分|取消し", words), "a refusal by software is no administrative act"
    names = [set(re.findall(r"{(\w+)}", words)) for words in (ja, en)]
    assert names[0] == names[1], "both languages name the same"


def test_a_parameter_is_said_in_the_language_of_the_sentence() -> None:
    refusal = refuse("grade_too_low", grade=Grade.VOICE, needs=Grade.SEEN).refusal
    assert "通話" in refusal.sentence("ja")
    assert "voice" in refusal.sentence("en")
    assert "通話" not in refusal.sentence("en")


def test_a_closed_case_is_not_woken() -> None:
    office = Office()
    office.say(cmd.FireEvent(name="done"), forms={"end": {"result": "済"}}, note="大丈夫")
    assert office.say(cmd.AnswerRequest(ref="r2", accept=True), "lead1") == ""
    office.now += timedelta(days=900)
    assert office.say(cmd.Wake(), CLOCK) == "case_closed"
