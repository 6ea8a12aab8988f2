"""A finding: what is wrong with a pathway file, where, why it matters and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field

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
