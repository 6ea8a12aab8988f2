"""CEL's complaints about a guard, told again in Japanese and English.

The C++ compiler answers `ERROR: <input>:1:5: found no matching overload for
'_>_' applied to '(string, int)'`. An administrator reads which two types met at
which sign, and what to write instead.
"""

from __future__ import annotations

import re

from engine.core.pathway.fact import FactType
from engine.core.pathway.guard_token import GuardError, too_deep

_FIRST = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '([^']*)'")
_UNEXPECTED = re.compile(
    r"(?:extraneous|mismatched) input '(.+?)' expecting|no viable alternative at input '(.+)'"
)

_TYPE_NAMES = {
    "bool": (FactType.BOOL.ja, FactType.BOOL.en),
    "int": (FactType.INT.ja, FactType.INT.en),
    "uint": (FactType.INT.ja, FactType.INT.en),
    "double": (FactType.NUMBER.ja, FactType.NUMBER.en),
    "string": (FactType.STRING.ja, FactType.STRING.en),
    "list(string)": (FactType.LIST_STRING.ja, FactType.LIST_STRING.en),
    "list(int)": (FactType.LIST_INT.ja, FactType.LIST_INT.en),
    "list(double)": ("小数の並び", "a list of decimal numbers"),
    "list(bool)": ("はい・いいえの並び", "a list of yes or no"),
}


def type_name(cel_type: str) -> tuple[str, str]:
    """Return what a person calls a CEL type, in Japanese and English."""
    if cel_type in _TYPE_NAMES:
        return _TYPE_NAMES[cel_type]
    if cel_type.startswith("list"):
        return "並び", "a list"
    return "型の混ざった値", "a value of mixed type"


def _split(applied: str) -> list[str]:
    """Split `(string, list(int))` at its outer commas."""
    parts, depth, start = [], 0, 1
    for at, sign in enumerate(applied[1:-1], start=1):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append(applied[start:at].strip())
            start = at + 1
    return [part for part in [*parts, applied[start:-1].strip()] if part]


def _advice(sign: str, types: list[str]) -> tuple[str, str]:
    """Say what to write instead, where the mistake is a usual one."""
    kinds = set(types)
    if kinds == {"int", "double"}:
        return (
            "整数と小数は直接くらべられません。1.0 のように書くか、double(項目) で小数にしてください。",
            (
                "Whole and decimal numbers cannot be mixed. Write 1.0, or turn the field into a "
                "decimal with double(field)."
            ),
        )
    if sign in ("&&", "||", "!"):
        return (
            "どちらの側も「はい・いいえ」になる条件にしてください(例: household.size > 1)。",
            "Each side must be a condition that is yes or no (as in household.size > 1).",
        )
    if (
        sign in ("==", "!=")
        and any(t.startswith("list") for t in types)
        and not all(t.startswith("list") for t in types)
    ):
        return (
            "並びに含まれるかどうかは 'housing' in assessment.fields のように書いてください。",
            "To ask whether a list contains something, write 'housing' in assessment.fields.",
        )
    if kinds == {"bool", "string"}:
        return (
            "はい・いいえの項目は引用符なしの true か false とくらべるか、名前だけを書いてください。",
            "Compare a yes-or-no field with true or false without quotation marks, or write its name alone.",
        )
    if kinds == {"string", "int"}:
        return (
            "文字列は引用符で囲み、数は引用符なしで書いてください。",
            "Text goes in quotation marks, a number does not.",
        )
    return ("値の種類を確かめてください。", "See what kinds of value it takes.")


def _mismatch(column: int, function: str, applied: str) -> GuardError:
    types = _split(applied)
    ja_types = "と".join(f"「{type_name(t)[0]}」" for t in types)
    en_types = " and ".join(type_name(t)[1] for t in types)
    if function == "_?_:_":
        return GuardError(
            column,
            f"「条件 ? 一方 : 他方」の種類が合いません({ja_types})。"
            "条件は「はい・いいえ」、一方と他方は同じ種類にしてください。",
            f"The parts of 'condition ? one : other' do not fit together ({en_types}). The condition must be "
            "yes or no, and both answers of one kind.",
        )
    if function == "_[_]":
        return GuardError(
            column,
            f"[ ] の中には整数の番号を書いてください({ja_types}が使われています)。"
            "含むかどうかは 'housing' in 項目 と書きます。",
            f"Brackets take a whole number ({en_types} were used). To ask whether a list contains "
            "something, write 'housing' in field.",
        )
    sign = function.strip("_@")
    do_ja, do_en = _advice(sign, types)
    return GuardError(
        column,
        f"「{sign}」は{ja_types}には使えません。{do_ja}",
        f"'{sign}' does not work on {en_types}. {do_en}",
    )


def _syntax(column: int, complaint: str, length: int) -> GuardError:
    unexpected = _UNEXPECTED.search(complaint)
    word = (unexpected.group(1) or unexpected.group(2)) if unexpected else ""
    if "<EOF>" in word or column > length:
        return GuardError(
            column,
            "条件が途中で終わっています。続きを書くか、最後の記号を消してください。",
            "The guard stops in the middle. Write the rest, or remove the last sign.",
        )
    return GuardError(
        column,
        f"ここに「{word}」は置けません。その前に && や == などの記号が抜けていないか確かめてください。"
        if word
        else "この位置の書き方が読み取れません。記号の抜けや余りがないか確かめてください。",
        f"'{word}' cannot stand here. See whether a sign such as && or == is missing before it."
        if word
        else "This cannot be read here. See whether a sign is missing or left over.",
    )


def refused(text: str, complaint: str) -> GuardError:
    """Turn the compiler's first complaint about `text` (as the compiler saw it) into one sentence."""
    found = _FIRST.search(complaint)
    if found is None or "recursion" in complaint:
        return too_deep(1)
    line, place, said = int(found.group(1)), int(found.group(2)), found.group(3)
    lines = text.split("\n")
    column = sum(len(before) + 1 for before in lines[: max(line, 1) - 1]) + max(place, 1)
    overload = _OVERLOAD.search(said)
    if overload:
        return _mismatch(column, overload.group(1), overload.group(2))
    if "string literal" in said or (text[column - 1 : column] in ("'", '"') and "token recognition" in said):
        return GuardError(
            column,
            "文字列の中の「\\」の使い方が正しくありません。「\\」を消すか「\\\\」と書いてください。",
            "The text has a '\\' that means nothing. Remove it or write '\\\\'.",
        )
    if said.startswith("Syntax error"):
        return _syntax(column, said, len(text))
    if "int literal" in said or "double literal" in said:
        return GuardError(
            column,
            "数が大きすぎます。19桁未満の数にしてください。",
            "The number is too large. Use one of fewer than 19 digits.",
        )
    if "range of a comprehension" in said:
        return GuardError(
            column,
            "exists・all・filter は並びの項目にだけ使えます"
            "(例: assessment.fields.exists(f, f == 'housing'))。",
            "exists, all and filter work on a list only (as in assessment.fields.exists(f, f == 'housing')).",
        )
    return GuardError(
        column,
        f"この書き方は条件では使えません({said})。",
        f"This cannot be used in a guard ({said}).",
    )
