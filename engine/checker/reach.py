"""Whether every state can be reached, every way be taken, and an end be reached from everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.checker.arrow import CONFIGURATIONS_MAX, Edge, Pick
from engine.checker.catalogue import Words, found
from engine.checker.exploration import Exploration
from engine.checker.finding import Finding
from engine.checker.guarding import Guarding
from engine.checker.outline import Outline, Turn
from engine.core.pathway.compiled import EVERYWHERE


def alternatives(outline: Outline, guarded: frozenset[str]) -> Iterator[Finding]:
    """Find alternatives behind one that always holds, and eventless ways that lead nowhere."""
    closed: set[tuple[str, str | None]] = set()
    asked: set[tuple[str, str | None, str]] = set()
    for turn in outline.turns:
        key = (turn.source, turn.event)
        when = " ".join((turn.written.when or "").split())
        if key in closed or (*key, when) in asked:
            yield found("R203", turn.at)
            continue
        if turn.event is None and turn.written.to is None:
            yield found("R205", turn.at, cycle=turn.source)
        names = turn.ids(outline.pathway)
        if names and names[-1] not in guarded:
            closed.add(key)
        if when and not turn.written.requires and turn.written.consent is None:
            asked.add((*key, when))


def reach(outline: Outline, guarding: Guarding, exploration: Exploration) -> Iterator[Finding]:
    """Find states, ways and ends that no case can come to, and steps that never rest."""
    yield from _loops(outline, guarding, exploration)
    if not exploration.complete:
        yield found("R213", ("states",), at_key=True, limit=f"{CONFIGURATIONS_MAX:,}")
        return
    for site in outline.sites:
        if site.written.history or exploration.seen & exploration.bit(site.name):
            continue
        # What lies inside an unreached state is not said again.
        if site.parent is None or exploration.seen & exploration.bit(site.parent.name):
            words: Words = {"state": outline.words(site.name), "where": site.name, "name": site.name}
            yield found("R201", site.at, at_key=True, **words)
    yield from _dead_ends(outline, exploration)


def _dead_ends(outline: Outline, exploration: Exploration) -> Iterator[Finding]:
    """Find the places that a case cannot get out of; the shortest way to each."""
    count = len(exploration.masks)
    if not any(state.final for state in outline.pathway.states.values()):
        return
    ends = [number for number in range(count) if exploration.is_end(number)]
    stuck = set(range(count)) - _leading_to(exploration.edges, ends)
    onward = {edge.start for edge in exploration.edges if edge.end != edge.start}
    sinks = sorted(stuck - onward)
    circling = sorted(stuck - _leading_to(exploration.edges, sinks))
    told: set[str] = set()
    for number in [*sinks, *circling[:1]]:
        centre = exploration.centre(number)
        if centre not in told:
            told.add(centre)
            site = outline.by_name[centre]
            words: Words = {"state": outline.words(centre), "where": centre}
            yield found("R202", site.at, at_key=True, path=exploration.path(number), **words)


def _leading_to(edges: Iterable[Edge], goals: Iterable[int]) -> set[int]:
    before: dict[int, list[int]] = {}
    for edge in edges:
        before.setdefault(edge.end, []).append(edge.start)
    reached = set(goals)
    waiting = list(reached)
    while waiting:
        for start in before.get(waiting.pop(), ()):
            if start not in reached:
                reached.add(start)
                waiting.append(start)
    return reached


def untaken(outline: Outline, exploration: Exploration, tellable: dict[str, int]) -> Iterator[Finding]:
    """Find ways that are never taken although the case comes to their state."""
    if not exploration.complete:
        return
    known = {arrow.spec.id for arrow in exploration.arrows}
    for turn in outline.turns:
        names = [name for name in turn.ids(outline.pathway) if name in known]
        source = exploration.bit(turn.source) if turn.source != EVERYWHERE else -1
        if not names or not exploration.seen & source or exploration.used & set(names):
            continue
        event = turn.event or "always"
        if "." in event and not event.startswith("finished.") and not tellable.get(event):
            continue  # it never comes at all, and is reported as such
        if _behind(outline, turn):
            continue
        words: Words = {"state": outline.words(turn.source) if turn.source else "everywhere", "event": event}
        comes = "." not in event or any(
            event in exploration.events(number)
            for number, mask in enumerate(exploration.masks)
            if mask & source
        )
        place = turn.at if turn.event is None else turn.at[:-1]
        yield found(
            "R204" if comes else "R216", place, at_key=turn.event is not None,
            where=turn.source or "everywhere", **words,
        )  # fmt: skip


def _behind(outline: Outline, turn: Turn) -> bool:
    """Whether another alternative of the same event stands before: that one says it all."""
    return turn.index > 0 and any(
        other.source == turn.source and other.event == turn.event and other.index < turn.index
        for other in outline.turns
    )


def _loops(outline: Outline, guarding: Guarding, exploration: Exploration) -> Iterator[Finding]:
    """Find eventless ways that can follow each other for ever: all guards are asked on the same facts."""
    turns = {name: turn for turn in outline.turns for name in turn.ids(outline.pathway)}
    steps = exploration.silent_steps
    told: set[frozenset[int]] = set()
    for start in steps:
        for pick, following in steps[start]:
            back = _way_back(steps, following, start)
            if back is None:
                continue
            taken = dict.fromkeys(number for each in (pick, *back) for number in each)
            if frozenset(taken) in told:
                continue
            told.add(frozenset(taken))
            ways = [turns[exploration.arrows[number].spec.id] for number in taken]
            guards = [guarding.by_turn[way] for way in ways if way in guarding.by_turn]
            if guarding.can_hold(*guards):
                cycle = " → ".join(dict.fromkeys(way.source for way in ways))
                number = exploration.resting_before(start[0])
                path = exploration.path(number) if number is not None else ()
                yield found("R205", ways[0].at, cycle=cycle, path=path)


_Where = tuple[int, tuple[int, ...]]


def _way_back(
    steps: dict[_Where, dict[tuple[Pick, _Where], None]], start: _Where, goal: _Where
) -> tuple[Pick, ...] | None:
    known: dict[_Where, tuple[Pick, ...]] = {start: ()}
    waiting = [start]
    for here in waiting:
        if here == goal:
            return known[here]
        for pick, following in steps.get(here, ()):
            if following not in known:
                known[following] = (*known[here], pick)
                waiting.append(following)
    return None
