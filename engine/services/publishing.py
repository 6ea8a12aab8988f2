"""Putting pathways, calendars and people in force: checked first, versioned, never changed after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from msgspec.json import encode

from engine.checker.finding import Finding, Severity
from engine.core.case import commands as cmd
from engine.core.case.deliberation import ENGINE, Request
from engine.core.case.directory import Directory
from engine.core.case.refusals import Refusal
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.vocabulary import Instant, Standing
from engine.loading.checked import check_file
from engine.services.calendars import calendar_bytes, digest_of_calendar
from engine.services.casework import Casework
from engine.services.desk import Desk
from engine.services.office import Office
from engine.store.ports import CalendarVersion, PathwayVersion
from engine.store.unit import Unit

MOVED_CASES_BATCH = 100


@dataclass(frozen=True, slots=True)
class Published:
    """What came of putting a file in force. Without errors, `done`."""

    name: str
    version: int
    findings: tuple[Finding, ...]
    done: bool
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class StillHeld:
    """Somebody who is to leave still holds live work: what, and in which case."""

    holder: str
    name: str
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeopleLoaded:
    """What came of putting a directory in force."""

    version: int
    persons: int
    teams: int
    agencies: int
    rerouted: int
    still_held: tuple[StillHeld, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it is in force."""
        return not self.still_held


class Publishing:
    """Putting versions in force."""

    def __init__(self, desk: Desk, office: Office, casework: Casework) -> None:
        self._desk = desk
        self._office = office
        self._casework = casework

    def pathway(self, path: Path, actor: str, at: Instant) -> Published:
        """Check a file and put it in force. The same file twice changes nothing.

        Refused, with findings, when the file has errors, when a role cannot
        be staffed, when the version is there with other content, or when it
        is not newer than every version there is.
        """
        checked = check_file(path)
        loaded = checked.loaded
        if loaded.pathway is None or not checked.is_sound:
            return Published(path.stem, 0, checked.findings, done=False)
        name, version = loaded.pathway.pathway, loaded.pathway.version
        with self._desk.reading() as reader:
            known = reader.pathway(name, version)
            newest = reader.pathway(name)
            staffing = checked.staffing(self._office.directory(reader))
        findings = (*checked.findings, *staffing)
        if known is not None and known.digest == loaded.digest:
            return Published(name, version, findings, done=True, unchanged=True)
        findings += loaded.located(_version_findings(loaded.file, known, newest, version))
        if any(finding.severity is Severity.ERROR for finding in findings):
            return Published(name, version, findings, done=False)
        row = PathwayVersion(
            pathway=name,
            version=version,
            digest=loaded.digest,
            effective_on=date.fromisoformat(loaded.pathway.effective_on),
            text=loaded.text,
            forms=encode(
                {loaded.pathway.forms[form]: text for form, text in loaded.form_texts.items()}
            ).decode(),
            published_at=at,
            published_by=actor,
        )
        self._desk.write(lambda unit: unit.put_pathway(row))
        return Published(name, version, findings, done=True)

    def calendar(self, calendar: OfficeCalendar, at: Instant) -> int:
        """Put a calendar in force and compute open due dates again. Returns how many cases moved a date.

        The same content as the newest version changes nothing.
        """
        body = calendar_bytes(calendar)
        with self._desk.reading() as reader:
            newest = reader.calendar(calendar.name)
        if newest is not None and newest.body == body:
            return 0
        version = CalendarVersion(
            name=calendar.name, version=calendar.version, digest=digest_of_calendar(body), body=body
        )
        self._desk.write(lambda unit: unit.put_calendar(version))
        return self._tell_open_cases(cmd.Redate(), at)

    def people(self, directory: Directory, actor: str, at: Instant) -> PeopleLoaded:
        """Put a directory in force, and bring the work of whoever is gone to who takes over.

        Refused when a person who is to leave still holds live work: it must
        be handed over first (I3).
        """
        held = self._still_held(directory)
        kinds = [holder.kind.value for holder in directory.holders.values()]
        counts = (kinds.count("person"), kinds.count("team"), kinds.count("agency"))
        with self._desk.reading() as reader:
            newest = reader.directory()
        if held:
            return PeopleLoaded(newest.version if newest else 0, *counts, 0, tuple(held))
        if newest is not None and _same(newest, directory):
            return PeopleLoaded(newest.version, *counts, 0)
        self._desk.write(lambda unit: unit.put_directory(directory, at, actor))
        rerouted = self._tell_open_cases(cmd.Reroute(), at)
        return PeopleLoaded(directory.version, *counts, rerouted)

    def _still_held(self, directory: Directory) -> list[StillHeld]:
        found: list[StillHeld] = []
        with self._desk.reading() as reader:
            current = reader.directory()
            for holder in current.holders.values() if current is not None else ():
                coming = directory.holders.get(holder.id)
                leaves = (
                    coming is None or coming.standing is Standing.LEFT or not directory.can_hold(holder.id)
                )
                if leaves and current is not None and current.can_hold(holder.id):
                    cases = sorted({row.case for row in reader.inbox([holder.id]) if row.holder == holder.id})
                    if cases:
                        found.append(StillHeld(holder.id, holder.name, tuple(cases)))
        return found

    def _tell_open_cases(self, command: cmd.Redate | cmd.Reroute, at: Instant) -> int:
        changed, after = 0, 0
        while True:
            with self._desk.reading() as reader:
                rows = reader.case_rows(status="open", after_id=after, limit=MOVED_CASES_BATCH)
            if not rows:
                return changed
            after = rows[-1].id
            batch = [row.number for row in rows]
            changed += self._desk.write(lambda unit, batch=batch: self._tell(unit, batch, command, at))  # type: ignore[misc]

    def _tell(self, unit: Unit, numbers: list[str], command: cmd.Redate | cmd.Reroute, at: Instant) -> int:
        changed = 0
        unit.cases(numbers)
        for number in numbers:
            answer = self._casework.perform(unit, Request(case=number, command=command, actor=ENGINE, at=at))
            changed += not isinstance(answer, Refusal) and bool(answer.entry.events)
        return changed


def _same(one: Directory, other: Directory) -> bool:
    return (one.duty_desk, one.holders, one.above) == (other.duty_desk, other.holders, other.above)


def _version_findings(
    file: str, known: PathwayVersion | None, newest: PathwayVersion | None, version: int
) -> tuple[Finding, ...]:
    if known is not None:
        return (
            Finding(
                code="C401", severity=Severity.ERROR, place=("version",), file=file,
                ja=f"第{version}版はすでに公開されていて、内容が違います。公開した版は変えられません。",
                en=f"Version {version} is published already with other content. A published version never changes.",
                do_ja=f"version を {newest.version + 1 if newest else version + 1} にして公開してください。",
                do_en=f"Set version to {newest.version + 1 if newest else version + 1} and publish again.",
            ),
        )  # fmt: skip
    if newest is not None and version < newest.version:
        return (
            Finding(
                code="C402", severity=Severity.ERROR, place=("version",), file=file,
                ja=f"第{newest.version}版がすでに公開されています。それより古い版は公開できません。",
                en=f"Version {newest.version} is published already; an older one cannot follow it.",
                do_ja=f"version を {newest.version + 1} にしてください。",
                do_en=f"Set version to {newest.version + 1}.",
            ),
        )  # fmt: skip
    return ()
