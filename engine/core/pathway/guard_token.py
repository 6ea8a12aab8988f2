"""The words of a guard, and the mistakes that people make when they write one.

CEL itself answers `and`, `=` or a full-width quotation mark with a parser's
complaint. Here each gets a sentence that says what to write instead, before CEL
sees the text. Anything that is not caught here is CEL's to judge.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

LENGTH_MAX = 1_000
DEPTH_MAX = 12
CHOICES_MAX = 12


class GuardError(ValueError):
    """A guard that cannot be used: where in its text, what is wrong, what to write instead.

    `column` counts characters from 1 within the guard's own text, line breaks
    included. `ja` and `en` say the same thing.
    """

    def __init__(self, column: int, ja: str, en: str) -> None:
        """Keep the place and both sentences."""
        super().__init__(f"{column}: {ja} / {en}")
        self.column = column
        self.ja = ja
        self.en = en


class Token(NamedTuple):
    """One word of a guard. `start` counts characters from 0."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset just after the word."""
        return self.start + len(self.text)


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+|//[^\r\n]*)
      | (?P<unusable>[rRbB]{0,2}(?:\'\'\'|\"\"\") | [bB][rR]?(?=['"]) | [rR][bB](?=['"]))
      | (?P<string>[rR](?:'[^'\r\n]*'|"[^"\r\n]*")
                 | '(?:[^'\\\r\n]|\\[^\r\n])*' | "(?:[^"\\\r\n]|\\[^\r\n])*")
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>0[xX][0-9A-Fa-f]+[uU]?|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?)
      | (?P<op>&&|\|\||===|!==|==|!=|<=|>=|=>|=<|<>|[-<>!+*/%?:,.()\[\]=&|])""",
    re.VERBOSE,
)

# Unreadable, invisible or turning the direction of reading, and so able to make a
# guard look like another one (https://trojansource.codes); C++ takes no lone surrogate.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LETTERS = re.compile(r"\w+")

_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "is": "==",
    "true": "true",
    "false": "false",
    "in": "in",
}
_SPELLED_EXACTLY = frozenset({"true", "false", "in"})
_NOTHING = frozenset({"null", "none", "nil", "undefined"})
_OPERATORS = {
    "=": "==",
    "===": "==",
    "!==": "!=",
    "&": "&&",
    "|": "||",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
}
_QUOTES = frozenset("“”„‟‘’‚‛「」『』＂＇｀〝〟´")
_LOOKALIKE = {
    "≧": ">=",
    "≥": ">=",
    "≦": "<=",
    "≤": "<=",
    "≠": "!=",
    "×": "*",
    "÷": "/",
    "−": "-",
    "∧": "&&",
    "∨": "||",
    "¬": "!",
}


def _instead(column: int, found: str, wanted: str) -> GuardError:
    return GuardError(
        column,
        f"「{found}」は使えません。代わりに「{wanted}」と書いてください。",
        f"'{found}' cannot be used here. Write '{wanted}' instead.",
    )


def _stray(text: str, at: int) -> GuardError:
    """Explain a character that starts no word."""
    found, column = text[at], at + 1
    if found in "'\"":
        return GuardError(
            column,
            f"引用符「{found}」が閉じられていません。同じ行の中で同じ引用符で閉じてください。",
            f"The quotation mark {found} is never closed. Close it on the same line with the same mark.",
        )
    if found in _QUOTES:
        return GuardError(
            column,
            f"引用符「{found}」は使えません。半角の ' または \" を使ってください(例: 'housing')。",
            f"The quotation mark {found} cannot be used. Use the plain ' or \" (as in 'housing').",
        )
    if found in _LOOKALIKE:
        return _instead(column, found, _LOOKALIKE[found])
    if found == "\u3000":
        return GuardError(
            column,
            "全角の空白があります。半角の空白にしてください。",
            "There is a full-width space. Use a plain space.",
        )
    if found in "{}":
        return GuardError(
            column,
            f"「{found}」は条件では使えません。並びは ['a', 'b'] のように [ ] で書いてください。",
            f"'{found}' cannot be used in a guard. Write a list with brackets, as in ['a', 'b'].",
        )
    plain = unicodedata.normalize("NFKC", found)
    if plain != found and plain.isascii() and plain.isprintable() and plain.strip():
        return GuardError(
            column,
            f"全角の「{found}」があります。半角の「{plain}」を使ってください。",
            f"There is a full-width '{found}'. Use the plain '{plain}'.",
        )
    if found.isalpha():
        run = _LETTERS.match(text, at)
        word = run.group()[:40] if run else found
        return GuardError(
            column,
            f"「{word}」は項目の名前として使えません。項目は半角の英字の名前で書き、"
            f"値なら引用符で囲んでください(例: contact.danger == '{word}')。",
            f"'{word}' cannot be the name of a field. Fields have ASCII names; a value goes in "
            f"quotation marks (as in contact.danger == '{word}').",
        )
    shown = found if found.isprintable() else f"U+{ord(found):04X}"
    return GuardError(
        column,
        f"文字「{shown}」は条件では使えません。消してください。",
        f"The character '{shown}' cannot be used in a guard. Remove it.",
    )


def _refuse_word(token: Token, *, after_dot: bool) -> None:
    if token.kind == "op" and token.text in _OPERATORS:
        raise _instead(token.start + 1, token.text, _OPERATORS[token.text])
    if token.kind == "name" and not after_dot:
        plain = token.text.lower()
        if plain in _WORDS and not (token.text == plain and plain in _SPELLED_EXACTLY):
            raise _instead(token.start + 1, token.text, _WORDS[plain])
        if plain in _NOTHING:
            raise GuardError(
                token.start + 1,
                f"「{token.text}」は使えません。"
                "まだ記録がないかどうかは !recorded('様式.項目') で尋ねてください。",
                f"'{token.text}' cannot be used. "
                "Ask whether something is not yet recorded with !recorded('form.field').",
            )
    if token.kind == "unusable":
        raise GuardError(
            token.start + 1,
            "この書き方の文字列は使えません。'housing' のように一組の引用符で囲んでください。",
            "Text cannot be written this way. Put it in one pair of quotation marks, as in 'housing'.",
        )
    if token.kind == "number" and token.text[-1] in "uU":
        raise _instead(token.start + 1, token.text, token.text[:-1])


def _check_brackets(tokens: list[Token]) -> None:
    """Refuse unmatched brackets, and more nesting or branching than a person can read."""
    stack: list[Token] = []
    choices = 0
    for token in tokens:
        if token.kind != "op":
            continue
        if token.text in "([":
            stack.append(token)
        elif token.text in ")]":
            if not stack or (stack[-1].text == "(") != (token.text == ")"):
                raise GuardError(
                    token.start + 1,
                    f"「{token.text}」に対応する開きかっこがありません。",
                    f"'{token.text}' closes nothing. Remove it or add the opening bracket.",
                )
            stack.pop()
        choices += token.text == "?"
        if len(stack) > DEPTH_MAX or choices > CHOICES_MAX:
            raise too_deep(token.start + 1)
    if stack:
        raise GuardError(
            stack[-1].start + 1,
            f"「{stack[-1].text}」が閉じられていません。",
            f"'{stack[-1].text}' is never closed.",
        )


def too_deep(column: int) -> GuardError:
    """Return the refusal of a guard that nests deeper than it may."""
    return GuardError(
        column,
        f"条件が込み入りすぎています(かっこの深さも「?」の数も{DEPTH_MAX}まで)。複数の分岐に分けてください。",
        f"The guard is too deeply nested (at most {DEPTH_MAX} brackets deep and {CHOICES_MAX} '?'). "
        "Split it into several branches.",
    )


def tokens_of(text: str) -> list[Token]:
    """Return the words of a guard in order, without spaces and comments.

    Raises:
        GuardError: empty, longer than 1,000 characters, unmatched or too many
            brackets, or a character, word or sign that a guard does not have.
    """
    if len(text) > LENGTH_MAX:
        raise GuardError(
            LENGTH_MAX + 1,
            f"条件が長すぎます({len(text):,}文字)。{LENGTH_MAX:,}文字までにしてください。",
            f"The guard is too long ({len(text):,} characters). Keep it within {LENGTH_MAX:,}.",
        )
    hidden = _INVISIBLE.search(text)
    if hidden is not None:
        raise _stray(text, hidden.start())
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _stray(text, at)
        kind = match.lastgroup or ""
        if kind != "space":
            token = Token(kind, match.group(), at)
            _refuse_word(token, after_dot=bool(tokens) and tokens[-1].text == ".")
            tokens.append(token)
        at = match.end()
    if not tokens:
        raise GuardError(
            1,
            "条件が空です。条件が要らないなら when を消してください。",
            "The guard is empty. Remove `when` if no condition is wanted.",
        )
    _check_brackets(tokens)
    return tokens
