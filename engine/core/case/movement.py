"""How a case moves: which way an event takes, what it needs, what it ends and what it begins."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from engine.core.case import events as ev
from engine.core.case.deliberation import Deliberation, StartLinked, TellParent
from engine.core.case.facts import Facts
from engine.core.case.refusals import refuse
from engine.core.case.requesting import SHARING_WORDS, ask_approval, is_asked, send_referral
from engine.core.case.scheduling import schedule
from engine.core.pathway.chart import Step
from engine.core.pathway.compiled import EVERYWHERE, SHARING, Definition, Way
from engine.core.pathway.model import Approval, Deadline, Start
from engine.core.vocabulary import ConsentStatus, Instant, Limit


class _Asking:
    """Answers the chart's guards on the facts as they stood when the event arrived."""

    def __init__(self, deliberation: Deliberation, *, told: bool) -> None:
        self._deliberation = deliberation
        self._facts = deliberation.facts()
        self._told = told
        self.unknown: dict[str, Way] = {}
        self.refused: dict[str, Way] = {}

    def __call__(self, name: str) -> bool:
        way = self._deliberation.pathway.ways[name]
        answer = True if way.guard is None else way.guard.evaluate(self._facts)
        if answer is None:
            self.unknown[name] = way
        elif not answer:
            self.refused[name] = way
        return bool(answer) and self._allows(way)

    def _allows(self, way: Way) -> bool:
        consent = way.written.consent
        if consent is not None and (consent.without or self._told or way.event is None):
            given = consent_given(self._deliberation, consent.kind)
            if given == way.refused_consent:
                return False
        if self._told or way.event is None:
            return not missing_forms(self._deliberation, way.written.requires)
        return True


def consent_given(deliberation: Deliberation, kind: str) -> bool:
    """Whether the person's consent of a kind is on record and stands."""
    return deliberation.draft.consents.get(kind) is ConsentStatus.GIVEN


def missing_forms(deliberation: Deliberation, requires: Iterable[str] | None) -> tuple[str, ...]:
    """Return the forms that are not on record yet."""
    return tuple(form for form in requires or () if form not in deliberation.draft.forms)


def offered_events(deliberation: Deliberation) -> tuple[str, ...]:
    """Return the events that a person can fire here, guards unasked, in the file's order."""
    found: dict[str, None] = {}
    for transition in deliberation.pathway.chart.offered(deliberation.draft.configuration):
        if transition.event is not None and "." not in transition.event:
            found[transition.event] = None
    return tuple(found)


def open_at(deliberation: Deliberation, state: str) -> None:
    """Bring a new or reopened case into a state, with everything promised there and everywhere."""
    asking = _Asking(deliberation, told=True)
    step = deliberation.pathway.chart.enter(state, asking)
    _moved(deliberation, step, first=True)


def fire(deliberation: Deliberation, name: str, *, approved_by: str = "") -> bool:
    """Move the case by an event that a person fires. Returns False when an approval is asked for first.

    `approved_by` is the role that has approved it already. The approver need
    not be one who may fire the event; whoever asked was.

    Raises:
        Refused: the state does not offer the event, its conditions do not hold
            or are not known, or something it needs is missing.
    """
    step = _foreseen(deliberation, name)
    ways = [deliberation.pathway.ways[taken] for taken in step.taken]
    fired = [way for way in ways if way.event == name]
    for way in fired:
        _require(deliberation, way, asked=bool(approved_by))
    closes = deliberation.pathway.chart.is_finished(step.configuration)
    if closes and not deliberation.request.sealed.note and not approved_by:
        raise refuse("persons_view_missing")
    approval = _approval_of(fired)
    if approval is not None and approval.by != approved_by:
        ask_approval(deliberation, name, approval)
        return False
    deliberation.emit(ev.EventFired(name=name))
    _moved(deliberation, step)
    return True


def _approval_of(ways: Iterable[Way]) -> Approval | None:
    """Return the approval that a step needs, if any."""
    return next(
        (way.written.approval for way in ways if way.written.approval and not way.refused_consent), None
    )


