"""Whether a case can be left with nothing due: the checker's verdict against a plain simulation.

The simulation keeps the set of live obligations, keeps them in every order and
with every outcome, fires every event with every answer of the guards, and looks
whether an open case is ever left with none. It shares the chart with the
engine, and nothing with the checker.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from engine.checker.checking import check
from engine.core.pathway.chart import MicrostepLimit, Step
from engine.core.pathway.compiled import Compiled, compile_pathway
from engine.core.pathway.form import FormSchema
from engine.core.pathway.model import Pathway

law = settings(max_examples=max(80, settings().max_examples), suppress_health_check=list(HealthCheck))

PLACES_MAX = 3_000
FACTS: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "x-label": {"ja": "事実", "en": "facts"},
    "type": "object",
    "additionalProperties": False,
    "required": ["a", "b"],
    "properties": {name: {"type": "boolean", "x-label": {"ja": name, "en": name}} for name in ("a", "b")},
}
EVENTS = ("go", "turn", "lost")


class _Author:
    """Writes a pathway file that is small and often forgetful."""

    def __init__(self, seed: int, *, raises: bool) -> None:
        self.random = Random(seed)
        self.raises = raises
        # Where the verdict must be exact no two ways hang on one fact: the checker takes guards one by one.
        self.guards = ["facts.a", "facts.b"] if not raises else ["facts.a", "facts.b", "!facts.a"] * 99
        self.names = ["received"]

    def file(self) -> dict[str, Any]:
        top = 1 + self.random.randrange(2)
        shapes = {"received": self.random.randrange(4)} | {
            f"s{number}": self.random.randrange(5) for number in range(top)
        }
        for name, shape in shapes.items():
            self.names += [name] if name != "received" else []
            if shape == 4:
                self.names += [f"{name}_{part}" for part in "pq"] + [f"{name}_{part}" for part in "abcd"]
            elif shape == 3:
                self.names += [f"{name}_a", f"{name}_b"]
        states: dict[str, Any] = {name: self.state(name, shape) for name, shape in shapes.items()}
        states["received"].setdefault("on", {})["end"] = self.closing()
        states["closed"] = {"final": True}
        return {
            "pathway": "drawn", "version": 1, "effective_on": "2027-04-01", "title": "見本",
            "subject": "household", "max_silence": "90d", "roles": {"worker": "相談員", "lead": "主任"},
            "forms": {"facts": "facts.yaml"}, "opening": {"form": "facts", "state": "received"},
            "states": states,
        }  # fmt: skip

    def closing(self) -> dict[str, Any]:
        return {"requires": ["facts"], "approval": "lead", "to": "closed"}

    def state(self, name: str, shape: int) -> dict[str, Any]:
        written = self.simple(name)
        if shape == 3:
            written["states"] = {f"{name}_{part}": self.simple(f"{name}_{part}") for part in "ab"}
        if shape == 4:
            written["parallel"] = {
                f"{name}_{region}": {
                    "states": {f"{name}_{part}": self.simple(f"{name}_{part}") for part in parts}
                }
                for region, parts in (("p", "ab"), ("q", "cd"))
            }
        return written

    def simple(self, name: str) -> dict[str, Any]:
        duties: dict[str, Any] = {}
        for number in range(self.random.randrange(3)):
            duties[f"{name}_d{number}"] = self.duty(f"{name}_d{number}")
        on: dict[str, Any] = {each: self.ways() for each in EVENTS if self.random.random() < 0.3}
        for key in duties:
            if self.random.random() < 0.6:
                on[f"fulfilled.{key}"] = self.ways()
        return {"follow_ups": duties, "on": on}

    def ways(self) -> list[dict[str, Any]]:
        found = []
        for _ in range(1 + self.random.randrange(2)):
            way: dict[str, Any] = {"to": self.random.choice(self.names)}
            if self.random.random() < 0.1:
                del way["to"]
            if self.guards and self.random.random() < 0.4:
                way["when"] = self.guards.pop(self.random.randrange(len(self.guards)))
            found.append(way)
        return found

    def duty(self, key: str) -> dict[str, Any]:
        kind = self.random.randrange(8)
        timing: dict[str, Any] = {"every": "14d"} if kind == 0 else {"due": "3d"}
        if kind == 1:
            timing = {"at": ["1mo", "3mo"]}
        if kind == 2:
            timing = {"every": [{"7d": 2}]}
        duty = {"label": key, "by": "worker", **timing}
        if self.random.random() < 0.4:
            follows: list[dict[str, Any]] = [
                {"next": "7d"},
                {"done": True},
                {"retry": "1d"},
                {"notify": "lead"},
            ]
            if self.raises:
                follows += [{"raise": "go"}, {"raise": "lost"}]
                follows += [{"retry": "1d", "after": 2, "raise": "turn"}]
            duty["outcomes"] = {
                f"o{number}": dict(self.random.choice(follows))
                for number in range(1 + self.random.randrange(2))
            }
        return duty


@dataclass(frozen=True)
class _Place:
    step: Step
    live: frozenset[tuple[str, str]]

    @property
    def key(self) -> tuple[object, ...]:
        return self.step.configuration, tuple(sorted(self.step.history.items())), self.live


class _Life:
    """Everything that can become of a case under a compiled pathway."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.answers = [
            {
                name: way.guard is None or way.guard.evaluate(facts) is True
                for name, way in compiled.ways.items()
            }
            for a, b in product((True, False, None), repeat=2)
            for facts in ({"facts.a": a, "facts.b": b},)
        ]

    def can_be_forgotten(self) -> bool | None:
        """None when there is too much to look at."""
        found: dict[tuple[object, ...], None] = {}
        waiting: deque[_Place] = deque()
        for answer in self.answers:
            step = self.compiled.chart.enter("received", answer.__getitem__)
            waiting.append(_Place(step, self._owed(step.configuration)))
        while waiting:
            place = waiting.popleft()
            if place.key in found or self.compiled.chart.is_finished(place.step.configuration):
                continue
            found[place.key] = None
            if not place.live:
                return True
            if len(found) > PLACES_MAX:
                return None
            waiting.extend(self._after(place))
        return False

    def _owed(self, states: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        return frozenset(
            (state, duty.key) for state in states for duty in self.compiled.definitions.get(state, ())
        )

    def _after(self, place: _Place) -> list[_Place]:
        following = [moved for name in (*EVENTS, "end") for moved in self._told(place, name)]
        for state, key in place.live:
            definition = self.compiled.definition(state, key)
            assert definition is not None
            outcomes = definition.written.outcomes or {}
            # A contact made for another promise keeps this one too, even where the file names only retries.
            ends = any(each.retry is None for each in outcomes.values())
            for written in [*outcomes.values(), *([] if ends else [None])]:
                if written is not None and written.retry is not None:
                    following += self._told(place, written.raise_) if written.raise_ else [place]
                    continue
                stays = definition.recurs or (written is not None and written.next is not None)
                kept = [place] if stays else [_Place(place.step, place.live - {(state, key)})]
                if definition.written.model_dump().get("at") or (
                    not stays and definition.written.model_dump().get("every")
                ):
                    kept.append(place)
                if written is not None and written.raise_:
                    kept = [moved for each in kept for moved in self._told(each, written.raise_)]
                following += [moved for each in kept for moved in self._told(each, f"fulfilled.{key}")]
        return following

    def _told(self, place: _Place, name: str) -> list[_Place]:
        found = []
        for answer in self.answers:
            step = self.compiled.chart.step(
                place.step.configuration, place.step.history, name, answer.__getitem__
            )
            left = {duty for duty in place.live if duty[0] not in step.exited}
            found.append(
                _Place(step, frozenset(left | self._owed(step.entered)) if step.taken else place.live)
            )
        return found


def _verdicts(seed: int, *, raises: bool) -> tuple[bool, bool]:
    pathway = Pathway.model_validate(_Author(seed, raises=raises).file())
    findings = check(pathway, {"facts": FACTS})
    said = any(finding.code == "P203" for finding in findings)
    compiled = compile_pathway(pathway, {"facts": FormSchema("facts", FACTS)}, "")
    try:
        lived = _Life(compiled).can_be_forgotten()
    except MicrostepLimit:
        lived = None
    assume(lived is not None)
    assert lived is not None
    event(f"forgotten: {lived}")
    return said, lived


@law
@given(seed=st.integers(0, 2**32))
def test_a_case_that_can_be_forgotten_is_never_passed(seed: int) -> None:
    said, lived = _verdicts(seed, raises=True)
    assert said or not lived


@law
@given(seed=st.integers(0, 2**32))
def test_a_pathway_is_refused_only_if_a_case_can_be_forgotten(seed: int) -> None:
    said, lived = _verdicts(seed, raises=False)
    assert said == lived
