"""What the clock does to a case: open, fall due, climb, come back. Late if need be, never twice."""

from __future__ import annotations

from engine.core.case import events as ev
from engine.core.case.case import Obligation
from engine.core.case.commands import AnswerEscalation
from engine.core.case.deliberation import Deliberation
from engine.core.case.movement import settle
from engine.core.case.postponement import stand_in
from engine.core.case.recording import require_live
from engine.core.case.refusals import refuse
from engine.core.case.scheduling import rewoken, rung_time
from engine.core.officetime.due import rung_after
from engine.core.officetime.span import Span, SpanUnit
from engine.core.pathway.model import Rung
from engine.core.vocabulary import HolderReason, Instant

ANSWER_HOLDS = Span(5, SpanUnit.OFFICE_DAY)
"""How long "I have this" quiets a ladder whose last rung does not repeat."""

REPETITIONS_MAX = 10_000
"""More repetitions than this are not counted one by one after a long outage."""


def wake(deliberation: Deliberation) -> None:
    """Act on everything of the case whose time has come, in order of its time.

    Whatever the delay, each opening, due time and rung happens once; the
    repetitions of a last rung that were missed come together as one.
    """
    live, now = deliberation.draft.obligations, deliberation.now
    while True:
        first: Obligation | None = None
        for held in live.values():
            if held.wakes_at <= now and (
                first is None or (held.wakes_at, held.number) < (first.wakes_at, first.number)
            ):
                first = held
        if first is None:
            return
        # A reminder on the desk of somebody who is away reaches nobody: the cover takes over first.
        stand_in(deliberation, first)
        _act(deliberation, live[first.number])
        if deliberation.pending:
            settle(deliberation)


def _act(deliberation: Deliberation, held: Obligation) -> None:
    """Do the one thing that a wake-up stands for. Of one instant: opening, retry, due, rung, in this order."""
    number = held.number
    if not held.is_open and held.opens_at == held.wakes_at:
        deliberation.emit(ev.ObligationOpened(number=number, wakes_at=rewoken(held, is_open=True)))
    elif held.retry_at == held.wakes_at:
        deliberation.emit(ev.RetryCame(number=number, wakes_at=rewoken(held, retry_at=None)))
    elif not held.fell_due and held.due_at == held.wakes_at:
        deliberation.emit(ev.ObligationFellDue(number=number, wakes_at=rewoken(held, fell_due=True)))
    else:
        _climb(deliberation, held)


def _climb(deliberation: Deliberation, held: Obligation) -> None:
    """Climb one rung: tell, hand over, put on an agenda, raise; and say when the next one comes."""
    rungs = deliberation.pathway.ladders[held.ladder]
    rung = rungs[held.rung]
    next_rung, rung_at = _next(deliberation, held, rungs)
    deliberation.emit(
        ev.RungClimbed(
            number=held.number, rung=held.rung, next_rung=next_rung, rung_at=rung_at,
            reminded=deliberation.hearers(rung.remind, held), notified=deliberation.hearers(rung.notify, held),
            agenda=deliberation.role_holder(rung.agenda, held) if rung.agenda else "", raised=rung.raise_ or "",
            planned_at=held.rung_at, wakes_at=rewoken(held, rung_at=rung_at),
        )
    )  # fmt: skip
    if rung.hand_to:
        _hand_to(deliberation, held, rung.hand_to)
    if rung.raise_:
        deliberation.tell(rung.raise_)


def _hand_to(deliberation: Deliberation, held: Obligation, role: str) -> None:
    taking = deliberation.role_holder(role, held)
    if taking != held.holder:
        deliberation.emit(
            ev.HolderChanged(
                number=held.number, holder=taking, held_because=HolderReason.LADDER, co_holder=held.holder
            )
        )


def _next(deliberation: Deliberation, held: Obligation, rungs: tuple[Rung, ...]) -> tuple[int, Instant]:
    """Return the rung after this one and when it comes: the next of the list, or the last again."""
    calendar, now = deliberation.calendar, deliberation.now
    following = held.rung + 1
    if following < len(rungs):
        at = rung_time(rungs[following], held.due_at, calendar)
        return following, max(at, held.answered_until or at)
    every = _repetition(rungs)
    at = rung_after(held.rung_at or now, every, calendar)
    for _ in range(REPETITIONS_MAX):
        if at > now:
            return held.rung, at
        at = rung_after(at, every, calendar)
    return held.rung, rung_after(now, every, calendar)


def _repetition(rungs: tuple[Rung, ...]) -> Span:
    """Return how often the last rung comes again; one that would come at once never rests, so it is not taken."""
    every = rungs[-1].every
    return every if every is not None and every.count else ANSWER_HOLDS


def answer_escalation(deliberation: Deliberation, command: AnswerEscalation) -> None:
    """Record that a person answers for an overdue promise: the ladder rests, for a bounded time.

    It rests as long as the last rung's repetition (five office days if it has
    none); then the next rung comes as if nobody had answered.
    """
    held = require_live(deliberation, command.number)
    rungs = deliberation.pathway.ladders[held.ladder]
    if not held.fell_due and held.rung == 0:
        raise refuse("not_overdue")
    until_at = rung_after(deliberation.now, _repetition(rungs), deliberation.calendar)
    rung_at = max(held.rung_at or until_at, until_at)
    deliberation.emit(
        ev.EscalationAnswered(
            number=held.number, until_at=until_at, rung_at=rung_at, wakes_at=rewoken(held, rung_at=rung_at)
        )
    )
    offered = any(held.number in waiting.numbers for waiting in deliberation.draft.waiting.values())
    if held.co_holder and not offered and deliberation.directory.acts_for(deliberation.actor, held.holder):
        deliberation.emit(ev.CoHolderReleased(number=held.number))
