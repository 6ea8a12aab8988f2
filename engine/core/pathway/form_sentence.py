"""What a worker is told when an entry does not satisfy its form.

`{field}` in a sentence stands for the label of the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Label(NamedTuple):
    """What a person calls something, in both languages."""

    ja: str
    en: str


_TYPES = {
    "string": Label("文字", "text"),
    "integer": Label("整数", "a whole number"),
    "number": Label("数", "a number"),
    "boolean": Label("はい・いいえ", "yes or no"),
    "array": Label("一覧", "a list"),
    "object": Label("項目の組", "a group of fields"),
    "null": Label("空欄", "empty"),
}
_FORMATS = {
    "date": Label("日付(例: 2027-04-01)", "a date (as in 2027-04-01)"),
    "date-time": Label(
        "日時(例: 2027-04-01T09:00:00+09:00)", "a date and time (as in 2027-04-01T09:00:00+09:00)"
    ),
    "time": Label("時刻(例: 09:00:00+09:00)", "a time (as in 09:00:00+09:00)"),
    "email": Label("メールアドレス", "an e-mail address"),
    "uri": Label("URL", "a URL"),
    "uuid": Label("UUID", "a UUID"),
}
_BOUNDS = {
    "minimum": Label("「{field}」は{n}以上にしてください。", "'{field}' must be {n} or more."),
    "maximum": Label("「{field}」は{n}以下にしてください。", "'{field}' must be {n} or less."),
    "exclusiveMinimum": Label("「{field}」は{n}より大きくしてください。", "'{field}' must be more than {n}."),
    "exclusiveMaximum": Label("「{field}」は{n}より小さくしてください。", "'{field}' must be less than {n}."),
    "multipleOf": Label("「{field}」は{n}の倍数にしてください。", "'{field}' must be a multiple of {n}."),
    "minLength": Label(
        "「{field}」は{n}文字以上で書いてください。", "'{field}' needs at least {n} characters."
    ),
    "maxLength": Label(
        "「{field}」は{n}文字以内で書いてください。", "'{field}' must keep within {n} characters."
    ),
    "minItems": Label("「{field}」は{n}件以上選んでください。", "'{field}' needs at least {n} entries."),
    "maxItems": Label("「{field}」は{n}件以内にしてください。", "'{field}' must keep within {n} entries."),
    "minContains": Label(
        "「{field}」には決められた内容が{n}件以上必要です。",
        "'{field}' needs at least {n} of the expected entries.",
    ),
    "maxContains": Label(
        "「{field}」には決められた内容は{n}件までです。",
        "'{field}' takes at most {n} of the expected entries.",
    ),
    "minProperties": Label(
        "「{field}」は{n}項目以上入力してください。", "'{field}' needs at least {n} fields."
    ),
    "maxProperties": Label(
        "「{field}」は{n}項目以内にしてください。", "'{field}' must keep within {n} fields."
    ),
}
_PLAIN = {
    "uniqueItems": Label(
        "「{field}」に同じものが二つあります。一つにしてください。",
        "'{field}' lists something twice. Keep one.",
    ),
    "contains": Label(
        "「{field}」に必要な内容が含まれていません。", "'{field}' lacks an entry that it needs."
    ),
    "pattern": Label(
        "「{field}」の書き方が決められた形と違います。", "'{field}' is not written in the form it must have."
    ),
    "not": Label("「{field}」にその値は使えません。", "'{field}' cannot have this value."),
    "anyOf": Label(
        "「{field}」が、認められるどの形にも合いません。", "'{field}' fits none of the forms it may have."
    ),
    "oneOf": Label(
        "「{field}」が、認められる形のちょうど一つに合っていません。",
        "'{field}' does not fit exactly one of its forms.",
    ),
}
_OTHER = Label("「{field}」の値は認められません。", "'{field}' has a value that is not allowed.")


def type_sentence(kinds: Any) -> Label:
    """Say which kind of value a field takes."""
    listed = [
        _TYPES.get(str(kind), Label(str(kind), str(kind)))
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    ]
    return Label(
        f"「{{field}}」には{'か'.join(label.ja for label in listed)}を入れてください。",
        f"'{{field}}' takes {' or '.join(label.en for label in listed)}.",
    )


def _choice_sentence(rule: Any, choices: Mapping[str, Label]) -> Label:
    labels = list(choices.values())
    if not labels:
        values = rule if isinstance(rule, list) else [rule]
        labels = [Label(str(value)[:60], str(value)[:60]) for value in values]
    more_ja, more_en = ("など", " and others") if len(labels) > 12 else ("", "")
    return Label(
        f"「{{field}}」は次の中から選んでください: {'、'.join(label.ja for label in labels[:12])}{more_ja}。",
        f"Choose '{{field}}' from: {', '.join(label.en for label in labels[:12])}{more_en}.",
    )


def sentence(keyword: str, rule: Any, choices: Mapping[str, Label]) -> Label:
    """Say what a value must be, given the keyword of JSON Schema that refused it and the keyword's value."""
    if keyword in ("enum", "const") or (keyword == "oneOf" and choices):
        return _choice_sentence(rule, choices)
    if keyword == "type":
        return type_sentence(rule)
    if keyword == "format":
        wanted = _FORMATS.get(str(rule), Label(str(rule), str(rule)))
        return Label(f"「{{field}}」は{wanted.ja}の形で書いてください。", f"'{{field}}' must be {wanted.en}.")
    if keyword in ("minItems", "minLength") and rule == 1:
        return Label("「{field}」が入力されていません。", "'{field}' is not filled in.")
    if keyword in _BOUNDS:
        bound = _BOUNDS[keyword]
        shown = f"{rule:,}" if isinstance(rule, int | float) else str(rule)
        return Label(bound.ja.replace("{n}", shown), bound.en.replace("{n}", shown))
    return _PLAIN.get(keyword, _OTHER)
