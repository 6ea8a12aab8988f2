"""What a case owes when people and the clock come at awkward moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from engine.core.case import commands as cmd
from engine.core.case import events as ev
from engine.core.case.case import EMPTY_CONTENT, Case, Content, Sealed
from engine.core.case.decide import decide
from engine.core.case.deliberation import CLOCK, ENGINE, Circumstances, Decision, Request, spread_of
from engine.core.case.refusals import Refusal
from engine.core.pathway.compiled import Compiled, compile_pathway
from engine.core.pathway.model import Pathway
from engine.core.vocabulary import ConsentStatus, Grade
from engine.simulation.town import town_of
from tests.property.deciding import grown_calendar, pathway
from tests.scenario.stage import calendar

HEAD = {
    "pathway": "small", "version": 1, "effective_on": "2025-04-01", "title": "小さな経路", "subject": "household",
    "max_silence": "90d", "roles": {"worker": {"label": "担当", "above": "lead"}, "lead": "主任"},
    "forms": {"intake": "forms/intake.yaml", "look": "forms/look.yaml", "end": "forms/end.yaml"},
    "opening": {"form": "intake", "state": "a"},
}  # fmt: skip
KEEP = {"keep": {"label": "連絡", "by": "worker", "every": "30d", "needs": "voice"}}
DONE = {"done": {"requires": "end", "approval": "lead", "to": "closed"}}


def small(**written: object) -> Compiled:
    """Compile a pathway of a few lines."""
    forms = {name: pathway("asking").forms[name] for name in ("intake", "look", "end")}
    return compile_pathway(Pathway.model_validate({**HEAD, **written}), forms, "small")


class Desk:
    """A case on a small pathway, and the people of its town."""

    def __init__(self, compiled: Compiled) -> None:
        self.around = Circumstances(compiled, calendar(), town_of(compiled))
        self.now = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
        self.case: Case | None = None
        self.content: Content = EMPTY_CONTENT
        self.say(cmd.OpenCase(), forms={"intake": {}})

    def ask(self, command: cmd.AnyCommand, actor: str = "worker1", **sealed: object) -> Decision | Refusal:
        request = Request(
            case="2025-00000", command=command, actor=actor, at=self.now,
            sealed=Sealed(**sealed),  # type: ignore[arg-type]
        )  # fmt: skip
        answer = decide(self.around, self.case, self.content, request)
        if isinstance(answer, Decision):
            self.case, self.content = answer.case, answer.content
        return answer

    def say(
        self, command: cmd.AnyCommand, actor: str = "worker1", **sealed: object
    ) -> tuple[ev.AnyEvent, ...]:
        answer = self.ask(command, actor, **sealed)
        assert isinstance(answer, Decision), answer
        return answer.entry.events

    @property
    def open_case(self) -> Case:
        assert self.case is not None
        return self.case

    def keys(self) -> list[str]:
        return sorted(live.key for live in self.open_case.obligations.values())

    def number(self, key: str) -> int:
        return next(live.number for live in self.open_case.obligations.values() if live.key == key)


def test_a_late_sweep_goes_on_after_a_rung_that_raises_an_event_nobody_takes() -> None:
    ladder = [
        {"after": "1bd", "raise": "noise"},
        {"after": "3bd", "remind": "assignee"},
        {"after": "5bd", "notify": "lead", "every": "5bd"},
    ]
    desk = Desk(
        small(
            ladders={"r": ladder},
            states={
                "a": {"follow_ups": {"keep": {**KEEP["keep"], "ladder": "r"}}, "on": {"noise": {}, **DONE}},
                "closed": {"final": True},
            },
        )
    )  # fmt: skip
    desk.now += timedelta(days=60)
    climbed = [event.rung for event in desk.say(cmd.Wake(), CLOCK) if isinstance(event, ev.RungClimbed)]
    assert climbed == [0, 1, 2]
    assert all(live.wakes_at > desk.now for live in desk.open_case.obligations.values())
    assert desk.say(cmd.Wake(), CLOCK) == ()


def test_a_reopened_case_counts_from_the_reopening_and_is_not_born_overdue() -> None:
    everywhere = {
        "deadlines": {"meet": {"label": "面会", "by": "worker", "within": "48h", "needs": "seen"}},
        "reviews": {"yearly": {"label": "年一回", "by": "lead", "every": "1y", "roll": "none"}},
    }
    desk = Desk(
        small(
            everywhere=everywhere, states={"a": {"follow_ups": KEEP, "on": DONE}, "closed": {"final": True}}
        )
    )
    desk.say(cmd.FireEvent(name="done"), forms={"end": {"result": "済"}}, note="大丈夫")
    desk.say(cmd.AnswerRequest(ref="r1", accept=True), "lead1")
    assert not desk.open_case.is_open
    desk.now += timedelta(days=700)
    desk.say(cmd.ReopenCase(), note="再び")
    live = {each.key: each for each in desk.open_case.obligations.values()}
    assert live["meet"].due_at == desk.now + timedelta(hours=48)
    assert live["yearly"].due_on == date(2028, 5, 3)


def test_a_review_that_needs_a_contact_is_kept_by_one() -> None:
    review = {"see": {"label": "顔を見る見直し", "by": "worker", "due": "5bd", "needs": "seen"}}
    desk = Desk(
        small(states={"a": {"follow_ups": KEEP, "reviews": review, "on": DONE}, "closed": {"final": True}})
    )
    contact = cmd.RecordContact(grade=Grade.SEEN, contacted_at=desk.now, number=desk.number("see"))
    desk.say(contact)
    assert desk.keys() == ["keep"]


def test_an_answer_due_in_hours_does_not_move_when_the_calendar_grows() -> None:
    on = {"send": {"refer": {"to": "clinic", "within": "48h"}}, **DONE}
    desk = Desk(small(states={"a": {"follow_ups": KEEP, "on": on}, "closed": {"final": True}}))
    desk.say(cmd.FireEvent(name="send"))
    due_at = desk.open_case.obligations[desk.number("referral.clinic")].due_at
    assert due_at == desk.now + timedelta(hours=48)
    desk.around = Circumstances(desk.around.pathway, grown_calendar(), desk.around.directory)
    desk.say(cmd.Redate(), ENGINE)
    assert desk.open_case.obligations[desk.number("referral.clinic")].due_at == due_at


def test_a_case_is_never_closed_by_what_nobody_did() -> None:
    outcomes = {"reached": {}, "away": {"retry": "1d", "after": 1, "raise": "gone"}}
    desk = Desk(
        small(
            states={
                "a": {
                    "follow_ups": {"keep": {**KEEP["keep"], "outcomes": outcomes}},
                    "on": {"gone": {"to": "closed"}},
                },
                "closed": {"final": True},
            }
        )
    )
    desk.say(cmd.RecordContact(grade=Grade.ATTEMPT, contacted_at=desk.now, number=1, outcome="away"))
    assert desk.open_case.is_open
    assert desk.keys() == ["keep"]


def test_an_answer_that_is_owed_is_no_next_step_for_the_person() -> None:
    desk = Desk(small(states={"a": {"follow_ups": KEEP, "on": DONE}, "closed": {"final": True}}))
    desk.say(cmd.FireEvent(name="done"), forms={"end": {"result": "済"}}, note="大丈夫")
    answer = desk.ask(cmd.WithdrawObligation(number=desk.number("keep"), approved_by="lead1"), note="不要")
    assert isinstance(answer, Refusal)
    assert answer.code == "would_be_forgotten"


def test_the_end_of_a_linked_case_is_taken_in_once() -> None:
    desk = Desk(
        small(
            states={
                "a": {
                    "follow_ups": KEEP,
                    "on": {"start": {"start": {"pathway": "x", "as": "side"}}, "ended.side": {}, **DONE},
                },
                "closed": {"final": True},
            }
        )
    )
    desk.say(cmd.FireEvent(name="start"))
    assert len(desk.say(cmd.Tell(name="ended", alias="side"), ENGINE)) > 1
    assert desk.say(cmd.Tell(name="ended", alias="side"), ENGINE) == ()


def test_a_clock_that_a_consent_or_a_contact_sets_runs_from_that_moment() -> None:
    deadlines = {
        "visit": {
            "label": "訪問", "by": "worker", "within": "24h", "needs": "home_visit",
            "when": "consent.sharing == 'given'",
        },
        "search": {
            "label": "安否", "by": "worker", "within": "24h", "needs": "seen",
            "when": "contact.missed_in_a_row >= 2",
        },
    }  # fmt: skip
    desk = Desk(
        small(
            states={"a": {"follow_ups": KEEP, "deadlines": deadlines, "on": DONE}, "closed": {"final": True}}
        )
    )
    assert desk.keys() == ["keep"]
    desk.say(cmd.RecordConsent(kind="sharing", status=ConsentStatus.GIVEN))
    assert desk.keys() == ["keep", "visit"]
    for _ in range(2):
        desk.say(cmd.RecordContact(grade=Grade.ATTEMPT, contacted_at=desk.now))
    assert desk.keys() == ["keep", "search", "visit"]


def test_work_that_came_of_offered_work_goes_over_with_it() -> None:
    desk = Desk(small(states={"a": {"follow_ups": KEEP, "on": DONE}, "closed": {"final": True}}))
    desk.say(cmd.HandOver(to="worker2"), note="異動")
    desk.say(cmd.RecordContact(grade=Grade.VOICE, contacted_at=desk.now, number=desk.number("keep")))
    desk.say(cmd.AnswerRequest(ref="r1", accept=True), "worker2")
    assert {live.holder for live in desk.open_case.obligations.values()} == {"worker2"}
    assert desk.open_case.roles["worker"] == "worker2"


def test_the_running_number_of_a_case_shares_cases_out_whatever_it_looks_like() -> None:
    assert [spread_of(number) for number in ("2027-00042", "2027-00042-1", "x", "a-b", "")] == [
        42,
        42,
        0,
        0,
        0,
    ]
