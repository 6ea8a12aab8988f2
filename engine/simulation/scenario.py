"""Run a scenario on a moved clock: every step is decided as in real work, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from engine.core.case import commands as cmd
from engine.core.case.case import Case, Sealed
from engine.core.case.decide import decide
from engine.core.case.deliberation import (
    CLOCK,
    ENGINE,
    Circumstances,
    Decision,
    Effect,
    Request,
    StartLinked,
)
from engine.core.case.directory import Absence, Directory
from engine.core.case.entry import Entry
from engine.core.case.refusals import Refusal
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.officetime.due import Roll, due_after
from engine.core.officetime.span import Span
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import Standing
from engine.loading.scenario import Scenario
from engine.loading.scenario_step import Step
from engine.simulation.coverage import Coverage
from engine.simulation.expectation import Unmet, unmet
from engine.simulation.track import Heard, Track
from engine.simulation.wish import Unsayable, wish_of

WAKES_MAX = 20_000
"""More wake-ups in one `advance` than this are a circle, not a scenario."""

Resolve = Callable[[str], Compiled | None]
"""Find the pathway of a linked case by name; None if it is not at hand."""


@dataclass(frozen=True)
class StepResult:
    """How one step went: met if nothing is unmet."""

    number: int
    line: int
    action: str
    at: datetime
    unmet: tuple[Unmet, ...]
    refusal: Refusal | None = None

    @property
    def ok(self) -> bool:
        """Whether the step went as written."""
        return not self.unmet


@dataclass(frozen=True)
class ScenarioRun:
    """What came of a scenario. `never` is what the pathway holds and this run did not come through."""

    scenario: Scenario
    steps: tuple[StepResult, ...]
    ended_at: datetime
    coverage: Coverage
    never: Coverage
    cases: dict[str, Case]
    entries: dict[str, tuple[Entry, ...]]

    @property
    def ok(self) -> bool:
        """Whether every step went as written."""
        return all(step.ok for step in self.steps)

    def problems(self, lang: str = "ja") -> tuple[str, ...]:
        """Return one line for everything that was not met, with its place."""
        return tuple(
            f"{self.scenario.file}:{step.line}  {each.text(lang)}"
            for step in self.steps
            for each in step.unmet
        )


class ScenarioFault(ValueError):
    """A scenario cannot be run at all; `ja` and `en` say why."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja, self.en = ja, en


def run_scenario(
    scenario: Scenario, compiled: Compiled, calendar: OfficeCalendar, directory: Directory,
    resolve: Resolve = lambda _: None,
) -> ScenarioRun:  # fmt: skip
    """Run every step and say of each whether it went as written; a step that fails does not end the run.

    `advance` and `to` go through every wake-up on the way, each at its exact
    instant. Instants without an offset are in the calendar's zone. Linked
    cases run along if `resolve` finds their pathway.

    Raises:
        ScenarioFault: the start is no instant.
    """
    run = _Run(scenario, compiled, calendar, directory, resolve)
    results = [run.step(index, step) for index, step in enumerate(scenario.steps)]
    main = run.tracks[""]
    return ScenarioRun(
        scenario=scenario, steps=tuple(results), ended_at=run.now, coverage=main.coverage,
        never=main.coverage.never(compiled),
        cases={alias: track.case for alias, track in run.tracks.items() if track.case is not None},
        entries={alias: tuple(track.entries) for alias, track in run.tracks.items()},
    )  # fmt: skip


