"""Read who is there: staff, teams, agencies, roles and absences, from the file an officer keeps.

The file names everybody who can hold work. `load_people` says everything that
is wrong with it at once, at its line; `directory_of` makes of it the value
that decisions rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engine.checker.finding import Finding, Place, Severity
from engine.core.case.directory import Absence, Directory, Holder
from engine.core.pathway.notation import Part
from engine.core.vocabulary import HolderKind, Standing
from engine.loading.document import Document, Unreadable, read_document
from engine.loading.people_check import people_findings
from engine.loading.people_file import Agency, Away, PeopleFile, StaffMember, Team
from engine.loading.sentence import schema_findings
from engine.loading.source import content_of
from engine.loading.syntax import shown

__all__ = ["LoadedPeople", "PeopleFile", "directory_of", "load_people", "people_findings"]


@dataclass(frozen=True)
class LoadedPeople:
    """A people file as it was read. `staff` is None when a finding is an error."""

    file: str
    staff: PeopleFile | None
    findings: tuple[Finding, ...]
    document: Document | None = None

    @property
    def usable(self) -> bool:
        """Whether no finding is an error."""
        return self.staff is not None

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Give a later check's findings (`people_findings` with roles) their line and column.

        Raises:
            ValueError: the file could not be read at all, so nothing has a place in it.
        """
        if self.document is None:
            raise ValueError(f"{self.file} could not be read; no check can have run on it")
        return self.document.located(findings)


def load_people(source: Path | str | bytes, file: str = "") -> LoadedPeople:
    """Read a people file and say everything that is wrong with it.

    `source` is the file's path, or its content; `file` names it in findings.
    Never raises for what a file holds; a path that cannot be opened is a
    finding too. Warnings and notes leave the file usable.
    """
    file = file or (str(source) if isinstance(source, Path) else "")
    try:
        document = read_document(content_of(source, file), file)
    except Unreadable as unreadable:
        return LoadedPeople(file, None, unreadable.findings)
    try:
        people = PeopleFile.model_validate(document.value)
    except ValidationError as error:
        return LoadedPeople(file, None, _model_findings(error, document), document)
    findings = document.located(people_findings(people))
    broken = any(each.severity is Severity.ERROR for each in findings)
    return LoadedPeople(file, None if broken else people, findings, document)


def directory_of(people: PeopleFile, version: int) -> Directory:
    """Return everybody of a file as one version of the directory, in the file's order.

    Somebody who has left keeps the name, so that old records can be read, and
    loses roles, teams and absences. `people` must come from a file without
    errors: nothing is checked again here.
    """
    holders: dict[str, Holder] = {}
    for each in people.staff:
        holders[each.id] = Holder(
            id=each.id,
            kind=HolderKind.PERSON,
            name=each.name,
            standing=Standing.LEFT if each.left else Standing.ACTIVE,
            roles=() if each.left else each.roles,
            teams=() if each.left else each.teams,
            absences=() if each.left else tuple(_absence(gap) for gap in each.absent),
            contact=each.contact or "",
        )
    for team_id, team in people.teams.items():
        holders[team_id] = Holder(
            id=team_id, kind=HolderKind.TEAM, name=team.name, roles=team.roles, contact=team.contact or ""
        )
    for agency_id, agency in people.agencies.items():
        holders[agency_id] = Holder(
            id=agency_id, kind=HolderKind.AGENCY, name=agency.name, contact=agency.contact or ""
        )
    return Directory(version=version, duty_desk=people.duty_desk, holders=holders, above=dict(people.above))


def _absence(gap: Away) -> Absence:
    return Absence(
        from_on=date.fromisoformat(gap.from_on), until_on=date.fromisoformat(gap.to_on), cover=gap.cover or ""
    )


# --- sentences about keys; everything else is said as for a pathway

_PARTS: Final[tuple[tuple[str, type[Part]], ...]] = (
    ("absent", Away), ("staff", StaffMember), ("teams", Team), ("agencies", Agency),
)  # fmt: skip


def _model_findings(error: ValidationError, document: Document) -> tuple[Finding, ...]:
    """Say the model's errors; which keys there are is known here, the rest is said as for a pathway."""
    general = [each for each in schema_findings(error, document) if each.code not in ("F101", "F103")]
    return document.located([*general, *_key_findings(error.errors(include_url=False))])


def _key_findings(errors: Iterable[ErrorDetails]) -> Iterator[Finding]:
    for each in errors:
        if each["type"] not in ("extra_forbidden", "missing"):
            continue
        *around, key = each["loc"]
        place: Place = tuple(around)
        part = next((part for name, part in _PARTS if name in place), PeopleFile)
        keys = {field.alias or name: field for name, field in part.model_fields.items()}
        if each["type"] == "extra_forbidden":
            yield Finding(
                code="F101",
                severity=Severity.ERROR,
                place=(*place, key),
                at_key=True,
                ja=f"「{shown(str(key))}」というキーはありません。",
                en=f"There is no key '{shown(str(key))}' here.",
                do_ja=f"ここに書けるキー: {'、'.join(keys)}。",
                do_en=f"The keys here are {', '.join(keys)}.",
            )
        else:
            extra = keys[str(key)].json_schema_extra
            ja, en = (str(extra["x-ja"]), str(extra["x-en"])) if isinstance(extra, dict) else ("", "")
            yield Finding(
                code="F103",
                severity=Severity.ERROR,
                place=place,
                ja=f"{key}（{ja}）がありません。",
                en=f"'{key}' is missing: {en[:1].lower()}{en[1:].rstrip('.')}.",
                do_ja=f"{key} を書いてください。",
                do_en=f"Write {key}.",
            )
