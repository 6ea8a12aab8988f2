"""When a promise falls due, and the next instant at which anything must happen to it.

Due instants are computed here, once, and recorded. They move only by an event
that says why.
"""

from __future__ import annotations

from msgspec.structs import replace

from engine.core.case.case import Obligation
from engine.core.case.deliberation import Deliberation
from engine.core.case.events import ObligationScheduled
from engine.core.case.facts import last_contact_at
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.officetime.due import Due, Roll, before, due_after, grid_after, rung_after
from engine.core.officetime.span import Span, SpanUnit
from engine.core.pathway.compiled import STANDARD_LADDER, Definition
from engine.core.pathway.model import Deadline, Rung
from engine.core.vocabulary import Instant, ObligationKind

SOON = Span(0, SpanUnit.OFFICE_DAY)
"""Today if the office is still open, else the next open day."""


def rung_time(rung: Rung, due_at: Instant, calendar: OfficeCalendar) -> Instant:
    """Return when a rung comes for a due instant."""
    if rung.before is not None:
        return before(due_at, rung.before, calendar)
    assert rung.after is not None, "the model demands one of the two"
    return rung_after(due_at, rung.after, calendar)


def first_rung(
    rungs: tuple[Rung, ...], due_at: Instant, later_than: Instant, calendar: OfficeCalendar
) -> tuple[int, Instant]:
    """Return the first rung that comes after an instant, and when.

    Rungs before the due time that have passed already when a promise is made
    are left out. The last rung always comes.
    """
    for index, rung in enumerate(rungs):
        at = rung_time(rung, due_at, calendar)
        if at > later_than or index == len(rungs) - 1:
            return index, at
    raise AssertionError("a ladder has at least one rung")


def wakes_at(
    *, is_open: bool, opens_at: Instant | None, fell_due: bool, due_at: Instant, rung_at: Instant | None,
    retry_at: Instant | None,
) -> Instant:  # fmt: skip
    """Return the earliest instant at which anything must happen to a live promise. There always is one."""
    earliest = rung_at
    for at in (None if is_open else opens_at, None if fell_due else due_at, retry_at):
        if at is not None and (earliest is None or at < earliest):
            earliest = at
    assert earliest is not None, "a ladder repeats, so something always comes"
    return earliest


def rewoken(obligation: Obligation, **changed: object) -> Instant:
    """Return the next wake-up of a promise of which some fields change."""
    held: Obligation = replace(obligation, **changed)
    return wakes_at(
        is_open=held.is_open, opens_at=held.opens_at, fell_due=held.fell_due, due_at=held.due_at,
        rung_at=held.rung_at, retry_at=held.retry_at,
    )  # fmt: skip


def due_of(
    definition: Definition, anchored_at: Instant, occurrence: int, now: Instant, calendar: OfficeCalendar
) -> Due:
    """Compute when occurrence number `occurrence` (from 0) of a written promise falls due.

    `anchored_at` is the entry of its state, or the last fulfilment for what
    counts from contacts. A date that would lie before `now` becomes the end
    of the present or next office day: a promise is never born overdue.
    """
    span, roll = span_of(definition, occurrence), definition.roll
    if isinstance(definition.written, Deadline):
        return due_after(anchored_at, span, roll, calendar)
    if definition.written.from_ == "schedule":
        due = grid_after(anchored_at, span, roll, now, calendar)
    else:
        due = due_after(anchored_at, span, roll, calendar)
    return due if due.at > now else due_after(now, SOON, Roll.LATER, calendar)


def span_of(definition: Definition, occurrence: int) -> Span:
    """Return the span that rules occurrence number `occurrence` of a written promise."""
    written = definition.written
    if isinstance(written, Deadline):
        return written.within
    if written.due is not None:
        return written.due
    if written.at is not None:
        return written.at[min(occurrence, len(written.at) - 1)]
    assert written.every is not None, "the model demands one timing"
    return (written.every.span_at(occurrence) or written.every.stages[-1]).span


