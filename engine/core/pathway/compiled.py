"""A pathway made ready to decide with: chart, guards, definitions, ladders, all looked up by name.

Compiling happens once for a version; a decision then only looks things up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.core.officetime.due import Roll
from engine.core.officetime.span import Span
from engine.core.pathway.chart import ChartSpec, StateKind, StateSpec, TransitionSpec, compile_chart
from engine.core.pathway.fact import PERSON_FACTS, FactTypes, builtin_fact_types
from engine.core.pathway.form import FormSchema
from engine.core.pathway.guard import Guard, compile_guard
from engine.core.pathway.memo import MemoChart
from engine.core.pathway.model import Deadline, FollowUp, Pathway, Review, Rung, State, Transition
from engine.core.vocabulary import Grade, ObligationKind

EVERYWHERE = ""
"""The state of what is in force in every open state."""

ASSIGNEE = "assignee"
SUPERIOR = "superior"
DUTY_DESK = "duty_desk"
PSEUDO_ROLES = frozenset({ASSIGNEE, SUPERIOR, DUTY_DESK})
"""Roles that every pathway has: the present holder, the role above, the municipality's duty desk."""

SHARING = "sharing"
"""The kind of consent that every pathway knows: passing on to other agencies."""

STANDARD_LADDER = "standard"
STANDARD_RUNGS: tuple[Rung, ...] = tuple(
    Rung.model_validate(rung)
    for rung in (
        {"after": "1bd", "remind": ASSIGNEE},
        {"after": "3bd", "notify": SUPERIOR},
        {"after": "10bd", "notify": DUTY_DESK, "every": "5bd"},
    )
)
"""What overdue work climbs when the file names no ladder: nothing waits unheard."""

Written = FollowUp | Review | Deadline


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """An obligation as the file writes it, with everything it refers to resolved."""

    key: str
    state: str
    kind: ObligationKind
    written: Written
    roll: Roll
    ladder: str
    rungs: tuple[Rung, ...]
    each_when: Guard | None
    urgent: Guard | None
    arms_when: Guard | None

    @property
    def needs(self) -> Grade | None:
        """The least grade of contact that fulfils it."""
        return self.written.needs

    @property
    def recurs(self) -> bool:
        """Whether keeping it always makes the next one."""
        every = getattr(self.written, "every", None)
        return every is not None and every.stages[-1].times is None


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A transition as the file writes it, under the id that the chart reports."""

    id: str
    source: str
    event: str | None
    written: Transition
    guard: Guard | None
    refused_consent: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A state of the file: what is written, its parent, and the states inside."""

    name: str
    written: State
    parent: str | None
    depth: int


@dataclass(frozen=True, eq=False)
class Compiled:
    """One version of a pathway, ready to decide with. Immutable; shared between threads."""

    pathway: Pathway
    digest: str
    chart: MemoChart
    places: Mapping[str, Place]
    ways: Mapping[str, Way]
    definitions: Mapping[str, tuple[Definition, ...]]
    forms: Mapping[str, FormSchema]
    ladders: Mapping[str, tuple[Rung, ...]]
    facts: FactTypes
    weights: tuple[tuple[Guard, int], ...] = field(default=())

    @property
    def name(self) -> str:
        """The pathway's identifier."""
        return self.pathway.pathway

    @property
    def version(self) -> int:
        """The pathway's version."""
        return self.pathway.version

    def definition(self, state: str, key: str) -> Definition | None:
        """Find an obligation by the state that promises it and its name."""
        # A plain loop: it is asked nine times in a command, and a generator costs twice as much.
        for found in self.definitions.get(state, ()):
            if found.key == key:
                return found
        return None

    def consent_kinds(self) -> frozenset[str]:
        """The kinds of consent that the file may speak of."""
        return frozenset({SHARING, *self.pathway.consents})

    def label(self, state: str, lang: str = "ja") -> str:
        """The words for a state."""
        place = self.places.get(state)
        return place.written.label.text(lang) if place and place.written.label else state


def places_of(pathway: Pathway) -> Iterator[Place]:
    """Walk all states of a file in document order, outermost first."""
    pending = [(name, state, None, 0) for name, state in reversed(pathway.states.items())]
    while pending:
        name, state, parent, depth = pending.pop()
        yield Place(name, state, parent, depth)
        inner = {**(state.states or {}), **(state.parallel or {})}
        pending.extend((child, written, name, depth + 1) for child, written in reversed(inner.items()))  # type: ignore[misc]


def fact_types_of(pathway: Pathway, forms: Mapping[str, FormSchema]) -> FactTypes:
    """Return every fact that the guards of a file may read, with its type."""
    types = dict(builtin_fact_types({SHARING, *pathway.consents}))
    for name, form in forms.items():
        types.update(form.fact_types(name))
    return types


