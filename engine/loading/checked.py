"""A pathway file read and checked in one go: everything that is wrong with it, where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.checker.checking import check
from engine.checker.finding import Finding, Severity, located
from engine.checker.staffing import check_staffing
from engine.core.case.directory import Directory
from engine.core.pathway.compiled import Compiled, compile_pathway
from engine.core.pathway.form import FormSchema
from engine.loading.form import ReadForm
from engine.loading.pathway import Loaded, load_pathway


@dataclass(frozen=True)
class Checked:
    """A file with all its findings, sorted by line."""

    loaded: Loaded
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    def staffing(self, directory: Directory) -> tuple[Finding, ...]:
        """Return the roles of the file that nobody in a directory can hold."""
        if self.loaded.pathway is None:
            return ()
        return _placed(self.loaded, check_staffing(self.loaded.pathway, directory))

    def compiled(self) -> Compiled:
        """Return the file ready to decide with. Raises ValueError if it has errors."""
        if self.loaded.pathway is None or not self.is_sound:
            raise ValueError(f"{self.loaded.file} has errors")
        forms = {name: FormSchema(name, schema) for name, schema in self.loaded.forms.items()}
        return compile_pathway(self.loaded.pathway, forms, self.loaded.digest)


def check_file(source: Path | str | bytes, file: str = "", read_form: ReadForm | None = None) -> Checked:
    """Read and check a pathway file. Never raises for what a file holds."""
    loaded = load_pathway(source, file, read_form)
    findings = loaded.findings
    if loaded.pathway is not None and loaded.usable:
        findings = (*findings, *_placed(loaded, check(loaded.pathway, loaded.forms)))
    return Checked(
        loaded, tuple(sorted(findings, key=lambda each: (each.file != loaded.file, each.file, each.line)))
    )


def _placed(loaded: Loaded, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Give findings their line and column in the file as it was written, short forms included."""
    assert loaded.document is not None, "a file with a pathway could be read"
    return located(findings, loaded.document)
