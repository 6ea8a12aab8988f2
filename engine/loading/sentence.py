"""Tell an error of the model in an officer's words, at the place in the file where it stands."""

from __future__ import annotations

import difflib
import types
import typing
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from engine.checker.finding import Finding, Place, Severity
from engine.core.officetime.span import Span, SpanError
from engine.core.pathway.model import Approval, ConsentNeed, Pathway, Role
from engine.core.pathway.notation import DATE_PATTERN, SPAN_PATTERN, Label, Part
from engine.loading.document import Document
from engine.loading.syntax import Words, shown, wide_hint

_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("文字列", "text"),
    "int_type": ("整数", "a whole number"),
    "int_from_float": ("整数", "a whole number"),
    "bool_type": ("はい・いいえ（true か false）", "true or false"),
    "tuple_type": ("一覧", "a list"),
    "dict_type": ("「キー: 値」の組", "keys and values"),
    "model_type": ("「キー: 値」の組", "keys and values"),
    "dataclass_type": ("期間（3bd、48h、1mo など）", "a span of time (3bd, 48h, 1mo)"),
    "dataclass_exact_type": ("期間（3bd、48h、1mo など）", "a span of time (3bd, 48h, 1mo)"),
}

_SHORT: Final = (Label, Role, Approval, ConsentNeed)
"""Parts with a short form: what is no mapping was meant to be a text."""


def schema_findings(error: ValidationError, document: Document) -> tuple[Finding, ...]:
    """Return one finding for each error of the model, with its line and column, sorted by line."""
    found: dict[tuple[str, Place, str], Finding] = {}
    for each in error.errors(include_url=False):
        if _is_echo(each):
            continue
        finding = _finding(each, document.value)
        found.setdefault((finding.code, finding.place, finding.ja), finding)
    return document.located(found.values())


