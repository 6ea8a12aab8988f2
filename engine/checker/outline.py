"""A pathway laid out for checking: every state, obligation and way on, with its place in the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.checker.entry import Words
from engine.checker.finding import Place
from engine.core.pathway.compiled import EVERYWHERE, Written, promises
from engine.core.pathway.model import Everywhere, Pathway, State, Transition
from engine.core.vocabulary import ObligationKind

SECTIONS: Mapping[ObligationKind, str] = {
    ObligationKind.FOLLOW_UP: "follow_ups",
    ObligationKind.REVIEW: "reviews",
    ObligationKind.DEADLINE: "deadlines",
}
"""The key under which a kind of obligation is written."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A state, where the file writes it. `parallel` says that it is a region."""

    name: str
    written: State
    parent: Site | None
    at: Place
    is_region: bool = False

    @property
    def depth(self) -> int:
        """How many states are around it."""
        return 0 if self.parent is None else self.parent.depth + 1

    def is_inside(self, name: str) -> bool:
        """Whether a state called `name` is around it."""
        around = self.parent
        while around is not None:
            if around.name == name:
                return True
            around = around.parent
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Duty:
    """An obligation, where the file writes it. `state` is '' for everywhere."""

    key: str
    kind: ObligationKind
    written: Written
    state: str
    at: Place

    @property
    def lasts(self) -> bool:
        """Whether it comes back without end and is owed to the household whatever happens."""
        every = getattr(self.written, "every", None)
        return every is not None and every.stages[-1].times is None and self.written.for_ is None

    @property
    def recurs(self) -> bool:
        """Whether keeping it brings another one by itself, at least sometimes."""
        return any(getattr(self.written, key, None) is not None for key in ("every", "at"))

    @property
    def words(self) -> str:
        """The obligation in a Japanese sentence."""
        return f"「{self.written.label.ja}」（{self.key}）"


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A way on, where the file writes it. `source` is '' for everywhere; `event` None is `always`."""

    source: str
    event: str | None
    index: int
    written: Transition
    at: Place

    def ids(self, pathway: Pathway) -> tuple[str, ...]:
        """The ids that the chart gives it (see `chart_of`), the consented way first."""
        heads = [self.source] if self.source else [n for n, s in pathway.states.items() if not s.final]
        tag = "" if self.source else "@"
        names = [f"{head}>{self.event or 'always'}{tag}#{self.index}" for head in heads]
        without = self.written.consent is not None and self.written.consent.without is not None
        return tuple(each for name in names for each in ((name, f"{name}~") if without else (name,)))


class Outline:
    """Everything of a pathway with its place. Made once for all checks."""

    def __init__(self, pathway: Pathway) -> None:
        self.pathway = pathway
        self.sites = tuple(_sites(pathway))
        self.by_name: dict[str, Site] = {}
        for site in self.sites:
            self.by_name.setdefault(site.name, site)
        self.sections: tuple[tuple[str, Everywhere, Place], ...] = (
            (EVERYWHERE, pathway.everywhere, ("everywhere",)),
            *((site.name, site.written, site.at) for site in self.sites),
        )
        self.duties = tuple(
            Duty(key, kind, written, state, (*at, SECTIONS[kind], key))
            for state, section, at in self.sections
            for key, kind, written in promises(section)
        )
        self.turns = tuple(turn for section in self.sections for turn in _turns(*section))

    def duties_of(self, state: str) -> tuple[Duty, ...]:
        """The obligations of a state, or of everywhere."""
        return self._by_state.get(state, ())

    @cached_property
    def _by_state(self) -> dict[str, tuple[Duty, ...]]:
        found: dict[str, list[Duty]] = {}
        for duty in self.duties:
            found.setdefault(duty.state, []).append(duty)
        return {state: tuple(duties) for state, duties in found.items()}

    def words(self, state: str) -> str:
        """A state in a Japanese sentence: its label and its name."""
        site = self.by_name.get(state)
        label = site.written.label.ja if site is not None and site.written.label is not None else None
        return f"「{label}」（{state}）" if label and label != state else f"「{state}」"

    @cached_property
    def raised(self) -> Mapping[str, tuple[tuple[Duty | str, Place], ...]]:
        """Events that outcomes and rungs raise: what raises each (an obligation, or a ladder's name), where."""
        found: dict[str, list[tuple[Duty | str, Place]]] = {}
        for duty in self.duties:
            for name, outcome in (duty.written.outcomes or {}).items():
                if outcome.raise_:
                    place = (*duty.at, "outcomes", name, "raise")
                    found.setdefault(outcome.raise_, []).append((duty, place))
        for ladder, rungs in self.pathway.ladders.items():
            for index, rung in enumerate(rungs):
                if rung.raise_:
                    place = ("ladders", ladder, index, "raise")
                    found.setdefault(rung.raise_, []).append((ladder, place))
        return {event: tuple(sources) for event, sources in found.items()}


def _sites(pathway: Pathway) -> Iterator[Site]:
    pending = [Site(name, state, None, ("states", name)) for name, state in reversed(pathway.states.items())]
    while pending:
        site = pending.pop()
        yield site
        inner = [
            Site(name, state, site, (*site.at, key, name), is_region=key == "parallel")
            for key in ("states", "parallel")
            for name, state in (getattr(site.written, key) or {}).items()
        ]
        pending.extend(reversed(inner))


def _turns(state: str, section: Everywhere, at: Place) -> Iterator[Turn]:
    for event, alternatives in section.on.items():
        for index, written in enumerate(alternatives):
            yield Turn(state, event, index, written, (*at, "on", event, index))
    for index, written in enumerate(getattr(section, "always", None) or ()):
        yield Turn(state, None, index, written, (*at, "always", index))


def nearest(name: str, known: Iterable[str]) -> Words:
    """Return advice for a name that is not there: the nearest one, or all there are."""
    choices = list(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    if close:
        return {"near_ja": f"「{close[0]}」のことですか。", "near_en": f"Did you mean '{close[0]}'?"}
    shown = choices[:12]
    more = " …" if len(choices) > len(shown) else ""
    if not shown:
        return {
            "near_ja": "先に定義してください。",
            "near_en": "Define it first.",
        }
    return {
        "near_ja": f"次のどれかにするか、定義を書いてください: {'、'.join(shown)}{more}",
        "near_en": f"Use one of {', '.join(shown)}{more}, or define it.",
    }
