"""A finding: what is wrong with a pathway file, where, why it matters and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from engine.core.vocabulary import Labelled

Place = tuple[str | int, ...]
"""Where in a document: the keys and list positions from its root."""


class Severity(Labelled):
    """Whether a finding keeps a pathway from being published."""

    ERROR = "error", "誤り", "error"
    WARNING = "warning", "注意", "warning"
    NOTE = "note", "参考", "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault. Checks name the `place`; loading adds file, line and column (from 1).

    `code` is stable: a letter for the group (F form, G facts, R reach,
    P promise, S silence, Y safety, L load, C change) and three digits.
    `path` is the shortest sequence of states and events that shows the fault.
    """

    code: str
    severity: Severity
    place: Place
    ja: str
    en: str
    do_ja: str
    do_en: str
    at_key: bool = False
    path: tuple[str, ...] = ()
    file: str = ""
    line: int = 0
    column: int = 0
    offset: int = field(default=0)

    def sentence(self, lang: str) -> str:
        """What is wrong, in `ja` or `en`."""
        return self.en if lang == "en" else self.ja

    def advice(self, lang: str) -> str:
        """What to do about it, in `ja` or `en`."""
        return self.do_en if lang == "en" else self.do_ja


class Positions(Protocol):
    """A document that knows where its parts stand, such as the one that loading reads."""

    @property
    def file(self) -> str:
        """The file's name."""

    @property
    def value(self) -> Any:
        """What the file says, short forms as they are written."""

    def position(self, place: Place, *, key: bool = False, offset: int = 0) -> tuple[int, int]:
        """Return line and column of a place."""


def located(findings: Iterable[Finding], document: Positions) -> tuple[Finding, ...]:
    """Give findings their file, line and column; sorted by line.

    Checks speak of the long form (`on.assessed[0].to`, `approval.by`); the
    author may have written the short one (`on.assessed.to`, `approval: lead`).
    The place becomes the one that the document has.
    """
    placed = []
    for finding in findings:
        place = as_written(finding.place, document.value)
        at_key = finding.at_key and place[-1:] == finding.place[-1:]
        line, column = document.position(place, key=at_key, offset=finding.offset)
        placed.append(
            replace(finding, place=place, at_key=at_key, file=document.file, line=line, column=column)
        )
    return tuple(sorted(placed, key=lambda each: (each.line, each.column, each.code)))


def as_written(place: Place, value: Any) -> Place:
    """Return the place of the long form where a document has it: without the steps that a short form omits."""
    steps: list[str | int] = []
    for step in place:
        if isinstance(step, int):
            if not isinstance(value, list):
                continue  # one thing, not put into a list
            if step >= len(value):
                break
        elif not isinstance(value, dict) or step not in value:
            break
        value = value[step]
        steps.append(step)
    return tuple(steps)
