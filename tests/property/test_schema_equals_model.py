"""The JSON Schema of a pathway accepts what the model accepts, and nothing else."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.core.pathway.model import Pathway
from engine.loading.document import read_document
from engine.loading.schema import pathway_schema
from engine.loading.sentence import schema_findings
from tests.unit.pathway_text import EXAMPLE

SCHEMA = jsonschema_rs.Draft202012Validator(pathway_schema())

names = st.sampled_from(["worker", "lead", "課長", "keep_in_touch", "つながり", "_x", "A1"])
ascii_names = st.sampled_from(["intake", "plan", "contact_2"])
spans = st.sampled_from(["1bd", "0d", "48h", "30min", "7d", "2w", "3mo", "100y", "36500d", "25000bd"])
texts = st.sampled_from(["連絡", "a", "x" * 200, "😀"])
guards = st.sampled_from(["true", "person.age < 18"])
events = st.sampled_from(["assessed", "recorded.intake", "終結"])
grades = st.sampled_from(["attempt", "voice", "home_visit"])


def part(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


def one_or_some(each: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[Any]:
    return each | st.lists(each, min_size=1, max_size=most)


def named(each: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(names, each, min_size=least, max_size=2)


labels = texts | part({"ja": texts}, {"en": texts})
rungs = part(
    {"after": spans},
    {"remind": one_or_some(names), "hand_to": names, "agenda": names, "raise": events, "every": spans},
).map(lambda rung: rung if len(rung.keys() - {"after", "every"}) else {**rung, "notify": "lead"})
outcomes = part(
    {}, {"label": labels, "next": spans, "done": st.booleans(), "notify": one_or_some(names)}
) | part({"retry": spans}, {"after": st.integers(1, 100), "raise": events, "done": st.just(value=False)})
counted = st.builds(lambda span, times: {span: times}, spans, st.integers(1, 400))
recurrences = (
    spans
    | counted
    | st.builds(lambda stages, last: [*stages, last], st.lists(counted, max_size=3), spans | counted)
)
promise_keys = {
    "needs": grades,
    "form": ascii_names,
    "ladder": names,
    "opens": spans,
    "roll": st.sampled_from(["earlier", "later", "none"]),
    "for": part({"each": st.just("person")}, {"when": guards}),
    "urgent": guards,
    "outcomes": named(outcomes),
    "defer": part({}, {"times": st.integers(0, 20), "longest": spans}),
    "authority": st.sampled_from(["statute", "local_rule"]),
}
recurring = st.one_of(
    part({"label": labels, "by": names, "due": spans}, promise_keys),
    part({"label": labels, "by": names, "at": one_or_some(spans)}, promise_keys),
    part(
        {"label": labels, "by": names, "every": recurrences},
        {**promise_keys, "from": st.sampled_from(["contact", "schedule"])},
    ),
)
deadlines = part({"label": labels, "by": names, "within": spans}, {**promise_keys, "when": guards})
transitions = part(
    {},
    {
        "when": guards,
        "to": names,
        "label": labels,
        "by": one_or_some(names),
        "requires": one_or_some(ascii_names),
        "consent": names | part({"kind": names}, {"without": names}),
        "approval": names | part({"by": names}, {"within": spans, "ladder": names}),
        "start": part({"pathway": names, "as": names}, {}),
        "refer": part({"to": names, "within": spans}, {"as": names, "ladder": names, "consent": names}),
    },
)
everywhere_keys = {
    "follow_ups": named(recurring),
    "reviews": named(recurring),
    "deadlines": named(deadlines),
    "on": st.dictionaries(events, one_or_some(transitions), max_size=2),
}
state_keys = {"label": labels, "stage": labels, "max_silence": spans}
ends = part({"final": st.just(value=True)}, state_keys) | part(
    {"history": st.sampled_from(["shallow", "deep"])}, {**state_keys, "to": names}
)
simple = part(
    {}, {**state_keys, **everywhere_keys, "always": one_or_some(transitions), "final": st.just(value=False)}
)
compound = part({"states": named(simple | ends, 1)}, {**state_keys, "initial": names}) | part(
    {"parallel": named(simple, 1)}, state_keys
)
pathways = part(
    {
        "pathway": st.sampled_from(["a", "standard_four_stage"]),
        "version": st.integers(1, 999_999),
        "effective_on": st.just("2027-04-01"),
        "title": labels,
        "subject": st.sampled_from(["household", "person", "address"]),
        "max_silence": spans,
        "roles": named(texts | part({"label": labels}, {"kind": st.just("meeting"), "above": names}), 1),
        "forms": st.dictionaries(ascii_names, texts, max_size=2),
        "opening": part({"form": ascii_names, "state": names}, {}),
        "states": named(simple | ends | compound, 1),
    },
    {
        "legal_basis": texts,
        "calendar": names,
        "ladders": named(one_or_some(rungs)),
        "consents": named(part({"label": labels}, {"by": names, "within": spans, "ladder": names})),
        "reopening": part({"state": names}, {}),
        "pause": part({"longest": spans, "approval": names}, {"ladder": names}),
        "deferral": part({}, {"times": st.integers(0, 20)}),
        "priority": st.lists(
            part({"when": guards, "add": st.integers(-100, 100), "because": labels}, {}), max_size=2
        ),
        "everywhere": part({}, everywhere_keys),
        "migrate": part(
            {
                "from": st.dictionaries(
                    st.sampled_from(["1", "12"]),
                    part(
                        {},
                        {
                            "states": st.dictionaries(names, names, max_size=2),
                            "obligations": st.dictionaries(
                                names, st.sampled_from(["keep", "restart"]), max_size=2
                            ),
                        },
                    ),
                    max_size=2,
                )
            },
            {},
        ),
    },
)

strange: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        "x",
        "7d",
        "7 d",
        "７d",
        "01d",
        "36501d",
        "101y",
        "5m",
        "true",
        "person",
        "keep",
        "contact",
        "1",
        "a.b",
        "recorded.intake",
        "a\n",
        "１",
        "2027-4-1",
        "house hold",
        "x" * 201,
        "y" * 64,
        "y" * 65,
        True,
        False,
        0,
        1,
        -1,
        401,
        10**18,
        2.5,
        [],
        {},
        ["x"],
        ["7d"],
        [[]],
        ["7d", "8d", 1],
        {"x": "x"},
        {"7d": 4},
        {"7d": 0},
        {"span": "7d"},
        {"span": "7d", "times": 3},
        {"span": "7d", "times": 3, "x": 1},
        {"ja": "x"},
        {"en": "x"},
        {"to": "x"},
        {"final": True},
        {"history": "deep", "always": {"to": "x"}},
        {"states": {}},
        {"final": True, "on": {}},
        {"final": True, "on": {"x": {}}},
        {"initial": "x"},
        {"retry": "1d", "done": True},
        {"retry": "1d", "next": "1d"},
        {"after": "1d"},
        {"after": "1d", "before": "1d", "notify": "x"},
        {"label": "x", "by": "y"},
        {"label": "x", "by": "y", "due": "1d", "from": "contact"},
        {"x": None},
    ]
)
keys = st.sampled_from(
    [
        "x",
        "label",
        "to",
        "due",
        "every",
        "at",
        "from",
        "final",
        "states",
        "history",
        "initial",
        "on",
        "1",
        "a b",
    ]
)


def places(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [place]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        found += places(inner, (*place, step))
    return found


def at(value: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    root = copy.deepcopy(draw(pathways))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(root)))
        if not place:
            continue
        holder, step = at(root, place[:-1]), place[-1]
        match draw(st.sampled_from(["replace", "remove", "add", "rename"])):
            case "replace":
                holder[step] = draw(strange)
            case "remove":
                del holder[step]
            case "add" if isinstance(holder, dict):
                holder[draw(keys)] = draw(strange)
            case "rename" if isinstance(holder, dict):
                holder[draw(keys)] = holder.pop(step)
            case _:
                holder.append(draw(strange))
    return root


def refused_beyond_json_schema(value: Any) -> bool:
    """Whether a document breaks a rule that JSON Schema cannot say. The list is complete:

    - only the last interval of `every` may be without a count;
    - 2.0 is no whole number (JSON Schema holds it to be 2), so none is generated.
    """
    for place in places(value):
        found = at(value, place)
        if place[-1:] == ("every",) and isinstance(found, list):
            open_ended = [
                isinstance(each, str) or (isinstance(each, dict) and "times" not in each and "span" in each)
                for each in found
            ]
            if any(open_ended[:-1]):
                return True
    return False


def model_accepts(value: Any) -> bool:
    if any(at(value, place) is None for place in places(value)):
        return False  # the document refuses an empty value before the model sees it
    try:
        Pathway.model_validate(value)
    except ValidationError:
        return False
    return True


@given(pathways)
def test_what_the_generator_calls_valid_is_accepted_by_model_and_schema(value: Any) -> None:
    Pathway.model_validate(value)
    assert list(SCHEMA.iter_errors(value)) == []


@given(mutated())
def test_the_schema_accepts_exactly_what_the_model_accepts(value: Any) -> None:
    accepted = model_accepts(value)
    if not accepted and SCHEMA.is_valid(value):
        assert refused_beyond_json_schema(value)
    else:
        assert SCHEMA.is_valid(value) == accepted


@given(mutated())
def test_every_error_of_the_model_points_into_the_file_and_says_what_to_do(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    if any(at(value, place) is None for place in places(value)):
        return
    document = read_document(text, "v1.yaml")
    assert document.value == value
    try:
        Pathway.model_validate(document.value)
    except ValidationError as error:
        findings = schema_findings(error, document)
        assert findings
        lines = text.split("\n")
        for finding in findings:
            assert 1 <= finding.line <= len(lines)
            assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
            assert finding.ja.endswith("。")
            assert finding.en.endswith((".", "?"))
            assert finding.do_ja.strip()
            assert finding.do_en.strip()


def test_the_worked_example_is_accepted_by_model_and_schema() -> None:
    value = read_document(EXAMPLE, "v1.yaml").value
    Pathway.model_validate(value)
    assert list(SCHEMA.iter_errors(value)) == []