def schedule(
    deliberation: Deliberation, definition: Definition, *, person: str = "", occurrence: int = 0,
    anchored_at: Instant | None = None, due: Due | None = None, spaced: str = "",
) -> Obligation:  # fmt: skip
    """Put a written promise in force, with a holder, a due instant and a ladder.

    Raises:
        OutsideCalendar: the calendar does not reach so far.
    """
    now, calendar = deliberation.now, deliberation.calendar
    anchor = anchored_at or entry_anchor(deliberation, definition, person)
    due = due or due_of(definition, anchor, occurrence, now, calendar)
    opens = definition.written.opens
    opens_at = before(due.at, opens, calendar) if opens is not None else None
    return _put_in_force(
        deliberation, key=definition.key, kind=definition.kind, role=definition.written.by, due=due,
        ladder=definition.ladder, rungs=definition.rungs, state=definition.state, person=person,
        occurrence=occurrence, anchored_at=anchor, opens_at=opens_at, spaced=spaced,
    )  # fmt: skip


def schedule_own(
    deliberation: Deliberation, kind: ObligationKind, *, key: str, role: str, due: Due, ladder: str | None,
    ref: str = "", holder: str = "", counterpart: str = "", within: Span | None = None,
) -> Obligation:  # fmt: skip
    """Put one of the engine's own promises in force: an approval, a referral's answer, and so on.

    With `holder` it goes to that holder and nobody else. `within` is the span that gave the due time.
    """
    name = ladder or STANDARD_LADDER
    return _put_in_force(
        deliberation, key=key, kind=kind, role=role, due=due, ladder=name,
        rungs=deliberation.pathway.ladders[name], ref=ref, holder=holder, counterpart=counterpart,
        anchored_at=deliberation.now, spaced=str(within or ""),
    )  # fmt: skip


def _put_in_force(
    deliberation: Deliberation, *, key: str, kind: ObligationKind, role: str, due: Due, ladder: str,
    rungs: tuple[Rung, ...], anchored_at: Instant, state: str = "", person: str = "", occurrence: int = 0,
    opens_at: Instant | None = None, ref: str = "", holder: str = "", counterpart: str = "",
    spaced: str = "",
) -> Obligation:  # fmt: skip
    now, calendar = deliberation.now, deliberation.calendar
    found = (
        deliberation.directory.present(holder, deliberation.today) if holder else None
    ) or deliberation.assign(role)
    rung, rung_at = first_rung(rungs, due.at, now, calendar)
    is_open = opens_at is None or opens_at <= now
    opens_at = None if is_open else opens_at
    obligation = Obligation(
        number=deliberation.draft.next_number, key=key, kind=kind, holder=found.holder, role=role,
        held_because=found.because, scheduled_at=now, due_at=due.at, due_on=due.on,
        wakes_at=wakes_at(
            is_open=is_open, opens_at=opens_at, fell_due=False, due_at=due.at, rung_at=rung_at, retry_at=None
        ),
        state=state, person=person, ladder=ladder, occurrence=occurrence, anchored_at=anchored_at,
        provisional=due.provisional, unrolled_on=due.rolled_from, spaced=spaced,
        calendar_version=calendar.version, opens_at=opens_at, is_open=is_open,
        rung=rung, rung_at=rung_at, ref=ref, counterpart=counterpart,
    )  # fmt: skip
    deliberation.emit(ObligationScheduled(obligation=obligation))
    return obligation


def entry_anchor(deliberation: Deliberation, definition: Definition, person: str) -> Instant:
    """Return what a promise counts from when its state is entered.

    What comes back from contact to contact counts from the last contact of
    its grade, so that moving to another state never makes a silence longer.
    Everything else counts from the entry.
    """
    draft = deliberation.draft
    entered = draft.entered_at.get(
        definition.state, draft.opened_at if not definition.state else deliberation.now
    )
    written = definition.written
    from_contact = (
        getattr(written, "every", None) is not None and getattr(written, "from_", None) != "schedule"
    )
    if not from_contact or definition.kind is not ObligationKind.FOLLOW_UP:
        return entered
    return last_contact_at(draft, person, definition.needs) or entered
