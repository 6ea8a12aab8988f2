"""Read a scenario: what must happen on a pathway, step by step, in the pathway's own words.

Every step holds one action (`open`, `advance`, `complete`, `expect`, …), who
does it (`by`) and in which case (`case`, the alias of a linked one).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from engine.checker.finding import Finding, Place, Severity
from engine.core.officetime.span import SpanError
from engine.core.pathway.notation import SpanText, lift, listed
from engine.core.vocabulary import Channel, ConsentStatus, Grade
from engine.loading.document import BYTES_MAX, Document, Unreadable, read_document

STEPS_MAX: Final = 1_000

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(listed, json_schema_input_type=Text | list[Text])]
Forms = dict[str, dict[str, Any]]


class Part(BaseModel):
    """A part of a scenario: exact keys, exact types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WithForms(Part):
    """A part whose other keys are forms, each with its values."""

    model_config = ConfigDict(
        extra="allow",
        strict=True,
        frozen=True,
        json_schema_extra={"additionalProperties": {"type": "object"}},
    )
    __pydantic_extra__: dict[str, dict[str, Any]]

    @property
    def forms(self) -> Forms:
        """The forms that the step brings."""
        return dict(self.__pydantic_extra__ or {})


class PersonWritten(Part):
    """A member of the household."""

    id: Text
    name: str = ""
    kana: str = ""
    birth_on: str | None = Field(default=None, pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    sex: str = ""
    relation: str = ""


Persons = Annotated[
    tuple[PersonWritten, ...],
    Field(max_length=100),
    BeforeValidator(listed, json_schema_input_type=PersonWritten | list[PersonWritten]),
]


class Open(WithForms):
    """A consultation comes in."""

    persons: Persons = ()
    roles: dict[str, Text] = {}
    channel: Channel = Field(default=Channel.OTHER, strict=False)


class Complete(WithForms):
    """A promise is kept, or tried: a contact where it needs one, else by hand."""

    follow_up: Text | None = None
    review: Text | None = None
    deadline: Text | None = None
    outcome: str = ""
    grade: Grade | None = Field(default=None, strict=False)
    person: str = ""
    reached: Texts = ()
    method: str = ""
    at: str | None = None

    @property
    def name(self) -> str:
        """The promise that is meant."""
        return self.follow_up or self.review or self.deadline or ""

    @model_validator(mode="after")
    def _one_promise(self) -> Self:
        if sum(each is not None for each in (self.follow_up, self.review, self.deadline)) != 1:
            raise ValueError(
                "follow_up・review・deadline のどれか一つで約束を名指してください。\n"
                "Name one promise with follow_up, review or deadline."
            )
        return self


class Contact(WithForms):
    """A contact that was not made for a promise in particular."""

    grade: Grade = Field(strict=False)
    reached: Texts = ()
    method: str = ""
    at: str | None = None


class Fire(WithForms):
    """A person moves the case."""

    event: Text
    persons_view: str = ""
    by: str = ""


class Close(WithForms):
    """A person closes the case."""

    event: str = ""
    persons_view: str = ""


class Reference(Part):
    """A referral at a worker's own wish."""

    to: Text
    within: Text
    as_: str = Field(default="", alias="as")
    ladder: str = ""


class HandOverWritten(Part):
    """Work is offered to somebody else: some promises, or all of a holder."""

    to: Text
    obligations: Texts = ()
    from_: str = Field(default="", alias="from")
    reason: str = ""


class Deferred(Part):
    """A promise is put off."""

    obligation: Text
    until: Text
    reason: str = ""


class Paused(Part):
    """A rest is asked for."""

    until: Text
    reason: str = ""


class Reasoned(Part):
    """Something that wants a reason."""

    reason: str = ""


class Withdrawn(Part):
    """A promise is taken back."""

    obligation: Text
    approved_by: Text
    reason: str = ""


class Away(Part):
    """Somebody is absent."""

    who: Text
    until: Text
    cover: str = ""


class RefusedWritten(Part):
    """What the step before was answered with."""

    code: str = ""
    because: Texts = ()


Refused = Annotated[
    bool | RefusedWritten, BeforeValidator(lift("code"), json_schema_input_type=bool | Text | RefusedWritten)
]


class Expect(Part):
    """What must be so now."""

    in_: Texts | None = Field(default=None, alias="in")
    not_in: Texts | None = None
    due: dict[str, Text] | None = None
    live: Texts | None = None
    not_live: Texts | None = None
    overdue: Texts | None = None
    in_inbox: Texts | None = None
    not_in_inbox: Texts | None = None
    escalated: Texts | None = None
    not_escalated: Texts | None = None
    agenda: Texts | None = None
    notified: Texts | None = None
    refused: Refused | None = None
    closed: bool | None = None
    paused: bool | None = None
    holder: dict[str, Text] | None = None
    held: dict[str, Texts] | None = None
    waiting: Texts | None = None
    linked: dict[str, Text] | None = None
    urgent: dict[str, int] | None = None
    count: dict[str, int] | None = None


def _empty_if_true(written: Any) -> Any:
    return {} if written is True else written


def _reason(written: Any) -> Any:
    return {"reason": written} if isinstance(written, str) else _empty_if_true(written)


_CONSENT = dict[str, Annotated[ConsentStatus, Field(strict=False)]]


class Step(Part):
    """One step: an action, by whom, in which case, with which words."""

    open: Open | None = None
    advance: SpanText | None = None
    to: Text | None = None
    complete: Complete | None = None
    contact: Contact | None = None
    record: Forms | None = None
    fire: Annotated[Fire, BeforeValidator(lift("event"), json_schema_input_type=Text | Fire)] | None = None
    approve: Text | bool | None = None
    refuse_approval: Text | bool | None = None
    consent: _CONSENT | None = None
    ask_consent: Text | None = None
    refer: Reference | None = None
    accept: Text | None = None
    refuse: Text | None = None
    hand_over: HandOverWritten | None = None
    assign: dict[str, Text] | None = None
    defer: Deferred | None = None
    pause: Paused | None = None
    resume: bool | None = None
    answer: Text | None = None
    withdraw: Withdrawn | None = None
    write: str | None = None
    persons: Persons | None = None
    close: Annotated[Close, BeforeValidator(_empty_if_true, json_schema_input_type=bool | Close)] | None = (
        None
    )
    reopen: (
        Annotated[Reasoned, BeforeValidator(_reason, json_schema_input_type=bool | Text | Reasoned)] | None
    ) = None
    leaves: Text | None = None
    away: Away | None = None
    expect: Expect | None = None

    by: str = ""
    note: str = ""
    case: str = ""

    @property
    def action(self) -> str:
        """The one action of the step."""
        return next(name for name in ACTIONS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        written = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(written) != 1:
            raise ValueError(
                f"一つの手順には動作を一つだけ書いてください（{'、'.join(written) or 'ありません'}）。\n"
                f"A step has exactly one action; this one has {', '.join(written) or 'none'}."
            )
        return self


ACTIONS: Final = tuple(name for name in Step.model_fields if name not in ("by", "note", "case"))


class ScenarioWritten(Part):
    """A scenario file."""

    scenario: Text
    pathway: Text
    version: int | None = Field(default=None, ge=1)
    start: Text
    steps: Annotated[
        tuple[Step, ...],
        Field(min_length=1, max_length=STEPS_MAX),
        BeforeValidator(listed, json_schema_input_type=list[Step]),
    ]


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema by which editors know the keys of a scenario file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ScenarioWritten.model_json_schema(),
        "title": "シナリオ / A scenario",
    }


@dataclass(frozen=True)
class Scenario:
    """A scenario that can be run. `lines` gives the line of each step in `file`."""

    title: str
    pathway: str
    version: int | None
    start: str
    steps: tuple[Step, ...]
    file: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class LoadedScenario:
    """What a scenario file held: the scenario, or the findings that keep it from being run."""

    file: str
    scenario: Scenario | None
    findings: tuple[Finding, ...]


def load_scenario(source: Path | str | bytes, file: str = "") -> LoadedScenario:
    """Read a scenario and say everything that is wrong with it at once. Never raises for what a file holds."""
    if isinstance(source, Path):
        file = file or str(source)
        try:
            with source.open("rb") as content:
                source = content.read(BYTES_MAX + 1)
        except OSError as error:
            return LoadedScenario(file, None, (_unopened(file, error),))
    try:
        document = read_document(source, file)
    except Unreadable as unreadable:
        return LoadedScenario(file, None, unreadable.findings)
    try:
        written = ScenarioWritten.model_validate(document.value)
    except ValidationError as error:
        return LoadedScenario(file, None, document.located(_findings(error, document)))
    lines = tuple(document.position(("steps", index))[0] for index in range(len(written.steps)))
    return LoadedScenario(
        file,
        Scenario(
            written.scenario, written.pathway, written.version, written.start, written.steps, file, lines
        ),
        (),
    )


def _unopened(file: str, error: OSError) -> Finding:
    why = error.strerror or type(error).__name__
    return Finding(
        code="F019", severity=Severity.ERROR, place=(), file=file, line=1, column=1,
        ja=f"ファイルを開けません（{why}）。", en=f"The file cannot be opened ({why}).",
        do_ja="場所と名前、読み取りの権限を確かめてください。", do_en="Check its place, its name and whether you may read it.",
    )  # fmt: skip


def _findings(error: ValidationError, document: Document) -> Iterator[Finding]:
    said: set[tuple[Place, str]] = set()
    for each in error.errors(include_url=False):
        place = _place(each["loc"], document.value)
        kind = each["type"]
        name = str(each["loc"][-1]) if each["loc"] else ""
        code, words = _words(kind, name, place, each)
        if (place, code) in said:
            continue
        said.add((place, code))
        yield Finding(
            code=code, severity=Severity.ERROR, place=place, at_key=kind == "extra_forbidden",
            ja=words[0], en=words[1], do_ja=words[2], do_en=words[3],
        )  # fmt: skip


def _place(loc: tuple[int | str, ...], value: Any) -> Place:
    """Follow an error's location as far as the file has it."""
    place: list[str | int] = []
    for step in loc:
        holds: Any = (
            value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        )
        if step in holds:
            value = value[step]
            place.append(step)
    return tuple(place)


def _words(
    kind: str, name: str, place: Place, error: Mapping[str, Any]
) -> tuple[str, tuple[str, str, str, str]]:
    where = next((str(step) for step in reversed(place) if isinstance(step, str)), "")
    if kind == "extra_forbidden":
        known = _keys_at(place[:-1])
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        do_ja = f"{near[0]} のことですか。" if near else f"ここに書けるキー: {'、'.join(known)}。"
        do_en = f"Did you mean {near[0]}?" if near else f"The keys here are {', '.join(known)}."
        return "F101", (
            f"「{name}」というキーはありません。",
            f"There is no key '{name}' here.",
            do_ja,
            do_en,
        )
    if kind == "missing":
        return "F103", (
            f"{name} がありません。", f"'{name}' is missing.", f"{name} を書いてください。", f"Write {name}.",
        )  # fmt: skip
    if kind == "value_error":
        fault = error["ctx"]["error"]
        cause = fault.__cause__
        if isinstance(cause, SpanError):
            return "F105", (
                f"「{where}」の期間が読めません。",
                f"'{where}' is not a span.",
                cause.ja,
                cause.en,
            )
        ja, _, en = str(fault).partition("\n")
        return "F108", ("キーの組み合わせが合っていません。", "The keys do not go together.", ja, en or ja)
    if kind == "enum":
        expected = str(error["ctx"]["expected"])
        return "F106", (
            f"「{where}」にこの値は書けません。", f"'{where}' cannot have this value.",
            f"次のどれかにしてください: {expected}", f"Write one of {expected}.",
        )  # fmt: skip
    return "F107", (
        f"「{where}」の書き方が正しくありません。", f"'{where}' is not written rightly.",
        "説明書の例と見比べてください。", f"Compare it with the examples ({error['msg']}).",
    )  # fmt: skip


def _keys_at(place: Place) -> list[str]:
    at: Any = ScenarioWritten
    for step in place:
        if isinstance(step, int):
            at = Step
            continue
        at = _PARTS.get(step, at) if at is Step else at
    fields: Mapping[str, Any] = getattr(at, "model_fields", {})
    return [each.alias or name for name, each in fields.items()]


_PARTS: Final[Mapping[str, type[Part]]] = {
    "open": Open, "complete": Complete, "contact": Contact, "fire": Fire, "refer": Reference,
    "hand_over": HandOverWritten, "defer": Deferred, "pause": Paused, "withdraw": Withdrawn,
    "expect": Expect, "away": Away, "close": Close, "reopen": Reasoned,
}  # fmt: skip
