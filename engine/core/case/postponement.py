"""Putting off, resting, and dates that a calendar or a directory moves. Always bounded, always with a reason."""

from __future__ import annotations

from datetime import date

from engine.core.case import events as ev
from engine.core.case.case import Obligation, Waiting
from engine.core.case.commands import DeferObligation, PauseCase, Redate, Reroute, ResumeCase
from engine.core.case.deliberation import Deliberation
from engine.core.case.facts import last_contact_at
from engine.core.case.recording import ANSWERED_KINDS, require_live
from engine.core.case.refusals import refuse
from engine.core.case.requesting import APPROVAL_WITHIN, due_within, new_ref
from engine.core.case.scheduling import due_of, first_rung, schedule_own, span_of, wakes_at
from engine.core.officetime.due import Due, Roll, before, due_after, due_on
from engine.core.officetime.span import Span, SpanUnit
from engine.core.pathway.compiled import Definition
from engine.core.pathway.model import Deadline
from engine.core.vocabulary import Authority, HolderReason, MoveReason, ObligationKind

LOCKED = frozenset({Authority.STATUTE, Authority.NATIONAL_GUIDANCE})
"""Clocks that no worker may put off."""


def move_due(deliberation: Deliberation, live: Obligation, due: Due, reason: MoveReason) -> None:
    """Record that a due date moved; the ladder is counted anew from the new one."""
    calendar = deliberation.calendar
    definition = deliberation.definition_of(live)
    rungs = deliberation.pathway.ladders[live.ladder]
    rung, rung_at = first_rung(rungs, due.at, deliberation.now, calendar)
    opens = definition.written.opens if definition is not None else None
    opens_at = before(due.at, opens, calendar) if opens is not None and not live.is_open else None
    deliberation.emit(
        ev.DueMoved(
            number=live.number, reason=reason, due_at=due.at, due_on=due.on, provisional=due.provisional,
            unrolled_on=due.rolled_from, calendar_version=calendar.version, opens_at=opens_at,
            rung=rung, rung_at=rung_at,
            wakes_at=wakes_at(
                is_open=live.is_open, opens_at=opens_at, due_at=due.at,
                fell_due=live.fell_due and due.at <= deliberation.now,
                rung_at=rung_at, retry_at=live.retry_at,
            ),
        )
    )  # fmt: skip


def defer(deliberation: Deliberation, command: DeferObligation) -> None:
    """Put an obligation off, within the limits of the file.

    Raises:
        Refused: no reason, too often, too far, overdue already, a clock of the
            law, or a silence longer than the pathway allows.
    """
    live = require_live(deliberation, command.number)
    definition = deliberation.definition_of(live)
    if live.kind in ANSWERED_KINDS or definition is None:
        raise refuse("answer_instead")
    if not deliberation.request.sealed.note:
        raise refuse("reason_missing")
    authority = definition.written.authority
    if authority in LOCKED:
        raise refuse("deferral_forbidden", authority=authority)
    if live.fell_due or live.due_at <= deliberation.now:
        raise refuse("already_due")
    if command.until_on <= live.due_on:
        raise refuse("deferral_not_later", until=command.until_on)
    limits = definition.written.defer or deliberation.pathway.pathway.deferral
    if live.deferrals >= limits.times:
        raise refuse("deferral_exhausted", times=limits.times)
    first_on = live.first_due_on or live.due_on
    if limits.longest is not None:
        start = deliberation.calendar.end_of_day(first_on)
        latest = due_after(start, limits.longest, Roll.NONE, deliberation.calendar).on
        if command.until_on > latest:
            raise refuse("deferral_too_long", until=command.until_on, longest=limits.longest)
    due = due_on(command.until_on, definition.roll, deliberation.calendar)
    if due.on <= live.due_on:
        raise refuse("deferral_not_later", until=due.on)
    if live.kind is ObligationKind.FOLLOW_UP:
        _keep_within_silence(deliberation, definition, live, due.on)
    move_due(deliberation, live, due, MoveReason.DEFERRAL)


def _keep_within_silence(
    deliberation: Deliberation, definition: Definition, live: Obligation, until_on: date
) -> None:
    place = deliberation.pathway.places.get(definition.state)
    longest = (
        place.written.max_silence if place is not None else None
    ) or deliberation.pathway.pathway.max_silence
    spoken_at = (
        last_contact_at(deliberation.draft, live.person, definition.needs) or deliberation.draft.opened_at
    )
    latest = due_after(spoken_at, longest, Roll.NONE, deliberation.calendar).on
    if until_on > latest:
        raise refuse("deferral_breaks_silence", until=until_on, longest=longest)


