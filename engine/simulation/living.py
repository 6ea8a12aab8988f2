"""Living through time: a town's work under the moved clock, done by the same engine as real work.

Consultations come in on their day, the clock wakes what is due, workers do
their work (some late), people are reached (or not), somebody leaves. What
comes out is an ordinary store whose every case can be replayed.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from engine.core.case import commands as cmd
from engine.core.case.case import Case, Obligation, Sealed
from engine.core.case.deliberation import Request
from engine.core.case.directory import Directory
from engine.core.case.refusals import Refusal
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import ConsentStatus, Grade, HolderKind, Instant, ObligationKind, Standing
from engine.services.casework import Answer, Casework
from engine.services.desk import Desk
from engine.services.intake import Intake, SourceRow
from engine.services.office import Office
from engine.services.publishing import Publishing
from engine.services.sweeping import Sweep
from engine.simulation.behaviour import Behaviour
from engine.store.unit import Unit

BATCH = 100
MESSAGES_A_DAY_MAX = 5_000
MORNING, NOON, EVENING = time(8, 30), time(13, 0), time(17, 30)


@dataclass(slots=True)
class Lived:
    """What a stretch of time came to."""

    first_on: date
    last_on: date
    opened: int = 0
    commands: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    wakes: int = 0
    set_apart: int = 0
    handed_over: int = 0


class MovableClock(Protocol):
    """A clock that stands where it is put."""

    def now(self) -> Instant:
        """Return the instant it was put at."""

    def move_to(self, now: Instant) -> None:
        """Put it at another instant."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody leaves on a day; everything goes to a successor first."""

    on: date
    leaver: str
    successor: str