def _foreseen(deliberation: Deliberation, name: str) -> Step:
    """Return the macrostep that an event would make, or refuse with the reason why it makes none."""
    draft = deliberation.draft
    offered = offered_events(deliberation)
    if name not in offered:
        known = name in {way.event for way in deliberation.pathway.ways.values()} and "." not in name
        raise refuse(
            "event_not_offered" if known else "event_unknown",
            event=name, state=state_words(deliberation), offered="、".join(offered) or "―",
        )  # fmt: skip
    asking = _Asking(deliberation, told=False)
    step = deliberation.pathway.chart.step(draft.configuration, draft.history, name, asking)
    unknown = [way for way in asking.unknown.values() if way.event == name]
    if unknown:
        raise refuse("fact_missing", because=_missing_facts(deliberation, unknown), event=name)
    if not any(deliberation.pathway.ways[taken].event == name for taken in step.taken):
        refused = [way.guard.text for way in asking.refused.values() if way.guard and way.event == name]
        raise refuse("guard_says_no", because=tuple(refused), event=name)
    return step


def _missing_facts(deliberation: Deliberation, ways: Iterable[Way]) -> tuple[str, ...]:
    """Name what must be recorded: the forms that were never recorded, else the single facts."""
    facts = deliberation.facts()
    names = sorted({name for way in ways if way.guard for name in way.guard.reads if facts.get(name) is None})
    found: dict[str, None] = {}
    for name in names:
        form = name.split(".")[0]
        found[
            form if form in deliberation.pathway.forms and form not in deliberation.draft.forms else name
        ] = None
    return tuple(found)


def _require(deliberation: Deliberation, way: Way, *, asked: bool) -> None:
    written = way.written
    if written.by is not None and not asked and not deliberation.actor_has(written.by):
        raise refuse("role_needed", roles=deliberation.role_words(written.by))
    missing = missing_forms(deliberation, written.requires)
    if missing:
        raise refuse("form_missing", because=missing)
    consent = written.consent
    if consent is not None and not way.refused_consent and not consent_given(deliberation, consent.kind):
        raise refuse(
            "consent_missing", because=(consent.kind,), kind=consent_words(deliberation, consent.kind)
        )
    if written.refer is not None and written.refer.consent is not None:
        kind = written.refer.consent
        if not consent_given(deliberation, kind):
            raise refuse("consent_missing", because=(kind,), kind=consent_words(deliberation, kind))


def consent_words(deliberation: Deliberation, kind: str) -> tuple[str, str]:
    """Name a kind of consent for a sentence, in Japanese and English."""
    written = deliberation.pathway.pathway.consents.get(kind)
    if written is not None:
        return written.label.text("ja"), written.label.text("en")
    return SHARING_WORDS if kind == SHARING else (kind, kind)


def state_words(deliberation: Deliberation) -> tuple[str, str]:
    """Name where the case is, innermost states only, in Japanese and English."""
    pathway, active = deliberation.pathway, deliberation.draft.configuration
    parents = {pathway.places[state].parent for state in active if state in pathway.places}
    inner = [state for state in active if state not in parents]
    return "・".join(pathway.label(state, "ja") for state in inner), ", ".join(
        pathway.label(state, "en") for state in inner
    )


def settle(deliberation: Deliberation) -> None:
    """Take every event that was queued, each as one macrostep, until nothing is left.

    Raises:
        Refused: the events set each other off without end.
    """
    taken = 0
    while deliberation.pending:
        taken += 1
        if taken > Limit.CASCADE_EVENTS_MAX:
            raise refuse("cascade_too_long")
        name = deliberation.pending.popleft()
        draft = deliberation.draft
        if not draft.configuration or draft.closed_at is not None:
            continue
        asking = _Asking(deliberation, told=True)
        step = deliberation.pathway.chart.step(draft.configuration, draft.history, name, asking)
        ways = [deliberation.pathway.ways[way] for way in step.taken]
        approval = _approval_of(way for way in ways if way.event == name)
        if approval is not None and approval.by != deliberation.approved.get(name):
            if not is_asked(deliberation, name):
                ask_approval(deliberation, name, approval)
        elif step.taken and not deliberation.pathway.chart.is_finished(step.configuration):
            # Silence, loss of contact or another case's end never closes a case: a person does.
            deliberation.emit(ev.EventFired(name=name, told=True))
            _moved(deliberation, step)


