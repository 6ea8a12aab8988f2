"""What the events so far make of a case: the one fold, for live work and for replay.

There is no other code that changes a `Case`. A live decision folds its own
events with the same functions as an auditor who reads them ten years later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from engine.core.case import events as ev
from engine.core.case.case import (
    Case,
    Content,
    Linked,
    Obligation,
    Pause,
    Sealed,
)
from engine.core.case.draft import Draft
from engine.core.case.entry import Entry
from engine.core.vocabulary import CaseStatus, Grade, Instant, MoveReason


class HistoryBroken(Exception):
    """The entries do not follow each other. Never a worker's mistake: stop and look."""


def fold(
    case: Case | None, content: Content, entries: Iterable[tuple[Entry, Sealed]]
) -> tuple[Case, Content]:
    """Return the case and its content after `entries`, which follow `case` without a gap.

    `case` is None for a history read from its start. Folding in two parts
    equals folding at once.

    Raises:
        HistoryBroken: there is a gap, or nothing to fold and no case.
    """
    draft: Draft | None = None if case is None else Draft.of(case, content)
    for entry, sealed in entries:
        if draft is None:
            draft = Draft.empty(entry.case, entry.at)
        if entry.seq != draft.seq + 1 or entry.case != draft.number:
            raise HistoryBroken(f"case {draft.number}: entry {entry.seq} after {draft.seq}")
        for event in entry.events:
            _APPLY[type(event)](draft, event, entry.at, sealed)
        draft.seq = entry.seq
    if draft is None:
        raise HistoryBroken("no entries")
    return draft.case(), draft.content


def apply(draft: Draft, event: ev.Event, at: Instant, sealed: Sealed) -> None:
    """Fold one event into a draft. Raises KeyError for a type that is not an event."""
    _APPLY[type(event)](draft, event, at, sealed)


def _opened(draft: Draft, event: ev.CaseOpened, at: Instant, sealed: Sealed) -> None:
    draft.pathway, draft.version, draft.subject = event.pathway, event.version, event.subject
    draft.opened_at = at
    draft.persons = event.persons
    draft.roles.update(event.roles)
    draft.parent, draft.parent_alias = event.parent, event.parent_alias
    _personal(draft, sealed)


def _personal(draft: Draft, sealed: Sealed) -> None:
    changed: dict[str, Any] = {}
    if sealed.persons:
        changed["persons"] = {**draft.people, **{person.id: person for person in sealed.persons}}
    for name in ("household", "address", "phone"):
        if given := getattr(sealed, name):
            changed[name] = given
    if changed:
        draft.change_content(**changed)


def _persons(draft: Draft, event: ev.PersonsChanged, at: Instant, sealed: Sealed) -> None:
    draft.persons = event.persons
    _personal(draft, sealed)


def _form(draft: Draft, event: ev.FormRecorded, at: Instant, sealed: Sealed) -> None:
    draft.forms[event.form] = at
    values = sealed.forms.get(event.form)
    if values is not None:
        facts = draft.facts
        draft.change_content(facts={**facts, event.form: {**facts.get(event.form, {}), **values}})


def _contact(draft: Draft, event: ev.ContactRecorded, at: Instant, sealed: Sealed) -> None:
    draft.contacts += 1
    draft.last_grade = event.grade
    if event.grade.reaches(Grade.MESSAGE):
        draft.missed_in_a_row = 0
    elif event.grade is Grade.ATTEMPT:
        draft.missed_in_a_row += 1
    grade = event.grade.value
    for person in ("", *event.reached):
        key = f"{person}|{grade}"
        known = draft.last_contact_at.get(key)
        if known is None or known < event.contacted_at:
            draft.last_contact_at[key] = event.contacted_at


def _nothing(draft: Draft, event: ev.Event, at: Instant, sealed: Sealed) -> None:
    """Some events are history only."""


def _state(draft: Draft, event: ev.StateChanged, at: Instant, sealed: Sealed) -> None:
    draft.configuration = event.configuration
    draft.history = dict(event.history)
    for state in event.exited:
        draft.entered_at.pop(state, None)
    for state in event.entered:
        if state in event.configuration:
            draft.entered_at[state] = at