def ask_pause(deliberation: Deliberation, command: PauseCase) -> None:
    """Ask for a rest of the case; nothing changes until the approver of the file agrees."""
    limits = deliberation.pathway.pathway.pause
    if limits is None:
        raise refuse("pause_not_offered")
    if deliberation.draft.pause is not None:
        raise refuse("already_paused")
    if not deliberation.request.sealed.note:
        raise refuse("reason_missing")
    for waiting in deliberation.draft.waiting.values():
        if waiting.until_on is not None:
            raise refuse("already_asked", ref=waiting.ref)
    latest = due_after(deliberation.now, limits.longest, Roll.NONE, deliberation.calendar).on
    if not deliberation.today < command.until_on <= latest:
        raise refuse("pause_too_long", until=command.until_on, longest=limits.longest)
    ref = new_ref(deliberation)
    held = schedule_own(
        deliberation, ObligationKind.APPROVAL, key="approve.pause", role=limits.approval,
        due=due_within(deliberation, APPROVAL_WITHIN, Roll.LATER), ladder=limits.ladder, ref=ref,
        counterpart=deliberation.actor,
    )  # fmt: skip
    deliberation.emit(
        ev.Asked(
            waiting=Waiting(
                ref=ref, kind=ObligationKind.APPROVAL, obligation=held.number, asked_by=deliberation.actor,
                asked_at=deliberation.now, to=held.holder, until_on=command.until_on,
            )
        )
    )  # fmt: skip


def pause(deliberation: Deliberation, until_on: date) -> None:
    """Let the case rest: a dated review is set, and what would fall due meanwhile waits until then.

    Deadlines and everything counted in hours go on: no clock of safety rests.
    """
    limits = deliberation.pathway.pathway.pause
    assert limits is not None, "asked under the same file"
    due = due_on(until_on, Roll.LATER, deliberation.calendar)
    if due.at <= deliberation.now:
        due = due_within(deliberation, APPROVAL_WITHIN, Roll.LATER)
    role = next(iter(deliberation.pathway.pathway.roles))
    review = schedule_own(
        deliberation,
        ObligationKind.PAUSE_REVIEW,
        key="pause_review",
        role=role,
        due=due,
        ladder=limits.ladder,
    )
    deliberation.emit(ev.CasePaused(until_on=due.on, approved_by=deliberation.actor, review=review.number))
    for live in deliberation.live():
        definition = deliberation.definition_of(live)
        rests = definition is not None and not isinstance(definition.written, Deadline)
        if definition is None or not rests or span_of(definition, live.occurrence).is_elapsed:
            continue
        if live.due_on < due.on:
            move_due(deliberation, live, due, MoveReason.PAUSE)


def resume(deliberation: Deliberation, command: ResumeCase) -> None:
    """End a rest early: what had waited is due as if it had been promised today, and no later than it was."""
    resting = deliberation.draft.pause
    if resting is None:
        raise refuse("not_paused")
    deliberation.emit(
        ev.ObligationWithdrawn(number=resting.review, because="resumed", approved_by=deliberation.actor)
    )
    deliberation.emit(ev.CaseResumed())
    for live in deliberation.live():
        definition = deliberation.definition_of(live)
        if definition is None or live.first_due_on is None or isinstance(definition.written, Deadline):
            continue
        due = due_of(definition, deliberation.now, live.occurrence, deliberation.now, deliberation.calendar)
        if due.at < live.due_at:
            move_due(deliberation, live, due, MoveReason.PAUSE)


def redate(deliberation: Deliberation, command: Redate) -> None:
    """Compute due dates again after the calendar grew or gained a closure.

    Only what has not fallen due moves, and only where the new calendar says
    another day. A deferred or paused date keeps its day and rolls anew.
    """
    for live in deliberation.live():
        definition = deliberation.definition_of(live)
        if live.fell_due or live.calendar_version >= deliberation.calendar.version:
            continue
        if live.spaced:
            span: Span | None = Span.parse(live.spaced)
        else:
            span = span_of(definition, live.occurrence) if definition is not None else None
        if span is not None and span.is_elapsed:
            continue
        recounted = span is not None and span.unit is SpanUnit.OFFICE_DAY and not live.spaced
        if definition is None or not recounted or live.first_due_on is not None or live.anchored_at is None:
            # The date itself stands; only whether it is an open day is asked again.
            roll = definition.roll if definition is not None else Roll.LATER
            due = due_on(live.unrolled_on or live.due_on, roll, deliberation.calendar)
        else:
            due = due_of(
                definition, live.anchored_at, live.occurrence, deliberation.now, deliberation.calendar
            )
        if due.at != live.due_at or due.provisional != live.provisional:
            if due.at != live.due_at and due.at <= deliberation.now:
                continue
            move_due(deliberation, live, due, MoveReason.CALENDAR)


def reroute(deliberation: Deliberation, command: Reroute) -> None:
    """Bring work whose holder is gone or away to whoever takes over now."""
    for live in deliberation.live():
        stand_in(deliberation, live)
    for role, holder in list(deliberation.draft.roles.items()):
        if not deliberation.directory.can_hold(holder):
            taking = deliberation.resolve(role)
            if taking.because in (HolderReason.ROLE, HolderReason.COVER, HolderReason.TEAM):
                deliberation.emit(ev.RoleAssigned(role=role, holder=taking.holder))


def stand_in(deliberation: Deliberation, live: Obligation) -> None:
    """Bring one promise to whoever acts for its holder today, if the holder is gone or away."""
    found = deliberation.directory.present(live.holder, deliberation.today)
    if found is not None and found.holder == live.holder:
        return
    taking = found or deliberation.resolve(live.role)
    if taking.holder == live.holder:
        return
    offered = any(live.number in waiting.numbers for waiting in deliberation.draft.waiting.values())
    deliberation.emit(
        ev.HolderChanged(
            number=live.number, holder=taking.holder, held_because=taking.because,
            co_holder=live.co_holder if offered or live.co_holder != taking.holder else "",
        )
    )  # fmt: skip
