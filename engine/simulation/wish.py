"""Turn a step of a scenario into a command, given by the person who would give it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.core.case import commands as cmd
from engine.core.case.case import Obligation, Person, Sealed, Waiting
from engine.core.case.directory import Directory
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import Grade, HolderKind, ObligationKind
from engine.loading.scenario_step import Complete, PersonWritten, Step
from engine.simulation.expectation import Surroundings
from engine.simulation.track import Track, person_for


class Unsayable(ValueError):
    """A step means something that is not there: no such promise, nothing that waits."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja, self.en = ja, en


@dataclass(frozen=True)
class Wish:
    """A command, who gives it, and what is personal about it."""

    command: cmd.AnyCommand
    actor: str
    sealed: Sealed


@dataclass(frozen=True)
class _Scene:
    """What a step is read against."""

    step: Step
    track: Track
    directory: Directory
    around: Surroundings

    @property
    def pathway(self) -> Compiled:
        assert self.track.pathway is not None
        return self.track.pathway

    def actor(self, role: str = "", unlike: str = "") -> str:
        """Return who acts: whom the step names, else a holder of `role`, else the first role of the file."""
        role = self.step.by or role or next(iter(self.pathway.pathway.roles))
        return person_for(role, self.directory, self.track.case, unlike)

    def of(self, holder: str, unlike: str = "") -> str:
        """Return a person who acts for a holder."""
        if self.step.by:
            return self.actor()
        found = self.directory.holders.get(holder)
        if found is not None and found.kind is HolderKind.TEAM:
            members = self.directory.members(holder)
            return next((each for each in members if each != unlike), holder)
        return holder

    def promise(self, name: str, kind: ObligationKind | None = None) -> Obligation:
        """Return a live promise by its name."""
        live = [each for each in self.track.live(name) if kind is None or each.kind is kind]
        if not live:
            raise Unsayable(f"「{name}」という約束は今ありません。", f"No promise '{name}' is live.")
        return live[0]

    def asked(self, name: str, *kinds: ObligationKind) -> Waiting:
        """Return what waits for an answer."""
        waiting = self.track.asked(name, kinds)
        if waiting is None:
            shown = f"「{name}」で" if name else ""
            raise Unsayable(
                f"{shown}返答を待っているものはありません。", f"Nothing waits for an answer ({name})."
            )
        return waiting

    def holder(self, name: str) -> str:
        """Return the holder that a step names by id or role."""
        return name if name in self.directory.holders else person_for(name, self.directory, self.track.case)

    def wish(self, command: cmd.AnyCommand, actor: str = "", *, note: str = "", **sealed: Any) -> Wish:
        return Wish(command, actor or self.actor(), Sealed(note=note or self.step.note, **sealed))


def wish_of(step: Step, track: Track, directory: Directory, around: Surroundings) -> Wish:
    """Return what a step asks of its case.

    Raises:
        Unsayable: it names something that is not there.
    """
    return _WISHES[step.action](_Scene(step, track, directory, around), getattr(step, step.action))


def _person(written: PersonWritten) -> Person:
    born = date.fromisoformat(written.birth_on) if written.birth_on else None
    return Person(
        id=written.id, name=written.name, kana=written.kana, birth_on=born, sex=written.sex,
        relation=written.relation,
    )  # fmt: skip


def _open(scene: _Scene, written: Any) -> Wish:
    roles = {role: scene.holder(holder) for role, holder in written.roles.items()}
    command = cmd.OpenCase(channel=written.channel, roles=roles)
    return scene.wish(command, forms=written.forms, persons=tuple(map(_person, written.persons)))


_KINDS = {
    "follow_up": ObligationKind.FOLLOW_UP, "review": ObligationKind.REVIEW, "deadline": ObligationKind.DEADLINE,
}  # fmt: skip


def _complete(scene: _Scene, written: Complete) -> Wish:
    kind = next(kind for name, kind in _KINDS.items() if getattr(written, name) is not None)
    name = f"{written.name}@{written.person}" if written.person else written.name
    live = scene.promise(name, kind)
    definition = scene.pathway.definition(live.state, live.key)
    outcomes = (definition.written.outcomes or {}) if definition is not None else {}
    outcome = outcomes.get(written.outcome)
    needs = definition.needs if definition is not None else None
    actor = scene.of(live.holder)
    if needs is None and written.grade is None:
        return scene.wish(
            cmd.FulfilObligation(number=live.number, outcome=written.outcome), actor, forms=written.forms
        )
    retries = outcome is not None and outcome.retry is not None
    grade = written.grade or (Grade.ATTEMPT if retries or needs is None else needs)
    at = scene.around.instant(written.at) if written.at else scene.around.now
    reached = written.reached or ((written.person,) if written.person and not retries else ())
    command = cmd.RecordContact(
        grade=grade, contacted_at=at, method=written.method, reached=reached, number=live.number,
        outcome=written.outcome,
    )  # fmt: skip
    return scene.wish(command, actor, forms=written.forms)


def _contact(scene: _Scene, written: Any) -> Wish:
    at = scene.around.instant(written.at) if written.at else scene.around.now
    command = cmd.RecordContact(
        grade=written.grade, contacted_at=at, method=written.method, reached=written.reached
    )
    return scene.wish(command, forms=written.forms)


