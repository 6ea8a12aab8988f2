"""What is asked of somebody and answered: approvals, consents, referrals, hand-overs.

Each is an obligation of whoever must answer, with a due time and a ladder. The
one who asked keeps everything until the answer has come.
"""

from __future__ import annotations

from engine.core.case import events as ev
from engine.core.case.case import Obligation, Waiting
from engine.core.case.commands import AskConsent, HandOver, RecordConsent, Refer
from engine.core.case.deliberation import ENGINE_ACTORS, Deliberation
from engine.core.case.refusals import refuse
from engine.core.case.scheduling import schedule_own
from engine.core.officetime.due import Due, Roll, due_after
from engine.core.officetime.span import Span, SpanError, SpanUnit
from engine.core.pathway.compiled import SHARING
from engine.core.pathway.model import Approval
from engine.core.vocabulary import ConsentStatus, HolderKind, HolderReason, ObligationKind

APPROVAL_WITHIN = Span(3, SpanUnit.OFFICE_DAY)
CONSENT_WITHIN = Span(14, SpanUnit.DAY)
SHARING_WORDS = ("情報共有", "sharing")
HANDOVER_WITHIN = Span(2, SpanUnit.OFFICE_DAY)


def due_within(deliberation: Deliberation, span: Span, roll: Roll = Roll.EARLIER) -> Due:
    """Return when something asked now is to be answered."""
    return due_after(deliberation.now, span, roll, deliberation.calendar)


def new_ref(deliberation: Deliberation) -> str:
    """Return the name of the next request of this case: r1, r2, …"""
    return f"r{deliberation.draft.next_ref}"


def _own_role(deliberation: Deliberation) -> str:
    """Return the role that does the everyday work of the pathway: the first the file names."""
    return next(iter(deliberation.pathway.pathway.roles))


def _asker(deliberation: Deliberation) -> str:
    if deliberation.actor in ENGINE_ACTORS:
        return deliberation.resolve(_own_role(deliberation)).holder
    return deliberation.actor


def _ask(deliberation: Deliberation, waiting: Waiting) -> None:
    deliberation.emit(ev.Asked(waiting=waiting))


def is_asked(deliberation: Deliberation, event: str) -> str:
    """Return the request that already asks for the approval of an event; empty if none does."""
    return next(
        (
            waiting.ref
            for waiting in deliberation.draft.waiting.values()
            if waiting.kind is ObligationKind.APPROVAL and waiting.event == event
        ),
        "",
    )


def ask_approval(deliberation: Deliberation, event: str, approval: Approval) -> None:
    """Ask for the approval that an event needs; the case stays where it is until it is given."""
    if already := is_asked(deliberation, event):
        raise refuse("already_asked", ref=already)
    ref = new_ref(deliberation)
    within = approval.within or APPROVAL_WITHIN
    due = due_within(deliberation, within, Roll.LATER)
    held = schedule_own(
        deliberation, ObligationKind.APPROVAL, key=f"approve.{event}", role=approval.by, due=due,
        ladder=approval.ladder, ref=ref, within=within, counterpart=_asker(deliberation),
    )  # fmt: skip
    _ask(
        deliberation,
        Waiting(
            ref=ref, kind=ObligationKind.APPROVAL, obligation=held.number, asked_by=_asker(deliberation),
            asked_at=deliberation.now, event=event, to=held.holder,
        ),
    )  # fmt: skip


def ask_consent(deliberation: Deliberation, command: AskConsent) -> None:
    """Make somebody ask the person for a consent, by a day."""
    kinds = deliberation.pathway.consent_kinds()
    if command.kind not in kinds:
        raise refuse("consent_unknown", kind=command.kind, offered="、".join(sorted(kinds)))
    key = f"consent.{command.kind}"
    if any(live.key == key for live in deliberation.draft.obligations.values()):
        raise refuse("already_asked", ref=key)
    written = deliberation.pathway.pathway.consents.get(command.kind)
    within = (written.within if written else None) or CONSENT_WITHIN
    role = (written.by if written else None) or _own_role(deliberation)
    schedule_own(
        deliberation, ObligationKind.CONSENT, key=key, role=role, due=due_within(deliberation, within),
        ladder=written.ladder if written else None, within=within,
    )  # fmt: skip


def record_consent(deliberation: Deliberation, command: RecordConsent) -> None:
    """Record what the person said about a consent; ends the promise to ask."""
    kinds = deliberation.pathway.consent_kinds()
    if command.kind not in kinds or command.status is ConsentStatus.NOT_ASKED:
        raise refuse("consent_unknown", kind=command.kind, offered="、".join(sorted(kinds)))
    deliberation.emit(ev.ConsentRecorded(kind=command.kind, status=command.status))
    for live in deliberation.live():
        if live.key == f"consent.{command.kind}":
            end_request(deliberation, live, command.status.value)
    deliberation.tell(f"consent.{command.kind}")