def _is_echo(error: ErrorDetails) -> bool:
    """Whether a list is called too short only because its entries were refused, each with its own error."""
    given = error["input"]
    if isinstance(given, dict) and isinstance(given.get("stages"), tuple):
        given = given["stages"]
    return error["type"] == "too_short" and bool(given)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an error lies: in the file, and in the model."""

    place: Place
    value: Any
    name: str
    """The nearest key above the value, as the author wrote it."""
    on_key: bool
    field: FieldInfo | None
    part: type[Part] | None


def _finding(error: ErrorDetails, root: Any) -> Finding:
    kind = error["type"]
    loc = error["loc"]
    # These two name a key, which the file has or lacks; what holds it is the place.
    lacking = kind == "missing"
    spot = _spot(loc[:-1] if lacking else loc, root)
    code, words = _words(error, spot)
    on_key = spot.on_key or kind in ("extra_forbidden", "missing", "too_short", "too_long")
    on_key = on_key or (kind == "value_error" and not isinstance(spot.value, str))
    return Finding(
        code=code,
        severity=Severity.ERROR,
        place=spot.place,
        at_key=on_key and bool(spot.place) and isinstance(spot.place[-1], str),
        ja=words.ja,
        en=words.en,
        do_ja=words.do_ja,
        do_en=words.do_en,
    )


def _spot(loc: Sequence[int | str], root: Any) -> _Spot:
    """Follow an error's location through the file, past what only the model's long form has."""
    place: list[str | int] = []
    value, name, on_key = root, "", False
    for step in loc:
        if step == "[key]":
            on_key = True
        elif isinstance(value, dict) and isinstance(step, str) and step in value:
            value, name = value[step], step
            place.append(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
            place.append(step)
        elif isinstance(value, dict) and len(value) == 1 and step in ("span", "times"):
            [(key, value)] = value.items()  # `{7d: 4}`: the interval is the key, the count its value
            name, on_key = key, step == "span"
            place.append(key)
    field, part = _model_at(loc)
    return _Spot(tuple(place), name if on_key else value, name, on_key, field, part)


def _words(error: ErrorDetails, spot: _Spot) -> tuple[str, Words]:
    kind = error["type"]
    if kind == "extra_forbidden":
        return "F101", _unknown_key(str(error["loc"][-1]), _model_at(error["loc"][:-1])[1])
    if kind == "missing":
        return "F103", _missing(str(error["loc"][-1]), spot)
    if kind == "enum":
        return "F106", _choice(spot)
    if kind == "string_pattern_mismatch":
        return _pattern(str(error["ctx"]["pattern"]), spot)
    if kind == "value_error":
        return _rule(error["ctx"]["error"], spot)
    if kind in _KINDS:
        expected = _KINDS["string_type" if kind == "model_type" and spot.part in _SHORT else kind]
        return "F102", _wrong_kind(expected, spot)
    return "F107", _bound(kind, error.get("ctx", {}), spot)


# --- one sentence each


def _unknown_key(key: str, part: type[Part] | None) -> Words:
    known = _keys(part) if part is not None else {}
    words = Words(
        f"「{shown(key)}」というキーはありません。",
        f"There is no key '{shown(key)}' here.",
        f"ここに書けるキー: {'、'.join(known)}。" if known else "このキーを消してください。",
        f"The keys here are {', '.join(known)}." if known else "Remove it.",
    )
    near = _nearest(key, known)
    if near is not None:
        return Words(words.ja, words.en, f"{near} のことですか。", f"Did you mean {near}?")
    if _nearest(key, _every_key()) == key:
        return words.followed(
            (
                "別の場所に書くキーです。字下げを確かめてください。",
                "It belongs elsewhere; see whether the indent is right.",
            )
        )
    return words.followed(wide_hint(key))


def _missing(key: str, spot: _Spot) -> Words:
    about = _explanation(_keys(spot.part).get(key) if spot.part else None)
    return Words(
        f"{_inside(spot)[0]}{key}{f'（{about[0]}）' if about else ''}がありません。",
        f"{_inside(spot)[1]}'{key}'{f' ({about[1]})' if about else ''} is missing.",
        f"{key} を書いてください。",
        f"Write {key}.",
    )


def _inside(spot: _Spot) -> tuple[str, str]:
    return (f"「{shown(spot.name)}」に ", f"In '{shown(spot.name)}', ") if spot.place else ("", "The key ")


def _choice(spot: _Spot) -> Words:
    members = _members(spot.field)
    listed = [str(member.value) for member in members]
    near = _nearest(str(spot.value), listed)
    return Words(
        f"「{spot.name}」に{_written(spot.value)[0]}は書けません。",
        f"'{spot.name}' cannot be {_written(spot.value)[1]}.",
        f"{near} のことですか。"
        if near
        else f"次のどれかにしてください: {'、'.join(map(_labelled, members))}。",
        f"Did you mean {near}?" if near else f"Write one of {', '.join(listed)}.",
    )


def _labelled(member: Enum) -> str:
    label = getattr(member, "ja", None) or getattr(member, "label_ja", "")
    return f"{member.value}（{label}）" if label else str(member.value)


def _pattern(pattern: str, spot: _Spot) -> tuple[str, Words]:
    written_ja, written_en = _written(spot.value)
    if pattern == SPAN_PATTERN:
        return _rule(_span_error(spot.value), spot)
    if pattern == DATE_PATTERN:
        return "F109", Words(
            f"{written_ja}は日付として読めません。",
            f"{written_en} is no date.",
            "2027-04-01 のように、年-月-日を半角で書いてください。",
            "Write year-month-day, such as 2027-04-01.",
        )
    choices = pattern.strip("^$").removeprefix("(").removesuffix(")").split("|")
    if all(each.isalpha() for each in choices):
        near = _nearest(str(spot.value), choices)
        return "F106", Words(
            f"「{spot.name}」に{written_ja}は書けません。",
            f"'{spot.name}' cannot be {written_en}.",
            f"{near or ' か '.join(choices)} と書いてください。",
            f"Write {near or ' or '.join(choices)}.",
        )
    if pattern.startswith("^[1-9]"):
        return "F104", Words(
            f"{written_ja}は版の番号ではありません。",
            f"{written_en} is no version number.",
            "1 以上の整数を半角で書いてください。",
            "Write a whole number from 1.",
        )
    plain = unicodedata.normalize("NFKC", str(spot.value)).strip()
    ascii_only = pattern.startswith("^[a-z]")
    return "F104", Words(
        f"{written_ja}は名前として使えません。",
        f"{written_en} cannot be a name.",
        "半角の英小文字で始め、英小文字・数字・_ だけで64字までにしてください。"
        if ascii_only
        else "英字・かな・漢字・_ で始め、英数字・かな・漢字・_ だけで64字までにしてください"
        f"{f'（例: {_as_name(plain)}）' if _as_name(plain) else ''}。空白や記号は使えません。",
        "Begin with a small letter a-z; use only small letters, digits and _, 64 at most."
        if ascii_only
        else "Begin with a letter, kana, kanji or _; use only these and digits, 64 at most.",
    )


def _as_name(text: str) -> str:
    made = "".join(each if each.isalnum() else "_" for each in text)[:64].strip("_")
    return made if made and not made[0].isdigit() and made != text else ""


def _span_error(value: Any) -> Exception:
    try:
        Span.parse(value)
    except SpanError as error:
        return ValueError(f"{error.ja}\n{error.en}")
    return ValueError("期間として読めません。\nThis is not a span.")


def _rule(error: Exception, spot: _Spot) -> tuple[str, Words]:
    """Part the model's own sentences, Japanese before English, into what is wrong and what to do."""
    if isinstance(error.__cause__, SpanError):
        error = ValueError(f"{error.__cause__.ja}\n{error.__cause__.en}")
    text_ja, _, text_en = str(error).partition("\n")
    is_span = isinstance(spot.value, str)
    ja, stop, do_ja = text_ja.partition("。")
    en, do_en = text_en, ""
    for mark in (". ", "; "):
        if mark in text_en:
            en, _, do_en = text_en.partition(mark)
            break
    if not do_ja:
        name = f"「{shown(spot.name)}」の" if spot.name else ""
        return "F108", Words(
            f"{name}キーの組み合わせが合っていません。",
            f"The keys of '{shown(spot.name)}' do not go together." if spot.name else "The keys do not fit.",
            ja + stop,
            text_en,
        )
    do_en = do_en or "Change one of them."
    return "F105" if is_span else "F108", Words(
        ja + stop,
        en[:1].upper() + en[1:].rstrip(".") + ".",
        do_ja,
        do_en[:1].upper() + do_en[1:].rstrip(".") + ".",
    )


