"""What people type into a command, read: dates and times, members of a household, values of forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.cli.failing import Failure, failed
from engine.cli.words import comma, say
from engine.core.case.case import Person
from engine.core.officetime.era import EraError, PartialDate, parse_japanese_date
from engine.core.pathway.form import FormSchema
from engine.core.pathway.form_node import choices_of, resolved, types_of
from engine.core.vocabulary import Instant, Sex
from engine.loading.document import BYTES_MAX, Unreadable, read_document

_TIMED = re.compile(
    r"(?P<day>.*?\S)(?:\s+|T|(?<=日))(?P<hour>[0-9]{1,2})(?::|時)(?:(?P<minute>[0-9]{1,2})分?)?"
)


def instant_of(text: str, zone: ZoneInfo, day_time: time = time(0, 0)) -> Instant:
    """Read a moment: ISO with or without an offset, or a Japanese date with or without a time.

    Without an offset it is local time of `zone`; without a time it is
    `day_time` of that day. Raises Failure.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].+", plain):
            read = datetime.fromisoformat(plain)
            aware = read if read.tzinfo is not None else read.replace(tzinfo=zone)
            return aware.astimezone(UTC).replace(microsecond=0)
        timed = _TIMED.fullmatch(plain)
        at = time(int(timed["hour"]), int(timed["minute"] or 0)) if timed else day_time
    except (ValueError, OverflowError):
        raise failed("instant_unreadable", value=text) from None
    on = parse_japanese_date(timed["day"] if timed else plain)
    if isinstance(on, EraError):
        raise failed("instant_unreadable", value=text, why_ja=on.ja, why_en=on.en)
    if isinstance(on, PartialDate):
        raise failed("instant_unreadable", value=text)
    return datetime.combine(on, at, zone).astimezone(UTC)


def date_of(text: str) -> date:
    """Read a day as people write it. Raises Failure."""
    on = parse_japanese_date(text)
    if isinstance(on, EraError):
        raise failed("date_unreadable", value=text, why_ja=on.ja, why_en=on.en)
    if isinstance(on, PartialDate):
        raise failed("date_unreadable", value=text)
    return on


_PERSON_PARTS = ("id", "name", "birth_on", "relation", "sex")


def person_of(text: str) -> Person:
    """Read a member of the household from `id,氏名,生年月日,続柄,性別`; a birth date with an unknown part is left out.

    Raises Failure.
    """
    parts = [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",")]
    if len(parts) > len(_PERSON_PARTS):
        raise failed(
            "person_unreadable", value=text, why_ja="項目が多すぎます。", why_en="It has too many parts."
        )
    found = dict(zip(_PERSON_PARTS, parts, strict=False))
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,63}", found.get("id", "")):
        raise failed(
            "person_unreadable", value=text,
            why_ja="id は半角の英数字で書きます。", why_en="The id is written in letters and digits.",
        )  # fmt: skip
    birth = found.get("birth_on", "")
    birth_on: date | None = None
    if birth:
        read = parse_japanese_date(birth)
        if isinstance(read, EraError):
            raise failed("person_unreadable", value=text, why_ja=read.ja, why_en=read.en)
        birth_on = None if isinstance(read, PartialDate) else read
    return Person(
        id=found["id"],
        name=found.get("name", ""),
        birth_on=birth_on,
        relation=found.get("relation", ""),
        sex=Sex.said(found.get("sex", "")),
    )


def persons_of(texts: Sequence[str]) -> tuple[Person, ...]:
    """Read the members of a household, each id once. Raises Failure."""
    persons = tuple(person_of(text) for text in texts)
    for place, person in enumerate(persons):
        if any(other.id == person.id for other in persons[:place]):
            raise failed(
                "person_unreadable", value=texts[place],
                why_ja=f"id「{person.id}」が二度使われています。", why_en=f"The id “{person.id}” is used twice.",
            )  # fmt: skip
    return persons


