"""Whether lateness is heard: rungs in order, the last repeating, and not by the assignee alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.checker.catalogue import found
from engine.checker.finding import Finding, Place
from engine.checker.outline import Duty, Outline
from engine.core.officetime.span import Span, SpanUnit
from engine.core.pathway.compiled import ASSIGNEE
from engine.core.pathway.model import Rung

# A usual length in days: enough to see that rungs stand in the wrong order.
_USUAL_DAYS = {
    SpanUnit.MINUTE: 1 / 1440, SpanUnit.HOUR: 1 / 24, SpanUnit.DAY: 1.0, SpanUnit.WEEK: 7.0,
    SpanUnit.MONTH: 30.4, SpanUnit.YEAR: 365.2, SpanUnit.OFFICE_DAY: 1.4,
}  # fmt: skip


def usual_days(span: Span) -> float:
    """Return about how many days a span takes."""
    return span.count * _USUAL_DAYS[span.unit]


def ladders(outline: Outline) -> Iterator[Finding]:
    """Find ladders that fall silent, do not climb, or are out of order."""
    for name, rungs in outline.pathway.ladders.items():
        place: Place = ("ladders", name)
        yield from _order(name, rungs, place)
        yield from _ending(name, rungs, place)
        if {ASSIGNEE} >= _audience(rungs) and any(rung.after is not None for rung in rungs):
            yield found("P205", place, at_key=True, name=name)
    for duty in outline.duties:
        yield from _reach(outline, duty)


def _order(name: str, rungs: tuple[Rung, ...], place: Place) -> Iterator[Finding]:
    before: float | None = None
    for index, rung in enumerate(rungs):
        span = rung.after if rung.after is not None else rung.before
        assert span is not None, "the model demands one of the two"
        at = usual_days(span) if rung.after is not None else -usual_days(span)
        # `before: 0d` and `after: 0d` are both the due time itself.
        if before is not None and at <= before:
            key = "after" if rung.after is not None else "before"
            yield found("F218", (*place, index, key), name=name)
        before = at


def _ending(name: str, rungs: tuple[Rung, ...], place: Place) -> Iterator[Finding]:
    for index, rung in enumerate(rungs[:-1]):
        if rung.every is not None:
            yield found("F219", (*place, index, "every"), at_key=True)
    last = rungs[-1]
    at = (*place, len(rungs) - 1)
    if last.every is not None and last.every.count == 0:
        yield found("F220", (*at, "every"), key="every", span=last.every)
    if last.after is None:
        yield found("P214", at, name=name)
    elif last.every is None:
        yield found("P204", at, name=name)


def _audience(rungs: tuple[Rung, ...]) -> set[str]:
    """Who hears once it is late."""
    hearers: set[str] = set()
    for rung in rungs:
        if rung.after is not None:
            hearers.update(rung.remind or (), rung.notify or ())
            hearers.update(role for role in (rung.hand_to, rung.agenda) if role)
    return hearers


def _reach(outline: Outline, duty: Duty) -> Iterator[Finding]:
    rungs = outline.pathway.ladders.get(duty.written.ladder or "")
    if rungs is None:
        return
    hearers = _audience(rungs)
    if not hearers <= {ASSIGNEE} and hearers <= {ASSIGNEE, duty.written.by}:
        yield found("P206", (*duty.at, "ladder"), duty=duty.words, key=duty.key, role=duty.written.by)


def spans(outline: Outline) -> Iterator[Finding]:
    """Find lengths of time that make no sense where they stand."""
    pathway = outline.pathway
    silences: list[tuple[Span | None, Place]] = [
        (pathway.max_silence, ("max_silence",)),
        *((site.written.max_silence, (*site.at, "max_silence")) for site in outline.sites),
    ]
    for span, place in silences:
        if span is not None and (span.is_elapsed or span.unit is SpanUnit.OFFICE_DAY):
            yield found("F222", place, span=span)
    lengths = [*silences, *_lengths(outline)]
    if pathway.pause is not None:
        lengths.append((pathway.pause.longest, ("pause", "longest")))
    for span, place in lengths:
        if span is not None and span.count == 0:
            key = next(step for step in reversed(place) if isinstance(step, str))
            yield found("F220", place, key=key, span=span)


def _lengths(outline: Outline) -> Iterator[tuple[Span | None, Place]]:
    """Yield every length that has to be one."""
    for turn in outline.turns:
        if turn.written.refer is not None:
            yield turn.written.refer.within, (*turn.at, "refer", "within")
    for duty in outline.duties:
        written: Any = duty.written
        yield getattr(written, "within", None), (*duty.at, "within")
        every = getattr(written, "every", None)
        for index, stage in enumerate(every.stages if every is not None else ()):
            yield stage.span, (*duty.at, "every", index)
        for name, outcome in (written.outcomes or {}).items():
            yield outcome.retry, (*duty.at, "outcomes", name, "retry")
            yield outcome.next, (*duty.at, "outcomes", name, "next")
