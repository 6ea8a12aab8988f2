"""Whether somebody has something due as long as a case is open, whatever comes of what is promised."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checker.catalogue import Words, found
from engine.checker.event import is_told
from engine.checker.exploration import Exploration
from engine.checker.finding import Finding
from engine.checker.outline import Duty, Outline, Turn
from engine.core.pathway.model import Deadline, Outcome


def outcomes(outline: Outline) -> Iterator[Finding]:
    """Find outcomes that nothing follows, or that can never end what was promised."""
    for duty in outline.duties:
        written = duty.written.outcomes or {}
        place = (*duty.at, "outcomes")
        words: Words = {"duty": duty.words, "key": duty.key}
        if written and all(outcome.retry is not None for outcome in written.values()):
            yield found("P211", place, at_key=True, **words)
        for name, outcome in written.items():
            follows = outcome.retry or outcome.next or outcome.raise_ or outcome.notify or outcome.done
            at = (*place, name)
            if not follows and outcome.after is None and not duty.recurs:
                yield found("P201", at, at_key=True, name=name, **words)
            if outcome.after is not None and outcome.raise_ is None:
                yield found("P202", (*at, "after"), count=outcome.after)
            if outcome.done and duty.recurs:
                yield found("P207", (*at, "done"), at_key=True, **words)


def closings(outline: Outline) -> Iterator[Finding]:
    """Find ways to close a case that no person decides on, or without an evaluation or an approval."""
    ends = {name for name, state in outline.pathway.states.items() if state.final}
    for turn in outline.turns:
        written = turn.written
        if written.consent is not None and written.consent.without in ends:
            cause: Words = {"cause_ja": "同意がないこと", "cause_en": "the lack of consent"}
            yield found("P210", (*turn.at, "consent", "without"), **cause)
        if written.to not in ends:
            continue
        place = (*turn.at, "to")
        if is_told(turn.event) or turn.event in outline.raised:
            yield found("P210", place, **_cause(outline, turn))
            continue
        if not written.requires:
            yield found("P208", place)
        if written.approval is None:
            yield found("P209", place)


def _cause(outline: Outline, turn: Turn) -> Words:
    if turn.event is None:
        return {"cause_ja": "条件が成り立つこと（always）", "cause_en": "a condition (always)"}
    if turn.event not in outline.raised:
        return {"cause_ja": f"知らせ「{turn.event}」", "cause_en": f"what the engine tells ('{turn.event}')"}
    source = outline.raised[turn.event][0][0]
    ja = f"約束{source.words}の結果" if isinstance(source, Duty) else f"督促のはしご「{source}」"
    en = f"an outcome of {source.key}" if isinstance(source, Duty) else f"the ladder '{source}'"
    return {"cause_ja": f"{ja}が起こす「{turn.event}」", "cause_en": f"'{turn.event}', raised by {en},"}


class Promises:
    """What is in force in every configuration that a case can rest in."""

    def __init__(self, outline: Outline, exploration: Exploration) -> None:
        self.outline = outline
        self.exploration = exploration
        self._gated = frozenset(
            name
            for turn in outline.turns
            if turn.written.approval is not None
            for name in turn.ids(outline.pathway)
            if not name.endswith("~")
        )
        self._everywhere = any(duty.lasts for duty in outline.duties_of(""))
        self._lasting = 0
        self._once: list[tuple[int, Duty]] = []
        self._gone_by_duty: dict[Duty, set[int]] = {}
        for duty in outline.duties:
            if not duty.state:
                continue
            if duty.lasts:
                self._lasting |= exploration.bit(duty.state)
            elif self._is_owed_on_entry(duty):
                self._once.append((exploration.bit(duty.state), duty))

    def last(self, number: int) -> bool:
        """Whether something stays in force while a case rests here, whatever its outcomes."""
        mask = self.exploration.masks[number]
        if self._everywhere or mask & self._lasting:
            return True
        return any(bit & mask and number not in self._gone(duty) for bit, duty in self._once)

    def _gone(self, duty: Duty) -> set[int]:
        """Return where a one-time promise may have been kept already although its state is active.

        That begins where keeping it does not lead out of its state, and goes
        on wherever the case then moves without leaving that state.
        """
        known = self._gone_by_duty.get(duty)
        if known is not None:
            return known
        explored, bit = self.exploration, self.exploration.bit(duty.state)
        within: dict[int, list[int]] = {}
        for edge in explored.edges:
            if explored.masks[edge.start] & explored.masks[edge.end] & bit and not any(
                explored.arrows[number].leaves & bit for number in edge.first
            ):
                within.setdefault(edge.start, []).append(edge.end)
        gone = {
            number
            for number, mask in enumerate(explored.masks)
            if mask & bit and not self._leads_on(number, duty)
        }
        waiting = list(gone)
        while waiting:
            for end in within.get(waiting.pop(), ()):
                if end not in gone:
                    gone.add(end)
                    waiting.append(end)
        self._gone_by_duty[duty] = gone
        return gone

    @staticmethod
    def _is_owed_on_entry(duty: Duty) -> bool:
        armed_later = isinstance(duty.written, Deadline) and duty.written.when is not None
        return duty.written.for_ is None and not armed_later

    def _leads_on(self, number: int, duty: Duty) -> bool:
        """Whether every way to keep a one-time promise leaves its state, or promises anew."""
        fulfilled = self._leaves(number, f"fulfilled.{duty.key}", duty.state)
        endings = [each for each in (duty.written.outcomes or {}).values() if each.retry is None]
        return all(self._ends_well(number, duty, each, fulfilled=fulfilled) for each in endings) and (
            fulfilled or bool(endings)
        )

    def _ends_well(self, number: int, duty: Duty, ending: Outcome, *, fulfilled: bool) -> bool:
        """Whether one outcome promises anew or leads out; its own event is told before `fulfilled.…`."""
        if ending.next is not None:
            return True
        if ending.raise_ is None:
            return fulfilled
        leaves = self._leaves(number, ending.raise_, duty.state)
        if (ending.after or 1) == 1 and leaves:
            return True
        return fulfilled and (leaves or not self.exploration.hears(number, ending.raise_))

    def _leaves(self, number: int, event: str, state: str) -> bool:
        """Whether an event that the engine tells certainly takes a case that rests here out of a state."""
        arrows, bit = self.exploration.arrows, self.exploration.bit(state)
        for pick in self.exploration.picks(number, event):
            taken = [arrows[each] for each in pick]
            if any(arrow.spec.id in self._gated for arrow in taken):
                return False
            if not any(arrow.target is not None and arrow.leaves & bit for arrow in taken):
                return False
        return True


def promised(outline: Outline, exploration: Exploration) -> Iterator[Finding]:
    """Find where a case can rest with nothing that lasts, with the shortest way there."""
    promises = Promises(outline, exploration)
    told: set[str] = set()
    for number in range(len(exploration.masks)):
        if exploration.is_end(number) or promises.last(number):
            continue
        centre = exploration.centre(number)
        if centre in told:
            continue
        told.add(centre)
        hint_ja, hint_en = _hint(outline, exploration.names(exploration.masks[number]))
        yield found(
            "P203", outline.by_name[centre].at, at_key=True, path=exploration.path(number),
            state=outline.words(centre), where=centre, hint_ja=hint_ja, hint_en=hint_en,
        )  # fmt: skip


def _hint(outline: Outline, active: tuple[str, ...]) -> tuple[str, str]:
    """Say why what is promised there does not last."""
    duties = [duty for state in ("", *active) for duty in outline.duties_of(state)]
    if not duties:
        return "ここには何の約束もありません。", "Nothing is promised there. "
    if all(duty.written.for_ is not None for duty in duties):
        return (
            "一人ひとりへの約束は、当てはまる人がいなければ効きません。",
            "What is owed to each person is owed to nobody when no person fits. ",
        )
    return (
        "一度きりの約束は、果たすとなくなります。",
        "A one-time obligation is gone once it is kept. ",
    )


def unheard(outline: Outline, exploration: Exploration) -> Iterator[Finding]:
    """Find events that an obligation can raise where no state listens."""
    heard = {turn.event for turn in outline.turns}
    for event, sources in outline.raised.items():
        if event not in heard:
            continue
        for source, place in sources:
            users = (
                [source]
                if isinstance(source, Duty)
                else [duty for duty in outline.duties if duty.written.ladder == source]
            )
            masks = [exploration.bit(duty.state) if duty.state else -1 for duty in users]
            silent = next(
                (
                    number
                    for number, mask in enumerate(exploration.masks)
                    if not exploration.is_end(number)
                    and any(mask & each for each in masks)
                    and not exploration.hears(number, event)
                ),
                None,
            )
            if silent is not None:
                centre = exploration.centre(silent)
                words: Words = {"state": outline.words(centre), "where": centre, "event": event}
                yield found("P213", place, path=exploration.path(silent), **words)
