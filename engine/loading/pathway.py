"""From a file to a Pathway, with the line and column of everything in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from engine.checker.finding import Finding, Severity
from engine.core.pathway.model import Pathway
from engine.loading.document import Document, Unreadable, read_document
from engine.loading.form import ReadForm, folder_reader, form_findings, missing_form, path_finding
from engine.loading.sentence import schema_findings
from engine.loading.source import content_of


@dataclass(frozen=True)
class Loaded:
    """A pathway file as it was read.

    `pathway` is None when the file cannot be used; `findings` then hold an
    error. `forms` are the JSON Schemas of the forms by name, those that can be
    used. `digest` is over `text` and `form_texts`, so it stays the same under
    any change of line ends or byte order mark and changes under any other.
    """

    file: str
    pathway: Pathway | None
    forms: Mapping[str, Mapping[str, Any]]
    document: Document | None
    findings: tuple[Finding, ...]
    digest: str
    text: str
    form_texts: Mapping[str, str]
    form_documents: Mapping[str, Document] = field(repr=False)

    @property
    def usable(self) -> bool:
        """Whether no finding is an error."""
        return all(each.severity is not Severity.ERROR for each in self.findings)

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Give a check's findings their file, line and column; sorted by line.

        Raises:
            ValueError: the file could not be read at all, so nothing has a place in it.
        """
        if self.document is None:
            raise ValueError(f"{self.file} could not be read; no check can have run on it")
        return self.document.located(findings)


def load_pathway(source: Path | str | bytes, file: str = "", read_form: ReadForm | None = None) -> Loaded:
    """Read a pathway file and its forms, and say everything that is wrong with them at once.

    `source` is the file's path, or its content; `file` names it in findings.
    Forms are read with `read_form`, by default from the pathway's own folder;
    without a path and a reader every form is missing. Never raises for what a
    file holds; a path that cannot be opened is a finding too.
    """
    if isinstance(source, Path):
        file = file or str(source)
        read_form = read_form or folder_reader(source.parent)
    read_form = read_form or (lambda _: None)
    content: str | bytes = b""
    try:
        content = content_of(source, file)
        document = read_document(content, file)
    except Unreadable as unreadable:
        return _unreadable(file, content, unreadable.findings)
    findings: list[Finding] = []
    pathway: Pathway | None = None
    try:
        pathway = Pathway.model_validate(document.value)
    except ValidationError as error:
        findings += schema_findings(error, document)
    findings += document.located(_impossible_date(document.value))
    texts, forms = _read_forms(document, file, read_form, findings)
    if any(each.file == file for each in findings):
        pathway = None
    return Loaded(
        file=file,
        pathway=pathway,
        forms={name: form.value for name, form in forms.items()},
        document=document,
        findings=tuple(sorted(findings, key=lambda each: _order(each, file))),
        digest=digest_of(document.text, texts),
        text=document.text,
        form_texts=texts,
        form_documents=forms,
    )


def digest_of(text: str, form_texts: Mapping[str, str]) -> str:
    """Return the SHA-256, in hexadecimal, over a pathway's text and its forms' by name.

    Each part goes in with its name and its length before it, so that no two
    different sets of files give the same bytes.
    """
    digest = hashlib.sha256(b"bansou pathway 1\n")
    for name, content in [("", text), *sorted(form_texts.items())]:
        encoded = content.encode("utf-8")
        digest.update(f"{name} {len(encoded)}\n".encode())
        digest.update(encoded)
    return digest.hexdigest()


def _read_forms(
    document: Document, file: str, read_form: ReadForm, findings: list[Finding]
) -> tuple[dict[str, str], dict[str, Document]]:
    """Read every form that is named rightly, whatever else is wrong with the pathway."""
    texts: dict[str, str] = {}
    forms: dict[str, Document] = {}
    for name, path in _named_forms(document.value):
        place = ("forms", name)
        refused = path_finding(path, place)
        content = None if refused else read_form(path)
        if content is None:
            findings += document.located([refused or missing_form(path, place)])
            continue
        form_file = str(PurePosixPath(file).parent / path) if file else path
        try:
            form = read_document(content, form_file)
        except Unreadable as unreadable:
            findings += unreadable.findings
            continue
        texts[name] = form.text
        faults = form_findings(form, name)
        findings += faults
        if not faults:
            forms[name] = form
    return texts, forms


def _named_forms(value: Any) -> Iterator[tuple[str, str]]:
    named = value.get("forms") if isinstance(value, dict) else None
    for name, path in named.items() if isinstance(named, dict) else ():
        if isinstance(path, str) and 0 < len(path) <= 200:
            yield name, path


def _impossible_date(value: Any) -> Iterator[Finding]:
    """The pattern of a date lets 2027-02-30 through."""
    written = value.get("effective_on") if isinstance(value, dict) else None
    if isinstance(written, str) and len(written) == 10 and written[4] == written[7] == "-":
        try:
            date.fromisoformat(written)
        except ValueError:
            if written.isascii() and written.replace("-", "").isdecimal():
                yield Finding(
                    code="F109",
                    severity=Severity.ERROR,
                    place=("effective_on",),
                    ja=f"「{written}」という日はありません。",
                    en=f"There is no day {written}.",
                    do_ja="月と日を確かめてください。",
                    do_en="Check the month and the day.",
                )


def _order(finding: Finding, first_file: str) -> tuple[bool, str, int, int, str]:
    return finding.file != first_file, finding.file, finding.line, finding.column, finding.code


def _unreadable(file: str, source: str | bytes, findings: tuple[Finding, ...]) -> Loaded:
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    return Loaded(
        file=file,
        pathway=None,
        forms={},
        document=None,
        findings=findings,
        digest=hashlib.sha256(b"unreadable\n" + raw).hexdigest(),
        text=text,
        form_texts={},
        form_documents={},
    )