def _wrong_kind(expected: tuple[str, str], spot: _Spot) -> Words:
    written_ja, written_en = _written(spot.value)
    name = shown(spot.name)
    quote_ja = quote_en = ""
    if expected[1] == "text" and isinstance(spot.value, bool | int | float):
        quote_ja, quote_en = "引用符で囲むと文字列になります。", " In quotation marks it is text."
    if not spot.place:
        name_ja, name_en = "ファイル全体は", "The whole file"
    else:
        name_ja, name_en = f"「{name}」には", f"'{name}'"
    words = Words(
        f"{name_ja}{expected[0]}を書きます。{written_ja}が書かれています。",
        f"{name_en} takes {expected[1]}, not {written_en}.",
        f"{expected[0]}に書き直してください。{quote_ja}",
        f"Write {expected[1]}.{quote_en}",
    )
    return words.followed(wide_hint(spot.value) if isinstance(spot.value, str) else None)


_BOUNDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "string_too_short": (
        "min_length",
        "{name} は{limit}字以上で書いてください。",
        "Write at least {limit} characters.",
    ),
    "string_too_long": (
        "max_length",
        "{name} は{limit}字までにしてください。",
        "Write at most {limit} characters.",
    ),
    "too_short": ("min_length", "{name} に少なくとも{limit}つ書いてください。", "Write at least {limit}."),
    "too_long": ("max_length", "{name} は{limit}個までにしてください。", "Write at most {limit}."),
    "greater_than_equal": ("ge", "{limit} 以上にしてください。", "Write {limit} or more."),
    "less_than_equal": ("le", "{limit} 以下にしてください。", "Write {limit} or less."),
}


