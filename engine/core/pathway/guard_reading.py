"""What the words of a guard refer to: facts, functions, the elements of a list.

CEL types the guard; this says beforehand, and more kindly, that a name or a
function does not exist, refuses loops within loops, and puts a variable where
`recorded('…')` stands.
"""

from __future__ import annotations

import difflib
from typing import NamedTuple

from engine.core.pathway.fact import FactType, FactTypes
from engine.core.pathway.guard_token import GuardError, Token, tokens_of

_FUNCTIONS = ("size", "int", "double", "string", "recorded")
_MACROS = ("exists", "all", "exists_one", "filter")
_METHODS = ("contains", "startsWith", "endsWith", "size", *_MACROS)
_CLOCK = frozenset({"now", "today", "timestamp", "duration", "date"})
_CONSTANTS = frozenset({"true", "false"})
RECORDED = "recorded."
"""What the variable that stands for `recorded('NAME')` begins with."""


class Comparison(NamedTuple):
    """A fact of text held against a written word: `contact.danger == 'imminent'`.

    `column` counts from 1 and points at the word, so that a checker can say that
    the form never gives it.
    """

    fact: str
    literal: str
    column: int


class _Scope(NamedTuple):
    """Where the name that a macro introduces is known: token positions, both included."""

    name: str
    first: int
    last: int


