"""What decisions rest on, kept ready: compiled pathways, calendars and the directory by version."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date
from typing import TYPE_CHECKING, Any

from msgspec.json import decode

from engine.core.case.case import Case
from engine.core.case.deliberation import Circumstances
from engine.core.case.directory import Directory
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled, compile_pathway
from engine.core.pathway.form import FormSchema
from engine.loading.pathway import load_pathway
from engine.services.calendars import calendar_of

if TYPE_CHECKING:
    from engine.store.ports import PathwayVersion
    from engine.store.reader import Reader

VERSIONS_KEPT_MAX = 64
"""Compiled pathways, calendars and directories kept ready, each."""


class NotReady(Exception):
    """The store has no directory or no calendar yet: nobody could be given work."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Office:
    """Circumstances by version, read once and shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pathways: OrderedDict[tuple[str, int], Compiled] = OrderedDict()
        self._calendars: OrderedDict[tuple[str, int], OfficeCalendar] = OrderedDict()
        self._directories: OrderedDict[int, Directory] = OrderedDict()

    def pathway(self, reader: Reader, name: str, version: int) -> Compiled:
        """Return a released version, compiled. Raises KeyError when there is none."""
        known = self._pathways.get((name, version))
        if known is None:
            stored = reader.pathway(name, version)
            if stored is None:
                raise KeyError(f"{name} v{version}")
            known = compile_stored(stored)
            self._keep(self._pathways, (name, version), known)
        return known

    def in_force(self, reader: Reader, name: str, on: date) -> Compiled | None:
        """Return the version of a pathway that a case opened on a day follows."""
        version = reader.version_in_force(name, on)
        return self.pathway(reader, name, version) if version else None

    def directory(self, reader: Reader, version: int | None = None) -> Directory:
        """Return a version of the directory, or the newest. Raises NotReady when there is none."""
        wanted = version if version is not None else reader.directory_latest()
        known = self._directories.get(wanted)
        if known is None:
            found = reader.directory(wanted) if wanted else None
            if found is None:
                raise NotReady("directory")
            known = found
            self._keep(self._directories, wanted, known)
        return known

    def calendar(self, reader: Reader, name: str, version: int | None = None) -> OfficeCalendar:
        """Return a version of a calendar, or the newest. Raises NotReady when there is none."""
        wanted = version if version is not None else reader.calendar_latest(name)
        known = self._calendars.get((name, wanted))
        if known is None:
            found = reader.calendar(name, wanted) if wanted else None
            if found is None:
                raise NotReady("calendar")
            known = calendar_of(found.body)
            self._keep(self._calendars, (name, wanted), known)
        return known

    def circumstances(
        self, reader: Reader, case: Case, *, calendar: int | None = None, directory: int | None = None
    ) -> Circumstances:
        """Return what a decision on a case rests on now, or at given versions."""
        pathway = self.pathway(reader, case.pathway, case.version)
        return self.around(reader, pathway, calendar=calendar, directory=directory)

    def around(
        self, reader: Reader, pathway: Compiled, *, calendar: int | None = None, directory: int | None = None
    ) -> Circumstances:
        """Return a pathway with the calendar and directory of now, or of given versions."""
        return Circumstances(
            pathway=pathway,
            calendar=self.calendar(reader, pathway.pathway.calendar, calendar),
            directory=self.directory(reader, directory),
        )

    def _keep(self, kept: OrderedDict[Any, Any], key: object, value: object) -> None:
        with self._lock:
            kept[key] = value
            while len(kept) > VERSIONS_KEPT_MAX:
                kept.popitem(last=False)


def compile_stored(stored: PathwayVersion) -> Compiled:
    """Compile a released version from its stored text and forms."""
    texts: dict[str, str] = decode(stored.forms)
    name = f"{stored.pathway}/v{stored.version}.yaml"
    loaded = load_pathway(
        stored.text.encode(), name, lambda path: texts[path].encode() if path in texts else None
    )
    assert loaded.pathway is not None, "a released version was checked before it was released"
    forms = {form: FormSchema(form, schema) for form, schema in loaded.forms.items()}
    return compile_pathway(loaded.pathway, forms, stored.digest)
