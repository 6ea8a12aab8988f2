"""Forms, contacts and fulfilment: one contact counts for every promise it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from engine.core.case import events as ev
from engine.core.case.case import Obligation
from engine.core.case.commands import ChangePersons, FulfilObligation, RecordContact, RecordForm
from engine.core.case.deliberation import Deliberation
from engine.core.case.movement import arm, owed_to, promise
from engine.core.case.refusals import Refused, refuse
from engine.core.case.scheduling import due_of, rewoken, schedule
from engine.core.officetime.due import Roll, due_after
from engine.core.pathway.compiled import EVERYWHERE, Definition
from engine.core.pathway.fact import BUILTIN_FACTS
from engine.core.pathway.model import Deadline, Outcome
from engine.core.vocabulary import Instant, Limit, ObligationKind

DONE = "done"
"""The outcome of a promise whose file lists none."""

ANSWERED_KINDS = frozenset(
    {ObligationKind.APPROVAL, ObligationKind.REFERRAL, ObligationKind.HANDOVER, ObligationKind.CONSENT}
)
CONTACTED_KINDS = frozenset({ObligationKind.FOLLOW_UP, ObligationKind.DEADLINE})
CONTACT_FACTS = frozenset(name for name in BUILTIN_FACTS if name.startswith("contact."))
HOUSEHOLD_FACTS = frozenset(name for name in BUILTIN_FACTS if name.startswith("household."))


def record_forms(deliberation: Deliberation) -> set[str]:
    """Record every form that the command brought; returns the dotted names of the facts recorded.

    Raises:
        Refused: a form is not one of the pathway's, or its values do not fit.
    """
    recorded: set[str] = set()
    forms = deliberation.request.sealed.by_name()
    for form, values in forms:
        check_form(deliberation, form, values)
    for form, values in forms:
        deliberation.emit(ev.FormRecorded(form=form))
        recorded |= set(_dotted(form, values))
    for form, _ in forms:
        deliberation.tell(f"recorded.{form}")
    if recorded:
        arm(deliberation, recorded)
    return recorded


def check_form(deliberation: Deliberation, form: str, values: Mapping[str, Any]) -> None:
    """Refuse values that do not fit their form, naming every field that is wrong."""
    schema = deliberation.pathway.forms.get(form)
    if schema is None:
        raise refuse("form_unknown", form=form, offered="、".join(deliberation.pathway.forms))
    problems = schema.check(values)
    if problems:
        fields = tuple(problem.field for problem in problems)
        refused = refuse("form_invalid", because=fields, form=form)
        raise Refused(
            replace(refused.refusal, problems=tuple((problem.ja, problem.en) for problem in problems))
        )


def _dotted(prefix: str, values: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name, value in values.items():
        found.append(f"{prefix}.{name}")
        if isinstance(value, Mapping):
            found.extend(_dotted(f"{prefix}.{name}", value))
    return found


def record_form(deliberation: Deliberation, command: RecordForm) -> None:
    """Record one form outside of any promise."""
    if command.form not in deliberation.request.sealed.forms:
        raise refuse("form_missing", because=(command.form,))
    record_forms(deliberation)


def record_contact(deliberation: Deliberation, command: RecordContact) -> None:
    """Record one contact, and fulfil every live promise that it keeps."""
    draft, calendar = deliberation.draft, deliberation.calendar
    if command.contacted_at > deliberation.now:
        raise refuse("contact_in_future", at=_local(deliberation, command.contacted_at))
    if calendar.local_date(command.contacted_at) < calendar.local_date(draft.opened_at):
        raise refuse("contact_before_case", at=_local(deliberation, command.contacted_at))
    for person in command.reached:
        if person not in draft.persons:
            raise refuse("person_unknown", person=person)
    target = _target(deliberation, command)
    deliberation.emit(
        ev.ContactRecorded(
            grade=command.grade,
            contacted_at=command.contacted_at,
            method=command.method,
            reached=command.reached,
        )
    )
    # What the contact itself sets running is not kept by it: who is found in danger is to be seen again.
    promised = deliberation.live()
    record_forms(deliberation)
    arm(deliberation, CONTACT_FACTS)
    for live in promised:
        chosen = command.outcome if target is not None and live.number == target.number else ""
        if keeps(deliberation, live, command) and not _retries(deliberation, live, chosen):
            outcome = chosen or _usual_outcome(deliberation, live, command.outcome)
            fulfil(deliberation, live, outcome, command.contacted_at)
        elif target is not None and live.number == target.number:
            attempt(deliberation, live, chosen)


def _local(deliberation: Deliberation, at: Instant) -> str:
    return at.astimezone(ZoneInfo(deliberation.calendar.zone)).strftime("%Y-%m-%d %H:%M")


def _target(deliberation: Deliberation, command: RecordContact) -> Obligation | None:
    """Return the promise that the worker had opened, checked against what the contact brings."""
    if not command.number:
        return None
    live = require_live(deliberation, command.number)
    if live.kind in ANSWERED_KINDS:
        raise refuse("answer_instead")
    outcome = require_outcome(deliberation, live, command.outcome)
    ends = outcome is not None and outcome.retry is None
    definition = deliberation.definition_of(live)
    needs = definition.needs if definition is not None else None
    if ends and not command.grade.reaches(needs):
        raise refuse("grade_too_low", grade=command.grade, needs=needs or "")
    form = definition.written.form if definition is not None else None
    reaches = command.grade.reaches(needs) and not (outcome is not None and outcome.retry is not None)
    if reaches and form is not None and form not in deliberation.request.sealed.forms:
        raise refuse("form_missing", because=(form,))
    if reaches and live.person and live.person not in command.reached:
        raise refuse("person_not_reached", person=live.person)
    return live


def keeps(deliberation: Deliberation, live: Obligation, command: RecordContact) -> bool:
    """Whether a contact keeps a promise: its kind, grade, person, form and day all fit."""
    definition = deliberation.definition_of(live)
    if definition is None:
        return False
    if definition.needs is None and (live.number != command.number or live.kind not in CONTACTED_KINDS):
        return False
    form = definition.written.form
    calendar = deliberation.calendar
    return (
        command.grade.reaches(definition.needs)
        and (form is None or form in deliberation.request.sealed.forms)
        and (not live.person or live.person in command.reached)
        and calendar.local_date(command.contacted_at) >= calendar.local_date(live.scheduled_at)
    )


def _outcomes(deliberation: Deliberation, live: Obligation) -> dict[str, Outcome]:
    definition = deliberation.definition_of(live)
    return (definition.written.outcomes or {}) if definition is not None else {}


def _retries(deliberation: Deliberation, live: Obligation, outcome: str) -> bool:
    written = _outcomes(deliberation, live).get(outcome)
    return written is not None and written.retry is not None


def _usual_outcome(deliberation: Deliberation, live: Obligation, named: str) -> str:
    """Return the outcome of a promise that a contact keeps on the side: the one named, if it ends it."""
    outcomes = _outcomes(deliberation, live)
    if named in outcomes and outcomes[named].retry is None:
        return named
    return next((name for name, written in outcomes.items() if written.retry is None), DONE)


def require_live(deliberation: Deliberation, number: int) -> Obligation:
    """Return a live promise by number, or refuse."""
    live = deliberation.draft.obligations.get(number)
    if live is None:
        raise refuse("obligation_unknown", number=number, case=deliberation.draft.number)
    return live


def require_outcome(deliberation: Deliberation, live: Obligation, outcome: str) -> Outcome | None:
    """Return what the file says of an outcome; refuse one that it does not list."""
    outcomes = _outcomes(deliberation, live)
    if not outcome or (not outcomes and outcome == DONE):
        return None
    if outcome not in outcomes:
        raise refuse("outcome_unknown", outcome=outcome, offered="、".join(outcomes) or DONE)
    return outcomes[outcome]


def fulfil_by_hand(deliberation: Deliberation, command: FulfilObligation) -> None:
    """Say that a review, a deadline or the like is done. A promise of contact wants the contact recorded."""
    live = require_live(deliberation, command.number)
    if live.kind in ANSWERED_KINDS:
        raise refuse("answer_instead")
    outcome = require_outcome(deliberation, live, command.outcome)
    definition = deliberation.definition_of(live)
    if definition is not None and not deliberation.actor_has((live.role,)) and not _holds(deliberation, live):
        raise refuse("role_needed", roles=deliberation.role_words((live.role,)))
    if definition is not None and definition.needs is not None:
        raise refuse("needs_contact")
    form = definition.written.form if definition is not None else None
    retries = outcome is not None and outcome.retry is not None
    if form is not None and form not in deliberation.request.sealed.forms and not retries:
        raise refuse("form_missing", because=(form,))
    record_forms(deliberation)
    if retries:
        attempt(deliberation, live, command.outcome)
    elif live.number in deliberation.draft.obligations:
        name = command.outcome or _usual_outcome(deliberation, live, "")
        fulfil(deliberation, live, name, deliberation.now)


def _holds(deliberation: Deliberation, live: Obligation) -> bool:
    acts = deliberation.directory.acts_for
    return acts(deliberation.actor, live.holder) or (
        bool(live.co_holder) and acts(deliberation.actor, live.co_holder)
    )


def attempt(deliberation: Deliberation, live: Obligation, outcome: str) -> None:
    """Record that a promise was tried and not kept. Its due time stands; the ladder goes on."""
    written = _outcomes(deliberation, live).get(outcome)
    retry_at = None
    if written is not None and written.retry is not None:
        due = due_after(deliberation.now, written.retry, Roll.EARLIER, deliberation.calendar)
        retry_at = due.at if written.retry.is_elapsed else deliberation.calendar.start_of_day(due.on)
        retry_at = max(retry_at, deliberation.now)
    deliberation.emit(
        ev.AttemptRecorded(
            number=live.number, outcome=outcome, retry_at=retry_at, wakes_at=rewoken(live, retry_at=retry_at)
        )
    )
    if written is not None:
        _consequences(deliberation, live, outcome, written)


def fulfil(deliberation: Deliberation, live: Obligation, outcome: str, kept_at: Instant) -> None:
    """End a promise as kept, make its successor in the same breath, and tell the chart."""
    definition = deliberation.definition_of(live)
    deliberation.emit(ev.ObligationFulfilled(number=live.number, outcome=outcome, late=kept_at > live.due_at))
    written = _outcomes(deliberation, live).get(outcome)
    if definition is not None:
        _succeed(deliberation, live, definition, written, kept_at)
    if written is not None:
        _consequences(deliberation, live, outcome, written)
    if definition is not None:
        deliberation.tell(f"fulfilled.{live.key}")
    elif live.kind is ObligationKind.PAUSE_REVIEW:
        deliberation.emit(ev.CaseResumed())


def _consequences(deliberation: Deliberation, live: Obligation, outcome: str, written: Outcome) -> None:
    deliberation.notify(written.notify, live, f"outcome.{outcome}")
    if written.raise_ is None:
        return
    counted = deliberation.draft.in_a_row.get(f"{live.key}|{live.person}|{outcome}", 0)
    if counted >= (written.after or 1):
        deliberation.tell(written.raise_)


def _succeed(
    deliberation: Deliberation,
    live: Obligation,
    definition: Definition,
    outcome: Outcome | None,
    kept_at: Instant,
) -> None:
    """Schedule what comes after a kept promise: by the outcome, the recurrence or the list of times."""
    calendar, written = deliberation.calendar, definition.written
    following = live.occurrence + 1
    if outcome is not None and outcome.next is not None:
        due = due_after(max(kept_at, live.scheduled_at), outcome.next, definition.roll, calendar)
        if due.at <= deliberation.now:
            due = due_after(deliberation.now, outcome.next, definition.roll, calendar)
        schedule(
            deliberation, definition, person=live.person, occurrence=following, anchored_at=kept_at, due=due,
            spaced=str(outcome.next),
        )  # fmt: skip
        return
    if isinstance(written, Deadline) or written.due is not None:
        return
    if written.at is not None:
        times = written.at
        anchor = live.anchored_at or live.scheduled_at
        # One contact stands for every listed time that had come by then.
        while (
            following < len(times)
            and due_after(anchor, times[following], definition.roll, calendar).at <= kept_at
        ):
            following += 1
        if following < len(times):
            schedule(deliberation, definition, person=live.person, occurrence=following, anchored_at=anchor)
        return
    assert written.every is not None, "the model demands one timing"
    if written.every.span_at(following) is None:
        return
    on_grid = written.from_ == "schedule"
    anchor = (live.anchored_at or live.scheduled_at) if on_grid else kept_at
    # On a grid, keeping a promise early does not make the same date come twice.
    due = due_of(
        definition, anchor, following, max(deliberation.now, live.due_at if on_grid else kept_at), calendar
    )
    schedule(deliberation, definition, person=live.person, occurrence=following, anchored_at=anchor, due=due)


def change_persons(deliberation: Deliberation, command: ChangePersons) -> None:
    """Add members of the household or put them right; new members are owed what the others are."""
    draft = deliberation.draft
    ids = tuple(
        dict.fromkeys((*draft.persons, *(person.id for person in deliberation.request.sealed.persons)))
    )
    if len(ids) > Limit.PERSONS_PER_CASE_MAX:
        raise refuse("too_many_persons", most=int(Limit.PERSONS_PER_CASE_MAX))
    states = (EVERYWHERE, *draft.configuration)
    owed = [
        (definition, set(owed_to(deliberation, definition)))
        for state in states
        for definition in deliberation.pathway.definitions.get(state, ())
        if definition.written.for_ is not None and definition.arms_when is None
    ]
    deliberation.emit(ev.PersonsChanged(persons=ids))
    for definition, before in owed:
        # To whom it was owed already it stays as it is, kept or live: a corrected name is no new promise.
        promise(deliberation, definition, only=set(owed_to(deliberation, definition)) - before)
    arm(deliberation, HOUSEHOLD_FACTS)
