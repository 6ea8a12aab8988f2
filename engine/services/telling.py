"""A case's history as sentences: one for every event, in Japanese or English, for whoever reads or audits it.

Names of people, states and promises are those of the versions handed in; an
event itself carries only identifiers. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.core.case import events as ev
from engine.core.case.case import Content, Obligation, Waiting
from engine.core.case.deliberation import CLOCK, ENGINE
from engine.core.case.directory import Directory
from engine.core.case.entry import Entry
from engine.core.pathway.compiled import Compiled
from engine.core.pathway.form_node import label_of
from engine.core.vocabulary import Instant
from engine.services.inbox import name_of, work_words
from engine.services.saying import COMMANDS, about_words, way_place


class Telling:
    """Tells the events of one case. `history` names the promises that later entries only number."""

    def __init__(
        self, pathway: Compiled, directory: Directory, content: Content, zone: ZoneInfo, lang: str = "ja",
        *, history: Iterable[Entry] = (),
    ) -> None:  # fmt: skip
        self.pathway = pathway
        self.directory = directory
        self.content = content
        self.zone = zone
        self.lang = lang
        self._promised: dict[int, Obligation] = {}
        self._asked: dict[str, Waiting] = {}
        for entry in history:
            self._learn(entry)

    def sentences(self, entry: Entry) -> list[str]:
        """Return one sentence for each event of an entry, in order; promises that became as pressing share one."""
        self._learn(entry)
        told: list[str] = []
        pressing: list[ev.PriorityChanged] = []
        for event in entry.events:
            if pressing and not (
                isinstance(event, ev.PriorityChanged) and event.urgency == pressing[0].urgency
            ):
                told.append(self._pressing(pressing))
                pressing = []
            if isinstance(event, ev.PriorityChanged):
                pressing.append(event)
            else:
                told.append(self.sentence(event))
        return [*told, self._pressing(pressing)] if pressing else told

    def sentence(self, event: ev.Event) -> str:
        """Return what happened, as a sentence."""
        ja, en = _TOLD[type(event)](self, event)
        return en if self.lang == "en" else ja

    def who(self, actor: str) -> str:
        """Name who gave a command."""
        if actor == CLOCK:
            return "時計" if self.lang == "ja" else "the clock"
        return "bansou" if actor == ENGINE else name_of(self.directory, actor)

    def deed(self, entry: Entry) -> str:
        """Say what was asked for."""
        ja, en = COMMANDS[type(entry.command)]
        return en if self.lang == "en" else ja

    def rules(self, entry: Entry) -> list[str]:
        """Name the places in the pathway file, with its version, that an entry's events follow from."""
        self._learn(entry)
        found: dict[str, None] = {}
        for event in entry.events:
            for place in self._places(event):
                found[place] = None
        version = f"{self.pathway.name} v{self.pathway.version}"
        return [f"{version}: {place}" for place in found]

    def _places(self, event: ev.Event) -> list[str]:
        if isinstance(event, ev.StateChanged):
            return [way_place(way) for way in event.taken]
        if isinstance(event, ev.RungClimbed):
            held = self._promised.get(event.number)
            return [f"ladders.{held.ladder}[{event.rung}]"] if held is not None else []
        if isinstance(event, ev.ObligationScheduled):
            return self._promise_place(event.obligation)
        if isinstance(event, ev.ObligationFulfilled | ev.AttemptRecorded) and event.number in self._promised:
            place = self._promise_place(self._promised[event.number])
            return [f"{each}.outcomes.{event.outcome}" if event.outcome else each for each in place]
        return []

    def _promise_place(self, held: Obligation) -> list[str]:
        section = {"follow_up": "follow_ups", "review": "reviews", "deadline": "deadlines"}.get(
            held.kind.value
        )
        return [f"{held.state or 'everywhere'}.{section}.{held.key}"] if section else []

    def _learn(self, entry: Entry) -> None:
        for event in entry.events:
            if isinstance(event, ev.ObligationScheduled):
                self._promised[event.obligation.number] = event.obligation
            elif isinstance(event, ev.Asked):
                self._asked[event.waiting.ref] = event.waiting

    def _pressing(self, changes: list[ev.PriorityChanged]) -> str:
        ja = self.lang == "ja"
        names = ("" if ja else ", ").join(self.work(each.number) for each in changes)
        if ja:
            return f"{names}の優先度が {changes[0].urgency} になりました。"
        return f"The urgency of {names} is now {changes[0].urgency}."

    # What sentences are made of

    def at(self, at: Instant) -> str:
        """Write an instant as the clock on the wall shows it."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def name(self, holder: str) -> str:
        """Name a holder."""
        return name_of(self.directory, holder)

    def names(self, holders: Iterable[str]) -> str:
        """Name several holders."""
        return ("、" if self.lang == "ja" else ", ").join(self.name(holder) for holder in holders)

    def persons(self, persons: Iterable[str]) -> str:
        """Name members of the household."""
        known = self.content.persons
        named = [known[person].name or person if person in known else person for person in persons]
        return ("、" if self.lang == "ja" else ", ").join(named)

    def work(self, number: int) -> str:
        """Name a promise by its number."""
        held = self._promised.get(number)
        if held is None:
            return f"約束 {number}" if self.lang == "ja" else f"obligation {number}"
        words = work_words(held, self.pathway, self.lang)
        person = f"（{self.persons([held.person])}）" if held.person else ""
        return f"「{words}{person}」" if self.lang == "ja" else f"“{words}{person}”"

    def state(self, state: str) -> str:
        """Name a state."""
        return self.pathway.label(state, self.lang)

    def states(self, states: Iterable[str]) -> str:
        """Name states: of those inside each other, the innermost."""
        listed = list(states)
        outer = {place.parent for state in listed if (place := self.pathway.places.get(state)) is not None}
        return "・".join(self.state(state) for state in listed if state not in outer)

    def form(self, form: str) -> str:
        """Name a form."""
        known = self.pathway.forms.get(form)
        label = label_of(known.schema, form) if known is not None else None
        if label is None:
            return form
        return label.en if self.lang == "en" else label.ja

    def event(self, name: str) -> str:
        """Name an event by the words of a way that it takes, else by itself."""
        for way in self.pathway.ways.values():
            if way.event == name and way.written.label is not None:
                return f"{name}: {way.written.label.text(self.lang)}"
        return name

    def role(self, role: str) -> str:
        """Name a role."""
        written = self.pathway.pathway.roles.get(role)
        return written.label.text(self.lang) if written is not None else role

    def consent(self, kind: str) -> str:
        """Name a kind of consent."""
        written = self.pathway.pathway.consents.get(kind)
        if written is not None:
            return written.label.text(self.lang)
        return "情報共有" if kind == "sharing" and self.lang == "ja" else kind

    def request(self, waiting: Waiting | None, ref: str) -> str:
        """Name what was asked."""
        if waiting is None:
            return ref
        subject = self.event(waiting.event) if waiting.event else waiting.name
        kind = waiting.kind.label(self.lang)
        return f"{kind}（{subject}）" if subject else kind

    def asked(self, ref: str) -> Waiting | None:
        """Return a request of the history by its number."""
        return self._asked.get(ref)


def _day(on: date) -> str:
    return on.isoformat()


def _paren(ja: str) -> str:
    return f"（{ja}）" if ja else ""


def _with(words: str) -> str:
    return f" ({words})" if words else ""


_Told = Callable[[Telling, Any], tuple[str, str]]


def _opened(t: Telling, e: ev.CaseOpened) -> tuple[str, str]:
    received = (f"、受付日 {e.received_on}", f", received on {e.received_on}") if e.received_on else ("", "")
    parent = (f"、親ケース {e.parent}", f", from case {e.parent}") if e.parent else ("", "")
    title = t.pathway.pathway.title.text(t.lang)
    ja = f"{e.channel.ja}{parent[0]}{received[0]}"
    en = f"{e.channel.en}{parent[1]}{received[1]}"
    return (
        f"相談を受け付け、「{title}」第{e.version}版でケースを開きました（{ja}）。",
        f"A consultation was received and a case opened under “{title}” version {e.version} ({en}).",
    )


def _contact(t: Telling, e: ev.ContactRecorded) -> tuple[str, str]:
    reached = t.persons(e.reached)
    return (
        f"{t.at(e.contacted_at)} に接触しました: {e.grade.ja}{_paren(e.method)}"
        + (f"、相手 {reached}" if reached else "") + "。",
        f"Contact at {t.at(e.contacted_at)}: {e.grade.en}{_with(e.method)}"
        + (f", with {reached}" if reached else "")
        + ".",
    )  # fmt: skip


def _moved(t: Telling, e: ev.StateChanged) -> tuple[str, str]:
    left, entered = t.states(e.exited), t.states(e.entered)
    if left and entered:
        return (
            f"状態が「{left}」から「{entered}」に移りました。",
            f"The case moved from “{left}” to “{entered}”.",
        )
    if entered:
        return f"「{entered}」に入りました。", f"The case entered “{entered}”."
    if left:
        return f"「{left}」を離れました。", f"The case left “{left}”."
    return "状態はそのままです。", "The state stayed as it was."


def _scheduled(t: Telling, e: ev.ObligationScheduled) -> tuple[str, str]:
    held = e.obligation
    why = held.held_because
    provisional = ("・仮", ", provisional") if held.provisional else ("", "")
    ja = f"担当 {t.name(held.holder)}（{why.ja}）、期限 {t.at(held.due_at)}{provisional[0]}"
    en = f"{t.name(held.holder)} ({why.en}), due {t.at(held.due_at)}{provisional[1]}"
    return (
        f"約束 {held.number} {t.work(held.number)}を置きました。{ja}。",
        f"Obligation {held.number} {t.work(held.number)} came into force: {en}.",
    )


def _climbed(t: Telling, e: ev.RungClimbed) -> tuple[str, str]:
    ja, en = [], []
    if e.reminded:
        ja.append(f"{t.names(e.reminded)}に督促")
        en.append(f"reminded {t.names(e.reminded)}")
    if e.notified:
        ja.append(f"{t.names(e.notified)}に報告")
        en.append(f"notified {t.names(e.notified)}")
    if e.agenda:
        ja.append(f"{t.name(e.agenda)}の議題に追加")
        en.append(f"put on the agenda of {t.name(e.agenda)}")
    if e.raised:
        ja.append(f"「{t.event(e.raised)}」を起こした")
        en.append(f"raised “{t.event(e.raised)}”")
    following = (f"次は {t.at(e.rung_at)}。", f"Next at {t.at(e.rung_at)}.") if e.rung_at else ("", "")
    return (
        f"{t.work(e.number)}の督促が第{e.rung + 1}段に上がりました（{'、'.join(ja) or '動作なし'}）。{following[0]}",
        f"{t.work(e.number)} climbed to rung {e.rung + 1} ({'; '.join(en) or 'no action'}). {following[1]}".strip(),
    )


def _attempt(t: Telling, e: ev.AttemptRecorded) -> tuple[str, str]:
    again = (
        (f" {t.at(e.retry_at)} にもう一度試みます。", f" To be tried again at {t.at(e.retry_at)}.")
        if e.retry_at
        else ("", "")
    )
    outcome = (f"（{e.outcome}）", f" ({e.outcome})") if e.outcome else ("", "")
    return (
        f"{t.work(e.number)}を試みましたが、果たせませんでした{outcome[0]}。期限は動きません。{again[0]}".rstrip(),
        f"{t.work(e.number)} was tried and not fulfilled{outcome[1]}. The due time stands.{again[1]}",
    )


def _fulfilled(t: Telling, e: ev.ObligationFulfilled) -> tuple[str, str]:
    outcome = (f"（結果: {e.outcome}）", f" (outcome: {e.outcome})") if e.outcome else ("", "")
    late = ("期限より遅れて", "late, ") if e.late else ("", "")
    return (
        f"{t.work(e.number)}を{late[0]}果たしました{outcome[0]}。",
        f"{t.work(e.number)} was {late[1]}fulfilled{outcome[1]}.",
    )


def _replaced(t: Telling, e: ev.ObligationReplaced) -> tuple[str, str]:
    if e.because == "closed":
        return f"{t.work(e.number)}は、終結により終わりました。", f"{t.work(e.number)} ended with the case."
    return (
        f"{t.work(e.number)}は、「{t.state(e.because)}」を離れたため終わりました。",
        f"{t.work(e.number)} ended because “{t.state(e.because)}” was left.",
    )


def _due_moved(t: Telling, e: ev.DueMoved) -> tuple[str, str]:
    return (
        f"{t.work(e.number)}の期限が {t.at(e.due_at)} になりました（{e.reason.ja}）。",
        f"{t.work(e.number)} is now due {t.at(e.due_at)} ({e.reason.en}).",
    )


def _holder(t: Telling, e: ev.HolderChanged) -> tuple[str, str]:
    also = (
        (f"、{t.name(e.co_holder)}も一緒に持ちます", f", along with {t.name(e.co_holder)}")
        if e.co_holder
        else ("", "")
    )
    return (
        f"{t.work(e.number)}の担当は {t.name(e.holder)}です（{e.held_because.ja}）{also[0]}。",
        f"{t.work(e.number)} is held by {t.name(e.holder)} ({e.held_because.en}){also[1]}.",
    )


def _notified(t: Telling, e: ev.Notified) -> tuple[str, str]:
    about, number = about_words(e.about, t.lang), t.work(e.number) if e.number else ""
    subject = "、".join(part for part in (number, about) if part)
    return f"{t.names(e.to)}に知らせました{_paren(subject)}。", f"{t.names(e.to)} were told{_with(subject)}."


def _asked(t: Telling, e: ev.Asked) -> tuple[str, str]:
    until = (
        (f"、{e.waiting.until_on} まで", f", until {e.waiting.until_on}") if e.waiting.until_on else ("", "")
    )
    words = t.request(e.waiting, e.waiting.ref)
    return (
        f"{t.name(e.waiting.to)}に依頼しました: {words}{until[0]}［{e.waiting.ref}］。",
        f"{t.name(e.waiting.to)} was asked: {words}{until[1]} [{e.waiting.ref}].",
    )


def _answered(t: Telling, e: ev.Answered) -> tuple[str, str]:
    words = t.request(t.asked(e.ref), e.ref)
    return (
        f"{words}への返答: {'受けました' if e.accepted else '受けませんでした'}［{e.ref}］。",
        f"{words} was {'accepted' if e.accepted else 'declined'} [{e.ref}].",
    )


def _priority(t: Telling, e: ev.PriorityChanged) -> tuple[str, str]:
    return (
        f"{t.work(e.number)}の優先度が {e.urgency} になりました。",
        f"The urgency of {t.work(e.number)} is now {e.urgency}.",
    )


_TOLD: Final[dict[type[ev.Event], _Told]] = {
    ev.CaseOpened: _opened,
    ev.PersonsChanged: lambda t, e: (
        f"世帯員を記録しました: {t.persons(e.persons)}。",
        f"The household was recorded: {t.persons(e.persons)}.",
    ),
    ev.FormRecorded: lambda t, e: (
        f"様式「{t.form(e.form)}」を記録しました。",
        f"The form “{t.form(e.form)}” was recorded.",
    ),
    ev.ContactRecorded: _contact,
    ev.NoteRecorded: lambda _t, _e: ("経過記録を書きました。", "A note was added."),
    ev.EventFired: lambda t, e: (
        f"「{t.event(e.name)}」{'が起きました' if e.told else 'を選びました'}。",
        f"“{t.event(e.name)}” {'happened' if e.told else 'was chosen'}.",
    ),
    ev.StateChanged: _moved,
    ev.ObligationScheduled: _scheduled,
    ev.ObligationOpened: lambda t, e: (
        f"{t.work(e.number)}が担当者の一覧に出ました。",
        f"{t.work(e.number)} came into its holder's inbox.",
    ),
    ev.ObligationFellDue: lambda t, e: (
        f"{t.work(e.number)}の期限が過ぎました。",
        f"{t.work(e.number)} fell due without being kept.",
    ),
    ev.RungClimbed: _climbed,
    ev.RetryCame: lambda t, e: (
        f"{t.work(e.number)}をもう一度試みる日になりました。",
        f"The day came to try {t.work(e.number)} again.",
    ),
    ev.EscalationAnswered: lambda t, e: (
        f"{t.work(e.number)}の督促に応答がありました。{t.at(e.until_at)} まで督促を休みます。",
        f"The escalation of {t.work(e.number)} was answered; the ladder rests until {t.at(e.until_at)}.",
    ),
    ev.AttemptRecorded: _attempt,
    ev.ObligationFulfilled: _fulfilled,
    ev.ObligationReplaced: _replaced,
    ev.ObligationWithdrawn: lambda t, e: (
        f"{t.work(e.number)}を取り下げました（承認 {t.name(e.approved_by)}）。",
        f"{t.work(e.number)} was withdrawn (approved by {t.name(e.approved_by)}).",
    ),
    ev.DueMoved: _due_moved,
    ev.HolderChanged: _holder,
    ev.CoHolderReleased: lambda t, e: (
        f"{t.work(e.number)}の前の担当者は役目を終えました。",
        f"The former holder of {t.work(e.number)} was released.",
    ),
    ev.RoleAssigned: lambda t, e: (
        f"{t.role(e.role)}は {t.name(e.holder)}です。",
        f"{t.name(e.holder)} is the {t.role(e.role)}.",
    ),
    ev.PriorityChanged: _priority,
    ev.Notified: _notified,
    ev.ConsentRecorded: lambda t, e: (
        f"同意「{t.consent(e.kind)}」: {e.status.ja}。",
        f"Consent “{t.consent(e.kind)}”: {e.status.en}.",
    ),
    ev.Asked: _asked,
    ev.Answered: _answered,
    ev.CasePaused: lambda t, e: (
        f"{_day(e.until_on)} まで休止します（承認 {t.name(e.approved_by)}）。",
        f"The case rests until {_day(e.until_on)} (approved by {t.name(e.approved_by)}).",
    ),
    ev.CaseResumed: lambda _t, _e: ("休止が終わりました。", "The pause ended."),
    ev.LinkedCaseStarted: lambda _t, e: (
        f"関連ケース {e.number}（{e.alias}: {e.pathway}）を開きました。",
        f"The linked case {e.number} ({e.alias}: {e.pathway}) was opened.",
    ),
    ev.LinkedCaseEnded: lambda _t, e: (
        f"関連ケース「{e.alias}」が終わりました。",
        f"The linked case “{e.alias}” ended.",
    ),
    ev.CaseClosed: lambda t, e: (
        f"「{t.state(e.state)}」で終結しました。",
        f"The case was closed at “{t.state(e.state)}”.",
    ),
    ev.CaseReopened: lambda t, e: (
        f"「{t.state(e.state)}」から再開しました。",
        f"The case was reopened at “{t.state(e.state)}”.",
    ),
}
"""What to say of every event. Both sentences are made in the language of the telling's names."""
