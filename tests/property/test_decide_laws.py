"""Whatever people, the clock and other offices do, in any order: no case is lost, torn or guessed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.core.case import commands as cmd
from engine.core.case import events as ev
from engine.core.case.case import EMPTY_CONTENT, Case, Content, Obligation, Person, Sealed
from engine.core.case.decide import decide
from engine.core.case.deliberation import CLOCK, ENGINE, Circumstances, Decision, Request
from engine.core.case.directory import Absence
from engine.core.case.entry import Entry, entry_bytes, entry_of, sealed_bytes, sealed_of
from engine.core.case.fold import fold
from engine.core.case.refusals import CATALOGUE, Refusal
from engine.core.vocabulary import ConsentStatus, Grade, HolderKind, ObligationKind
from tests.property.deciding import PATHWAYS, grown_calendar, pathway, town, values_of, without
from tests.scenario.stage import calendar

ENDINGS = (ev.ObligationFulfilled, ev.ObligationReplaced, ev.ObligationWithdrawn)
_case_json = msgspec.json.Decoder(Case)


def _next_wake(live: Obligation) -> datetime:
    coming = [
        None if live.is_open else live.opens_at, None if live.fell_due else live.due_at, live.rung_at, live.retry_at,
    ]  # fmt: skip
    return min(at for at in coming if at is not None)


class Casework(RuleBasedStateMachine):
    """One case under one pathway, and everybody who may touch it."""

    def __init__(self) -> None:
        super().__init__()
        self.case: Case | None = None
        self.content: Content = EMPTY_CONTENT
        self.history: list[tuple[Entry, Sealed]] = []
        self.now = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)

    @initialize(name=st.sampled_from(PATHWAYS), data=st.data())
    def open(self, name: str, data: st.DataObject) -> None:
        self.pathway = pathway(name)
        self.directory = town(name)
        self.calendar = calendar()
        persons = (
            Person(id="p1", name="親"),
            Person(id="p2", birth_on=datetime(2015, 5, 5, tzinfo=UTC).date()),
        )
        form = self.pathway.pathway.opening.form
        sealed = Sealed(
            persons=persons[: data.draw(st.integers(0, 2))], forms={form: self._values(data, form)}
        )
        self.say(cmd.OpenCase(), self._people()[0], sealed)

    # --- people

    def _people(self) -> list[str]:
        return [
            holder.id
            for holder in self.directory.holders.values()
            if holder.kind is HolderKind.PERSON and self.directory.can_hold(holder.id)
        ]

    def _values(self, data: st.DataObject, form: str) -> dict[str, Any]:
        return dict(data.draw(values_of(dict(self.pathway.forms[form].schema)), label=form))

    def _someone(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([*self._people(), "nobody"]), label="actor")

    def _number(self, data: st.DataObject) -> int:
        assert self.case is not None
        return data.draw(st.sampled_from([*self.case.obligations, 0, 999]), label="number")

    def _forms(self, data: st.DataObject, *, most: int = 2) -> dict[str, dict[str, Any]]:
        names = data.draw(st.lists(st.sampled_from(list(self.pathway.forms)), max_size=most, unique=True))
        return {name: self._values(data, name) for name in names}

    # --- what is held after every command

    def say(self, command: cmd.AnyCommand, actor: str, sealed: Sealed | None = None) -> Decision | Refusal:
        around = Circumstances(self.pathway, self.calendar, self.directory)
        number = "2025-00001" if self.case is None else self.case.number
        request = Request(case=number, command=command, actor=actor, at=self.now, sealed=sealed or Sealed())
        before = self.case
        kept = msgspec.json.encode(before)
        answer = decide(around, before, self.content, request)
        again = decide(around, before, self.content, request)
        assert msgspec.json.encode(before) == kept, "deciding changes nothing"
        assert answer == again, "the same question has the same answer"
        if isinstance(answer, Refusal):
            assert answer.code in CATALOGUE
            assert all(
                words for lang in ("ja", "en") for words in (answer.sentence(lang), answer.advice(lang))
            )
            return answer
        self._is_the_fold(answer, request.sealed)
        self._ends_only_by_its_events(before, answer)
        self.case, self.content = answer.case, answer.content
        self.history.append((answer.entry, request.sealed))
        return answer

    def _is_the_fold(self, decision: Decision, sealed: Sealed) -> None:
        assert fold(self.case, self.content, [(decision.entry, sealed)]) == (decision.case, decision.content)
        assert entry_of(entry_bytes(decision.entry)) == decision.entry
        assert sealed_of(sealed_bytes(sealed)) == sealed
        assert _case_json.decode(msgspec.json.encode(decision.case)) == decision.case

    def _ends_only_by_its_events(self, before: Case | None, decision: Decision) -> None:
        known = dict(before.obligations) if before is not None else {}
        ended = [event.number for event in decision.entry.events if isinstance(event, ENDINGS)]
        moved = {event.number for event in decision.entry.events if isinstance(event, ev.DueMoved)}
        assert len(ended) == len(set(ended)), "a promise ends once"
        known |= {
            event.obligation.number: event.obligation
            for event in decision.entry.events
            if isinstance(event, ev.ObligationScheduled)
        }
        assert set(known) - set(ended) == set(decision.case.obligations)
        for number, live in decision.case.obligations.items():
            assert number in moved or (live.due_at, live.due_on) == (
                known[number].due_at,
                known[number].due_on,
            )

    @invariant()
    def an_open_case_is_promised_something(self) -> None:
        if self.case is not None:
            assert bool(self.case.obligations) == self.case.is_open

    @invariant()
    def every_promise_wakes_when_the_first_thing_happens_to_it(self) -> None:
        for live in self._live():
            assert live.wakes_at == _next_wake(live)

    @invariant()
    def every_promise_is_held_by_somebody_who_can(self) -> None:
        for live in self._live():
            assert self.directory.can_hold(live.holder), live

    @invariant()
    def what_is_offered_has_two_holders_until_it_is_answered(self) -> None:
        for waiting in self.case.waiting.values() if self.case is not None else ():
            assert self.case is not None and waiting.obligation in self.case.obligations
            for number in waiting.numbers:
                live = self.case.obligations.get(number)
                assert live is None or live.co_holder or live.holder == waiting.to

    @invariant()
    def a_pause_has_its_review(self) -> None:
        if self.case is not None and self.case.pause is not None:
            assert self.case.obligations[self.case.pause.review].kind is ObligationKind.PAUSE_REVIEW

    def _live(self) -> Iterable[Obligation]:
        return self.case.obligations.values() if self.case is not None else ()

    def teardown(self) -> None:
        if not self.history:
            return
        whole = fold(None, EMPTY_CONTENT, self.history)
        assert whole == (self.case, self.content)
        middle = len(self.history) // 2
        if middle:
            first = fold(None, EMPTY_CONTENT, self.history[:middle])
            assert fold(*first, self.history[middle:]) == whole

    # --- what may happen

    @rule(minutes=st.one_of(st.integers(1, 600), st.integers(600, 90 * 1440)))
    def time_passes(self, minutes: int) -> None:
        self.now = min(self.now + timedelta(minutes=minutes), datetime(2031, 1, 1, tzinfo=UTC))

    @precondition(lambda self: self.case is not None and self.case.is_open)
    @rule()
    def the_clock_comes_to_the_next_wake_up(self) -> None:
        assert self.case is not None
        self.now = max(self.now, min(live.wakes_at for live in self._live()))
        self.the_clock_wakes_it()

    @precondition(lambda self: self.case is not None)
    @rule()
    def the_clock_wakes_it(self) -> None:
        answer = self.say(cmd.Wake(), CLOCK)
        if isinstance(answer, Refusal):
            assert answer.code in ("case_closed", "would_be_forgotten"), answer.code
            return
        assert all(live.wakes_at > self.now for live in self._live())
        again = decide(
            Circumstances(self.pathway, self.calendar, self.directory), self.case, self.content,
            Request(case=answer.case.number, command=cmd.Wake(), actor=CLOCK, at=self.now),
        )  # fmt: skip
        assert isinstance(again, Decision) and again.entry.events == ()

    @precondition(lambda self: self.case is not None)
    @rule(data=st.data())
    def somebody_makes_contact(self, data: st.DataObject) -> None:
        assert self.case is not None
        number = self._number(data)
        live = self.case.obligations.get(number)
        definition = self.pathway.definition(live.state, live.key) if live else None
        outcomes = [*((definition.written.outcomes or {}) if definition else {}), "", "nonsense"]
        forms = self._forms(data)
        if definition and definition.written.form and data.draw(st.booleans()):
            forms[definition.written.form] = self._values(data, definition.written.form)
        self.say(
            cmd.RecordContact(
                grade=data.draw(st.sampled_from(list(Grade))), number=number,
                contacted_at=self.now - timedelta(minutes=data.draw(st.sampled_from([0, 0, 30, 5000, -1]))),
                reached=tuple(data.draw(st.lists(st.sampled_from([*self.case.persons, "x"]), max_size=2))),
                outcome=data.draw(st.sampled_from(outcomes)),
            ),
            self._someone(data),
            Sealed(forms=forms),
        )  # fmt: skip

    @precondition(lambda self: self.case is not None)
    @rule(data=st.data())
    def somebody_moves_the_case(self, data: st.DataObject) -> None:
        assert self.case is not None
        names = sorted({way.event for way in self.pathway.ways.values() if way.event})
        here = sorted(
            {
                way.event
                for way in self.pathway.ways.values()
                if way.event and way.source in self.case.configuration
            }
        )
        note = data.draw(st.sampled_from(["", "本人は納得している"]))
        command: cmd.AnyCommand = cmd.FireEvent(
            name=data.draw(st.sampled_from([*here, *here, *names, "fly"]))
        )
        if data.draw(st.integers(0, 9)) == 0:
            command = cmd.CloseCase()
        self.say(command, self._someone(data), Sealed(note=note, forms=self._forms(data)))

    @precondition(lambda self: self.case is not None)
    @rule(data=st.data())
    def somebody_answers(self, data: st.DataObject) -> None:
        assert self.case is not None
        refs = [*self.case.waiting, "r99"]
        ref = data.draw(st.sampled_from(refs))
        waiting = self.case.waiting.get(ref)
        holder = self.case.obligations[waiting.obligation].holder if waiting else "nobody"
        actor = data.draw(st.sampled_from([holder, *self.directory.members(holder), *self._people()]))
        note = data.draw(st.sampled_from(["", "理由"]))
        self.say(cmd.AnswerRequest(ref=ref, accept=data.draw(st.booleans())), actor, Sealed(note=note))

    @precondition(lambda self: self.case is not None)
    @rule(data=st.data())
    def somebody_does_office_work(self, data: st.DataObject) -> None:
        assert self.case is not None
        number, people = self._number(data), [*self.directory.holders]
        day = self.calendar.local_date(self.now) + timedelta(days=data.draw(st.integers(-2, 60)))
        somebody = st.sampled_from(people)
        roles = st.sampled_from([*self.pathway.pathway.roles, "none"])
        kinds = st.sampled_from([*sorted(self.pathway.consent_kinds()), "none"])
        numbers = st.lists(st.sampled_from([*self.case.obligations, 99]), max_size=3).map(tuple)
        form = data.draw(st.sampled_from(list(self.pathway.forms)))
        command = data.draw(
            st.one_of(
                st.just(cmd.FulfilObligation(number=number)),
                st.builds(cmd.WithdrawObligation, number=st.just(number), approved_by=somebody),
                st.just(cmd.DeferObligation(number=number, until_on=day)),
                st.just(cmd.AnswerEscalation(number=number)),
                st.builds(cmd.AskConsent, kind=kinds),
                st.builds(cmd.RecordConsent, kind=kinds, status=st.sampled_from(list(ConsentStatus))),
                st.builds(cmd.Refer, to=somebody, within=st.sampled_from(["3bd", "48h", "soon"])),
                st.builds(cmd.HandOver, to=somebody, numbers=numbers),
                st.builds(cmd.HandOver, to=somebody, holder=somebody),
                st.builds(cmd.AssignRole, role=roles, holder=somebody),
                st.just(cmd.PauseCase(until_on=day)),
                st.just(cmd.ResumeCase()),
                st.just(cmd.ReopenCase()),
                st.just(cmd.AddNote()),
                st.just(cmd.RecordForm(form=form)),
                st.just(cmd.ChangePersons()),
            )
        )
        sealed = Sealed(note=data.draw(st.sampled_from(["理由", "理由", ""])))
        if isinstance(command, cmd.RecordForm):
            sealed = Sealed(forms={form: self._values(data, form)})
        if isinstance(command, cmd.ChangePersons):
            born = data.draw(st.dates(datetime(1930, 1, 1).date(), datetime(2024, 1, 1).date()) | st.none())
            sealed = Sealed(
                persons=(Person(id=data.draw(st.sampled_from(["p1", "p2", "p3"])), birth_on=born),)
            )
        self.say(command, self._someone(data), sealed)

    @precondition(lambda self: self.case is not None)
    @rule(data=st.data())
    def somebody_leaves_or_is_away(self, data: st.DataObject) -> None:
        people = self._people()
        who = data.draw(st.sampled_from(people))
        if data.draw(st.booleans()):
            self.directory = without(self.directory, who)
        else:
            today = self.calendar.local_date(self.now)
            gap = Absence(
                from_on=today,
                until_on=today + timedelta(days=9),
                cover=data.draw(st.sampled_from([*people, ""])),
            )
            holder = msgspec.structs.replace(self.directory.holders[who], absences=(gap,))
            self.directory = msgspec.structs.replace(
                self.directory,
                version=self.directory.version + 1,
                holders={**self.directory.holders, who: holder},
            )
        assert isinstance(self.say(cmd.Reroute(), ENGINE), Decision)

    @precondition(lambda self: self.case is not None)
    @rule()
    def the_calendar_grows(self) -> None:
        self.calendar = grown_calendar()
        assert isinstance(self.say(cmd.Redate(), ENGINE), Decision)

    @precondition(lambda self: self.case is not None and bool(self.case.linked))
    @rule(data=st.data())
    def a_linked_case_ends(self, data: st.DataObject) -> None:
        assert self.case is not None
        self.say(cmd.Tell(name="ended", alias=data.draw(st.sampled_from(list(self.case.linked)))), ENGINE)


TestCasework = Casework.TestCase
TestCasework.settings = settings(settings(), stateful_step_count=40)
