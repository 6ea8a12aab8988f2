"""One run of a command: in which language, by whom, at what time, on which store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field

from engine.api import CALENDAR, Engine
from engine.cli.failing import failed, refused
from engine.cli.output import Output
from engine.cli.reading import instant_of
from engine.core.case.directory import Directory
from engine.core.case.refusals import Refusal
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.pathway.form import FormSchema
from engine.core.vocabulary import Instant
from engine.loading.catalogue import shipped_calendar
from engine.scheduler.clock import MovedClock, SystemClock
from engine.services.casework import Answer
from engine.services.office import NotReady
from engine.settings import Settings
from engine.store.reader import Reader

ADMINISTRATOR = "administrator"
"""Who acts where no member of staff needs to: before anybody is loaded, for versions of files."""


class CommandSettings(Settings):
    """What the command reads beside the engine's settings."""

    actor: str = Field(
        default="",
        max_length=64,
        description="操作する職員の番号 / The id of the member of staff who acts.",
    )


@dataclass
class Session:
    """The options that every command shares, and the engine that it works with."""

    out: Output
    now: str = ""
    actor: str = ""
    key: str = ""
    command: str = ""
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def lang(self) -> str:
        """The language of what is shown."""
        return self.out.lang

    @cached_property
    def settings(self) -> CommandSettings:
        """The installation's settings. Raises ValidationError or SettingsError."""
        return CommandSettings()

    @contextmanager
    def engine(self, *, grouped: bool = False) -> Iterator[Engine]:
        """Open the engine, its clock moved if `--now` says so, and let go of it at the end.

        Raises:
            StoreError: the store cannot be used.
            Failure: the clock of a store that is no trial was to be moved.
        """
        engine = Engine(self.settings, grouped=grouped)
        try:
            if self.now:
                if not engine.is_trial:
                    raise failed("not_a_trial")
                calendar = calendar_of(engine)
                engine.clock = MovedClock(instant_of(self.now, ZoneInfo(calendar.zone), calendar.opens_at))
            yield engine
        finally:
            engine.close()

    def worker(self) -> str:
        """Return who acts. Raises Failure when nobody is named."""
        actor = self.actor or self.settings.actor
        if not actor:
            raise failed("actor_missing")
        return actor

    def administrator(self) -> str:
        """Return who puts versions in force: whoever is named, else the administrator."""
        return self.actor or self.settings.actor or ADMINISTRATOR

    def answered(self, answer: Answer | Refusal) -> Answer:
        """Return an answer, or raise the Failure that a refusal is."""
        if isinstance(answer, Refusal):
            raise refused(answer)
        return answer

    def log_folder(self) -> Path:
        """Return where records of faults go: beside an SQLite store, else in `var/log`."""
        scheme, _, path = self.settings.database.partition(":///")
        beside = Path(path).parent if scheme.startswith("sqlite") and path else Path("var")
        return beside / "log"


def system_now() -> Instant:
    """Return the machine's present instant."""
    return SystemClock().now()


def calendar_of(engine: Engine) -> OfficeCalendar:
    """Return the calendar in force, or the shipped one where none is loaded yet."""
    with engine.reading() as reader:
        try:
            return engine.office.calendar(reader, CALENDAR)
        except NotReady:
            return shipped_calendar(CALENDAR, 1)


def directory_of(engine: Engine) -> Directory:
    """Return the directory in force. Raises NotReady."""
    with engine.reading() as reader:
        return engine.office.directory(reader)


def zone_of(engine: Engine) -> ZoneInfo:
    """Return the zone in which people here read clocks."""
    return ZoneInfo(calendar_of(engine).zone)


def local_words(at: Instant, zone: ZoneInfo) -> str:
    """Write an instant as the clock on the wall shows it."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def day_words(on: date | None) -> str:
    """Write a day, or nothing."""
    return "" if on is None else on.isoformat()


def pathway_of(engine: Engine, case: str) -> Compiled:
    """Return the version of the pathway that a case follows. Raises Failure for an unknown number."""
    with engine.reading() as reader:
        return pathway_in(engine, reader, case)


def pathway_in(engine: Engine, reader: Reader, case: str) -> Compiled:
    """Return the version of the pathway that a case follows, in a snapshot. Raises Failure."""
    held = reader.case(case)
    if held is None:
        raise failed("case_unknown", case=case)
    return engine.office.pathway(reader, held.case.pathway, held.case.version)


def forms_in_force(engine: Engine, pathway: str) -> Mapping[str, FormSchema]:
    """Return the forms of the version that a case opened now would follow; none for an unknown pathway."""
    on = calendar_of(engine).local_date(engine.now())
    with engine.reading() as reader:
        found = engine.office.in_force(reader, pathway, on)
    return {} if found is None else found.forms


NOON = time(12, 0)
LAST_MINUTE = time(23, 59)
