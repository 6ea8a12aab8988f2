"""Guards: what a pathway asks about the recorded facts before it lets something happen.

A guard is a CEL expression over dotted facts, compiled and typed once, when the
file is read. A fact that is not recorded makes the guard *unknown* wherever the
answer hangs on it, as in Kleene's logic: `false && unknown` is false,
`true || unknown` is true, the rest is unknown, and unknown never counts as yes.
`recorded('assessment.scheme_gap')` asks whether a fact is there and is never unknown.

Guards are pure: no clock, no functions of the outside, no pattern matching, no
loop within a loop, at most 1,000 characters. The meaning is that of the official
CEL implementation in C++ (https://cel.dev, `cel-expr-python` 0.1.3); this module
narrows what may be written and explains what is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from cel_expr_python import cel

from engine.core.pathway.fact import FactType, FactTypes, fitted
from engine.core.pathway.guard_message import refused, type_name
from engine.core.pathway.guard_reading import RECORDED, Comparison, Reading
from engine.core.pathway.guard_token import LENGTH_MAX, GuardError, tokens_of

__all__ = ["Comparison", "Guard", "GuardError", "compile_guard"]

_CEL_TYPES = {
    FactType.BOOL: cel.Type.BOOL,
    FactType.INT: cel.Type.INT,
    FactType.NUMBER: cel.Type.DOUBLE,
    FactType.STRING: cel.Type.STRING,
    FactType.DATE: cel.Type.STRING,
    FactType.LIST_STRING: cel.Type.List(cel.Type.STRING),
    FactType.LIST_INT: cel.Type.List(cel.Type.INT),
}
# Values of exactly this Python type need no further look; CEL itself refuses a
# string with a lone surrogate and an integer beyond 64 bits.
_AT_ONCE: Mapping[FactType, type] = {
    FactType.BOOL: bool,
    FactType.INT: int,
    FactType.NUMBER: float,
    FactType.STRING: str,
    FactType.DATE: str,
}


# Of one name the type is always the same, so that equal values mean the same. Lists are no keys, and
# 0.0 equals -0.0, which a division tells apart.
_REMEMBERED = frozenset({bool, int, str})
ANSWERS_KEPT_MAX = 256
"""Answers that a guard remembers by the values it read."""


class Guard:
    """A compiled guard. Never changes; may be shared by threads.

    `reads` are the facts whose values it uses, `asks` those it asks `recorded`
    about, `comparisons` the words it holds facts of text against.
    """

    __slots__ = ("_answers", "_asked", "_expression", "_read", "asks", "comparisons", "reads", "text")

    text: str
    reads: frozenset[str]
    asks: frozenset[str]
    comparisons: tuple[Comparison, ...]

    def __init__(self, text: str, reading: Reading, expression: cel.Expression) -> None:
        """Keep what `compile_guard` found. Use `compile_guard`."""
        self.text = text
        self.reads = frozenset(reading.reads)
        self.asks = frozenset(reading.asks)
        self.comparisons = reading.comparisons()
        self._expression = expression
        self._read = tuple(
            (name, reading.types[name], _AT_ONCE.get(reading.types[name])) for name in sorted(reading.reads)
        )
        self._answers: dict[tuple[object, ...], bool | None] = {}
        self._asked = tuple((name, RECORDED + name, reading.types[name]) for name in sorted(reading.asks))

    def __repr__(self) -> str:
        """Show the text."""
        return f"Guard({self.text!r})"

    def evaluate(self, facts: Mapping[str, object]) -> bool | None:
        """Answer the guard on these facts: yes, no, or None where a missing fact decides.

        A fact that is absent, null or not of its declared type is missing. So is
        the answer of a calculation that has none (division by zero, an index
        outside of the list, a number beyond 64 bits). Equal facts give equal
        answers; nothing is raised for any facts.
        """
        known: dict[str, object] = {}
        for name, kind, at_once in self._read:
            value = facts.get(name)
            if type(value) is not at_once:
                value = fitted(value, kind)
            if value is not None:
                known[name] = value
        for name, variable, kind in self._asked:
            known[variable] = fitted(facts.get(name), kind) is not None
        # The same values again give the same answer: a third of the cost of asking it.
        for value in known.values():
            if type(value) not in _REMEMBERED:
                return self._answered(known)
        place = (*known.values(), *known)
        answer = self._answers.get(place, self)
        if answer is self:
            answer = self._answered(known)
            if len(self._answers) < ANSWERS_KEPT_MAX:
                self._answers[place] = answer
        return answer  # type: ignore[return-value]

    def _answered(self, known: Mapping[str, object]) -> bool | None:
        try:
            answer = self._expression.eval(data=known).value()
        except RuntimeError:
            # Text with a lone surrogate cannot be handed to C++: it counts as missing.
            sound = {
                name: value for name, value in known.items() if not isinstance(value, str) or _is_sound(value)
            }
            answer = self._expression.eval(data=sound).value()
        return answer if answer is True or answer is False else None


def _is_sound(value: str) -> bool:
    return fitted(value, FactType.STRING) is not None


@lru_cache(maxsize=64)
def _environment(types: frozenset[tuple[str, FactType]]) -> cel.Env:
    variables = {name: _CEL_TYPES[kind] for name, kind in types}
    variables |= {RECORDED + name: cel.Type.BOOL for name, _ in types}
    return cel.NewEnv(variables=variables)


@lru_cache(maxsize=4096)
def _compiled(text: str, types: frozenset[tuple[str, FactType]]) -> Guard:
    reading = Reading(text, dict(types))
    rewritten = reading.rewritten(text)
    try:
        expression = _environment(types).compile(rewritten)
    except RuntimeError as complaint:
        raise refused(rewritten, str(complaint)) from None
    answer = expression.return_type()
    if answer != cel.Type.BOOL:
        ja, en = type_name(answer.name().lower())
        raise GuardError(
            1,
            f"条件の答えは「はい・いいえ」でなければなりませんが、これは「{ja}」です。"
            "> や == などでくらべてください。",
            f"A guard must answer yes or no, but this is {en}. Compare it with something, with > or ==.",
        )
    return Guard(text, reading, expression)


def compile_guard(text: str, types: FactTypes) -> Guard:
    """Read a guard and type it against the facts it may use. Equal arguments give the same Guard.

    `types` names every fact that may be read, each with at least two parts.

    Raises:
        GuardError: the text is not a guard, reads something unknown, mixes
            types, does not answer yes or no, or is larger than a guard may be
            (1,000 characters, 12 brackets deep, one `exists` not within another).
    """
    if len(text) > LENGTH_MAX:
        tokens_of(text)  # refuses it, before a cache would keep it
    return _compiled(text, frozenset(types.items()))