class Living:
    """Moves a clock through days and does what people would do on each."""

    def __init__(
        self,
        desk: Desk,
        office: Office,
        casework: Casework,
        sweep: Sweep,
        publishing: Publishing,
        clock: MovableClock,
    ) -> None:
        self.desk = desk
        self.office = office
        self.casework = casework
        self.sweep = sweep
        self.publishing = publishing
        self.intake = Intake(desk, casework)
        self.clock = clock

    def run(
        self,
        rows: Iterable[tuple[date, SourceRow]],
        *,
        first_on: date,
        last_on: date,
        behaviour: Behaviour,
        departures: Iterable[Departure] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> Lived:
        """Live from one day to another, both included. `progress` is told days done of all."""
        lived = Lived(first_on, last_on)
        life = _Life(self, behaviour, lived)
        coming = sorted(rows, key=lambda row: row[0])
        leaving = {departure.on: departure for departure in departures}
        days = (last_on - first_on).days + 1
        place = 0
        for offset in range(days):
            today = first_on + timedelta(days=offset)
            until = place
            while until < len(coming) and coming[until][0] <= today:
                until += 1
            life.day(today, [row for _, row in coming[place:until]])
            place = until
            if today in leaving:
                life.depart(leaving[today])
            if progress is not None:
                progress(offset + 1, days)
        return lived


class _Life:
    """The state of one run: whose turn it is on which day."""

    def __init__(self, living: Living, behaviour: Behaviour, lived: Lived) -> None:
        self._living = living
        self._behaviour = behaviour
        self._lived = lived
        self._agenda: list[tuple[date, str, int]] = []
        self._planned: set[tuple[str, int]] = set()
        self._waiting: list[SourceRow] = []
        self._read_upto = 0
        with living.desk.reading() as reader:
            self._calendar: OfficeCalendar = living.office.calendar(reader, "office")
        self._zone = ZoneInfo(self._calendar.zone)

    def day(self, today: date, rows: list[SourceRow]) -> None:
        """Live one day: on open days people come in and work is done, on closed days only the clock goes on."""
        self._waiting += rows
        if not self._calendar.is_open(today):
            self._sweep_at(today, NOON)
            return
        self._sweep_at(today, MORNING)
        at = self._move(today, time(10, 0))
        for taken in self._living.intake.take_in(self._waiting, "engine", at):
            if taken.case:
                self._lived.opened += 1
                self._plan_case(taken.case)
        self._waiting = []
        self._work(today)
        self._read_messages()
        self._sweep_at(today, EVENING)

    def depart(self, departure: Departure) -> None:
        """Hand everything over, have it accepted, then leave."""
        living = self._living
        at = self._clock_now()
        with living.desk.reading() as reader:
            rows = reader.inbox([departure.leaver])
            directory = living.office.directory(reader)
        cases = sorted({row.case for row in rows if row.holder == departure.leaver})
        note = Sealed(note="異動に伴う引継ぎ。避けるべき関わり方: 約束なしの訪問はしない。")

        def give(unit: Unit) -> None:
            for number in cases:
                offer = cmd.HandOver(to=departure.successor, holder=departure.leaver)
                answer = self._perform(unit, number, offer, departure.leaver, note)
                if answer is None:
                    continue
                ref = next(
                    asked.ref
                    for asked in answer.case.waiting.values()
                    if asked.kind is ObligationKind.HANDOVER and asked.to == departure.successor
                )
                if self._perform(unit, number, cmd.AnswerRequest(ref=ref, accept=True), departure.successor):
                    self._lived.handed_over += 1

        living.desk.write(give)
        leaver = replace(directory.holders[departure.leaver], standing=Standing.LEFT)
        changed = replace(
            directory, version=directory.version + 1, holders={**directory.holders, departure.leaver: leaver}
        )
        living.publishing.people(changed, "engine", at)
        for number in cases:
            self._plan_case(number)

    def _work(self, today: date) -> None:
        """Do what is planned for today, in batches that share a transaction."""
        self._move(today, NOON)
        while self._agenda and self._agenda[0][0] <= today:
            batch: list[tuple[str, int]] = []
            while self._agenda and self._agenda[0][0] <= today and len(batch) < BATCH:
                _, case, number = heapq.heappop(self._agenda)
                self._planned.discard((case, number))
                batch.append((case, number))
            for touched in self._living.desk.write(lambda unit, batch=batch: self._do(unit, batch)):  # type: ignore[misc]
                self._plan(touched, today)

    def _read_messages(self) -> None:
        """Let everybody read what has come into their inbox since yesterday."""
        with self._living.desk.reading() as reader:
            fresh = reader.notices_after(self._read_upto, MESSAGES_A_DAY_MAX)
        if fresh:
            self._read_upto = fresh[-1].id
            now = self._clock_now()
            self._living.desk.write(lambda unit: unit.mark_read([notice.id for notice in fresh], now))

    def _do(self, unit: Unit, batch: list[tuple[str, int]]) -> list[Case]:
        touched: dict[str, Case] = {}
        unit.cases([number for number, _ in batch])
        for number, obligation in batch:
            held = unit.case(number)
            if held is None or not held.case.is_open or obligation not in held.case.obligations:
                continue
            self._act(unit, held.case, held.case.obligations[obligation])
            after = unit.case(number)
            if after is not None:
                touched[number] = after.case
        return list(touched.values())

    def _act(self, unit: Unit, case: Case, live: Obligation) -> None:
        """Enter what the holder of a piece of work would enter, then move the case if it is time."""
        pathway = self._living.office.pathway(unit, case.pathway, case.version)
        directory = self._living.office.directory(unit)
        actor = self._actor(directory, case, live)
        command, sealed = self._entered(pathway, case, live)
        answer = self._perform(unit, case.number, command, actor, sealed)
        if answer is None or not answer.case.is_open:
            return
        self._move_on(unit, pathway, answer.case, directory)

    def _move_on(self, unit: Unit, pathway: Compiled, case: Case, directory: Directory) -> None:
        offered = tuple(
            dict.fromkeys(
                transition.event
                for transition in pathway.chart.offered(case.configuration)
                if transition.event is not None and "." not in transition.event
            )
        )
        event = self._behaviour.next_event(case.configuration, offered)
        if not event or any(asked.event == event for asked in case.waiting.values()):
            return
        forms: dict[str, dict[str, object]] = {}
        for way in pathway.ways.values():
            if way.event == event and way.source in case.configuration:
                forms.update(
                    {form: self._behaviour.fill(pathway, form) for form in way.written.requires or ()}
                )
        sealed = Sealed(forms=forms, note="本人と話し合い、了解を得た。")
        worker = directory.resolve("worker", case.roles, self._today()).holder
        actor = (
            worker
            if worker in directory.holders and not directory.members(worker)
            else directory.members(worker)[0]
        )
        self._perform(unit, case.number, cmd.FireEvent(name=event), actor, sealed)

    def _entered(self, pathway: Compiled, case: Case, live: Obligation) -> tuple[cmd.AnyCommand, Sealed]:
        behaviour = self._behaviour
        definition = pathway.definition(live.state, live.key)
        if live.ref:
            accept = live.kind is ObligationKind.APPROVAL or behaviour.chance.random() < 0.9
            return cmd.AnswerRequest(ref=live.ref, accept=accept), Sealed(
                note="" if accept else "今は受けられない。"
            )
        if live.kind is ObligationKind.CONSENT:
            given = behaviour.chance.random() < 0.85
            status = ConsentStatus.GIVEN if given else ConsentStatus.DECLINED
            return cmd.RecordConsent(kind=live.key.partition(".")[2], status=status), Sealed()
        if definition is None:
            return cmd.FulfilObligation(number=live.number), Sealed()
        outcomes = definition.written.outcomes or {}
        form = definition.written.form
        if definition.needs is None:
            ending = next((name for name, written in outcomes.items() if written.retry is None), "")
            sealed = Sealed(forms={form: behaviour.fill(pathway, form)}) if form else Sealed()
            return cmd.FulfilObligation(number=live.number, outcome=ending), sealed
        trying = next((name for name, written in outcomes.items() if written.retry is not None), "")
        reached = behaviour.is_reached(case.number) or not trying
        ending = next((name for name, written in outcomes.items() if written.retry is None), "")
        contact = cmd.RecordContact(
            grade=definition.needs if reached else Grade.ATTEMPT,
            contacted_at=self._clock_now() - timedelta(minutes=30),
            method="visit" if definition.needs.reaches(Grade.SEEN) else "phone",
            reached=case.persons if reached else (),
            number=live.number,
            outcome=ending if reached else trying,
        )
        forms = {form: behaviour.fill(pathway, form)} if form and reached else {}
        return contact, Sealed(forms=forms, note="つながった。" if reached else "応答なし。")

    def _actor(self, directory: Directory, case: Case, live: Obligation) -> str:
        """Return the person who does a piece of work; never the one who asked for an approval."""
        asked_by = next(
            (asked.asked_by for asked in case.waiting.values() if asked.obligation == live.number), ""
        )
        candidates = [live.holder, *directory.members(live.holder)]
        candidates += [held.id for held in directory.holders.values() if live.role in held.roles]
        for candidate in candidates:
            found = directory.holders.get(candidate)
            person = found is not None and found.kind is HolderKind.PERSON and directory.can_hold(candidate)
            if person and not (live.kind is ObligationKind.APPROVAL and candidate == asked_by):
                return candidate
        return directory.members(directory.duty_desk)[0]

    def _perform(
        self, unit: Unit, number: str, command: cmd.AnyCommand, actor: str, sealed: Sealed | None = None
    ) -> Answer | None:
        request = Request(
            case=number, command=command, actor=actor, at=self._clock_now(), sealed=sealed or Sealed()
        )
        answer = self._living.casework.perform(unit, request)
        self._lived.commands += 1
        if isinstance(answer, Refusal):
            self._lived.refused[answer.code] = self._lived.refused.get(answer.code, 0) + 1
            return None
        return answer

    def _plan_case(self, number: str) -> None:
        with self._living.desk.reading() as reader:
            held = reader.case(number)
        if held is not None:
            self._plan(held.case, self._today())

    def _plan(self, case: Case, today: date) -> None:
        """Put each piece of work of a case on the day on which somebody will do it."""
        for live in case.obligations.values():
            known = (case.number, live.number)
            if known in self._planned:
                continue
            again = live.retry_at is not None
            wanted = self._calendar.local_date(live.retry_at) if live.retry_at is not None else live.due_on
            late = 0 if again else self._behaviour.days_late()
            planned = (
                self._calendar.previous_open(wanted)
                if not late
                else self._calendar.next_open(wanted + timedelta(days=late))
            )
            tomorrow = self._calendar.add_office_days(today, 1)
            heapq.heappush(
                self._agenda, (max(planned, tomorrow if again or wanted <= today else planned), *known)
            )
            self._planned.add(known)

    def _sweep_at(self, today: date, at: time) -> None:
        swept = self._living.sweep.run(self._move(today, at))
        self._lived.wakes += swept.cases
        self._lived.set_apart += len(swept.set_apart)

    def _move(self, today: date, at: time) -> Instant:
        now = datetime.combine(today, at, self._zone).astimezone(UTC)
        self._living.clock.move_to(now)
        return now

    def _clock_now(self) -> Instant:
        return self._living.clock.now()

    def _today(self) -> date:
        return self._calendar.local_date(self._clock_now())
