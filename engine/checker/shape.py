"""Whether the states of a file can be a statechart at all: beginnings, histories, regions, ends."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checker.catalogue import Words, found
from engine.checker.finding import Finding
from engine.checker.outline import Outline, Site
from engine.core.pathway.chart_spec import NESTING_MAX


def shapes(outline: Outline) -> Iterator[Finding]:
    """Find states that cannot be what the file says they are."""
    for site in outline.sites:
        if site.depth >= NESTING_MAX:
            yield found("R215", site.at, at_key=True, limit=NESTING_MAX)
        yield from _compound(outline, site)
        yield from _history(outline, site)
        if site.is_region:
            yield from _region(outline, site)
    yield from _ends(outline)


def _compound(outline: Outline, site: Site) -> Iterator[Finding]:
    written = site.written
    words: Words = {"state": outline.words(site.name), "where": site.name}
    inner = written.states or written.parallel or {}
    if inner and all(state.history for state in inner.values()):
        yield found("R214", site.at, at_key=True, **words)
        return
    if not written.states:
        return
    first = written.initial or next(name for name, state in written.states.items() if not state.history)
    place = (*site.at, "initial") if written.initial else (*site.at, "states", first)
    if first not in written.states:
        yield found("F203", place, name=first, **words)
    elif written.states[first].final:
        yield found("R210", place, at_key=not written.initial, **words)


def _history(outline: Outline, site: Site) -> Iterator[Finding]:
    if site.written.history is None:
        return
    words: Words = {"state": outline.words(site.name), "where": site.name}
    if site.parent is None:
        yield found("R208", site.at, at_key=True, **words)
        return
    around = site.parent.written
    if all(state.history for state in (around.states or around.parallel or {}).values()):
        return  # there is nothing that it could lead to, and that is said of the state around it
    target = site.written.to
    default = outline.by_name.get(target) if target is not None else None
    if target is None or (
        default is not None and (default.written.history or not default.is_inside(site.parent.name))
    ):
        place = (*site.at, "to") if target is not None else site.at
        yield found("R209", place, at_key=target is None, target=target or "", **words)


def _region(outline: Outline, site: Site) -> Iterator[Finding]:
    words: Words = {"state": outline.words(site.name), "where": site.name}
    if site.written.final:
        yield found("R207", site.at, at_key=True, **words)
    elif not (site.written.states or site.written.parallel or site.written.history):
        yield found("R206", site.at, at_key=True, **words)


def _ends(outline: Outline) -> Iterator[Finding]:
    pathway = outline.pathway
    if not any(state.final for state in pathway.states.values()):
        yield found("R211", ("states",), at_key=True)
    begins = [("opening", pathway.opening.state)]
    if pathway.reopening is not None:
        begins.append(("reopening", pathway.reopening.state))
    for key, name in begins:
        site = outline.by_name.get(name)
        if site is not None and site.written.final:
            yield found("R212", (key, "state"), state=outline.words(name), where=name)
