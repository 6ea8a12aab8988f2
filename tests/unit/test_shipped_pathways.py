"""The pathways that are shipped: readable, whole, in two languages, and never a dead end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from engine.checker.checking import check
from engine.checker.finding import Severity
from engine.core.officetime.span import Span
from engine.core.pathway.compiled import (
    EVERYWHERE,
    PSEUDO_ROLES,
    SHARING,
    Compiled,
    Place,
    Written,
    compile_pathway,
    places_of,
    promises,
)
from engine.core.pathway.form import FormSchema
from engine.core.pathway.form_lint import lint_form_schema
from engine.core.pathway.model import Deadline, Everywhere, Outcome, Pathway, Transition
from engine.core.vocabulary import Authority, Grade
from engine.loading.calendar import load_calendar
from engine.loading.document import read_document
from engine.loading.pathway import Loaded, load_pathway
from engine.loading.scenario import load_scenario
from engine.simulation.scenario import run_scenario
from engine.simulation.town import town_of

SHIPPED = Path(__file__).parents[2] / "pathways"
SCENARIOS_LEAST = {"standard_four_stage": 8, "outreach_without_consent": 5, "child_abuse_report": 7}
NAMES = sorted(file.parent.name for file in SHIPPED.glob("*/v1.yaml"))
STEPS = frozenset(
    [
        "open",
        "advance",
        "to",
        "complete",
        "contact",
        "record",
        "fire",
        "approve",
        "refuse_approval",
        "consent",
        "refer",
        "accept",
        "refuse",
        "defer",
        "pause",
        "resume",
        "answer",
        "close",
        "reopen",
        "expect",
    ]
)
EXPECTATIONS = frozenset(
    [
        "in",
        "due",
        "live",
        "not_live",
        "escalated",
        "refused",
        "closed",
        "notified",
        "holder",
        "held",
        "linked",
    ]
)
each_pathway = pytest.mark.parametrize("name", NAMES)


@lru_cache(maxsize=8)
def loaded(name: str) -> Loaded:
    return load_pathway(SHIPPED / name / "v1.yaml")


def pathway_of(name: str) -> Pathway:
    pathway = loaded(name).pathway
    assert pathway is not None, [each.en for each in loaded(name).findings]
    return pathway


@lru_cache(maxsize=8)
def compiled(name: str) -> Compiled:
    forms = {form: FormSchema(form, schema) for form, schema in loaded(name).forms.items()}
    return compile_pathway(pathway_of(name), forms, loaded(name).digest)


@lru_cache(maxsize=8)
def scenarios(name: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    files = sorted((SHIPPED / name / "scenarios").glob("*.yaml"))
    return tuple((file.name, read_document(file.read_text("utf-8"), file.name).value) for file in files)


def sections(pathway: Pathway) -> Iterator[tuple[str, Everywhere]]:
    """Walk `everywhere` and every state."""
    yield EVERYWHERE, pathway.everywhere
    for place in places_of(pathway):
        yield place.name, place.written


def transitions(pathway: Pathway) -> Iterator[tuple[str, str, Transition]]:
    """Walk every way on: the state it leaves, its event ('' for always), what is written."""
    for state, section in sections(pathway):
        for event, ways in section.on.items():
            yield from ((state, event, way) for way in ways)
        yield from ((state, "", way) for way in getattr(section, "always", None) or ())


def obligations(pathway: Pathway) -> Iterator[tuple[str, str, Written]]:
    """Walk every promise: its state, its name, what is written."""
    for state, section in sections(pathway):
        yield from ((state, key, written) for key, _, written in promises(section))


def outcomes(pathway: Pathway) -> Iterator[tuple[str, str, str, Outcome]]:
    """Walk every outcome: the promise's state and name, the outcome's name, what is written."""
    for state, key, written in obligations(pathway):
        yield from ((state, key, name, outcome) for name, outcome in (written.outcomes or {}).items())


def ancestors(places: dict[str, Place], state: str) -> Iterator[str]:
    """Walk a state and all around it, from the inside out."""
    current: str | None = state
    while current:
        yield current
        current = places[current].parent


def by_name(pathway: Pathway) -> dict[str, Place]:
    return {place.name: place for place in places_of(pathway)}


def listeners(pathway: Pathway, state: str) -> set[str]:
    """Return the events that are heard in a state, around it, within it or everywhere."""
    places = by_name(pathway)
    heard = set(pathway.everywhere.on)
    for name, place in places.items():
        if state == EVERYWHERE or name in ancestors(places, state) or state in ancestors(places, name):
            heard |= set(place.written.on)
    return heard


def is_recurring(written: Written) -> bool:
    every = getattr(written, "every", None)
    return every is not None and every.stages[-1].times is None


def test_the_three_pathways_of_the_first_release_are_there() -> None:
    assert set(SCENARIOS_LEAST) <= set(NAMES)


@each_pathway
def test_a_shipped_pathway_is_read_without_a_finding(name: str) -> None:
    assert [(each.code, each.line, each.en) for each in loaded(name).findings] == []
    pathway = pathway_of(name)
    assert (pathway.pathway, pathway.version) == (name, 1)
    # The sample ledger begins on the first day of fiscal year 2024.
    assert pathway.effective_on <= "2024-04-01"


@each_pathway
def test_the_checker_finds_nothing_that_forbids_publishing(name: str) -> None:
    found = loaded(name).located(check(pathway_of(name), loaded(name).forms))
    assert [(each.code, each.line, each.en) for each in found if each.severity is Severity.ERROR] == []


@each_pathway
def test_every_scenario_goes_as_it_is_written(name: str) -> None:
    calendar = load_calendar(SHIPPED / "calendars" / "office" / "v1.yaml")
    shipped = {each: compiled(each) for each in NAMES}
    directory = town_of(*shipped.values())
    problems: list[str] = []
    for file in sorted((SHIPPED / name / "scenarios").glob("*.yaml")):
        read = load_scenario(file)
        assert read.scenario is not None, [each.en for each in read.findings]
        problems += run_scenario(read.scenario, shipped[name], calendar, directory, shipped.get).problems(
            "en"
        )
    assert problems == []


@each_pathway
def test_every_guard_compiles_and_the_chart_stands(name: str) -> None:
    assert compiled(name).places


@each_pathway
def test_every_word_that_a_guard_compares_with_is_a_choice_of_its_form(name: str) -> None:
    ready = compiled(name)
    guards = [way.guard for way in ready.ways.values()]
    guards += [
        each for found in ready.definitions.values() for one in found for each in (one.arms_when, one.urgent)
    ]
    guards += [guard for guard, _ in ready.weights]
    strange = []
    for guard in guards:
        for comparison in guard.comparisons if guard is not None else ():
            form, _, field = comparison.fact.partition(".")
            if form in ready.forms and field in ready.forms[form].schema["properties"]:
                schema = ready.forms[form].schema["properties"][field]
                choices = schema.get("enum") or schema.get("items", {}).get("enum")
                if choices is not None and comparison.literal not in choices:
                    strange.append((comparison.fact, comparison.literal))
    assert strange == []


@each_pathway
def test_every_form_can_be_used_and_has_both_languages(name: str) -> None:
    for form, schema in loaded(name).forms.items():
        assert lint_form_schema(schema, form) == ()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert {"ja", "en"} <= set(schema["x-label"])
        unlabelled = [
            field
            for field, node in schema["properties"].items()
            if ("enum" in node or "enum" in node.get("items", {})) and "x-labels" not in node
        ]
        assert unlabelled == [], form
    files = {file.stem for file in (SHIPPED / name / "forms").glob("*.yaml")}
    assert files == set(pathway_of(name).forms)


@each_pathway
def test_a_telephone_call_is_enough_to_open_a_case(name: str) -> None:
    opening = pathway_of(name).opening
    form = FormSchema(opening.form, loaded(name).forms[opening.form])
    assert form.check({"channel": "phone"}) == ()


@each_pathway
def test_every_role_ladder_form_consent_and_state_that_is_named_exists(name: str) -> None:
    pathway = pathway_of(name)
    roles = set(pathway.roles) | PSEUDO_ROLES
    states = set(by_name(pathway))
    named_roles = {role.above for role in pathway.roles.values() if role.above}
    named_ladders: set[str | None] = set()
    named_forms: set[str] = {pathway.opening.form}
    named_states = {
        pathway.opening.state,
        pathway.reopening.state if pathway.reopening else pathway.opening.state,
    }
    named_consents: set[str] = set()
    for rungs in pathway.ladders.values():
        for rung in rungs:
            named_roles |= {*(rung.remind or ()), *(rung.notify or ())}
            named_roles |= {role for role in (rung.hand_to, rung.agenda) if role}
    for _, _, written in obligations(pathway):
        named_roles.add(written.by)
        named_ladders.add(written.ladder)
        named_forms |= {written.form} if written.form else set()
    for _, _, _, outcome in outcomes(pathway):
        named_roles |= set(outcome.notify or ())
    for _, _, way in transitions(pathway):
        named_roles |= set(way.by or ())
        named_forms |= set(way.requires or ())
        if way.to:
            named_states.add(way.to)
        if way.approval:
            named_roles.add(way.approval.by)
            named_ladders.add(way.approval.ladder)
        if way.consent:
            named_consents.add(way.consent.kind)
            named_states |= {way.consent.without} if way.consent.without else set()
        if way.refer:
            named_ladders.add(way.refer.ladder)
            named_consents |= {way.refer.consent} if way.refer.consent else set()
    for place in places_of(pathway):
        named_states |= {there for there in (place.written.to, place.written.initial) if there}
    assert named_roles <= roles
    assert named_ladders - {None} <= set(pathway.ladders)
    assert named_forms <= set(pathway.forms)
    assert named_states <= states
    assert named_consents <= {SHARING, *pathway.consents}


@each_pathway
def test_nothing_is_declared_that_nobody_uses(name: str) -> None:
    pathway = pathway_of(name)
    ladders = {written.ladder for _, _, written in obligations(pathway)}
    assert set(pathway.ladders) <= ladders


@each_pathway
def test_an_event_that_an_outcome_or_a_rung_raises_is_heard_where_it_is_raised(name: str) -> None:
    pathway = pathway_of(name)
    unheard = [
        (state, key, outcome.raise_)
        for state, key, _, outcome in outcomes(pathway)
        if outcome.raise_ and outcome.raise_ not in listeners(pathway, state)
    ]
    for state, key, written in obligations(pathway):
        rungs = pathway.ladders.get(written.ladder or "", ())
        raised = [rung.raise_ for rung in rungs if rung.raise_]
        unheard += [(state, key, event) for event in raised if event not in listeners(pathway, state)]
    assert unheard == []


@each_pathway
def test_an_event_that_the_engine_tells_can_come(name: str) -> None:
    pathway = pathway_of(name)
    keys = {key for _, key, _ in obligations(pathway)}
    aliases = {place.written.start.as_ for place in places_of(pathway) if place.written.start}
    referred = {way.refer.as_ or way.refer.to for _, _, way in transitions(pathway) if way.refer}
    aliases |= {way.start.as_ for _, _, way in transitions(pathway) if way.start}
    known = {
        "recorded": set(pathway.forms), "fulfilled": keys, "ended": aliases,
        "accepted": referred, "refused": referred, "finished": set(by_name(pathway)),
    }  # fmt: skip
    told = [event.partition(".") for _, event, _ in transitions(pathway) if "." in event]
    assert [(kind, of) for kind, _, of in told if of not in known[kind]] == []


@each_pathway
def test_no_state_that_is_not_an_end_is_without_a_promise_that_comes_back(name: str) -> None:
    # Stricter than the checker: what is in force everywhere does not count.
    pathway = pathway_of(name)
    places = by_name(pathway)
    coming_back = {state for state, _, written in obligations(pathway) if is_recurring(written)}
    forgotten = [
        place.name
        for place in places.values()
        if not (
            place.written.final or place.written.history or place.written.states or place.written.parallel
        )
        and not coming_back & set(ancestors(places, place.name))
    ]
    assert forgotten == []


@each_pathway
def test_every_promise_climbs_a_ladder_that_ends_in_a_repeating_rung_at_a_staffed_desk(name: str) -> None:
    pathway = pathway_of(name)
    assert [(state, key) for state, key, written in obligations(pathway) if not written.ladder] == []
    for ladder, rungs in pathway.ladders.items():
        assert rungs[-1].every is not None, ladder
        assert "duty_desk" in (rungs[-1].notify or ()), ladder
        assert all(rung.every is None for rung in rungs[:-1]), ladder


@each_pathway
def test_a_clock_of_safety_runs_at_night_and_is_never_content_with_an_attempt(name: str) -> None:
    for _, key, written in obligations(pathway_of(name)):
        if isinstance(written, Deadline):
            assert Span.parse(str(written.within)).is_elapsed, key
            assert written.needs is None or written.needs.reaches(Grade.SEEN), key


@each_pathway
def test_an_outcome_says_what_follows(name: str) -> None:
    for state, key, written in obligations(pathway_of(name)):
        for found, outcome in (written.outcomes or {}).items():
            says = outcome.retry or outcome.next or outcome.raise_ or outcome.notify or outcome.done
            comes_back = getattr(written, "every", None) or getattr(written, "at", None)
            assert says or comes_back, (state, key, found)
            assert outcome.after is None or outcome.raise_, (state, key, found)


@each_pathway
def test_a_case_ends_only_by_a_person_with_a_form_and_an_approval(name: str) -> None:
    pathway = pathway_of(name)
    finals = {place.name for place in places_of(pathway) if place.written.final and place.depth == 0}
    closing = [(event, way) for _, event, way in transitions(pathway) if way.to in finals]
    assert closing
    for event, way in closing:
        assert event
        assert "." not in event
        assert way.requires, event
        assert way.approval, event


@each_pathway
def test_no_way_from_a_region_to_its_own_inside_drops_the_regions_beside_it(name: str) -> None:
    # Such a way leaves the whole parallel state (SCXML 3.13), and every clock of it begins anew.
    pathway = pathway_of(name)
    places = by_name(pathway)
    inward = [
        (state, event, way.to)
        for state, event, way in transitions(pathway)
        if way.to and state in places and places[state].written.parallel is not None
        and state in list(ancestors(places, way.to))[1:]
    ]  # fmt: skip
    regions = {region for place in places.values() for region in place.written.parallel or {}}
    inward += [
        (state, event, way.to)
        for state, event, way in transitions(pathway)
        if way.to and state in regions and state in ancestors(places, way.to)
    ]
    assert inward == []


@each_pathway
def test_everything_an_officer_reads_is_in_japanese_and_english(name: str) -> None:
    pathway = pathway_of(name)
    labels = [("title", pathway.title)]
    labels += [(role, written.label) for role, written in pathway.roles.items()]
    labels += [(kind, written.label) for kind, written in pathway.consents.items()]
    labels += [(str(weight.when), weight.because) for weight in pathway.priority]
    labels += [(f"{state}.{key}", written.label) for state, key, written in obligations(pathway)]
    named = [(f"{state}.{key}.{found}", outcome.label) for state, key, found, outcome in outcomes(pathway)]
    named += [(f"{state}>{event}", way.label) for state, event, way in transitions(pathway)]
    named += [(place.name, place.written.label) for place in places_of(pathway)]
    stages = [(place.name, place.written.stage) for place in places_of(pathway) if place.written.stage]
    assert [where for where, label in [*labels, *named, *stages] if label is None or not label.en] == []


def test_the_childs_48_hours_run_for_each_child_and_bind_every_municipality() -> None:
    pathway = pathway_of("child_abuse_report")
    [clock] = [
        written
        for _, key, written in obligations(pathway)
        if key == "safety_check" and isinstance(written, Deadline)
    ]
    assert str(clock.within) == "48h"
    assert clock.needs is Grade.SEEN
    assert clock.authority is Authority.NATIONAL_GUIDANCE
    assert clock.for_ is not None
    assert clock.for_.when == "person.age < 18"


@each_pathway
def test_there_are_scenarios_enough_and_each_says_what_it_shows(name: str) -> None:
    found = scenarios(name)
    assert len(found) >= SCENARIOS_LEAST.get(name, 1)
    for file, scenario in found:
        assert list(scenario) == ["scenario", "pathway", "start", "steps"], file
        assert scenario["pathway"] == name, file
        assert "open" in scenario["steps"][0], file
        assert any("expect" in step for step in scenario["steps"]), file


@each_pathway
def test_a_scenario_speaks_only_of_what_its_pathway_has(name: str) -> None:
    pathway = pathway_of(name)
    states = set(by_name(pathway))
    keys = {key for _, key, _ in obligations(pathway)}
    events = {event for _, event, _ in transitions(pathway)}
    forms = {form: FormSchema(form, schema) for form, schema in loaded(name).forms.items()}
    for file, scenario in scenarios(name):
        for step in scenario["steps"]:
            [(verb, said)] = step.items()
            assert verb in STEPS, (file, step)
            if verb in ("open", "complete", "contact", "record"):
                recorded = {form: values for form, values in said.items() if isinstance(values, dict)}
                assert {
                    form: forms[form].check(values)
                    for form, values in recorded.items()
                    if forms[form].check(values)
                } == {}
            if verb == "complete":
                [key] = [said[kind] for kind in ("follow_up", "review", "deadline") if kind in said]
                assert key in keys, (file, step)
            if verb == "fire":
                assert (said["event"] if isinstance(said, dict) else said) in events, (file, step)
            if verb == "expect":
                assert set(said) <= EXPECTATIONS, (file, step)
                places = said.get("in", [])
                assert {places} <= states if isinstance(places, str) else set(places) <= states, (file, step)
                named = {
                    *said.get("due", {}),
                    *said.get("live", []),
                    *said.get("not_live", []),
                    *said.get("holder", {}),
                }
                assert {each.partition("@")[0] for each in named} <= keys, (file, step)
                heard = {
                    *said.get("escalated", []),
                    *said.get("notified", []),
                    *said.get("holder", {}).values(),
                }
                assert heard <= set(pathway.roles), (file, step)


@each_pathway
def test_the_notes_name_the_sources_and_what_is_not_verified(name: str) -> None:
    notes = (SHIPPED / name / "NOTES.md").read_text("utf-8")
    for heading in ("根拠", "期限", "様式", "確かめていないこと", "直し方", "English summary"):
        assert heading in notes, heading
    deadlines = {key for _, key, written in obligations(pathway_of(name)) if isinstance(written, Deadline)}
    assert {key for key in deadlines if f"`{key}`" not in notes} == set()
