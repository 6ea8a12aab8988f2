"""Read a scenario: what must happen on a pathway, step by step, in the pathway's own words.

Every step holds one action (`open`, `advance`, `complete`, `expect`, …), who
does it (`by`) and in which case (`case`, the alias of a linked one).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.checker.finding import Finding, Place, Severity
from engine.core.officetime.span import SpanError
from engine.loading.document import Document, Unreadable, read_document
from engine.loading.scenario_step import PARTS, ScenarioWritten, Step
from engine.loading.source import content_of


@dataclass(frozen=True)
class Scenario:
    """A scenario that can be run. `lines` gives the line of each step in `file`."""

    title: str
    pathway: str
    version: int | None
    start: str
    steps: tuple[Step, ...]
    file: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class LoadedScenario:
    """What a scenario file held: the scenario, or the findings that keep it from being run."""

    file: str
    scenario: Scenario | None
    findings: tuple[Finding, ...]


def load_scenario(source: Path | str | bytes, file: str = "") -> LoadedScenario:
    """Read a scenario and say everything that is wrong with it at once. Never raises for what a file holds."""
    file = file or (str(source) if isinstance(source, Path) else "")
    try:
        document = read_document(content_of(source, file), file)
    except Unreadable as unreadable:
        return LoadedScenario(file, None, unreadable.findings)
    try:
        written = ScenarioWritten.model_validate(document.value)
    except ValidationError as error:
        return LoadedScenario(file, None, document.located(_findings(error, document)))
    lines = tuple(document.position(("steps", index))[0] for index in range(len(written.steps)))
    return LoadedScenario(
        file,
        Scenario(
            written.scenario, written.pathway, written.version, written.start, written.steps, file, lines
        ),
        (),
    )


def _findings(error: ValidationError, document: Document) -> Iterator[Finding]:
    said: set[tuple[Place, str]] = set()
    for each in error.errors(include_url=False):
        place = _place(each["loc"], document.value)
        kind = each["type"]
        name = str(each["loc"][-1]) if each["loc"] else ""
        code, words = _words(kind, name, place, each)
        if (place, code) in said:
            continue
        said.add((place, code))
        yield Finding(
            code=code, severity=Severity.ERROR, place=place, at_key=kind == "extra_forbidden",
            ja=words[0], en=words[1], do_ja=words[2], do_en=words[3],
        )  # fmt: skip


def _place(loc: tuple[int | str, ...], value: Any) -> Place:
    """Follow an error's location as far as the file has it."""
    place: list[str | int] = []
    for step in loc:
        holds: Any = (
            value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        )
        if step in holds:
            value = value[step]
            place.append(step)
    return tuple(place)


def _words(
    kind: str, name: str, place: Place, error: Mapping[str, Any]
) -> tuple[str, tuple[str, str, str, str]]:
    where = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        do_ja = f"{near[0]} のことですか。" if near else f"ここに書けるキー: {'、'.join(known)}。"
        do_en = f"Did you mean {near[0]}?" if near else f"The keys here are {', '.join(known)}."
        return "F101", (
            f"「{name}」というキーはありません。",
            f"There is no key '{name}' here.",
            do_ja,
            do_en,
        )
    if kind == "missing":
        return "F103", (
            f"{name} がありません。", f"'{name}' is missing.", f"{name} を書いてください。", f"Write {name}.",
        )  # fmt: skip
    if kind == "value_error":
        fault = error["ctx"]["error"]
        cause = fault.__cause__
        if isinstance(cause, SpanError):
            return "F105", (
                f"「{where}」の期間が読めません。",
                f"'{where}' is not a span.",
                cause.ja,
                cause.en,
            )
        ja, _, en = str(fault).partition("\n")
        return "F108", ("キーの組み合わせが合っていません。", "The keys do not go together.", ja, en or ja)
    if kind == "enum":
        expected = str(error["ctx"]["expected"])
        return "F106", (
            f"「{where}」にこの値は書けません。", f"'{where}' cannot have this value.",
            f"次のどれかにしてください: {expected}", f"Write one of {expected}.",
        )  # fmt: skip
    return "F107", (
        f"「{where}」の書き方が正しくありません。", f"'{where}' is not written rightly.",
        "説明書の例と見比べてください。", f"Compare it with the examples ({error['msg']}).",
    )  # fmt: skip


def _keys_at(place: Place) -> list[str]:
    at: Any = ScenarioWritten
    for step in place:
        if isinstance(step, int):
            at = Step
            continue
        at = PARTS.get(step, at) if at is Step else at
    fields: Mapping[str, Any] = getattr(at, "model_fields", {})
    return [each.alias or name for name, each in fields.items()]