def forms_of(
    files: Sequence[str], settings: Sequence[str], known: Mapping[str, FormSchema]
) -> dict[str, dict[str, Any]]:
    """Read forms from `NAME=FILE` (YAML or JSON) and `form.field=value`, the latter on top.

    A value is typed by the form's schema; a form or field that the pathway
    does not have is left for the engine to refuse with its own words. Raises Failure.
    """
    forms: dict[str, dict[str, Any]] = {}
    for text in files:
        name, found, file = text.partition("=")
        if not found or not name or not file:
            raise failed("form_file_unreadable", value=text)
        forms.setdefault(name.strip(), {}).update(_file_values(Path(file.strip())))
    for text in settings:
        field, found, value = text.partition("=")
        form, dot, name = field.strip().partition(".")
        if not found or not dot or not form or not name:
            raise failed("set_unreadable", value=text)
        typed = _typed(known.get(form), name, value)
        inside = forms.setdefault(form, {})
        *outer, last = name.split(".")
        for step in outer:
            inside = inside.setdefault(step, {})
            if not isinstance(inside, dict):
                raise failed("set_unreadable", value=text)
        inside[last] = typed
    return forms


def assignments_of(texts: Sequence[str]) -> dict[str, str]:
    """Read `name=value` pairs. Raises Failure."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise failed("wrong_usage", name=text)
        found[name.strip()] = value.strip()
    return found


def _file_values(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise failed("file_unreadable", file=path, why=error.strerror or type(error).__name__) from None
    try:
        value = read_document(content, str(path)).value
    except Unreadable as unreadable:
        first = unreadable.findings[0]
        where = f"{first.file}:{first.line}:{first.column} "
        raise Failure(
            first.code, (where + first.ja, where + first.en, first.do_ja, first.do_en)
        ) from None  # fmt: skip
    if not isinstance(value, dict):
        raise failed("file_unreadable", file=path, why="項目と値の組ではありません / not a mapping")
    return value


_YES = frozenset({"true", "yes", "はい", "有", "あり", "ある", "○"})
_NO = frozenset({"false", "no", "いいえ", "無", "なし", "ない", "×"})


def _typed(form: FormSchema | None, name: str, text: str) -> Any:
    """Return a typed value for a text; what does not fit stays text, so that the form says what is wrong."""
    if form is None:
        return text
    node, inner = _nodes(form, name)
    if inner is not None:
        parts = [part.strip() for part in re.split(r"[,、，]", text) if part.strip()]
        return [_scalar(inner, part) for part in parts]
    return _scalar(node, text)


def _nodes(form: FormSchema, name: str) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """Return the schema of a field and, for a list, of its elements with the labels that stand at the list."""
    node: Mapping[str, Any] = form.schema
    for step in name.split("."):
        node = resolved(form.schema, node.get("properties", {}).get(step, {}))
    if "array" not in types_of(node):
        return node, None
    return node, {"x-labels": node.get("x-labels"), **resolved(form.schema, node.get("items", {}))}


def value_words(form: FormSchema | None, name: str, value: Any, lang: str) -> str:
    """Say a recorded value as its form words it."""
    if form is None:
        return _words(value, lang)
    node, inner = _nodes(form, name)
    choices = choices_of(inner if inner is not None else node)
    said = []
    for one in value if isinstance(value, list) else [value]:
        label = choices.get(one) if isinstance(one, str) else None
        said.append(_words(one, lang) if label is None else (label.en if lang == "en" else label.ja))
    return comma(lang).join(said)


def _words(value: Any, lang: str) -> str:
    if isinstance(value, bool):
        return say(lang, "はい", "yes") if value else say(lang, "いいえ", "no")
    return str(value)


def _scalar(node: Mapping[str, Any], text: str) -> Any:
    """Return one value as its schema types it. A choice may be given by its label, a date in any spelling."""
    kinds, plain = types_of(node), unicodedata.normalize("NFKC", text).strip()
    if "boolean" in kinds and plain.lower() in _YES | _NO:
        return plain.lower() in _YES
    if "integer" in kinds and re.fullmatch(r"[-+]?[0-9]{1,18}", plain):
        return int(plain)
    if "number" in kinds and re.fullmatch(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?", plain):
        return float(plain)
    if node.get("format") == "date":
        on = parse_japanese_date(plain)
        return on.isoformat() if isinstance(on, date) else text
    for value, label in choices_of(node).items():
        if text.strip() in (value, label.ja, label.en):
            return value
    return text