def _scheduled(draft: Draft, event: ev.ObligationScheduled, at: Instant, sealed: Sealed) -> None:
    draft.obligations[event.obligation.number] = event.obligation
    draft.next_number = event.obligation.number + 1


def _opened_obligation(draft: Draft, event: ev.ObligationOpened, at: Instant, sealed: Sealed) -> None:
    live = draft.obligations
    live[event.number] = replace(live[event.number], is_open=True, wakes_at=event.wakes_at)


def _fell_due(draft: Draft, event: ev.ObligationFellDue, at: Instant, sealed: Sealed) -> None:
    live = draft.obligations
    live[event.number] = replace(live[event.number], fell_due=True, is_open=True, wakes_at=event.wakes_at)


def _rung(draft: Draft, event: ev.RungClimbed, at: Instant, sealed: Sealed) -> None:
    live = draft.obligations
    live[event.number] = replace(
        live[event.number], rung=event.next_rung, rung_at=event.rung_at, wakes_at=event.wakes_at
    )


def _retry(draft: Draft, event: ev.RetryCame, at: Instant, sealed: Sealed) -> None:
    live = draft.obligations
    live[event.number] = replace(live[event.number], retry_at=None, wakes_at=event.wakes_at)


def _answered_escalation(draft: Draft, event: ev.EscalationAnswered, at: Instant, sealed: Sealed) -> None:
    live = draft.obligations
    live[event.number] = replace(
        live[event.number], answered_until=event.until_at, rung_at=event.rung_at, wakes_at=event.wakes_at
    )


def _count_in_a_row(draft: Draft, number: int, outcome: str) -> None:
    prefix = _row_of(draft.obligations[number])
    counted = draft.in_a_row.get(prefix + outcome, 0) + 1
    _end_row(draft, prefix)
    draft.in_a_row[prefix + outcome] = counted


def _row_of(obligation: Obligation) -> str:
    return f"{obligation.key}|{obligation.person}|"


def _end_row(draft: Draft, prefix: str) -> None:
    for key in [key for key in draft.in_a_row if key.startswith(prefix)]:
        del draft.in_a_row[key]


def _attempt(draft: Draft, event: ev.AttemptRecorded, at: Instant, sealed: Sealed) -> None:
    _count_in_a_row(draft, event.number, event.outcome)
    live = draft.obligations
    live[event.number] = replace(live[event.number], retry_at=event.retry_at, wakes_at=event.wakes_at)


def _fulfilled(draft: Draft, event: ev.ObligationFulfilled, at: Instant, sealed: Sealed) -> None:
    _count_in_a_row(draft, event.number, event.outcome)
    del draft.obligations[event.number]


def _ended(
    draft: Draft, event: ev.ObligationReplaced | ev.ObligationWithdrawn, at: Instant, sealed: Sealed
) -> None:
    # The row ends with the promise: whoever was found again is not lost at the next missed call.
    _end_row(draft, _row_of(draft.obligations.pop(event.number)))


def _due_moved(draft: Draft, event: ev.DueMoved, at: Instant, sealed: Sealed) -> None:
    held = draft.obligations[event.number]
    deferred = event.reason is MoveReason.DEFERRAL
    draft.obligations[event.number] = replace(
        held, due_at=event.due_at, due_on=event.due_on, wakes_at=event.wakes_at, provisional=event.provisional,
        unrolled_on=event.unrolled_on, calendar_version=event.calendar_version, opens_at=event.opens_at,
        rung=event.rung, rung_at=event.rung_at, deferrals=held.deferrals + deferred,
        first_due_on=held.first_due_on or held.due_on, fell_due=held.fell_due and event.due_at <= at,
    )  # fmt: skip


def _holder(draft: Draft, event: ev.HolderChanged, at: Instant, sealed: Sealed) -> None:
    draft.obligations[event.number] = replace(
        draft.obligations[event.number],
        holder=event.holder,
        held_because=event.held_because,
        co_holder=event.co_holder,
    )


