"""All checks of a pathway file, run together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.checker.arrow import Rules
from engine.checker.event import events, is_told
from engine.checker.exploration import Exploration
from engine.checker.fact import facts, knowledge
from engine.checker.finding import Finding, Severity
from engine.checker.guarding import Guarding
from engine.checker.ladder import ladders, spans
from engine.checker.outline import Duty, Outline
from engine.checker.promise import closings, outcomes, promised, unheard
from engine.checker.reach import alternatives, reach, untaken
from engine.checker.reference import references
from engine.checker.safety import attempts, safety
from engine.checker.shape import shapes
from engine.core.pathway.chart_spec import FINISHED_PREFIX, ChartSpec, placed
from engine.core.pathway.compiled import SHARING, Compiled, chart_of, compile_pathway
from engine.core.pathway.form import FormSchema
from engine.core.pathway.model import Pathway

_NO_CHART = frozenset({"F201", "F203", "R207", "R208", "R209", "R214", "R215"})
"""Faults that leave no statechart to walk through."""

_HIDING = frozenset({"F202", "R210", "R212"})
"""Faults behind which states only seem to be out of reach."""


def check(pathway: Pathway, forms: Mapping[str, Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Say everything that is wrong with a pathway, in the order of the checks.

    `forms` are the JSON Schemas of its forms by name; each has passed
    `lint_form_schema`. A form that is left out counts as reported elsewhere.
    Places are those of the model's long form (see `located`). Pure: equal
    arguments give equal findings.
    """
    outline = Outline(pathway)
    guarding = Guarding(outline, forms)
    found = [
        *references(outline, guarding.read_forms()),
        *shapes(outline),
        *events(outline),
        *ladders(outline),
        *spans(outline),
        *safety(outline),
        *outcomes(outline),
        *closings(outline),
        *facts(guarding),
    ]
    rules = _rules(outline)
    found += alternatives(outline, rules.guarded)
    codes = {finding.code for finding in found}
    if not codes & _NO_CHART and _leads_somewhere(outline):
        found += _walked(outline, guarding, rules, broken=bool(codes & _HIDING))
    return tuple(found)


def _leads_somewhere(outline: Outline) -> bool:
    """Whether the opening and every history name a state that is there."""
    named = [
        outline.pathway.opening.state,
        *(site.written.to for site in outline.sites if site.written.history),
    ]
    return all(name in outline.by_name for name in named)


def is_publishable(findings: tuple[Finding, ...]) -> bool:
    """Whether no finding is an error."""
    return all(finding.severity is not Severity.ERROR for finding in findings)


def compile_checked(
    pathway: Pathway, forms: Mapping[str, Mapping[str, Any]], digest: str
) -> Compiled | tuple[Finding, ...]:
    """Check a pathway and make it ready to decide with, or return its findings if any is an error."""
    findings = check(pathway, forms)
    if not is_publishable(findings):
        return findings
    return compile_pathway(pathway, {name: FormSchema(name, each) for name, each in forms.items()}, digest)


def explore(outline: Outline, rules: Rules) -> Exploration:
    """Walk through everything that a case can come to, from its opening and its reopening."""
    pathway = outline.pathway
    spec, _ = chart_of(pathway)
    inner = {site.name for site in outline.sites if site.written.states or site.written.parallel}
    transitions = tuple(
        each
        for each in spec.transitions
        if (each.target is None or each.target in outline.by_name)
        and each.source in outline.by_name
        and not outline.by_name[each.source].written.history
        and (
            each.event is None
            or not each.event.startswith(FINISHED_PREFIX)
            or each.event.removeprefix(FINISHED_PREFIX) in inner
        )
    )
    nodes = placed(ChartSpec(spec.states, transitions))
    begins = [pathway.opening.state]
    if pathway.reopening is not None and pathway.reopening.state in outline.by_name:
        begins.append(pathway.reopening.state)
    bits = {node.spec.id: 1 << node.ordinal for node in nodes}
    return Exploration(nodes, rules, begins, tellable_where(outline, bits, 1 << len(nodes)))


def tellable_where(outline: Outline, bits: Mapping[str, int], anywhere: int) -> dict[str, int]:
    """For each event that the engine tells: the states in which it can come, as a mask."""
    where: dict[str, int] = {}
    for form in outline.pathway.forms:
        where[f"recorded.{form}"] = anywhere
    for kind in (SHARING, *outline.pathway.consents):
        where[f"consent.{kind}"] = anywhere
    for duty in outline.duties:
        event = f"fulfilled.{duty.key}"
        where[event] = where.get(event, 0) | _fulfilled_where(duty, bits, anywhere)
    for turn in outline.turns:
        if turn.event is not None and turn.event.partition(".")[0] in ("accepted", "refused", "ended"):
            where[turn.event] = anywhere
    return where


def _fulfilled_where(duty: Duty, bits: Mapping[str, int], anywhere: int) -> int:
    # An outcome's own event is told first, and may have moved the case on by then.
    moves = any(outcome.raise_ for outcome in (duty.written.outcomes or {}).values())
    return anywhere if moves or not duty.state else bits.get(duty.state, 0)


def _rules(outline: Outline) -> Rules:
    guarded: set[str] = set()
    idle: set[str] = set()
    for turn in outline.turns:
        written = turn.written
        names = turn.ids(outline.pathway)
        without = written.consent is not None and written.consent.without is not None
        engine_comes = is_told(turn.event) or turn.event in outline.raised
        if written.when is not None or (
            engine_comes and (written.requires or (written.consent and not without))
        ):
            guarded.update(names)
        elif without:
            # The second of the two is taken exactly when the first is not.
            guarded.update(name for name in names if not name.endswith("~"))
        if turn.event is not None and "." in turn.event and written.approval is not None:
            idle.update(name for name in names if not name.endswith("~"))
    return Rules(frozenset(guarded), frozenset(idle))


def _walked(outline: Outline, guarding: Guarding, rules: Rules, *, broken: bool) -> Iterator[Finding]:
    """Run the checks that need to know where a case can come. A broken way hides what lies behind it."""
    exploration = explore(outline, rules)
    yield from promised(outline, exploration)
    yield from unheard(outline, exploration)
    yield from attempts(outline, exploration)
    yield from knowledge(outline, guarding, exploration)
    if not broken:
        yield from reach(outline, guarding, exploration)
        bits = {site.name: exploration.bit(site.name) for site in outline.sites}
        tellable = tellable_where(outline, bits, 1)
        yield from untaken(outline, exploration, tellable)
