"""Material for the laws of deciding: pathways, people, and values that fit forms."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from msgspec.structs import replace

from engine.core.case import commands as cmd
from engine.core.case import events as ev
from engine.core.case.case import Obligation, Person, Sealed
from engine.core.case.deliberation import ENGINE, Decision
from engine.core.case.directory import Absence, Directory
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import ConsentStatus, Grade, HolderKind, Standing
from engine.simulation.town import DUTY_DESK, town_of
from tests.property.watched import Watched
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


class Chance(random.Random):
    """Draws from a seed, so that a walk can be taken again."""

    def often(self, percent: int = 80) -> bool:
        return self.randrange(100) < percent


def drawn(schema: dict[str, Any], chance: Chance, root: dict[str, Any] | None = None) -> Any:
    """A value that mostly fits a form's schema."""
    root = root or schema
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return drawn(target, chance, root)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "boolean":
            return chance.often(50)
        case "integer":
            return chance.randint(schema.get("minimum", 0), schema.get("maximum", 12))
        case "number":
            return float(chance.randint(0, 9))
        case "array":
            made = [drawn(schema.get("items", {}), chance, root) for _ in range(chance.randint(0, 4))]
            unique = [each for at, each in enumerate(made) if each not in made[:at]]
            return unique or [drawn(schema.get("items", {}), chance, root)]
        case "object":
            needed = schema.get("required", ())
            return {
                name: drawn(each, chance, root)
                for name, each in schema.get("properties", {}).items()
                if name in needed or chance.often(60)
            }
    if schema.get("format") == "date":
        return str(date(2025, 1, 1) + timedelta(days=chance.randint(0, 700)))
    return "12:30" if "pattern" in schema else "文"