def _record(scene: _Scene, written: dict[str, dict[str, Any]]) -> Wish:
    return scene.wish(cmd.RecordForm(form=next(iter(written), "")), forms=written)


def _fire(scene: _Scene, written: Any) -> Wish:
    return scene.wish(
        cmd.FireEvent(name=written.event), scene.actor(written.by or _who_may(scene, written.event)),
        note=written.persons_view, forms=written.forms,
    )  # fmt: skip


def _who_may(scene: _Scene, event: str) -> str:
    """Return a role that the file lets fire an event where the case is; empty if anybody may."""
    active = scene.track.case.configuration if scene.track.case is not None else ()
    for way in scene.pathway.ways.values():
        if way.event == event and way.source in active and way.written.by:
            return way.written.by[0]
    return ""


def _close(scene: _Scene, written: Any) -> Wish:
    return scene.wish(
        cmd.CloseCase(event=written.event), scene.actor(_who_may(scene, written.event)),
        note=written.persons_view, forms=written.forms,
    )  # fmt: skip


def _approval(scene: _Scene, name: object, *, accept: bool) -> Wish:
    waiting = scene.asked("" if name is True else str(name), ObligationKind.APPROVAL)
    assert scene.track.case is not None
    live = scene.track.case.obligations[waiting.obligation]
    actor = scene.of(live.holder, waiting.asked_by)
    if actor == waiting.asked_by and not scene.step.by:
        actor = scene.actor(live.role, waiting.asked_by)
    note = scene.step.note if accept else scene.step.note or "決裁できない理由"
    return scene.wish(cmd.AnswerRequest(ref=waiting.ref, accept=accept), actor, note=note)


def _answered(scene: _Scene, name: str, *, accept: bool) -> Wish:
    waiting = scene.asked(name, ObligationKind.REFERRAL, ObligationKind.HANDOVER)
    assert scene.track.case is not None
    holder = scene.track.case.obligations[waiting.obligation].holder
    note = scene.step.note if accept else scene.step.note or "受けられない理由"
    return scene.wish(cmd.AnswerRequest(ref=waiting.ref, accept=accept), scene.of(holder), note=note)


def _consent(scene: _Scene, written: Any) -> Wish:
    kind, status = next(iter(written.items()))
    return scene.wish(cmd.RecordConsent(kind=kind, status=status))


def _refer(scene: _Scene, written: Any) -> Wish:
    return scene.wish(
        cmd.Refer(to=written.to, within=written.within, name=written.as_, ladder=written.ladder)
    )


def _hand_over(scene: _Scene, written: Any) -> Wish:
    numbers = tuple(each.number for name in written.obligations for each in scene.track.live(name))
    holder = scene.holder(written.from_) if written.from_ else ""
    command = cmd.HandOver(to=scene.holder(written.to), numbers=numbers, holder=holder)
    return scene.wish(command, note=written.reason)


def _assign(scene: _Scene, written: dict[str, str]) -> Wish:
    role, holder = next(iter(written.items()))
    return scene.wish(cmd.AssignRole(role=role, holder=scene.holder(holder)))


def _defer(scene: _Scene, written: Any) -> Wish:
    live = scene.promise(written.obligation)
    command = cmd.DeferObligation(number=live.number, until_on=_day(written.until))
    return scene.wish(command, scene.of(live.holder), note=written.reason)


def _pause(scene: _Scene, written: Any) -> Wish:
    return scene.wish(cmd.PauseCase(until_on=_day(written.until)), note=written.reason)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unsayable(f"「{text}」は日付ではありません。", f"'{text}' is no date.") from error


def _escalation(scene: _Scene, name: str) -> Wish:
    live = scene.promise(name)
    return scene.wish(cmd.AnswerEscalation(number=live.number), scene.of(live.holder))


def _withdraw(scene: _Scene, written: Any) -> Wish:
    live = scene.promise(written.obligation)
    approver = scene.holder(written.approved_by)
    return scene.wish(cmd.WithdrawObligation(number=live.number, approved_by=approver), note=written.reason)


def _persons(scene: _Scene, written: Any) -> Wish:
    return scene.wish(cmd.ChangePersons(), persons=tuple(map(_person, written)))


_WISHES: dict[str, Callable[[_Scene, Any], Wish]] = {
    "open": _open,
    "complete": _complete,
    "contact": _contact,
    "record": _record,
    "fire": _fire,
    "approve": lambda scene, name: _approval(scene, name, accept=True),
    "refuse_approval": lambda scene, name: _approval(scene, name, accept=False),
    "consent": _consent,
    "ask_consent": lambda scene, kind: scene.wish(cmd.AskConsent(kind=kind)),
    "refer": _refer,
    "accept": lambda scene, name: _answered(scene, name, accept=True),
    "refuse": lambda scene, name: _answered(scene, name, accept=False),
    "hand_over": _hand_over,
    "assign": _assign,
    "defer": _defer,
    "pause": _pause,
    "resume": lambda scene, _: scene.wish(cmd.ResumeCase()),
    "answer": _escalation,
    "withdraw": _withdraw,
    "write": lambda scene, text: scene.wish(cmd.AddNote(), note=text),
    "persons": _persons,
    "close": _close,
    "reopen": lambda scene, written: scene.wish(cmd.ReopenCase(), note=written.reason),
}
