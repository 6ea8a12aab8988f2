"""Whether clocks that protect somebody run when they must and are kept only by what keeps somebody safe."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checker.catalogue import Words, found
from engine.checker.exploration import Exploration
from engine.checker.finding import Finding
from engine.checker.outline import Duty, Outline
from engine.core.officetime.span import Span, SpanUnit
from engine.core.pathway.compiled import STANDARD_LADDER, STANDARD_RUNGS
from engine.core.pathway.model import Deadline
from engine.core.vocabulary import Authority, Grade, ObligationKind

SET_ABOVE = frozenset({Authority.STATUTE, Authority.NATIONAL_GUIDANCE})
"""Who sets a clock that a local author may not loosen."""

CONTACTS = frozenset({ObligationKind.FOLLOW_UP, ObligationKind.DEADLINE})


def safety(outline: Outline) -> Iterator[Finding]:
    """Find clocks that rest with the office, that an attempt would satisfy, or that nobody hears in time."""
    for duty in outline.duties:
        yield from _counted(duty)
        written = duty.written
        if isinstance(written, Deadline) and written.needs is Grade.ATTEMPT:
            yield found("Y202", (*duty.at, "needs"), duty=duty.words, key=duty.key)
        if isinstance(written, Deadline):
            yield from _heard(outline, duty, written)
        if written.authority in SET_ABOVE and written.defer is not None:
            authority: Words = {"authority_ja": written.authority.ja, "authority_en": written.authority.en}
            yield found("Y205", (*duty.at, "defer"), at_key=True, duty=duty.words, key=duty.key, **authority)


def _lengths(duty: Duty) -> Iterator[tuple[str, Span]]:
    written = duty.written
    if isinstance(written, Deadline):
        yield "within", written.within
        return
    if written.due is not None:
        yield "due", written.due
    if written.every is not None:
        yield from (("every", stage.span) for stage in written.every.stages)
    yield from (("at", span) for span in written.at or ())


def _counted(duty: Duty) -> Iterator[Finding]:
    written = duty.written
    for key, span in _lengths(duty):
        if span.unit is not SpanUnit.OFFICE_DAY:
            continue
        words: Words = {"duty": duty.words, "key": duty.key, "span": span}
        if duty.kind in CONTACTS and written.authority in SET_ABOVE:
            authority: Words = {"authority_ja": written.authority.ja, "authority_en": written.authority.en}
            yield found("Y201", (*duty.at, key), **words, **authority)
            return
        if isinstance(written, Deadline) and written.needs is not None and written.needs.reaches(Grade.SEEN):
            yield found("Y203", (*duty.at, key), **words)
            return


def _heard(outline: Outline, duty: Duty, written: Deadline) -> Iterator[Finding]:
    if not written.within.is_elapsed:
        return
    name = written.ladder or STANDARD_LADDER
    rungs = STANDARD_RUNGS if name == STANDARD_LADDER else outline.pathway.ladders.get(name)
    if rungs is None:
        return
    late = [rung.after for rung in rungs if rung.after is not None]
    if late and all(span.unit is SpanUnit.OFFICE_DAY and span.count for span in late):
        place = (*duty.at, "ladder") if written.ladder else duty.at
        yield found("Y204", place, at_key=not written.ladder, duty=duty.words, key=duty.key)


def attempts(outline: Outline, exploration: Exploration) -> Iterator[Finding]:
    """Find follow-ups that an attempt keeps; an error where nothing beside them asks for more.

    Going there again and again may be a promise of its own, as long as another
    one that lasts wants word of the person wherever it is in force.
    """
    trying = [
        duty
        for duty in outline.duties
        if duty.kind is ObligationKind.FOLLOW_UP and duty.written.needs is Grade.ATTEMPT
    ]
    stronger = 0
    for duty in outline.duties:
        needs = duty.written.needs
        if duty.kind is ObligationKind.FOLLOW_UP and duty.lasts and needs not in (None, Grade.ATTEMPT):
            stronger |= exploration.bit(duty.state) if duty.state else -1
    for duty in trying:
        where = exploration.bit(duty.state) if duty.state else -1
        alone = next(
            (
                number
                for number, mask in enumerate(exploration.masks)
                if mask & where and not mask & stronger and not exploration.is_end(number)
            ),
            None,
        )
        code = "Y206" if alone is None else "Y202"
        path = exploration.path(alone) if alone is not None else ()
        yield found(code, (*duty.at, "needs"), path=path, duty=duty.words, key=duty.key)
