"""Material for the laws of deciding: pathways, people, and values that fit forms."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from engine.core.case.directory import Directory
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import Standing
from engine.simulation.town import DUTY_DESK, town_of
from tests.scenario.stage import LANGUAGE, SHIPPED, calendar, compiled, pathway_file

SHIPPED_NAMES = tuple(
    sorted(folder.parent.name for folder in SHIPPED.glob("*/v1.yaml") if folder.parent.name)
)
FEATURES = tuple(sorted(file.stem for file in (LANGUAGE / "pathways").glob("*.yaml")))
PATHWAYS = tuple(name for name in (*SHIPPED_NAMES, *FEATURES) if name != "office")


@cache
def pathway(name: str) -> Compiled:
    return compiled(pathway_file(name, LANGUAGE))


@cache
def town(name: str) -> Directory:
    return town_of(pathway(name))


@cache
def grown_calendar() -> OfficeCalendar:
    """The same office with a summer closure that nobody knew of before."""
    known = calendar()
    closed = dict(known.closed)
    for day in range(10):
        closed.setdefault(date(2025, 8, 4) + timedelta(days=day), "臨時閉庁")
        closed.setdefault(date(2025, 12, 1) + timedelta(days=day), "臨時閉庁")
    return OfficeCalendar(
        name=known.name, version=known.version + 1, zone=known.zone, first_on=known.first_on,
        last_on=known.last_on, known_until=known.last_on, closes_at=known.closes_at, opens_at=known.opens_at,
        closed=closed, weekly_closed=known.weekly_closed, closed_en=known.closed_en,
    )  # fmt: skip


def without(directory: Directory, holder: str) -> Directory:
    """The directory after somebody left; the duty desk keeps a member."""
    gone = replace(directory.holders[holder], standing=Standing.LEFT)
    after = replace(directory, version=directory.version + 1, holders={**directory.holders, holder: gone})
    return after if after.can_hold(DUTY_DESK) else directory


def values_of(schema: dict[str, Any], root: dict[str, Any] | None = None) -> st.SearchStrategy[Any]:
    """Values that mostly fit a form's schema."""
    root = root or schema
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return values_of(target, root)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    match kind:
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 12))
        case "number":
            return st.integers(0, 9).map(float)
        case "array":
            return st.lists(
                values_of(schema.get("items", {}), root), min_size=schema.get("minItems", 0), max_size=3,
                unique_by=repr,
            )  # fmt: skip
        case "object":
            fields = {name: values_of(each, root) for name, each in schema.get("properties", {}).items()}
            needed = set(schema.get("required", ()))
            return st.fixed_dictionaries(
                {name: each for name, each in fields.items() if name in needed},
                optional={name: each for name, each in fields.items() if name not in needed},
            )
    if schema.get("format") == "date":
        return st.dates(date(2024, 1, 1), date(2026, 12, 31)).map(str)
    return st.just("12:30") if "pattern" in schema else st.just("文")