class Reading:
    """What a guard's words refer to. Refuses names, functions and loops that a guard may not have."""

    def __init__(self, text: str, types: FactTypes) -> None:
        """Resolve every word of `text`. Raises GuardError at the first that means nothing."""
        self.types = types
        self.tokens = tokens_of(text)
        self.reads: set[str] = set()
        self.asks: set[str] = set()
        self.chains: dict[int, tuple[int, str]] = {}  # first token of a fact -> its last token, its name
        self.blanks: list[tuple[int, int, str]] = []  # stretches of text to put a variable in
        self.scopes = self._scopes()
        at = 0
        while at < len(self.tokens):
            at = self._word(at)

    def _text(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def _closing(self, at: int) -> int:
        depth = 0
        for place in range(at, len(self.tokens)):
            depth += (self._text(place) in ("(", "[")) - (self._text(place) in (")", "]"))
            if depth == 0:
                return place
        return len(self.tokens) - 1

    def _scopes(self) -> list[_Scope]:
        namespaces = {name.split(".")[0] for name in self.types} | {"recorded"}
        scopes: list[_Scope] = []
        for at, token in enumerate(self.tokens):
            if token.text not in _MACROS or self._text(at - 1) != "." or self._text(at + 1) != "(":
                continue
            if any(scope.first <= at <= scope.last for scope in scopes):
                raise GuardError(
                    token.start + 1,
                    f"{token.text} の中に別の exists・all・filter は書けません。二つの条件に分けてください。",
                    f"There cannot be an exists, all or filter within another. Split '{token.text}' off into "
                    "a condition of its own.",
                )
            named = self.tokens[at + 2]
            if named.kind != "name" or self._text(at + 3) != ",":
                raise GuardError(
                    named.start + 1,
                    f"{token.text}(f, 条件) のように、一つ分の名前、カンマ、条件の順に書いてください。",
                    f"Write {token.text}(f, condition): a name for one element, a comma, the condition.",
                )
            if named.text in namespaces or named.text in (*_FUNCTIONS, *_CONSTANTS, "in"):
                raise GuardError(
                    named.start + 1,
                    f"「{named.text}」は別の意味で使われています。f など別の名前にしてください。",
                    f"'{named.text}' already means something else. Use another name, such as f.",
                )
            scopes.append(_Scope(named.text, at + 2, self._closing(at + 1)))
        return scopes

    def _word(self, at: int) -> int:
        """Resolve the word at `at` with the dotted words that follow; return the position after it."""
        token = self.tokens[at]
        if (
            token.text == "."
            and (at == 0 or self._text(at - 1) not in (")", "]"))
            and not self._after_value(at)
        ):
            raise GuardError(
                token.start + 1,
                "「.」の前に名前がありません。",
                "There is no name before the '.'.",
            )
        if token.kind != "name" or token.text == "in":
            return at + 1
        if self._text(at - 1) == ".":
            self._check_method(at)
            return at + 1
        last = at
        while (
            self._text(last + 1) == "."
            and last + 2 < len(self.tokens)
            and self.tokens[last + 2].kind == "name"
        ):
            last += 2
        called = self._text(last + 1) == "("
        if called and last == at:
            return self._function(at)
        if called:
            self._check_method(last)
            last -= 2
        self._name(at, last)
        return last + 1

    def _after_value(self, at: int) -> bool:
        return at > 0 and self.tokens[at - 1].kind in ("string", "name", "number")

    def _name(self, first: int, last: int) -> None:
        name = "".join(token.text for token in self.tokens[first : last + 1])
        start = self.tokens[first]
        if name in _CONSTANTS:
            return
        if any(scope.name == start.text and scope.first <= first <= scope.last for scope in self.scopes):
            if first == last:
                return
            raise GuardError(
                self.tokens[first + 2].start + 1,
                f"「{start.text}」は並びの一つ分の値で、中に項目はありません。",
                f"'{start.text}' is one element of a list and has no fields.",
            )
        if name not in self.types:
            raise _unknown_name(start, name, self.types)
        self.reads.add(name)
        self.chains[first] = (last, name)

    def _check_method(self, at: int) -> None:
        token = self.tokens[at]
        if self._text(at + 1) != "(":
            raise GuardError(
                token.start + 1,
                f"値に「.{token.text}」という項目はありません。",
                f"A value has no field '.{token.text}'.",
            )
        if token.text not in _METHODS:
            raise _unknown_function(token, _METHODS)

    def _function(self, at: int) -> int:
        token = self.tokens[at]
        if token.text not in _FUNCTIONS:
            raise _unknown_function(token, _FUNCTIONS)
        if token.text != "recorded":
            return at + 1
        argument, end = self.tokens[at + 2], at + 3
        name = argument.text[1:-1]
        if argument.kind != "string" or argument.text[0] in "rR" or self._text(end) != ")":
            raise GuardError(
                argument.start + 1,
                "recorded には項目の名前を一つ、引用符で囲んで書いてください"
                "(例: recorded('assessment.scheme_gap'))。",
                "recorded takes the name of one field in quotation marks "
                "(as in recorded('assessment.scheme_gap')).",
            )
        if name not in self.types:
            raise _unknown_name(Token("name", name, argument.start + 1), name, self.types)
        self.asks.add(name)
        self.blanks.append((token.start, self.tokens[end].end, f"({RECORDED}{name})"))
        return end + 1

    def rewritten(self, text: str) -> str:
        """Put a boolean variable where `recorded('…')` stands, with every later word at its old place."""
        for start, end, variable in reversed(self.blanks):
            # `(recorded.a.b)` is one character shorter than the shortest `recorded('a.b')`.
            text = text[:start] + variable.ljust(end - start) + text[end:]
        return text

    def comparisons(self) -> tuple[Comparison, ...]:
        """Return every plain comparison of a fact of text with a written word."""
        found: list[Comparison] = []
        for first, (last, name) in self.chains.items():
            if self.types[name] is FactType.STRING:
                if self._text(last + 1) in ("==", "!="):
                    self._add_word(found, name, last + 2)
                if self._text(first - 1) in ("==", "!="):
                    self._add_word(found, name, first - 2)
                if self._text(last + 1) == "in" and self._text(last + 2) == "[":
                    for at in range(last + 3, self._closing(last + 2)):
                        self._add_word(found, name, at)
            elif self.types[name] is FactType.LIST_STRING and self._text(first - 1) == "in":
                self._add_word(found, name, first - 2)
        return tuple(sorted(found, key=lambda comparison: comparison.column))

    def _add_word(self, found: list[Comparison], name: str, at: int) -> None:
        token = self.tokens[at] if 0 <= at < len(self.tokens) else None
        if token is not None and token.kind == "string" and token.text[0] in "'\"" and "\\" not in token.text:
            found.append(Comparison(name, token.text[1:-1], token.start + 1))


def _unknown_name(token: Token, name: str, types: FactTypes) -> GuardError:
    """Say that nothing has this name, and which names come nearest."""
    within = sorted(known for known in types if known.startswith(name + "."))
    near = within[:5] or difflib.get_close_matches(name, sorted(types), n=3, cutoff=0.6)
    if not near:
        ending = name.rpartition(".")[2]
        near = sorted(known for known in types if known.rpartition(".")[2] == ending)[:3]
    if not near and "." in name:
        near = sorted(known for known in types if known.startswith(name.partition(".")[0] + "."))[:5]
    if name in ("now", "today"):
        return _unknown_function(token, _FUNCTIONS)
    listed_ja, listed_en = "、".join(near), ", ".join(near)
    if "." not in name and not near:
        return GuardError(
            token.start + 1,
            f"「{name}」という項目はありません。文字列なら '{name}' と引用符で囲み、"
            "項目なら assessment.fields のように様式の名前から書いてください。",
            f"Nothing is called '{name}'. Put text in quotation marks ('{name}'); name a field with its "
            "form, as in assessment.fields.",
        )
    return GuardError(
        token.start + 1,
        f"「{name}」という項目はありません。"
        + (f"近い名前: {listed_ja}。" if near else "様式の項目の名前を確かめてください。"),
        f"Nothing is called '{name}'. "
        + (f"Near it: {listed_en}." if near else "See the names of the form's fields."),
    )


def _unknown_function(token: Token, known: tuple[str, ...]) -> GuardError:
    """Say that a guard has no such function, and which ones it has."""
    name = token.text
    if name in _CLOCK:
        return GuardError(
            token.start + 1,
            f"「{name}」は使えません。条件は時計を読みません。"
            "日数は case.days_open や contact.days_since で、期限は deadlines や every で表してください。",
            f"'{name}' cannot be used: a guard never reads the clock. Use case.days_open or "
            "contact.days_since for days, and deadlines or every for due dates.",
        )
    if name == "has":
        return GuardError(
            token.start + 1,
            "has は使えません。recorded('様式.項目') と書いてください。",
            "has cannot be used. Write recorded('form.field').",
        )
    listed_ja, listed_en = "、".join(known), ", ".join(known)
    return GuardError(
        token.start + 1,
        f"「{name}」という関数は使えません。ここで使えるのは {listed_ja} です。",
        f"There is no function '{name}' here. There are: {listed_en}.",
    )