def _released(draft: Draft, event: ev.CoHolderReleased, at: Instant, sealed: Sealed) -> None:
    draft.obligations[event.number] = replace(draft.obligations[event.number], co_holder="")


def _role(draft: Draft, event: ev.RoleAssigned, at: Instant, sealed: Sealed) -> None:
    draft.roles[event.role] = event.holder


def _priority(draft: Draft, event: ev.PriorityChanged, at: Instant, sealed: Sealed) -> None:
    draft.obligations[event.number] = replace(
        draft.obligations[event.number], urgency=event.urgency, reasons=event.reasons
    )


def _consent(draft: Draft, event: ev.ConsentRecorded, at: Instant, sealed: Sealed) -> None:
    draft.consents[event.kind] = event.status


def _asked(draft: Draft, event: ev.Asked, at: Instant, sealed: Sealed) -> None:
    draft.waiting[event.waiting.ref] = event.waiting
    draft.next_ref += 1


def _answered(draft: Draft, event: ev.Answered, at: Instant, sealed: Sealed) -> None:
    draft.waiting.pop(event.ref, None)


def _paused(draft: Draft, event: ev.CasePaused, at: Instant, sealed: Sealed) -> None:
    draft.pause = Pause(until_on=event.until_on, approved_by=event.approved_by, review=event.review)


def _resumed(draft: Draft, event: ev.CaseResumed, at: Instant, sealed: Sealed) -> None:
    draft.pause = None


def _linked(draft: Draft, event: ev.LinkedCaseStarted, at: Instant, sealed: Sealed) -> None:
    draft.linked[event.alias] = Linked(number=event.number, pathway=event.pathway)


def _linked_ended(draft: Draft, event: ev.LinkedCaseEnded, at: Instant, sealed: Sealed) -> None:
    draft.linked[event.alias] = replace(draft.linked[event.alias], ended=True)


def _closed(draft: Draft, event: ev.CaseClosed, at: Instant, sealed: Sealed) -> None:
    draft.status, draft.closed_at, draft.pause = CaseStatus.CLOSED, at, None


def _reopened(draft: Draft, event: ev.CaseReopened, at: Instant, sealed: Sealed) -> None:
    draft.status, draft.closed_at = CaseStatus.OPEN, None
    # Under the name of what is in force everywhere stands since when: everything begins anew.
    draft.configuration, draft.entered_at = (), {"": at}
    draft.in_a_row, draft.missed_in_a_row = {}, 0


_APPLY: dict[type[ev.Event], Callable[[Draft, Any, Instant, Sealed], None]] = {
    ev.CaseOpened: _opened,
    ev.PersonsChanged: _persons,
    ev.FormRecorded: _form,
    ev.ContactRecorded: _contact,
    ev.NoteRecorded: _nothing,
    ev.EventFired: _nothing,
    ev.StateChanged: _state,
    ev.ObligationScheduled: _scheduled,
    ev.ObligationOpened: _opened_obligation,
    ev.ObligationFellDue: _fell_due,
    ev.RungClimbed: _rung,
    ev.RetryCame: _retry,
    ev.EscalationAnswered: _answered_escalation,
    ev.AttemptRecorded: _attempt,
    ev.ObligationFulfilled: _fulfilled,
    ev.ObligationReplaced: _ended,
    ev.ObligationWithdrawn: _ended,
    ev.DueMoved: _due_moved,
    ev.HolderChanged: _holder,
    ev.CoHolderReleased: _released,
    ev.RoleAssigned: _role,
    ev.PriorityChanged: _priority,
    ev.Notified: _nothing,
    ev.ConsentRecorded: _consent,
    ev.Asked: _asked,
    ev.Answered: _answered,
    ev.CasePaused: _paused,
    ev.CaseResumed: _resumed,
    ev.LinkedCaseStarted: _linked,
    ev.LinkedCaseEnded: _linked_ended,
    ev.CaseClosed: _closed,
    ev.CaseReopened: _reopened,
}

assert set(_APPLY) == set(ev.AnyEvent.__args__), "every event has a fold"