class Walk(Watched):
    """A random walk of a case: mostly what people do, sometimes what they should not."""

    STEPS = (
        "time", "time", "due", "due", "contact", "contact", "fire", "fire", "fire", "answer", "answer", "fulfil",
        "withdraw", "defer", "quiet", "ask", "consent", "refer", "hand_over", "assign", "pause", "resume", "close",
        "reopen", "note", "form", "form", "persons", "leave", "away", "calendar", "linked",
    )  # fmt: skip

    def __init__(self, name: str, chance: Chance) -> None:
        super().__init__(pathway(name), calendar(), town(name))
        self.chance = chance
        persons = (Person(id="p1", name="親"), Person(id="p2", birth_on=date(2015, 5, 5)))
        form = self.pathway.pathway.opening.form
        sealed = Sealed(persons=persons[: chance.choice([1, 2, 2])], forms={form: self.values(form)})
        assert isinstance(self.say(cmd.OpenCase(), self.people()[0], sealed), Decision)

    def people(self) -> list[str]:
        return [
            holder.id
            for holder in self.directory.holders.values()
            if holder.kind is HolderKind.PERSON and self.directory.can_hold(holder.id)
        ]

    def values(self, form: str) -> dict[str, Any]:
        made: dict[str, Any] = drawn(dict(self.pathway.forms[form].schema), self.chance)
        return made

    def forms(self, *wanted: str | None) -> dict[str, dict[str, Any]]:
        names = [name for name in wanted if name and self.chance.often(90)]
        names += [self.chance.choice(list(self.pathway.forms))] if self.chance.often(30) else []
        return {name: self.values(name) for name in names}

    def somebody(self, holder: str = "") -> str:
        if self.chance.often(3):
            return "nobody"
        found = self.directory.holders.get(holder)
        if found is not None and found.kind is HolderKind.TEAM and self.directory.members(holder):
            return self.chance.choice(self.directory.members(holder))
        return (
            holder if holder in self.people() and self.chance.often(90) else self.chance.choice(self.people())
        )

    def note(self) -> Sealed:
        return Sealed(note="理由" if self.chance.often() else "")

    def a_promise(self) -> tuple[int, Obligation | None]:
        assert self.case is not None
        if not self.case.obligations or self.chance.often(5):
            return self.chance.choice([0, 999]), None
        live = self.chance.choice(list(self.case.obligations.values()))
        return live.number, live

    def step(self, kind: str = "") -> None:
        """Let one thing happen, and ask every law."""
        getattr(self, f"_{kind or self.chance.choice(self.STEPS)}")()
        self.laws()

    def case_of_record(self) -> None:
        self.the_whole_history_folds_to_what_stands()

    # --- the clock

    def minutes(self, count: int) -> timedelta:
        return timedelta(minutes=count)

    def _time(self) -> None:
        longest = self.chance.choice([60, 1440, 10 * 1440, 90 * 1440])
        self.now = min(
            self.now + self.minutes(self.chance.randint(1, longest)), datetime(2032, 1, 1, tzinfo=UTC)
        )
        if self.chance.often(50):
            self.wake()

    def _due(self) -> None:
        self.now = max([self.now, *sorted(each.wakes_at for each in self.live())[:1]])
        self.wake()

    def wake_through(self, until: datetime) -> None:
        while (coming := min(each.wakes_at for each in self.live())) <= until:
            self.now = max(self.now, coming)
            self.wake()
        self.now = until

    # --- people

    def _contact(self) -> None:
        assert self.case is not None
        number, live = self.a_promise()
        definition = self.pathway.definition(live.state, live.key) if live else None
        outcomes = list(definition.written.outcomes or {}) if definition else []
        wanted = definition.needs if definition and self.chance.often() else None
        ago = self.chance.choice([0, 0, 0, 30, 1440, 5000, -1])
        command = cmd.RecordContact(
            grade=wanted or self.chance.choice(list(Grade)), number=number, contacted_at=self.now - self.minutes(ago),
            reached=tuple(self.chance.sample(self.case.persons, self.chance.randint(0, len(self.case.persons)))),
            outcome=self.chance.choice(outcomes) if outcomes and self.chance.often(90) else "",
        )  # fmt: skip
        forms = self.forms(definition.written.form if definition else None)
        self.say(command, self.somebody(live.holder if live else ""), Sealed(forms=forms))

    def _fire(self) -> None:
        assert self.case is not None
        here = [
            way for way in self.pathway.ways.values() if way.event and way.source in self.case.configuration
        ]
        elsewhere = list(self.pathway.ways.values())
        way = self.chance.choice(here if here and self.chance.often(95) else elsewhere)
        forms = self.forms(*(way.written.requires or ()))
        actor = self.somebody(f"{way.written.by[0]}1" if way.written.by else "")
        self.say(cmd.FireEvent(name=way.event or "fly"), actor, Sealed(note=self.note().note, forms=forms))

    def fire_if_offered(self, event: str) -> None:
        self.say(cmd.FireEvent(name=event), self.people()[-1])

    def _close(self) -> None:
        self.say(
            cmd.CloseCase(),
            self.somebody(),
            Sealed(note=self.note().note, forms=self.forms(*self.pathway.forms)),
        )

    def _answer(self) -> None:
        assert self.case is not None
        waiting = self.chance.choice([*self.case.waiting.values()]) if self.case.waiting else None
        live = self.case.obligations[waiting.obligation] if waiting else None
        command = cmd.AnswerRequest(ref=waiting.ref if waiting else "r99", accept=self.chance.often(70))
        self.say(command, self.somebody(live.holder if live else ""), self.note())

    def _fulfil(self) -> None:
        number, live = self.a_promise()
        definition = self.pathway.definition(live.state, live.key) if live else None
        outcomes = list(definition.written.outcomes or {}) if definition else []
        command = cmd.FulfilObligation(
            number=number, outcome=self.chance.choice(outcomes) if outcomes else ""
        )
        forms = self.forms(definition.written.form if definition else None)
        self.say(command, self.somebody(live.holder if live else ""), Sealed(forms=forms))

    def _withdraw(self) -> None:
        command = cmd.WithdrawObligation(number=self.a_promise()[0], approved_by=self.somebody())
        self.say(command, self.somebody(), self.note())

    def _day(self) -> date:
        return self.calendar.local_date(self.now) + timedelta(days=self.chance.randint(-1, 40))

    def _defer(self) -> None:
        number, live = self.a_promise()
        until_on = live.due_on + timedelta(days=self.chance.randint(-1, 9)) if live else self._day()
        self.say(cmd.DeferObligation(number=number, until_on=until_on), self.somebody(), self.note())

    def _quiet(self) -> None:
        overdue = [each for each in self.live() if each.fell_due]
        live = self.chance.choice(overdue) if overdue else None
        number = live.number if live else self.a_promise()[0]
        self.say(cmd.AnswerEscalation(number=number), self.somebody(live.holder if live else ""))

    def _kind(self) -> str:
        return self.chance.choice([*sorted(self.pathway.consent_kinds()), "none"])

    def _ask(self) -> None:
        self.say(cmd.AskConsent(kind=self._kind()), self.somebody())

    def _consent(self) -> None:
        status = self.chance.choice([ConsentStatus.GIVEN, ConsentStatus.GIVEN, *ConsentStatus])
        self.say(cmd.RecordConsent(kind=self._kind(), status=status), self.somebody())

    def _refer(self) -> None:
        agencies = [each.id for each in self.directory.holders.values() if each.kind is HolderKind.AGENCY]
        to = self.chance.choice([*agencies, "moon"])
        self.say(cmd.Refer(to=to, within=self.chance.choice(["3bd", "48h", "soon"])), self.somebody())

    def _hand_over(self) -> None:
        assert self.case is not None
        live = self.a_promise()[1]
        to = self.chance.choice([*self.directory.holders])
        if self.chance.often(50) and self.case.obligations:
            count = self.chance.randint(1, len(self.case.obligations))
            command = cmd.HandOver(
                to=to, numbers=tuple(self.chance.sample(list(self.case.obligations), count))
            )
        else:
            command = cmd.HandOver(to=to, holder=live.holder if live else "")
        self.say(command, self.somebody(), self.note())

    def _assign(self) -> None:
        role = self.chance.choice([*self.pathway.pathway.roles, "none"])
        self.say(
            cmd.AssignRole(role=role, holder=self.chance.choice([*self.directory.holders])), self.somebody()
        )

    def _pause(self) -> None:
        self.say(cmd.PauseCase(until_on=self._day()), self.somebody(), self.note())

    def _resume(self) -> None:
        self.say(cmd.ResumeCase(), self.somebody())

    def _reopen(self) -> None:
        self.say(cmd.ReopenCase(), self.somebody(), self.note())

    def _note(self) -> None:
        self.say(cmd.AddNote(), self.somebody(), self.note())

    def _form(self) -> None:
        form = self.chance.choice(list(self.pathway.forms))
        self.say(cmd.RecordForm(form=form), self.somebody(), Sealed(forms={form: self.values(form)}))

    def _persons(self) -> None:
        born = (
            date(2000, 1, 1) + timedelta(days=self.chance.randint(-9000, 9000))
            if self.chance.often()
            else None
        )
        person = Person(id=self.chance.choice(["p1", "p2", "p3"]), birth_on=born)
        self.say(cmd.ChangePersons(), self.somebody(), Sealed(persons=(person,)))

    # --- what changes around the case

    def _reroute(self) -> None:
        assert isinstance(self.say(cmd.Reroute(), ENGINE), Decision)

    def _leave(self) -> None:
        if self.chance.often(30):
            self.directory = without(self.directory, self.chance.choice(self.people()))
            self._reroute()

    def _away(self) -> None:
        who, today = self.chance.choice(self.people()), self.calendar.local_date(self.now)
        gap = Absence(
            from_on=today, until_on=today + timedelta(days=9), cover=self.chance.choice([*self.people(), ""])
        )
        holder = replace(self.directory.holders[who], absences=(gap,))
        holders = {**self.directory.holders, who: holder}
        self.directory = replace(self.directory, version=self.directory.version + 1, holders=holders)
        self._reroute()

    def _calendar(self) -> None:
        if self.chance.often(20):
            self.calendar = grown_calendar()
        assert isinstance(self.say(cmd.Redate(), ENGINE), Decision)

    def _linked(self) -> None:
        assert self.case is not None
        if self.case.linked:
            self.say(cmd.Tell(name="ended", alias=self.chance.choice(list(self.case.linked))), ENGINE)

    # --- what has happened

    def _events(self) -> Iterable[ev.AnyEvent]:
        return (event for entry, _ in self.history for event in entry.events)

    def climbed(self) -> list[tuple[int, int]]:
        """Every rung but the repeated last one, by promise, in order."""
        climbs = [event for event in self._events() if isinstance(event, ev.RungClimbed)]
        return sorted({(event.number, event.rung) for event in climbs}) + sorted(
            (event.number, event.rung) for event in climbs if event.next_rung != event.rung
        )

    def fallen_due(self) -> list[int]:
        return sorted(event.number for event in self._events() if isinstance(event, ev.ObligationFellDue))
