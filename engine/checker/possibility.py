"""Whether guards can hold at all, alone or together, tried on every value that could make a difference.

The answer "never" is given only where the values tried stand for all values:
facts of a closed choice, yes or no, or numbers and dates held against written
ones. Everything else may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, islice, product
from typing import Final

from engine.core.pathway.fact import FactType, FactTypes
from engine.core.pathway.guard import Guard

TRIALS_MAX: Final = 2_000
"""More combinations of values than this are not tried; the guards then count as possible."""

_CALCULATES: Final = re.compile(
    r"[-+*/%?\[]|\b(?:int|double|string|contains|startsWith|endsWith|exists|exists_one|all|filter)\b"
)
_TEXT: Final = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_COMPARED: Final = re.compile(r"[\w.]+\s*(?:[<>]=?|[!=]=)\s*[A-Za-z_][\w.]*\.[\w.]+")

Choices = Callable[[str], Iterable[str]]
"""The closed set of words that a fact of text can be; empty where it is open."""


def can_hold(guards: Iterable[Guard], types: FactTypes, choices: Choices) -> bool:
    """Say whether facts exist on which all guards are true; True wherever that is not certain."""
    asked = tuple(dict.fromkeys(guards))
    text = " ".join(guard.text for guard in asked)
    bare = _TEXT.sub("''", re.sub(r"\bin\s*\[[^\]]*\]", " in words ", text))
    if _CALCULATES.search(bare) or _COMPARED.search(bare):
        return True
    names = sorted({name for guard in asked for name in guard.reads | guard.asks})
    values = [list(_tried(types[name], text, tuple(choices(name)))) for name in names]
    if any(name in guard.asks for guard in asked for name in names):
        values = [[*tried, None] for tried in values]
    trials = 1
    for tried in values:
        trials *= len(tried)
    if trials > TRIALS_MAX:
        return True
    for combination in product(*values):
        facts = {name: value for name, value in zip(names, combination, strict=True) if value is not None}
        if all(guard.evaluate(facts) is True for guard in asked):
            return True
    return False


def _tried(kind: FactType, text: str, choices: tuple[str, ...]) -> Iterator[object]:
    words = tuple(dict.fromkeys(one or other for one, other in _TEXT.findall(text)))
    match kind:
        case FactType.BOOL:
            yield from (True, False)
        case FactType.INT | FactType.NUMBER:
            yield from _numbers(kind, text)
        case FactType.STRING:
            yield from choices or (*words, "\u2026", "")
        case FactType.DATE:
            yield from ("0001-01-01", *words, *(f"{word}\u2026" for word in words), "9999-12-31")
        case FactType.LIST_STRING:
            yield from _lists(text, words, choices)
        case FactType.LIST_INT:
            yield from ([number] * length for number in _numbers(FactType.INT, text) for length in range(4))


def _numbers(kind: FactType, text: str) -> list[float]:
    step: float = 1 if kind is FactType.INT else 0.5
    near = {0.0} | {float(each) + beside for each in _NUMBER.findall(text) for beside in (-step, 0, step)}
    return sorted(int(each) if kind is FactType.INT else each for each in near)


def _lists(text: str, words: tuple[str, ...], choices: tuple[str, ...]) -> Iterator[list[str]]:
    spoken = [word for word in words if not choices or word in choices][:5]
    others = [choice for choice in choices if choice not in spoken] if choices else ["\u2026"]
    longest = min(8, 1 + max((int(float(each)) for each in _NUMBER.findall(text)), default=0))
    for count in range(len(spoken) + 1):
        for chosen in combinations(spoken, count):
            for padding in range(max(1, longest - count) + 1):
                filler = [*islice((each for _ in range(9) for each in others), padding)]
                yield [*chosen, *filler]
