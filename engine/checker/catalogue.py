"""Every code that a check can give, with its sentences; and the page that explains them.

A code never changes its meaning. A check names a code and fills in the words;
no sentence about a pathway is written anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from engine.checker import fact_wording, form_wording, promise_wording, reach_wording, safety_wording
from engine.checker.entry import GROUPS, Entry, Words
from engine.checker.finding import Finding, Place

__all__ = ["CATALOGUE", "Words", "found", "page"]

CATALOGUE: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        entry.code: entry
        for module in (form_wording, fact_wording, reach_wording, promise_wording, safety_wording)
        for entry in module.ENTRIES
    }
)
"""Code to entry, in the order of the page."""


def found(
    code: str,
    place: Place,
    *,
    at_key: bool = False,
    offset: int = 0,
    path: tuple[str, ...] = (),
    **words: Any,
) -> Finding:
    """Return a finding under a code of the catalogue, its sentences filled in with `words`.

    Raises:
        KeyError: no such code, or a word of its sentences is missing. A check's bug.
    """
    entry = CATALOGUE[code]
    return Finding(
        code=code,
        severity=entry.severity,
        place=place,
        ja=entry.ja.format(**words),
        en=_upper(entry.en.format(**words)),
        do_ja=entry.do_ja.format(**words),
        do_en=_upper(entry.do_en.format(**words)),
        at_key=at_key,
        path=path,
        offset=offset,
    )


def _upper(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def page() -> str:
    """Return the reference page of findings as Markdown, Japanese before English."""
    lines = [
        "# 検査の指摘 / Findings",
        "",
        "<!-- Generated from engine/checker/catalogue.py; a test holds the two together. -->",
        "",
        "`bansou check` が支援経路のファイルについて述べることのすべてです。記号は変わりません。",
        "「誤り」があるファイルは公開できません。",
        "",
        "All that `bansou check` says about a pathway file. Codes are stable. A file with an *error* cannot be",
        "published; a *warning* should be looked at; a *note* is good to know.",
    ]
    for group, (ja, en) in GROUPS.items():
        entries = [entry for entry in CATALOGUE.values() if entry.group == group]
        if not entries:
            continue
        lines += ["", f"## {group}: {ja} / {en}"]
        for entry in entries:
            lines += [
                "",
                f"### {entry.code} ({entry.severity.ja} / {entry.severity.en})",
                "",
                f"{_blanks(entry.ja)} {entry.why_ja}",
                "",
                f"→ {_blanks(entry.do_ja)}",
                "",
                f"{_upper(_blanks(entry.en))} {entry.why_en}",
                "",
                f"→ {_blanks(entry.do_en)}",
            ]
    return "\n".join(lines) + "\n"


_WORD_JA: Final = {
    "near_ja": "近い名前か、書ける名前を示します。",
    "near_en": "The nearest name, or the names there are, are shown.",
    "hint_ja": "",
    "hint_en": "",
    "ja": "条件の誤りを、その位置とともに示します。",
    "en": "What is wrong with the guard is said, with its place.",
    "cause_ja": "（出来事）",
    "cause_en": "(The cause)",
}


def _blanks(sentence: str) -> str:
    """Show a template as a reader sees it: `{name}` as …"""
    shown = re.sub(r"(?<!\{)\{(\w+)\}(?!\})", lambda word: _WORD_JA.get(word[1], "…"), sentence)
    return shown.replace("{{", "{").replace("}}", "}")