def _moved(deliberation: Deliberation, step: Step, *, first: bool = False) -> None:
    if not step.taken and not first:
        return
    draft = deliberation.draft
    deliberation.emit(
        ev.StateChanged(
            configuration=step.configuration, history=dict(step.history), exited=step.exited,
            entered=step.entered, taken=step.taken,
        )
    )  # fmt: skip
    left = set(step.exited)
    for obligation in deliberation.live():
        if obligation.state and obligation.state in left:
            deliberation.emit(ev.ObligationReplaced(number=obligation.number, because=obligation.state))
    if deliberation.pathway.chart.is_finished(step.configuration):
        _close(deliberation, step)
        return
    now_active = set(step.configuration)
    for state in dict.fromkeys(step.entered):
        if state in now_active:
            begin(deliberation, state)
            start = deliberation.pathway.places[state].written.start
            if start is not None:
                _start_linked(deliberation, start)
    if first:
        begin(deliberation, EVERYWHERE)
    for taken in step.taken:
        written = deliberation.pathway.ways[taken].written
        if written.start is not None:
            _start_linked(deliberation, written.start)
        if written.refer is not None:
            send_referral(
                deliberation, to=written.refer.to, within=written.refer.within,
                name=written.refer.as_ or written.refer.to, ladder=written.refer.ladder,
            )  # fmt: skip
    assert draft.configuration == step.configuration, "the fold took the step"


def begin(deliberation: Deliberation, state: str) -> None:
    """Put in force what a state promises on entry."""
    for definition in deliberation.pathway.definitions.get(state, ()):
        if definition.arms_when is None or definition.arms_when.evaluate(deliberation.facts()) is True:
            promise(deliberation, definition)


def promise(deliberation: Deliberation, definition: Definition, only: Iterable[str] | None = None) -> None:
    """Schedule a written promise: once for the household, or for each person it is owed to."""
    if definition.written.for_ is None:
        if not _is_live(deliberation, definition, ""):
            schedule(deliberation, definition, anchored_at=_armed_at(deliberation, definition))
        return
    for person in owed_to(deliberation, definition):
        if (only is None or person in only) and not _is_live(deliberation, definition, person):
            schedule(deliberation, definition, person=person, anchored_at=_armed_at(deliberation, definition))


def owed_to(deliberation: Deliberation, definition: Definition) -> tuple[str, ...]:
    """Return the persons a promise is owed to; a person whose fact is unknown is owed it too."""
    facts = deliberation.facts()
    people = deliberation.draft.people
    return tuple(
        person
        for person in deliberation.draft.persons
        if definition.each_when is None
        or person not in people
        or definition.each_when.evaluate(facts.of(people[person])) is not False
    )


def _armed_at(deliberation: Deliberation, definition: Definition) -> Instant | None:
    # A clock that a fact sets runs from the moment the fact is recorded, however old the state is.
    armed = isinstance(definition.written, Deadline) and definition.arms_when is not None
    return deliberation.now if armed else None


def _is_live(deliberation: Deliberation, definition: Definition, person: str) -> bool:
    return any(
        live.key == definition.key and live.state == definition.state and live.person == person
        for live in deliberation.draft.obligations.values()
    )


def arm(deliberation: Deliberation, recorded: AbstractSet[str]) -> None:
    """Start the clocks whose condition has become true by the facts just recorded."""
    facts: Facts = deliberation.facts()
    for state in (EVERYWHERE, *deliberation.draft.configuration):
        for definition in deliberation.pathway.definitions.get(state, ()):
            guard = definition.arms_when
            if guard is not None and recorded & guard.reads and guard.evaluate(facts) is True:
                promise(deliberation, definition)


def _start_linked(deliberation: Deliberation, start: Start) -> None:
    draft = deliberation.draft
    alias, again = start.as_, 2
    while alias in draft.linked:
        if not draft.linked[alias].ended:
            return
        alias, again = f"{start.as_}_{again}", again + 1
    number = f"{draft.number}-{len(draft.linked) + 1}"
    deliberation.emit(ev.LinkedCaseStarted(alias=alias, number=number, pathway=start.pathway))
    deliberation.effects.append(StartLinked(number=number, alias=alias, pathway=start.pathway))


def _close(deliberation: Deliberation, step: Step) -> None:
    for obligation in deliberation.live():
        deliberation.emit(ev.ObligationReplaced(number=obligation.number, because="closed"))
    for ref in list(deliberation.draft.waiting):
        deliberation.emit(ev.Answered(ref=ref, accepted=False))
    deliberation.pending.clear()
    deliberation.emit(ev.CaseClosed(state=step.configuration[0]))
    if deliberation.draft.parent:
        deliberation.effects.append(
            TellParent(number=deliberation.draft.parent, alias=deliberation.draft.parent_alias)
        )
