"""Whether every event that a file speaks of can come, and every event that it raises is heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checker.catalogue import found
from engine.checker.finding import Finding
from engine.checker.outline import Outline, Turn, nearest
from engine.core.pathway.compiled import SHARING

TOLD = frozenset({"recorded", "fulfilled", "ended", "accepted", "refused", "finished", "consent"})
"""What stands before the dot of an event that the engine tells."""


def is_told(event: str | None) -> bool:
    """Whether no person fires it: the engine tells it, or it is no event at all."""
    return event is None or "." in event


def events(outline: Outline) -> Iterator[Finding]:
    """Find events that can never come, raised ones that nobody hears, and gates that are never asked."""
    known = tellable(outline)
    seen: set[tuple[str, str | None]] = set()
    for turn in outline.turns:
        event = turn.event
        if event is not None and "." in event and (turn.source, event) not in seen:
            seen.add((turn.source, event))
            yield from _told(turn, event, known)
        if is_told(event):
            if turn.written.by is not None:
                yield found("F225", (*turn.at, "by"), at_key=True)
            if turn.written.approval is not None:
                yield found("P212", (*turn.at, "approval"), at_key=True)
    heard = {turn.event for turn in outline.turns}
    for event, sources in outline.raised.items():
        for _, place in sources:
            if "." in event:
                yield found("F217", place, event=event)
            elif event not in heard:
                yield found("F221", place, event=event)


def tellable(outline: Outline) -> Mapping[str, frozenset[str]]:
    """What each kind of told event may name."""
    pathway = outline.pathway
    aliases = [
        start.as_
        for start in (
            *(site.written.start for site in outline.sites),
            *(turn.written.start for turn in outline.turns),
        )
        if start is not None
    ]
    referrals = [
        turn.written.refer.as_ or turn.written.refer.to
        for turn in outline.turns
        if turn.written.refer is not None
    ]
    return {
        "recorded": frozenset(pathway.forms),
        "fulfilled": frozenset(duty.key for duty in outline.duties),
        "ended": frozenset(aliases),
        "finished": frozenset(
            site.name for site in outline.sites if site.written.states or site.written.parallel
        ),
        "consent": frozenset({SHARING, *pathway.consents}),
        "accepted": frozenset(referrals),
        "refused": frozenset(referrals),
    }


_WHAT = {
    "recorded": ("という様式", "a form"),
    "fulfilled": ("という約束", "an obligation"),
    "ended": ("という呼び名の支援経路（start の as）", "a linked case"),
    "finished": ("という、内側に状態のある状態", "a state with states inside"),
    "consent": ("という同意の種類", "a kind of consent"),
}


def _told(turn: Turn, event: str, known: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    prefix, _, name = event.partition(".")
    place = turn.at[:-1]
    if prefix not in TOLD:
        yield found("F217", place, at_key=True, event=event)
    elif name not in known[prefix]:
        if prefix in _WHAT:
            what_ja, what_en = _WHAT[prefix]
            yield found(
                "F215", place, at_key=True, event=event, name=name, what_ja=what_ja, what_en=what_en,
                **nearest(name, sorted(known[prefix])),
            )  # fmt: skip
        else:
            yield found("F216", place, at_key=True, event=event, name=name)
