"""The front door: settings in, an engine out. All that `ui`, `connectors` and the command line call.

An engine answers in values: an `Answer` or a `Refusal` for a command, a
`StoreError` raised when the database itself cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from engine.core.case import commands
from engine.core.case.case import Person, Sealed
from engine.core.case.deliberation import Request
from engine.core.case.directory import Directory
from engine.core.case.refusals import Refusal, refuse
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.officetime.era import EraError, PartialDate, parse_japanese_date
from engine.core.vocabulary import Channel, ConsentStatus, Instant
from engine.loading.calendar import load_calendar, load_closures
from engine.loading.catalogue import list_versions, shipped_pathways
from engine.scheduler.clock import Clock, MovedClock, ShiftedClock, SystemClock
from engine.services.casework import Answer, Casework
from engine.services.delivery import LATE_AFTER, Carrier, Dispatched, Message, Receipt, dispatch
from engine.services.desk import Desk
from engine.services.identity import new_key
from engine.services.inbox import Inbox, InboxDesk
from engine.services.intake import Fate, Intake, SourceRow, Taken
from engine.services.office import NotReady, Office
from engine.services.publishing import PeopleLoaded, Published, Publishing
from engine.services.replay import Replay, Replayed, Verification
from engine.services.sweeping import Sweep, Swept
from engine.settings import Settings
from engine.simulation.behaviour import Behaviour
from engine.simulation.living import Departure, Lived, Living
from engine.store.errors import SequenceGap, StoreError
from engine.store.opening import init_store, migrate, open_store
from engine.store.reader import Reader
from engine.store.sealing import KeyRing
from engine.store.unit import Unit

__all__ = [
    "Answer",
    "Carrier",
    "Channel",
    "ClockFixed",
    "ConsentStatus",
    "Departure",
    "Engine",
    "EraError",
    "Fate",
    "Lived",
    "Message",
    "NotReady",
    "PartialDate",
    "Person",
    "Receipt",
    "Refusal",
    "Request",
    "Sealed",
    "Settings",
    "SourceRow",
    "StoreError",
    "Taken",
    "commands",
    "parse_japanese_date",
]

CALENDAR = "office"
"""The calendar that pathways count with unless they say otherwise."""


CLOCK_SHIFT = "clock_shift_seconds"


class ClockFixed(Exception):
    """The clock of this store cannot be moved: it holds real cases."""


class Engine:
    """One municipality's engine on one store. Safe to share between threads."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, grouped: bool = False) -> None:
        """Open the store that the settings name.

        `clock` moves the time of everything, and only on a trial store.
        `grouped` lets waiting writers share a commit: for a process that serves.

        Raises:
            StoreError: the store is absent, of another version, locked away, or not to be used.
        """
        self.settings = settings
        self.desk = Desk(open_store(settings.database, KeyRing.load(settings.key_file)), grouped=grouped)
        self.clock: Clock = clock or self._own_clock()
        self._earlier: list[Callable[[Instant], None]] = []
        # Since when nobody was woken, until the next messages have said so.
        self._late_since: Instant | None = None
        self.office = Office()
        self._casework = Casework(self.office, self._tell_earlier)
        self._sweep = Sweep(self.desk, self._casework, settings.batch_cases)
        self._publishing = Publishing(self.desk, self.office, self._casework)
        self._intake = Intake(self.desk, self._casework)
        self._inbox = InboxDesk(self.office)
        self._replay = Replay(self.office)

    @staticmethod
    def init(settings: Settings, *, trial: bool = False) -> None:
        """Make a store and its master key. Raises StoreError."""
        init_store(settings.database, settings.key_file, trial=trial)

    @staticmethod
    def migrate(settings: Settings) -> str:
        """Bring the store's tables to the present version and return it. Raises StoreError."""
        return migrate(settings.database)

    @property
    def is_trial(self) -> bool:
        """Whether the store lets its clock be moved."""
        return self.desk.store.is_trial

    def now(self) -> Instant:
        """Return the present instant of this engine."""
        return self.clock.now()

    def shift_clock(self, to: Instant) -> None:
        """Let a trial store's time go on from an instant, for every process that opens it from now on.

        Raises:
            ClockFixed: the store holds real cases.
        """
        if not self.is_trial:
            raise ClockFixed
        by = int((to - SystemClock().now()).total_seconds())
        self.desk.write(lambda unit: unit.put_setting(CLOCK_SHIFT, str(by)))
        self.clock = ShiftedClock(timedelta(seconds=by))

    def _own_clock(self) -> Clock:
        if not self.is_trial:
            return SystemClock()
        with self.desk.reading() as reader:
            by = reader.setting(CLOCK_SHIFT)
        return SystemClock() if by is None else ShiftedClock(timedelta(seconds=int(by)))

    def on_earlier(self, listener: Callable[[Instant], None]) -> None:
        """Call `listener` with the next wake-up of every case that a command touched."""
        self._earlier.append(listener)

    def close(self) -> None:
        """Finish what waits and let go of the store."""
        self.desk.close()

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Read one snapshot of the store. Raises StoreError."""
        with self.desk.reading() as reader:
            yield reader

    # Casework

    def open_case(
        self, pathway: str, command: commands.OpenCase, sealed: Sealed, *, actor: str, key: str = "",
        at: Instant | None = None,
    ) -> Answer | Refusal:  # fmt: skip
        """Receive a consultation under the pathway in force and open a case. Raises StoreError, NotReady."""
        request = Request(
            case="", command=command, actor=actor, at=at or self.now(), sealed=sealed, key=key or new_key()
        )
        return self.desk.write(lambda unit: self._casework.open(unit, pathway, request))

    def perform(
        self, case: str, command: commands.AnyCommand, *, actor: str, sealed: Sealed | None = None, key: str = "",
        at: Instant | None = None,
    ) -> Answer | Refusal:  # fmt: skip
        """Give a command to a case. The same `key` twice acts once and answers the same. Raises StoreError."""
        request = Request(
            case=case,
            command=command,
            actor=actor,
            at=at or self.now(),
            sealed=sealed or Sealed(),
            key=key or new_key(),
        )
        try:
            return self.desk.write(lambda unit: self._casework.perform(unit, request))
        except SequenceGap:
            return refuse("changed_meanwhile").refusal

    def perform_within(self, unit: Unit, request: Request, *, pathway: str = "") -> Answer | Refusal:
        """Give a command inside a unit of work of the caller's; with `pathway`, open a case."""
        if pathway:
            return self._casework.open(unit, pathway, request)
        return self._casework.perform(unit, request)

    def take_in(self, rows: Sequence[SourceRow], *, actor: str, at: Instant | None = None) -> list[Taken]:
        """Take consultations in from a source, each once. Raises StoreError, NotReady."""
        return self._intake.take_in(rows, actor, at or self.now())

    def holders_by_name(self) -> dict[str, str]:
        """Return the persons who can hold work, by name without spaces. Raises NotReady."""
        with self.desk.reading() as reader:
            directory = self.office.directory(reader)
        return {
            "".join(held.name.split()): held.id
            for held in directory.holders.values()
            if directory.can_hold(held.id)
        }

    # The clock

    def sweep(self, *, cases_max: int | None = None, between: Callable[[Swept], None] | None = None) -> Swept:
        """Make one pass of the clock at the present instant. Raises StoreError."""
        now = self.now()
        swept = self._sweep.run(now, cases_max=cases_max, between=between, finished_at=self.now)
        if swept.late_seconds > LATE_AFTER.total_seconds():
            self._late_since = now - timedelta(seconds=swept.late_seconds)
        return swept

    def next_wake(self) -> Instant | None:
        """Return when the next thing of all falls due, or None."""
        with self.desk.reading() as reader:
            return reader.next_wake()

    def deliver(self, carriers: Sequence[Carrier], *, limit: int = 1000) -> Dispatched:
        """Carry waiting notices to the outside, bundled by receiver. Raises StoreError."""
        since, self._late_since = self._late_since, None
        return dispatch(self.desk, carriers, self.now(), limit=limit, late_since=since)

    def live(
        self,
        rows: Sequence[tuple[date, SourceRow]],
        *,
        first_on: date,
        last_on: date,
        departures: Sequence[Departure] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> Lived:
        """Live a stretch of days on a trial store: see `engine.simulation.living`.

        Raises:
            ClockFixed: the store is no trial store, or the engine runs on the machine's clock.
        """
        clock = self.clock
        if not self.is_trial or not isinstance(clock, MovedClock):
            raise ClockFixed
        living = Living(self.desk, self.office, self._casework, self._sweep, self._publishing, clock)
        return living.run(
            rows,
            first_on=first_on,
            last_on=last_on,
            behaviour=Behaviour(),
            departures=departures,
            progress=progress,
        )

    # Versions

    def publish(self, path: Path, *, actor: str) -> Published:
        """Check a pathway file and put it in force. Raises StoreError, NotReady."""
        return self._publishing.pathway(path, actor, self.now())

    def publish_shipped(self, *, actor: str) -> list[Published]:
        """Put the pathways that come with bansou in force, oldest version first."""
        return [self.publish(shipped.path, actor=actor) for shipped in list_versions(shipped_pathways())]

    def load_people(self, directory: Directory, *, actor: str) -> PeopleLoaded:
        """Put a directory in force as the next version. Raises StoreError."""
        return self._publishing.people(directory, actor, self.now())

    def next_directory_version(self) -> int:
        """Return the version number that the next directory gets."""
        with self.desk.reading() as reader:
            return reader.directory_latest() + 1

    def load_calendar(self, calendar: OfficeCalendar) -> int:
        """Put a calendar in force; returns how many cases had a date moved. Raises StoreError."""
        return self._publishing.calendar(calendar, self.now())

    def load_shipped_calendar(self) -> int:
        """Put the calendar that comes with bansou in force, with the municipality's own closures.

        Returns how many cases had a date moved. Raises StoreError, CalendarFileError.
        """
        calendar = load_calendar(shipped_pathways() / "calendars" / CALENDAR / "v1.yaml")
        with self.desk.reading() as reader:
            newest = reader.calendar_latest(CALENDAR)
            known = self.office.calendar(reader, CALENDAR) if newest else None
        if self.settings.closures is not None:
            calendar = load_closures(self.settings.closures, calendar, version=max(newest, 1))
        if known is not None and known.closed != calendar.closed:
            return self.load_calendar(_renumbered(calendar, newest + 1))
        return self.load_calendar(calendar) if known is None else 0

    # Reading

    def inbox(self, worker: str, *, lang: str = "ja") -> Inbox:
        """Return the work and messages of a worker. Raises StoreError, NoSuchWorker."""
        with self.desk.reading() as reader:
            return self._inbox.of(reader, worker, self.now(), lang)

    def replay(self, case: str, at: Instant | None = None) -> Replayed | None:
        """Return a case as it stood at an instant, or now. Raises StoreError, ChainBroken."""
        with self.desk.reading() as reader:
            return self._replay.at(reader, case, at)

    def verify(self, case: str) -> Verification | None:
        """Check the chain of a case and take every decision again. Raises StoreError."""
        with self.desk.reading() as reader:
            return self._replay.verify(reader, case)

    def _tell_earlier(self, at: Instant) -> None:
        for listener in self._earlier:
            listener(at)


def _renumbered(calendar: OfficeCalendar, version: int) -> OfficeCalendar:
    return OfficeCalendar(
        name=calendar.name,
        version=version,
        zone=calendar.zone,
        first_on=calendar.first_on,
        last_on=calendar.last_on,
        known_until=calendar.known_until,
        opens_at=calendar.opens_at,
        closes_at=calendar.closes_at,
        closed=calendar.closed,
        weekly_closed=calendar.weekly_closed,
        closed_en=calendar.closed_en,
    )