class _Run:
    """One run: the clock, the directory and the cases as they stand."""

    def __init__(
        self, scenario: Scenario, compiled: Compiled, calendar: OfficeCalendar, directory: Directory,
        resolve: Resolve,
    ) -> None:  # fmt: skip
        self.scenario = scenario
        self.calendar = calendar
        self.directory = directory
        self.resolve = resolve
        self.zone = ZoneInfo(calendar.zone)
        self.now = self.instant(scenario.start)
        year = self.now.astimezone(self.zone).year
        # A number that is a multiple of the office's size, so that the first holder of a role is chosen.
        self.tracks: dict[str, Track] = {"": Track(f"{year}-00000", compiled)}
        self.refusal: Refusal | None = None
        self.looked = False

    def instant(self, text: str) -> datetime:
        """Read an instant; a date alone means the opening of the office on that day."""
        try:
            if len(text) == 10:
                return self.calendar.start_of_day(date.fromisoformat(text))
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise ScenarioFault(
                f"「{text}」は日時として読めません。2026-12-28T10:00 のように書いてください。",
                f"'{text}' is no instant; write it as 2026-12-28T10:00.",
            ) from error
        return (at if at.tzinfo is not None else at.replace(tzinfo=self.zone)).astimezone(ZoneInfo("UTC"))

    def step(self, index: int, step: Step) -> StepResult:
        """Take one step."""
        found = self.tracks.get(step.case)
        answered, action = self.refusal, step.action
        if action != "expect" and self.looked:
            for track in self.tracks.values():
                track.heard = Heard()
        self.looked = action == "expect"
        try:
            if found is None:
                problems = [
                    _said(
                        "case",
                        step.case,
                        "―",
                        f"「{step.case}」という別のケースはありません。",
                        f"There is no linked case '{step.case}'.",
                    )
                ]
            elif action == "expect":
                problems = unmet(step, found, answered, self)
            else:
                self.refusal = None
                problems = self._act(step, found)
        except (ScenarioFault, Unsayable) as fault:
            problems = [_said(action, "", "", fault.ja, fault.en)]
        if action != "expect" and self.refusal is not None and not self._is_expected(index):
            refusal = self.refusal
            problems.append(
                _said(
                    action, "", refusal.code,
                    f"「{action}」は断られました（{refusal.code}）: {refusal.sentence('ja')} {refusal.advice('ja')}",
                    f"'{action}' was refused ({refusal.code}): {refusal.sentence('en')} {refusal.advice('en')}",
                )
            )  # fmt: skip
        line = self.scenario.lines[index] if index < len(self.scenario.lines) else 0
        refused = self.refusal if action != "expect" else None
        return StepResult(index + 1, line, action, self.now, tuple(problems), refused)

    def _is_expected(self, index: int) -> bool:
        following = self.scenario.steps[index + 1 : index + 2]
        expect = following[0].expect if following else None
        return expect is not None and expect.refused is not None and expect.refused is not False

    def _act(self, step: Step, track: Track) -> list[Unmet]:
        match step.action:
            case "advance":
                assert step.advance is not None
                return self._advance(self._later(step.advance))
            case "to":
                assert step.to is not None
                return self._advance(self.instant(step.to))
            case "leaves" | "away":
                self._change_directory(step)
                return []
        if track.pathway is None:
            raise ScenarioFault(
                f"「{step.case}」の支援経路が手元にないため、動かせません。",
                f"The pathway of '{step.case}' is not at hand, so the case cannot be moved.",
            )
        wish = wish_of(step, track, self.directory, self)
        self.decide(track, wish.command, wish.actor, wish.sealed)
        return []

    def decide(self, track: Track, command: cmd.AnyCommand, actor: str, sealed: Sealed | None = None) -> bool:
        """Let a command be decided, and everything that follows in linked cases."""
        assert track.pathway is not None
        answer = decide(
            Circumstances(track.pathway, self.calendar, self.directory), track.case, track.content,
            Request(case=track.number, command=command, actor=actor, at=self.now, sealed=sealed or Sealed()),
        )  # fmt: skip
        if not isinstance(answer, Decision):
            self.refusal = answer
            return False
        track.take(answer)
        for effect in answer.effects:
            self._effect(effect, track)
        return True

    def _effect(self, effect: Effect, track: Track) -> None:
        if isinstance(effect, StartLinked):
            compiled = self.resolve(effect.pathway)
            child = self.tracks[effect.alias] = Track(effect.number, compiled)
            if compiled is not None and track.case is not None:
                content = track.content
                sealed = Sealed(persons=tuple(content.persons.values()), household=content.household)
                opening = cmd.OpenCase(parent=track.number, parent_alias=effect.alias)
                self.decide(child, opening, ENGINE, sealed)
            return
        parent = next((each for each in self.tracks.values() if each.number == effect.number), None)
        if parent is not None and parent.pathway is not None:
            self.decide(parent, cmd.Tell(name="ended", alias=effect.alias), ENGINE)

    def _later(self, span: Span) -> datetime:
        """Return the instant a span from now: hours on the clock, days at the same time of day."""
        if span.is_elapsed:
            return self.now + timedelta(minutes=span.count * (60 if span.unit.value == "h" else 1))
        local = self.now.astimezone(self.zone)
        day = due_after(self.now, span, Roll.NONE, self.calendar).on if span.count else local.date()
        return self.instant(datetime.combine(day, local.time()).isoformat())

    def _advance(self, until: datetime) -> list[Unmet]:
        if until < self.now:
            shown = self.local(until)
            raise ScenarioFault(
                f"時計は戻せません（{shown} は今より前です）。", f"The clock cannot go back to {shown}."
            )
        for _ in range(WAKES_MAX):
            coming = [
                (live.wakes_at, alias)
                for alias, track in self.tracks.items()
                if track.case is not None and track.pathway is not None
                for live in track.case.obligations.values()
                if live.wakes_at <= until
            ]
            if not coming:
                self.now = until
                return []
            at, alias = min(coming)
            self.now = max(self.now, at)
            if not self.decide(self.tracks[alias], cmd.Wake(), CLOCK):
                return []
        raise ScenarioFault(
            f"{WAKES_MAX} 回起きても時刻が進みません。", f"{WAKES_MAX} wake-ups and the time does not come."
        )

    def _change_directory(self, step: Step) -> None:
        holders = dict(self.directory.holders)
        who = step.leaves or (step.away.who if step.away is not None else "")
        who = who if who in holders else f"{who}1"
        if who not in holders:
            raise ScenarioFault(f"「{who}」という人はいません。", f"There is nobody called '{who}'.")
        if step.away is not None:
            gap = Absence(
                from_on=self.calendar.local_date(self.now),
                until_on=date.fromisoformat(step.away.until),
                cover=step.away.cover,
            )
            holders[who] = replace(holders[who], absences=(*holders[who].absences, gap))
        else:
            holders[who] = replace(holders[who], standing=Standing.LEFT)
        self.directory = replace(self.directory, version=self.directory.version + 1, holders=holders)
        for track in list(self.tracks.values()):
            if track.case is not None and track.pathway is not None:
                self.decide(track, cmd.Reroute(), ENGINE)

    def local(self, at: datetime) -> str:
        """Return an instant as a scenario shows it."""
        return at.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")


def _said(what: str, expected: str, got: str, ja: str, en: str) -> Unmet:
    return Unmet(what=what, expected=expected, got=got, ja=ja, en=en)
