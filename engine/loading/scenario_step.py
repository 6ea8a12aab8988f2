"""What a scenario may say: one class for each action and the keys that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from engine.core.pathway.notation import SpanText, lift, listed
from engine.core.vocabulary import Channel, ConsentStatus, Grade

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


PARTS: Final[Mapping[str, type[Part]]] = {
    "open": Open, "complete": Complete, "contact": Contact, "fire": Fire, "refer": Reference,
    "hand_over": HandOverWritten, "defer": Deferred, "pause": Paused, "withdraw": Withdrawn,
    "expect": Expect, "away": Away, "close": Close, "reopen": Reasoned,
}  # fmt: skip
"""The class behind each action that is a mapping."""
