"""One line of the catalogue of findings: a stable code and everything that is said under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.checker.finding import Severity

Words = dict[str, Any]
"""What fills the blanks of a sentence."""

GROUPS: dict[str, tuple[str, str]] = {
    "F": ("書式", "form"),
    "G": ("事実", "facts"),
    "R": ("到達", "reach"),
    "P": ("約束", "promise"),
    "S": ("無連絡", "silence"),
    "Y": ("安全", "safety"),
    "L": ("負担", "load"),
    "C": ("変更", "change"),
}
"""The first letter of a code, and what the group proves."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A code, its severity and its sentences. `{…}` in a sentence is filled in by the check."""

    code: str
    severity: Severity
    ja: str
    en: str
    do_ja: str
    do_en: str
    why_ja: str
    why_en: str

    @property
    def group(self) -> str:
        """The letter of the group."""
        return self.code[0]


def error(code: str, said: tuple[str, str], advised: tuple[str, str], why: tuple[str, str]) -> Entry:
    """Return an entry that keeps a pathway from being published."""
    return Entry(code, Severity.ERROR, *said, *advised, *why)


def warning(code: str, said: tuple[str, str], advised: tuple[str, str], why: tuple[str, str]) -> Entry:
    """Return an entry that an author should look at."""
    return Entry(code, Severity.WARNING, *said, *advised, *why)


def note(code: str, said: tuple[str, str], advised: tuple[str, str], why: tuple[str, str]) -> Entry:
    """Return an entry that is good to know."""
    return Entry(code, Severity.NOTE, *said, *advised, *why)
