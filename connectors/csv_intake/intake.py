"""From a ledger file to open cases: what could be read is taken in once, what could not goes to a rejects file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.csv_intake.consultation import Consultation, PersonRow, Rejected, Tally
from connectors.csv_intake.ledger import consultations
from connectors.csv_intake.mapping import Mapping, load_mapping
from connectors.csv_intake.problem import CellProblem
from connectors.csv_intake.rejects import RejectsFile
from connectors.csv_intake.spreadsheet import read_spreadsheet
from engine.api import (
    Channel,
    ConsentStatus,
    Engine,
    Fate,
    PartialDate,
    Person,
    Sealed,
    SourceRow,
    Taken,
    commands,
)

STANDARD_MAPPING = Path(__file__).parent / "mappings" / "standard.yaml"
SAMPLE_LEDGER = Path(__file__).parent / "sample" / "ledger.csv"
SAMPLE_PEOPLE = Path(__file__).parent / "sample" / "people.yaml"

BATCH_ROWS = 100
WORKER_ROLE = "worker"


@dataclass(slots=True)
class Report:
    """What one run over a file came to. Every row is in exactly one of the counts."""

    tally: Tally
    opened: int = 0
    known: int = 0
    changed: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[CellProblem] = field(default_factory=list)
    unknown_workers: dict[str, int] = field(default_factory=dict)
    rejects: Path | None = None

    @property
    def rejected(self) -> int:
        """Rows that were written to the rejects file."""
        return self.tally.rejected + len(self.refused)


def take_in(
    engine: Engine,
    path: Path,
    *,
    actor: str,
    mapping: Mapping | None = None,
    pathway: str = "",
    rejects: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Take a ledger in. A second run over the same file adds nothing twice.

    `pathway` overrides the one the mapping names; `rejects` is where unread
    rows go, by default beside the ledger. `progress` is told rows done of all.

    Raises:
        SpreadsheetError, MappingError: nothing of the file was taken in.
        StoreError: the database cannot be used; rows up to the last whole batch are in.
    """
    mapping = mapping or load_mapping(STANDARD_MAPPING)
    sheet = read_spreadsheet(path, headings=mapping.headings)
    tally = Tally()
    report = Report(tally)
    workers = engine.holders_by_name()
    rejects_path = rejects or path.with_name(f"{path.stem}_取込できなかった行.csv")
    with RejectsFile(rejects_path, sheet) as rejected_file:
        pending: list[tuple[Consultation, SourceRow]] = []
        for done, row in enumerate(consultations(sheet, mapping, tally), 1):
            if isinstance(row, Rejected):
                rejected_file.write(row)
            else:
                pending.append((row, source_row(row, pathway or mapping.pathway, workers, report)))
                report.warnings.extend(row.warnings)
            if len(pending) >= BATCH_ROWS:
                _settle(engine, pending, actor, report, rejected_file, sheet.header)
                pending = []
                if progress is not None:
                    progress(done, sheet.rows_total)
        _settle(engine, pending, actor, report, rejected_file, sheet.header)
        if progress is not None:
            progress(sheet.rows_total, sheet.rows_total)
        if rejected_file.count:
            report.rejects = rejected_file.path
    return report


def rows_of(path: Path, mapping: Mapping | None = None) -> Iterator[Consultation]:
    """Yield the readable rows of a ledger, for living it anew in a trial."""
    mapping = mapping or load_mapping(STANDARD_MAPPING)
    for row in consultations(read_spreadsheet(path, headings=mapping.headings), mapping, Tally()):
        if isinstance(row, Consultation):
            yield row


def source_row(
    row: Consultation, pathway: str, workers: dict[str, str], report: Report | None = None
) -> SourceRow:
    """Turn a readable row into what the engine takes in; nothing of the row is lost.

    `workers` maps names without spaces to ids. A worker who is not in the
    directory is left to routing, and named in the report.
    """
    roles: dict[str, str] = {}
    if row.worker:
        found = workers.get("".join(row.worker.split()))
        if found is not None:
            roles[WORKER_ROLE] = found
        elif report is not None:
            report.unknown_workers[row.worker] = report.unknown_workers.get(row.worker, 0) + 1
    return SourceRow(
        key=row.source_key,
        digest=row.content_digest,
        pathway=pathway,
        command=commands.OpenCase(channel=Channel.of(row.channel), received_on=row.received_on, roles=roles),
        sealed=Sealed(
            persons=tuple(_person(index, person) for index, person in enumerate(row.persons, 1)),
            household=_household(row.persons),
            address=row.address,
            phone=row.phone,
            forms={form: dict(values) for form, values in row.forms.items()},
            note="\n".join(_kept(row)),
        ),
        consent=ConsentStatus.of(row.consent),
    )


def _person(index: int, person: PersonRow) -> Person:
    birth_on = None if isinstance(person.birth_on, PartialDate) else person.birth_on
    return Person(
        id=f"p{index}",
        name=person.name,
        kana=person.kana,
        birth_on=birth_on,
        sex=str(person.sex),
        relation=person.relation,
    )


def _household(persons: tuple[PersonRow, ...]) -> str:
    return f"{persons[0].name} 世帯" if persons and persons[0].name else ""


def _kept(row: Consultation) -> list[str]:
    """What of a row has no place of its own, kept as text in the opening note."""
    said = [f"台帳 {row.source_key}"]
    if row.status:
        said.append(f"対応状況: {row.status}")
    for person in row.persons:
        if isinstance(person.birth_on, PartialDate):
            said.append(f"{person.name} 生年月日: {person.birth_on}")
        if person.remark:
            said.append(f"{person.name}: {person.remark}")
    said += [f"{heading}: {text}" for heading, text in row.extra.items() if text]
    return said


def _settle(
    engine: Engine,
    pending: list[tuple[Consultation, SourceRow]],
    actor: str,
    report: Report,
    rejected_file: RejectsFile,
    header: tuple[str, ...],
) -> None:
    taken = engine.take_in([row for _, row in pending], actor=actor)
    for (consultation, _), what in zip(pending, taken, strict=True):
        if what.fate is Fate.OPENED:
            report.opened += 1
        elif what.fate is Fate.KNOWN:
            report.known += 1
        elif what.fate is Fate.CHANGED:
            report.changed.append((consultation.source_line, what.case))
        else:
            rejected_file.write(_refused(consultation, what, header))
            report.refused.append((consultation.source_line, what.refusal.code if what.refusal else ""))


def _refused(row: Consultation, taken: Taken, header: tuple[str, ...]) -> Rejected:
    refusal = taken.refusal
    assert refusal is not None, "a refused row says why"
    problem = CellProblem(
        line=row.source_line,
        column="",
        letter="",
        value="",
        code=refusal.code,
        ja=refusal.sentence("ja"),
        en=refusal.sentence("en"),
        do_ja=refusal.advice("ja"),
        do_en=refusal.advice("en"),
    )
    return Rejected(row.source_line, row.cells or ("",) * len(header), (problem,))
