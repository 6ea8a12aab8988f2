"""Say what a command makes happen to a case, without making it happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core.case import commands as cmd
from engine.core.case import events as ev
from engine.core.case import postponement, recording, requesting, waking
from engine.core.case.case import Case, Content, Waiting
from engine.core.case.deliberation import Circumstances, Decision, Deliberation, Request
from engine.core.case.draft import Draft
from engine.core.case.entry import Entry, Grounds
from engine.core.case.movement import arm, fire, offered_events, open_at, settle, state_words
from engine.core.case.refusals import Refusal, Refused, refuse
from engine.core.officetime.calendar import OutsideCalendar
from engine.core.pathway.chart import MicrostepLimit
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import HolderKind, Limit, ObligationKind


class PathwayMismatch(Exception):
    """The case belongs to another version of the pathway. A caller's bug, never a worker's mistake."""


def decide(
    around: Circumstances, case: Case | None, content: Content | Callable[[], Content], request: Request
) -> Decision | Refusal:
    """Decide a command: the entry to append and what stands after it, or a refusal.

    Equal arguments give equal answers on any machine in any year: auditors
    run this function again. `request.at` dates the events and the due
    instants they set. A due instant already on record never moves because
    of how late a command comes. `content` may say how to get it: few
    wake-ups read anything personal, and then it stays sealed.

    Raises:
        PathwayMismatch: the case belongs to another version of the pathway.
    """
    if case is not None and (case.pathway, case.version) != (around.pathway.name, around.pathway.version):
        raise PathwayMismatch(f"case {case.number} follows {case.pathway} v{case.version}")
    draft = Draft.empty(request.case, request.at) if case is None else Draft.of(case, content)
    deliberation = Deliberation(around, draft, request)
    try:
        _admit(deliberation, case)
        _DECIDE[type(request.command)](deliberation, request.command)
        settle(deliberation)
        _rank(deliberation)
        _keep_promise(deliberation)
    except Refused as refused:
        return refused.refusal
    except OutsideCalendar as outside:
        return refuse("calendar_ends", last=outside.last_on).refusal
    except MicrostepLimit:
        return refuse("cascade_too_long").refusal
    draft.seq += 1
    entry = Entry(
        case=request.case, seq=draft.seq, at=request.at, actor=request.actor, command=request.command,
        events=tuple(deliberation.events), key=request.key,
        grounds=Grounds(calendar=around.calendar.version, directory=around.directory.version),
    )  # fmt: skip
    # The very same value where nothing personal changed, so that it is not sealed again; and where
    # nothing personal was read either, it is not even opened: that saves a fifth of a wake-up.
    stands = content if not draft.is_opened() else draft.content
    if stands is not content and isinstance(content, Content) and stands == content:
        stands = content
    return Decision(entry=entry, case=draft.case(), stands=stands, effects=tuple(deliberation.effects))


def _admit(deliberation: Deliberation, case: Case | None) -> None:
    """Let in whoever may act, on a case that can be acted on."""
    deliberation.require_actor()
    command = deliberation.request.command
    number = deliberation.draft.number
    if len(deliberation.request.sealed.note) > Limit.NOTE_CHARACTERS_MAX:
        raise refuse("note_too_long", most=int(Limit.NOTE_CHARACTERS_MAX))
    if case is None:
        if not isinstance(command, cmd.OpenCase):
            raise refuse("case_unknown", case=number)
    elif isinstance(command, cmd.OpenCase):
        raise refuse("key_reused", key=number)
    elif isinstance(command, cmd.ReopenCase):
        if case.is_open:
            raise refuse("case_open", case=number)
    elif not case.is_open and not isinstance(command, _ON_CLOSED):
        raise refuse("case_closed", case=number)


_ON_CLOSED = (cmd.AddNote, cmd.Tell, cmd.Redate, cmd.Reroute)
"""What may still be said of a closed case."""


def _keep_promise(deliberation: Deliberation) -> None:
    """I1: an open case is never left without a live obligation. The last line; the checker is the first."""
    draft = deliberation.draft
    if draft.closed_at is None and draft.configuration and not draft.obligations:
        raise refuse("would_be_forgotten")
    if len(draft.obligations) > Limit.LIVE_OBLIGATIONS_MAX:
        raise refuse("cascade_too_long")


URGENT = "urgent"
URGENT_POINTS = 100


def _rank(deliberation: Deliberation) -> None:
    """Say anew how pressing each promise is, where the facts have changed that."""
    pathway = deliberation.pathway
    if isinstance(deliberation.request.command, cmd.Wake) and not any(
        isinstance(event, ev.ObligationScheduled) for event in deliberation.events
    ):
        return
    weighed: list[tuple[str, int]] | None = None
    for live in deliberation.live():
        definition = deliberation.definition_of(live)
        urgent = definition.urgent if definition is not None else None
        if urgent is None and not pathway.weights:
            continue
        if weighed is None:
            facts = deliberation.facts()
            weighed = [
                (f"w{index}", points)
                for index, (guard, points) in enumerate(pathway.weights)
                if guard.evaluate(facts) is True
            ]
        reasons = [*weighed]
        if urgent is not None and urgent.evaluate(deliberation.facts()) is True:
            reasons.insert(0, (URGENT, URGENT_POINTS))
        urgency, names = sum(points for _, points in reasons), tuple(name for name, _ in reasons)
        if (urgency, names) != (live.urgency, live.reasons):
            deliberation.emit(ev.PriorityChanged(number=live.number, urgency=urgency, reasons=names))


def reason_words(pathway: Compiled, reasons: tuple[str, ...], lang: str) -> tuple[str, ...]:
    """Say the reasons of a rank, as recorded in a `PriorityChanged`, in words."""
    said = []
    for reason in reasons:
        if reason == URGENT:
            said.append("急ぎ" if lang == "ja" else "urgent")
        else:
            said.append(pathway.pathway.priority[int(reason[1:])].because.text(lang))
    return tuple(said)


def _open(deliberation: Deliberation, command: cmd.OpenCase) -> None:
    pathway = deliberation.pathway.pathway
    sealed = deliberation.request.sealed
    opening = pathway.opening.form
    if not command.parent and opening not in sealed.forms:
        raise refuse("form_missing", because=(opening,))
    if len(sealed.persons) > Limit.PERSONS_PER_CASE_MAX:
        raise refuse("too_many_persons", most=int(Limit.PERSONS_PER_CASE_MAX))
    _known_roles(deliberation, command.roles)
    deliberation.emit(
        ev.CaseOpened(
            pathway=pathway.pathway, version=pathway.version, subject=pathway.subject, channel=command.channel,
            persons=tuple(dict.fromkeys(person.id for person in sealed.persons)), roles=dict(command.roles),
            received_on=command.received_on, parent=command.parent, parent_alias=command.parent_alias,
        )
    )  # fmt: skip
    for form, values in sealed.by_name():
        if not command.parent:
            recording.check_form(deliberation, form, values)
        deliberation.emit(ev.FormRecorded(form=form))
    open_at(deliberation, pathway.opening.state)
    for form, _ in sealed.by_name():
        deliberation.tell(f"recorded.{form}")


def _known_roles(deliberation: Deliberation, roles: dict[str, str]) -> None:
    known = deliberation.pathway.pathway.roles
    for role, holder in roles.items():
        if role not in known:
            raise refuse("role_unknown", role=role, offered="、".join(known))
        if not deliberation.directory.can_hold(holder):
            raise refuse("receiver_cannot_hold", holder=holder)


def _reopen(deliberation: Deliberation, command: cmd.ReopenCase) -> None:
    if not deliberation.request.sealed.note:
        raise refuse("reason_missing")
    pathway = deliberation.pathway.pathway
    state = pathway.reopening.state if pathway.reopening is not None else pathway.opening.state
    deliberation.emit(ev.CaseReopened(state=state))
    open_at(deliberation, state)


def _note(deliberation: Deliberation, command: cmd.AddNote) -> None:
    if not deliberation.request.sealed.note:
        raise refuse("reason_missing")
    deliberation.emit(ev.NoteRecorded())


def _fire(deliberation: Deliberation, command: cmd.FireEvent) -> None:
    recording.record_forms(deliberation)
    settle(deliberation)
    fire(deliberation, command.name)


def _close(deliberation: Deliberation, command: cmd.CloseCase) -> None:
    name = command.event or _closing_event(deliberation)
    recording.record_forms(deliberation)
    settle(deliberation)
    fire(deliberation, name)


def _closing_event(deliberation: Deliberation) -> str:
    """Return the one event offered here that leads to a final state."""
    places, ways = deliberation.pathway.places, deliberation.pathway.ways
    active = set(deliberation.draft.configuration)
    closing = {
        way.event
        for way in ways.values()
        if way.event and way.source in active and way.written.to is not None and way.written.to in places
        and places[way.written.to].written.final and places[way.written.to].depth == 0
    }  # fmt: skip
    if len(closing) != 1:
        offered = "、".join(sorted(closing) or offered_events(deliberation)) or "―"
        raise refuse("no_way_to_close", state=state_words(deliberation), offered=offered)
    return closing.pop()


def _withdraw(deliberation: Deliberation, command: cmd.WithdrawObligation) -> None:
    live = recording.require_live(deliberation, command.number)
    if not deliberation.request.sealed.note:
        raise refuse("reason_missing")
    if command.approved_by == deliberation.actor:
        raise refuse("own_request")
    approver = deliberation.directory.holders.get(command.approved_by)
    if approver is None or approver.kind is not HolderKind.PERSON:
        raise refuse("actor_unknown", actor=command.approved_by)
    if not deliberation.directory.can_hold(approver.id):
        raise refuse("actor_left", actor=approver.name)
    waiting = next(
        (asked for asked in deliberation.draft.waiting.values() if asked.obligation == live.number), None
    )
    if waiting is not None:
        if waiting.kind is ObligationKind.HANDOVER:
            requesting.answer_hand_over(deliberation, waiting, accept=False)
        deliberation.emit(ev.Answered(ref=waiting.ref, accepted=False))
    deliberation.emit(
        ev.ObligationWithdrawn(number=live.number, because="withdrawn", approved_by=command.approved_by)
    )
    if live.kind is ObligationKind.PAUSE_REVIEW:
        deliberation.emit(ev.CaseResumed())
    if not any(deliberation.definition_of(other) for other in deliberation.live()):
        # An answer that somebody owes is no next step for the person: it ends, and nothing would follow.
        raise refuse("would_be_forgotten")


def _answer(deliberation: Deliberation, command: cmd.AnswerRequest) -> None:
    """Take an answer: give effect to what was asked, or bring it back to whoever asked."""
    waiting = deliberation.draft.waiting.get(command.ref)
    if waiting is None:
        raise refuse("request_unknown", ref=command.ref, case=deliberation.draft.number)
    live = deliberation.draft.obligations[waiting.obligation]
    _may_answer(deliberation, waiting)
    if not command.accept and not deliberation.request.sealed.note:
        raise refuse("reason_missing")
    deliberation.emit(ev.Answered(ref=waiting.ref, accepted=command.accept))
    requesting.end_request(deliberation, live, "accepted" if command.accept else "refused")
    if waiting.kind is ObligationKind.HANDOVER:
        requesting.answer_hand_over(deliberation, waiting, accept=command.accept)
    elif waiting.kind is ObligationKind.REFERRAL:
        deliberation.tell(f"{'accepted' if command.accept else 'refused'}.{waiting.name}")
    elif command.accept:
        _approved(deliberation, waiting, live.role)
    if waiting.asked_by != deliberation.actor and deliberation.directory.can_hold(waiting.asked_by):
        about = f"{waiting.kind.value}.{'accepted' if command.accept else 'refused'}"
        deliberation.emit(ev.Notified(to=(waiting.asked_by,), number=live.number, about=about))


def _may_answer(deliberation: Deliberation, waiting: Waiting) -> None:
    live = deliberation.draft.obligations[waiting.obligation]
    if waiting.kind is ObligationKind.APPROVAL and waiting.asked_by == deliberation.actor:
        raise refuse("own_request")
    if waiting.kind is ObligationKind.REFERRAL:
        return
    if not deliberation.directory.acts_for(deliberation.actor, live.holder) and not (
        waiting.kind is ObligationKind.APPROVAL and deliberation.actor_has((live.role,))
    ):
        raise refuse("role_needed", roles=deliberation.role_words((live.role,)))


def _approved(deliberation: Deliberation, waiting: Waiting, role: str) -> None:
    event, before = waiting.event, deliberation.draft.configuration
    if waiting.until_on is not None:
        postponement.pause(deliberation, waiting.until_on)
    elif event in offered_events(deliberation):
        fire(deliberation, event, approved_by=role)
    else:
        # The engine told it, not a person; or the case moved on meanwhile, and whoever asked hears of it.
        deliberation.approved[event] = role
        told = len(deliberation.events)
        deliberation.tell(event)
        settle(deliberation)
        if len(deliberation.events) == told and deliberation.draft.configuration == before:
            deliberation.emit(ev.Notified(to=(waiting.asked_by,), number=0, about="approval.moot"))


def _assign(deliberation: Deliberation, command: cmd.AssignRole) -> None:
    _known_roles(deliberation, {command.role: command.holder})
    before = deliberation.draft.roles.get(command.role)
    deliberation.emit(ev.RoleAssigned(role=command.role, holder=command.holder))
    offered = {number for asked in deliberation.draft.waiting.values() for number in asked.numbers}
    for live in deliberation.live():
        stays = live.kind in (ObligationKind.HANDOVER, ObligationKind.REFERRAL) or live.number in offered
        if live.role == command.role and not stays and live.holder not in (command.holder, before):
            found = deliberation.resolve(command.role)
            deliberation.emit(
                ev.HolderChanged(
                    number=live.number, holder=found.holder, held_because=found.because,
                    co_holder=live.co_holder if live.co_holder != found.holder else "",
                )
            )  # fmt: skip


def _consent(deliberation: Deliberation, command: cmd.RecordConsent) -> None:
    requesting.record_consent(deliberation, command)
    arm(deliberation, {f"consent.{command.kind}"})


def _tell(deliberation: Deliberation, command: cmd.Tell) -> None:
    linked = deliberation.draft.linked.get(command.alias)
    if linked is not None and linked.ended:
        return
    if linked is not None:
        deliberation.emit(ev.LinkedCaseEnded(alias=command.alias))
    # The file knows a case that was started again by its first name: housing_2 is housing to it.
    name, known = f"{command.name}.{command.alias}", deliberation.pathway.chart.events
    deliberation.tell(name if name in known else name.rpartition("_")[0] or name)


_DECIDE: dict[type[cmd.Command], Callable[[Deliberation, Any], None]] = {
    cmd.OpenCase: _open,
    cmd.RecordContact: recording.record_contact,
    cmd.RecordForm: recording.record_form,
    cmd.AddNote: _note,
    cmd.ChangePersons: recording.change_persons,
    cmd.FireEvent: _fire,
    cmd.FulfilObligation: recording.fulfil_by_hand,
    cmd.WithdrawObligation: _withdraw,
    cmd.DeferObligation: postponement.defer,
    cmd.AnswerEscalation: waking.answer_escalation,
    cmd.AskConsent: requesting.ask_consent,
    cmd.RecordConsent: _consent,
    cmd.AnswerRequest: _answer,
    cmd.Refer: requesting.refer,
    cmd.HandOver: requesting.hand_over,
    cmd.AssignRole: _assign,
    cmd.PauseCase: postponement.ask_pause,
    cmd.ResumeCase: postponement.resume,
    cmd.CloseCase: _close,
    cmd.ReopenCase: _reopen,
    cmd.Wake: lambda deliberation, command: waking.wake(deliberation),
    cmd.Redate: postponement.redate,
    cmd.Reroute: postponement.reroute,
    cmd.Tell: _tell,
}

assert set(_DECIDE) == set(cmd.AnyCommand.__args__), "every command has a decision"
