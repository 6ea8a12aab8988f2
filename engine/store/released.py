"""What is released in versions and never changes: directories, calendars, pathways; and settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from msgspec.json import Decoder
from sqlalchemy import Row, select

from engine.core.case.directory import Directory
from engine.store.ports import CalendarVersion, PathwayVersion, instant
from engine.store.session import Session
from engine.store.tables import (
    calendar_version,
    directory_version,
    pathway_version,
    setting,
)

_directory_of = Decoder(Directory).decode


class Newest(NamedTuple):
    """What is newest in one transaction: numbers of versions, and of pathways all, with their first day."""

    directory: int
    calendars: Mapping[str, int]
    pathways: Mapping[str, tuple[tuple[int, str], ...]]


class Released(Session):
    """Reading versions. Which are the newest is asked once in a transaction: every decision needs it."""

    _known_newest: Newest | None = None

    def newest(self) -> Newest:
        """Return the numbers of the newest versions, as this transaction first saw them."""
        if self._known_newest is None:
            directory, calendars = 0, {}
            pathways: dict[str, list[tuple[int, str]]] = {}
            for what, name, version, on in self._all(self._hot.newest):
                if what == "pathway":
                    pathways.setdefault(name, []).append((version, on))
                elif what == "calendar":
                    calendars[name] = version
                else:
                    directory = version or 0
            ordered = {name: tuple(sorted(found, reverse=True)) for name, found in pathways.items()}
            self._known_newest = Newest(directory, calendars, ordered)
        return self._known_newest

    def directory(self, version: int | None = None) -> Directory | None:
        """Return the directory of a version, or the newest; None when there is none."""
        statement = select(directory_version.c.body).order_by(directory_version.c.version.desc()).limit(1)
        if version is not None:
            statement = statement.where(directory_version.c.version == version)
        row = self._row(statement)
        return None if row is None else _directory_of(row.body)

    def directory_latest(self) -> int:
        """Return the number of the newest directory, 0 when there is none."""
        return self.newest().directory

    def calendar(self, name: str, version: int | None = None) -> CalendarVersion | None:
        """Return a calendar of a version, or the newest of that name; None when there is none."""
        statement = (
            select(calendar_version)
            .where(calendar_version.c.name == name)
            .order_by(calendar_version.c.version.desc())
            .limit(1)
        )
        if version is not None:
            statement = statement.where(calendar_version.c.version == version)
        row = self._row(statement)
        return None if row is None else _calendar(row)

    def calendar_latest(self, name: str) -> int:
        """Return the number of the newest version of a calendar, 0 when there is none."""
        return self.newest().calendars.get(name, 0)

    def calendars(self) -> list[CalendarVersion]:
        """Return all versions of all calendars, by name and version."""
        statement = select(calendar_version).order_by(calendar_version.c.name, calendar_version.c.version)
        return [_calendar(row) for row in self._rows(statement)]

    def pathway(self, pathway: str, version: int | None = None) -> PathwayVersion | None:
        """Return a pathway of a version, or the newest; None when there is none."""
        statement = (
            select(pathway_version)
            .where(pathway_version.c.pathway == pathway)
            .order_by(pathway_version.c.version.desc())
            .limit(1)
        )
        if version is not None:
            statement = statement.where(pathway_version.c.version == version)
        row = self._row(statement)
        return None if row is None else _pathway(row)

    def pathway_latest(self, pathway: str) -> int:
        """Return the number of the newest version of a pathway, 0 when there is none."""
        versions = self.newest().pathways.get(pathway, ())
        return versions[0][0] if versions else 0

    def version_in_force(self, pathway: str, on: date) -> int:
        """Return the number of the newest version that is effective on a day, 0 when there is none."""
        day = on.isoformat()
        versions = self.newest().pathways.get(pathway, ())
        return next((version for version, effective_on in versions if effective_on <= day), 0)

    def pathway_in_force(self, pathway: str, on: date) -> PathwayVersion | None:
        """Return the newest version of a pathway that is effective on a day; None when there is none."""
        version = self.version_in_force(pathway, on)
        return self.pathway(pathway, version) if version else None

    def pathways(self) -> list[PathwayVersion]:
        """Return all versions of all pathways, by id and version."""
        statement = select(pathway_version).order_by(pathway_version.c.pathway, pathway_version.c.version)
        return [_pathway(row) for row in self._rows(statement)]

    def setting(self, name: str) -> str | None:
        """Return a setting of the store, or None."""
        row = self._row(select(setting.c.value).where(setting.c.name == name))
        return None if row is None else str(row.value)

    def intake_source(self, source_key: str) -> tuple[str, str] | None:
        """Return the case number and digest of a source row that was taken in before, or None."""
        row = self._one(self._hot.intake_source, (source_key,))
        return None if row is None else (row[0], row[1])


def _calendar(row: Row[Any]) -> CalendarVersion:
    return CalendarVersion(name=row.name, version=row.version, digest=row.digest, body=row.body)


def _pathway(row: Row[Any]) -> PathwayVersion:
    return PathwayVersion(
        pathway=row.pathway,
        version=row.version,
        digest=row.digest,
        effective_on=date.fromisoformat(row.effective_on),
        text=row.text,
        forms=row.forms,
        published_at=instant(row.published_at),
        published_by=row.published_by,
    )
