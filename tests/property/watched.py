"""A case that is watched: after every command all laws of deciding are asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from engine.core.case import commands as cmd
from engine.core.case import events as ev
from engine.core.case.case import EMPTY_CONTENT, Case, Content, Obligation, Sealed
from engine.core.case.decide import decide
from engine.core.case.deliberation import CLOCK, Circumstances, Decision, Request
from engine.core.case.directory import Directory
from engine.core.case.entry import Entry, entry_bytes, entry_of, sealed_bytes, sealed_of
from engine.core.case.fold import fold
from engine.core.case.refusals import CATALOGUE, Refusal
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import ObligationKind

ENDINGS = (ev.ObligationFulfilled, ev.ObligationReplaced, ev.ObligationWithdrawn)
_case_json = msgspec.json.Decoder(Case)


def _next_wake(live: Obligation) -> datetime:
    coming = [
        None if live.is_open else live.opens_at, None if live.fell_due else live.due_at, live.rung_at, live.retry_at,
    ]  # fmt: skip
    return min(at for at in coming if at is not None)


class Watched:
    """One case under one pathway, what stands around it, and its whole history."""

    def __init__(self, pathway: Compiled, calendar: OfficeCalendar, directory: Directory) -> None:
        self.pathway = pathway
        self.calendar = calendar
        self.directory = directory
        self.case: Case | None = None
        self.content: Content = EMPTY_CONTENT
        self.history: list[tuple[Entry, Sealed]] = []
        self.now = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)

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
        self._comes_not_before_its_time(answer)
        self._is_the_fold(answer, request.sealed)
        self._ends_only_by_its_events(before, answer)
        self.case, self.content = answer.case, answer.content
        self.history.append((answer.entry, request.sealed))
        self.laws()
        return answer

    def _comes_not_before_its_time(self, decision: Decision) -> None:
        held = dict(self.case.obligations) if self.case is not None else {}
        for event in decision.entry.events:
            if isinstance(event, ev.RungClimbed):
                assert event.planned_at is not None
                assert event.planned_at <= self.now
            if isinstance(event, ev.ObligationFellDue) and event.number in held:
                assert held[event.number].due_at <= self.now

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

    def an_open_case_is_promised_something(self) -> None:
        if self.case is not None:
            assert bool(self.case.obligations) == self.case.is_open

    def every_promise_wakes_when_the_first_thing_happens_to_it(self) -> None:
        for live in self.live():
            assert live.wakes_at == _next_wake(live)

    def every_promise_is_held_by_somebody_who_can(self) -> None:
        for live in self.live():
            assert self.directory.can_hold(live.holder), live

    def what_is_offered_has_two_holders_until_it_is_answered(self) -> None:
        for waiting in self.case.waiting.values() if self.case is not None else ():
            assert self.case is not None
            assert waiting.obligation in self.case.obligations
            for number in waiting.numbers:
                live = self.case.obligations.get(number)
                gone = live is None or not self.directory.can_hold(waiting.to)
                assert gone or live is None or live.co_holder or live.holder == waiting.to

    def what_a_left_state_promised_is_promised_no_more(self) -> None:
        for live in self.live():
            assert self.case is not None
            assert not live.state or live.state in self.case.configuration, live

    def a_pause_has_its_review(self) -> None:
        if self.case is not None and self.case.pause is not None:
            assert self.case.obligations[self.case.pause.review].kind is ObligationKind.PAUSE_REVIEW

    def live(self) -> Iterable[Obligation]:
        return self.case.obligations.values() if self.case is not None else ()

    def the_whole_history_folds_to_what_stands(self) -> None:
        if not self.history:
            return
        whole = fold(None, EMPTY_CONTENT, self.history)
        assert whole == (self.case, self.content)
        middle = len(self.history) // 2
        if middle:
            first = fold(None, EMPTY_CONTENT, self.history[:middle])
            assert fold(*first, self.history[middle:]) == whole

    def wake(self) -> None:
        """Wake the case: once does everything, twice does nothing more."""
        answer = self.say(cmd.Wake(), CLOCK)
        if isinstance(answer, Refusal):
            assert answer.code in ("case_closed", "would_be_forgotten"), answer.code
            return
        assert all(live.wakes_at > self.now for live in self.live())
        again = decide(
            Circumstances(self.pathway, self.calendar, self.directory), self.case, self.content,
            Request(case=answer.case.number, command=cmd.Wake(), actor=CLOCK, at=self.now),
        )  # fmt: skip
        assert isinstance(again, Decision)
        assert again.entry.events == ()

    def laws(self) -> None:
        """Ask every law of what stands now."""
        self.an_open_case_is_promised_something()
        self.every_promise_wakes_when_the_first_thing_happens_to_it()
        self.every_promise_is_held_by_somebody_who_can()
        self.what_is_offered_has_two_holders_until_it_is_answered()
        self.what_a_left_state_promised_is_promised_no_more()
        self.a_pause_has_its_review()