def end_request(deliberation: Deliberation, obligation: Obligation, outcome: str) -> None:
    """End the promise to answer, with what was answered."""
    late = deliberation.now > obligation.due_at
    deliberation.emit(ev.ObligationFulfilled(number=obligation.number, outcome=outcome, late=late))


def refer(deliberation: Deliberation, command: Refer) -> None:
    """Link the person to an agency at a worker's own wish."""
    try:
        within = Span.parse(command.within)
    except SpanError as error:
        raise refuse("span_invalid", span=command.within) from error
    found = deliberation.directory.holders.get(command.to)
    if found is None or found.kind is not HolderKind.AGENCY:
        raise refuse("agency_unknown", agency=command.to)
    if deliberation.draft.consents.get(SHARING) is not ConsentStatus.GIVEN:
        raise refuse("consent_missing", because=(SHARING,), kind=SHARING_WORDS)
    ladder = command.ladder if command.ladder in deliberation.pathway.ladders else None
    send_referral(deliberation, to=command.to, within=within, name=command.name or command.to, ladder=ladder)


def send_referral(
    deliberation: Deliberation, *, to: str, within: Span, name: str, ladder: str | None
) -> None:
    """Send a referral: the sender holds the promise to get an answer, beside everything held before."""
    asker = _asker(deliberation)
    ref = new_ref(deliberation)
    held = schedule_own(
        deliberation, ObligationKind.REFERRAL, key=f"referral.{name}", role=_own_role(deliberation),
        due=due_within(deliberation, within), ladder=ladder, ref=ref, holder=asker, counterpart=to, within=within,
    )  # fmt: skip
    _ask(
        deliberation,
        Waiting(
            ref=ref, kind=ObligationKind.REFERRAL, obligation=held.number, asked_by=asker,
            asked_at=deliberation.now, name=name, to=to,
        ),
    )  # fmt: skip


def hand_over(deliberation: Deliberation, command: HandOver) -> None:
    """Offer work to another holder; both hold it until the receiver accepts."""
    if not deliberation.directory.can_hold(command.to):
        raise refuse("receiver_cannot_hold", holder=command.to)
    from_holder = command.holder or (deliberation.actor if not command.numbers else "")
    numbers = tuple(
        live.number
        for live in deliberation.live()
        if live.kind is not ObligationKind.HANDOVER
        and live.holder != command.to
        and (live.number in command.numbers if command.numbers else live.holder == from_holder)
    )
    if not numbers:
        raise refuse("nothing_to_hand_over")
    for waiting in deliberation.draft.waiting.values():
        if not set(numbers).isdisjoint(waiting.numbers):
            raise refuse("already_asked", ref=waiting.ref)
    if not deliberation.request.sealed.note:
        raise refuse("reason_missing")
    draft = deliberation.draft
    giver = from_holder or draft.obligations[numbers[0]].holder
    roles = (
        () if command.numbers else tuple(sorted(role for role, held in draft.roles.items() if held == giver))
    )
    ref = new_ref(deliberation)
    held = schedule_own(
        deliberation, ObligationKind.HANDOVER, key="handover", role=draft.obligations[numbers[0]].role,
        due=due_within(deliberation, HANDOVER_WITHIN, Roll.LATER), ladder=None, ref=ref, holder=command.to,
        counterpart=giver, within=HANDOVER_WITHIN,
    )  # fmt: skip
    for number in numbers:
        live = draft.obligations[number]
        deliberation.emit(
            ev.HolderChanged(
                number=number, holder=live.holder, held_because=live.held_because, co_holder=command.to
            )
        )
    _ask(
        deliberation,
        Waiting(
            ref=ref, kind=ObligationKind.HANDOVER, obligation=held.number, asked_by=giver,
            asked_at=deliberation.now, to=command.to, numbers=numbers, roles=roles,
        ),
    )  # fmt: skip


def answer_hand_over(deliberation: Deliberation, waiting: Waiting, *, accept: bool) -> None:
    """Settle a hand-over: everything goes over at once, or everything stays."""
    draft = deliberation.draft
    if accept and not deliberation.directory.can_hold(waiting.to):
        raise refuse("receiver_cannot_hold", holder=waiting.to)
    # What came of the work meanwhile goes over with it.
    offered = {number for other in draft.waiting.values() for number in other.numbers}
    since = [
        live.number
        for live in deliberation.live()
        if live.number > waiting.obligation and live.number not in offered
        and live.holder == waiting.asked_by and live.role in waiting.roles
    ]  # fmt: skip
    for number in (*waiting.numbers, *(since if accept else ())):
        live = draft.obligations.get(number)
        if live is None:
            continue
        if accept:
            deliberation.emit(
                ev.HolderChanged(number=number, holder=waiting.to, held_because=HolderReason.HANDOVER)
            )
        elif live.co_holder == waiting.to:
            deliberation.emit(ev.CoHolderReleased(number=number))
    if accept:
        for role in waiting.roles:
            deliberation.emit(ev.RoleAssigned(role=role, holder=waiting.to))