def _bound(kind: str, context: Mapping[str, Any], spot: _Spot) -> Words:
    name = f"「{shown(spot.name)}」"
    if kind not in _BOUNDS:
        return Words(
            f"{name}の書き方が正しくありません。",
            f"'{shown(spot.name)}' is not written rightly.",
            "説明書の例と見比べてください。",
            "Compare it with the examples of the manual.",
        )
    limit_key, do_ja, do_en = _BOUNDS[kind]
    short = kind in ("string_too_short", "too_short", "greater_than_equal")
    size_ja, size_en = ("足りません", "too small") if short else ("大きすぎます", "too large")
    if kind in ("string_too_long", "string_too_short"):
        size_ja, size_en = ("短すぎます", "too short") if short else ("長すぎます", "too long")
    if kind in ("too_long", "too_short"):
        size_ja, size_en = ("空です", "empty") if short else ("多すぎます", "too many")
    filled = {"name": name, "limit": context.get(limit_key, "")}
    return Words(
        f"{name}が{size_ja}。",
        f"'{shown(spot.name)}' is {size_en}.",
        do_ja.format(**filled),
        do_en.format(**filled),
    )


def _written(value: Any) -> tuple[str, str]:
    """Say what stands in the file."""
    if isinstance(value, dict):
        return "「キー: 値」の組", "keys and values"
    if isinstance(value, list):
        return "一覧", "a list"
    if isinstance(value, bool):
        return f"「{str(value).lower()}」", f"'{str(value).lower()}'"
    return f"「{shown(str(value))}」", f"'{shown(str(value))}'"


# --- the model, as far as sentences need it


def _nearest(word: str, known: typing.Iterable[str]) -> str | None:
    plain = unicodedata.normalize("NFKC", word).strip().lower().replace("-", "_").replace(" ", "_")
    choices = list(known)
    if plain in choices:
        return plain
    close = difflib.get_close_matches(plain, choices, n=1, cutoff=0.7)
    return close[0] if close else None


@cache
def _keys(part: type[Part] | None) -> dict[str, FieldInfo]:
    """The keys of a part as an author writes them."""
    if part is None:
        return {}
    return {each.alias or name: each for name, each in part.model_fields.items()}


@cache
def _every_key() -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in parts(Pathway):
        found.update(dict.fromkeys(_keys(part)))
    return tuple(found)


def parts(root: type[Part]) -> Iterator[type[Part]]:
    """Yield a part and every part that can stand in it, each once."""
    seen: set[type[Part]] = set()
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        yield part
        for each in part.model_fields.values():
            waiting.extend(_parts_in(each.annotation))


def _parts_in(annotation: Any) -> Iterator[type[Part]]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _parts_in(argument)


def _explanation(each: FieldInfo | None) -> tuple[str, str] | None:
    extra = each.json_schema_extra if each is not None else None
    if not isinstance(extra, dict):
        return None
    en = str(extra["x-en"]).rstrip(".")
    return str(extra["x-ja"]), en[:1].lower() + en[1:]


def _bare(annotation: Any) -> Any:
    """Take `| None` and `Annotated` off a type."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (types.UnionType, typing.Union):
            annotation = next(each for each in typing.get_args(annotation) if each is not type(None))
        else:
            return annotation


def _model_at(loc: Sequence[int | str]) -> tuple[FieldInfo | None, type[Part] | None]:
    """Return the field that an error's location passes last, and the part it ends in."""
    at: Any = Pathway
    field: FieldInfo | None = None
    for step in loc:
        if step == "[key]":
            continue
        at = _bare(at)
        if isinstance(at, type) and issubclass(at, Part):
            field = _keys(at).get(str(step))
            at = field.annotation if field is not None else None
        else:
            arguments = typing.get_args(at)
            at = (arguments[1] if typing.get_origin(at) is dict else arguments[0]) if arguments else None
    at = _bare(at)
    return field, at if isinstance(at, type) and issubclass(at, Part) else None


def _members(field: FieldInfo | None) -> list[Enum]:
    kind = _bare(field.annotation) if field is not None else None
    return list(kind) if isinstance(kind, type) and issubclass(kind, Enum) else []
