"""Which patterns a form may use: those that every validator reads alike, and that always finish soon."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.core.pathway.form_node import PATTERN_TEXT_MAX

PATTERN_LENGTH_MAX = 200
PATTERN_WAYS_MAX = 50_000

# Lookarounds and flags, back-references, anchors of Python alone, set operations within a class.
_SPECIAL = re.compile(r"\(\?(?!:)|\\[1-9AZkg]|\[\^?\[|\[[^\]]*(?:--|&&|\|\||~~)")
_REPEAT = re.compile(r"[*+?]|\{(\d+)(?:,(\d*))?\}")


def pattern_faults(pattern: str) -> Iterator[tuple[str, str, str, str]]:
    """Say why a pattern means different things to different validators, or may never finish.

    Patterns are held to what Python and ECMA-262 read alike and to what cannot
    backtrack without bound: no repeat around a repeat or a choice, and at most
    50,000 ways to divide a text of 200 characters (two unbounded repeats).
    """
    if len(pattern) > PATTERN_LENGTH_MAX:
        yield (
            f"パターンが長すぎます(上限{PATTERN_LENGTH_MAX}文字)。",
            f"The pattern is too long (at most {PATTERN_LENGTH_MAX} characters).",
            "選択肢なら enum で書いてください。",
            "Write a choice as an enum.",
        )
        return
    if _SPECIAL.search(pattern.replace("\\\\", "")):
        yield (
            "パターンに先読み・後読み・後方参照などの特別な書き方があります。",
            "The pattern uses a lookaround, a back-reference or another special construct.",
            "かっこは ( ) か (?: ) だけにし、文字の終わりは $ で書いてください。",
            "Use only ( ) and (?: ), and $ for the end.",
        )
        return
    try:
        re.compile(pattern)
    except re.error:
        yield (
            "パターンとして読み取れません。",
            "This is not a pattern.",
            "かっこや [ ] の閉じ忘れ、\\p の使用がないか確かめてください。",
            "See whether a bracket is left open or \\p is used.",
        )
        return
    classes = sorted(set(re.findall(r"\\[dDwWsSbBpP]", re.sub(r"\\\\", "", pattern))))
    if classes:
        shown = " ".join(classes)
        yield (
            f"パターンの {shown} は、全角の数字や文字を含むかどうかが処理系によって違います。",
            f"{shown} in a pattern differs between validators in whether full-width characters match.",
            "[0-9] や [A-Za-z] のように、通す文字を書いてください。",
            "List the characters, as in [0-9] or [A-Za-z].",
        )
    nested, ways = _repeats(pattern)
    if nested:
        yield (
            "繰り返しの中に、繰り返しか選択があります。短い文字でも判定が終わらないことがあります。",
            "A repeat contains another repeat or a choice. Even a short text may take for ever.",
            "回数を {3} のように決めるか、繰り返しを一重にしてください。",
            "Fix the count, as in {3}, or keep to one level of repeats.",
        )
    elif ways > PATTERN_WAYS_MAX:
        yield (
            "回数の決まらない繰り返しや選択が多すぎて、判定に時間がかかります。",
            "There are too many repeats and choices without a fixed count, so that matching takes long.",
            "{1,4} のように回数の上限を小さくするか、項目を分けてください。",
            "Bound the counts tightly, as in {1,4}, or split the field.",
        )


def _repeats(pattern: str) -> tuple[bool, int]:
    """Return whether a repeated group varies within, and in how many ways a text can be divided at most."""
    plain = re.sub(r"\[\^?\]?(?:\\.|[^\]\\])*\]", "C", re.sub(r"\\\\|\\[\[\](){}*+?|]", "E", pattern))
    varies = [False]
    closed: bool | None = None
    nested, ways, at = False, 1, 0
    while at < len(plain):
        repeat = _REPEAT.match(plain, at)
        sign = plain[at]
        if repeat is not None:
            low, high = _bounds(repeat)
            ways *= (
                (PATTERN_TEXT_MAX if high is None else min(high, PATTERN_TEXT_MAX)) - low + 1
                if low != high
                else 1
            )
            nested = nested or bool(closed and (high is None or high > 1))
            varies[-1] = varies[-1] or low != high
            at = repeat.end()
            if plain[at : at + 1] == "?":
                at += 1
            closed = None
            continue
        closed = None
        if sign == "(":
            varies.append(False)
            at += 2 if plain.startswith("(?:", at) else 0
        elif sign == ")" and len(varies) > 1:
            closed = varies.pop()
            varies[-1] = varies[-1] or closed
        elif sign == "|":
            varies[-1] = True
            ways *= 2
        at += 1
    return nested, ways


def _bounds(repeat: re.Match[str]) -> tuple[int, int | None]:
    fixed = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(repeat.group())
    if fixed is not None:
        return fixed
    low = int(repeat.group(1))
    if repeat.group(2) is None:
        return low, low
    return low, int(repeat.group(2)) if repeat.group(2) else None
