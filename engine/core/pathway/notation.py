"""The short ways of writing that a pathway file allows, and the long form behind each.

`label: 初回面談` is short for `label: {ja: 初回面談}`. The model holds the long
form only, so nothing after loading needs to know that a short one exists; the
JSON Schema offers both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from engine.core.officetime.span import COUNT_MAX, Span, SpanError

IDENTIFIER_PATTERN = (
    "^[A-Za-z_\\u3040-\\u30ff\\u3400-\\u9fff\\u3005][0-9A-Za-z_\\u3040-\\u30ff\\u3400-\\u9fff\\u3005]{0,63}$"
)
EVENT_PATTERN = IDENTIFIER_PATTERN[:-1] + "(\\.[0-9A-Za-z_\\u3040-\\u30ff\\u3400-\\u9fff\\u3005]{1,64})?$"
ASCII_IDENTIFIER_PATTERN = "^[a-z][0-9a-z_]{0,63}$"


def _up_to(limit: int) -> str:
    """Return a pattern of the whole numbers from 0 to `limit`, written without leading zeros."""
    digits = str(limit)
    choices = ["0"]
    if len(digits) > 1:
        choices.append(f"[1-9][0-9]{{0,{len(digits) - 2}}}")
    for at, digit in enumerate(digits):
        lowest, highest = (1 if at == 0 else 0), int(digit) - 1
        rest = len(digits) - at - 1
        if lowest <= highest:
            choices.append(f"{digits[:at]}[{lowest}-{highest}]" + (f"[0-9]{{{rest}}}" if rest else ""))
    return "|".join([*choices, digits])


SPAN_PATTERN = "^(" + "|".join(f"({_up_to(limit)}){unit.value}" for unit, limit in COUNT_MAX.items()) + ")$"
"""Every span that `Span.parse` reads and nothing else: the bound of each unit is written into it."""
DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class Part(BaseModel):
    """A part of a pathway file: exact keys, exact types, never changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


def explained(ja: str, en: str, **field: Any) -> Any:
    """Return a field whose Japanese and English explanation an editor shows."""
    required = field.pop("required", False)
    default = field.pop("default", None)
    extra: JsonDict = {"x-ja": ja, "x-en": en}
    if required:
        made: FieldInfo = Field(description=f"{ja}\n\n{en}", json_schema_extra=extra, **field)
    elif isinstance(default, type) or callable(default):
        made = Field(default_factory=default, description=f"{ja}\n\n{en}", json_schema_extra=extra, **field)
    else:
        made = Field(default=default, description=f"{ja}\n\n{en}", json_schema_extra=extra, **field)
    return made


def _lift(key: str) -> Callable[[Any], Any]:
    def lift(written: Any) -> Any:
        return {key: written} if isinstance(written, str) else written

    return lift


def _listed(written: Any) -> Any:
    return (written,) if not isinstance(written, list | tuple) else tuple(written)


def _span(written: Any) -> Any:
    if isinstance(written, str):
        try:
            return Span.parse(written)
        except SpanError as error:
            raise ValueError(f"{error.ja}\n{error.en}") from error
    return written


Name = Annotated[str, Field(pattern=IDENTIFIER_PATTERN)]
"""A name that the author chooses: letters, digits, underscores, kana, kanji."""

EventName = Annotated[str, Field(pattern=EVENT_PATTERN)]
"""A name, or one that the engine tells: `recorded.FORM`, `fulfilled.OBLIGATION`."""

FormName = Annotated[str, Field(pattern=ASCII_IDENTIFIER_PATTERN)]
"""A form is a namespace of facts in guards, so its name is ASCII."""

Guard = Annotated[str, Field(min_length=1, max_length=1000)]
"""A CEL expression over recorded facts."""

CivilDate = Annotated[str, Field(pattern=DATE_PATTERN)]
"""A date as YYYY-MM-DD; whether the day exists is checked after reading."""

SpanWritten = Annotated[str, Field(pattern=SPAN_PATTERN, examples=["3bd", "48h", "1mo"])]
"""A span as it stands in the file."""

SpanText = Annotated[Span, BeforeValidator(_span, json_schema_input_type=SpanWritten)]
"""A length of time: 30min, 48h, 7d, 2w, 3mo, 1y, 5bd."""


class Label(Part):
    """What people read, in Japanese and, where given, in English."""

    ja: str = explained("日本語の表示名", "The Japanese label.", required=True, min_length=1, max_length=200)
    en: str | None = explained("英語の表示名", "The English label.", max_length=200)

    def text(self, lang: str) -> str:
        """Return the label in `lang`, Japanese where there is no English."""
        return self.en if lang == "en" and self.en else self.ja


Words = Annotated[
    Label,
    BeforeValidator(
        _lift("ja"),
        json_schema_input_type=Annotated[str, Field(min_length=1, max_length=200)] | Label,
    ),
]
"""A label, short (Japanese only) or with both languages."""

Names = Annotated[
    tuple[Name, ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Name | Annotated[list[Name], Field(min_length=1)]),
]
"""One name or a list of names."""

lift = _lift
listed = _listed