def chart_of(pathway: Pathway) -> tuple[ChartSpec, dict[str, tuple[str, str | None, Transition, bool]]]:
    """Return the statechart of a file, and for each transition id where and how it is written.

    A transition whose consent has a way out (`without`) becomes two; the
    second is taken when the consent is not given.
    """
    specs: list[TransitionSpec] = []
    written: dict[str, tuple[str, str | None, Transition, bool]] = {}

    def add(source: str, event: str | None, alternatives: Iterable[Transition], tag: str) -> None:
        for index, transition in enumerate(alternatives):
            name = f"{source}>{event or 'always'}{tag}#{index}"
            without = transition.consent.without if transition.consent else None
            targets = [(name, transition.to, False)]
            if without:
                targets.append((f"{name}~", without, True))
            for known, target, refused in targets:
                specs.append(TransitionSpec(known, source, event, known, target, internal=False))
                written[known] = (source, event, transition, refused)

    for place in places_of(pathway):
        for event, alternatives in place.written.on.items():
            add(place.name, event, alternatives, "")
        if place.written.always:
            add(place.name, None, place.written.always, "")
        if place.depth == 0 and not place.written.final:
            for event, alternatives in pathway.everywhere.on.items():
                add(place.name, event, alternatives, "@")
    return ChartSpec(
        states=tuple(_spec(*item) for item in pathway.states.items()), transitions=tuple(specs)
    ), written


def _spec(name: str, state: State) -> StateSpec:
    if state.final:
        return StateSpec(name, StateKind.FINAL)
    if state.history:
        kind = StateKind.HISTORY_DEEP if state.history == "deep" else StateKind.HISTORY_SHALLOW
        return StateSpec(name, kind, initial=state.to)
    if state.parallel:
        return StateSpec(name, StateKind.PARALLEL, tuple(_spec(*item) for item in state.parallel.items()))
    if state.states:
        children = tuple(_spec(*item) for item in state.states.items())
        first = next((child.id for child in children if child.kind not in _HISTORIES), None)
        return StateSpec(name, StateKind.COMPOUND, children, initial=state.initial or first)
    return StateSpec(name, StateKind.ATOMIC)


_HISTORIES = frozenset({StateKind.HISTORY_DEEP, StateKind.HISTORY_SHALLOW})


def compile_pathway(pathway: Pathway, forms: Mapping[str, FormSchema], digest: str) -> Compiled:
    """Make a checked file ready to decide with.

    Raises:
        ChartError, GuardError: the file has faults that the checker reports
            with their place; check it first.
    """
    spec, transitions = chart_of(pathway)
    types = fact_types_of(pathway, forms)

    def guard(text: str | None, more: FactTypes | None = None) -> Guard | None:
        return None if text is None else compile_guard(text, {**types, **more} if more else types)

    ladders = {STANDARD_LADDER: STANDARD_RUNGS, **pathway.ladders}

    def define(state: str, key: str, kind: ObligationKind, written: Written) -> Definition:
        ladder = written.ladder or STANDARD_LADDER
        usual = Roll.LATER if kind is ObligationKind.REVIEW else Roll.EARLIER
        return Definition(
            key=key, state=state, kind=kind, written=written, roll=written.roll or usual, ladder=ladder,
            rungs=ladders[ladder], each_when=guard(written.for_.when, PERSON_FACTS) if written.for_ else None,
            urgent=guard(written.urgent), arms_when=guard(getattr(written, "when", None)),
        )  # fmt: skip

    definitions = {
        state: tuple(define(state, key, kind, promise) for key, kind, promise in promises(section))
        for state, section in [
            (EVERYWHERE, pathway.everywhere),
            *((place.name, place.written) for place in places_of(pathway)),
        ]
    }
    return Compiled(
        pathway=pathway,
        digest=digest,
        chart=MemoChart(compile_chart(spec)),
        places={place.name: place for place in places_of(pathway)},
        ways={
            name: Way(name, source, event, written, guard(written.when), refused)
            for name, (source, event, written, refused) in transitions.items()
        },
        definitions=definitions,
        forms=forms,
        ladders=ladders,
        facts=types,
        weights=tuple((compile_guard(weight.when, types), weight.add) for weight in pathway.priority),
    )


def promises(section: object) -> Iterator[tuple[str, ObligationKind, Written]]:
    """Walk the obligations that a state, or `everywhere`, writes: name, kind, definition."""
    for attribute, kind in (
        ("follow_ups", ObligationKind.FOLLOW_UP),
        ("reviews", ObligationKind.REVIEW),
        ("deadlines", ObligationKind.DEADLINE),
    ):
        for key, written in getattr(section, attribute).items():
            yield key, kind, written


def rung_offset(rung: Rung) -> Span:
    """The span of a rung, whichever side of the due time it lies on."""
    span = rung.after or rung.before
    assert span is not None, "the model demands one of the two"
    return span
