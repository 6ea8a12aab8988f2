"""The promises of a pathway file: roles, ladders, outcomes, recurrence and the three kinds of obligation."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from engine.core.officetime.due import Roll
from engine.core.pathway.notation import (
    EventName,
    FormName,
    Guard,
    Name,
    Names,
    Part,
    SpanText,
    SpanWritten,
    Words,
    explained,
    lift,
    listed,
)
from engine.core.pathway.rule import AN_ACTION, FROM_EVERY, ONE_TIME, ONE_TIMING, RETRY_OR_DONE
from engine.core.vocabulary import Authority, Grade, RoleKind, Sharing

NAMES_MAX = 200
"""More states, obligations or roles than this are refused: nobody could read the file."""


class Role(Part):
    """Who does a kind of work in this pathway; staffed by the municipality."""

    label: Words = explained("役割の表示名", "What the role is called.", required=True)
    kind: RoleKind = explained(
        "担当者か、チームか、会議か",
        "Held by a person, a team or a meeting.",
        default=RoleKind.PERSON,
        strict=False,
    )
    sharing: Sharing | None = explained(
        "会議で個人情報を扱う根拠", "On what ground the meeting may hear of a case.", strict=False
    )
    above: Name | None = explained(
        "この役割が空いたとき引き受ける役割", "The role that takes over when nobody holds this one."
    )


RoleEntry = Annotated[
    Role,
    BeforeValidator(
        lift("label"), json_schema_input_type=Annotated[str, Field(min_length=1, max_length=200)] | Role
    ),
]


class Rung(Part):
    """One step of a ladder: when, counted from the due time, and who hears of it."""

    after: SpanText | None = explained("期限からどれだけ後か", "How long after the due time.")
    before: SpanText | None = explained("期限のどれだけ前か", "How long before the due time.")
    remind: Names | None = explained("督促する相手（役割）", "Roles to remind.")
    notify: Names | None = explained("知らせる相手（役割）", "Roles to notify.")
    hand_to: Name | None = explained("引き継ぐ相手（役割）", "The role that takes the work over.")
    agenda: Name | None = explained("議題に載せる会議（役割）", "The meeting that gets it on its agenda.")
    raise_: EventName | None = explained("起こす出来事", "The event to raise.", alias="raise")
    every: SpanText | None = explained(
        "返事があるまで繰り返す間隔（最後の段のみ）", "How often it repeats until answered; last rung only."
    )

    model_config = ConfigDict(json_schema_extra={"allOf": [ONE_TIME, AN_ACTION]})

    @model_validator(mode="after")
    def _one_time_and_an_action(self) -> Self:
        if (self.after is None) == (self.before is None):
            raise ValueError(
                "after か before のどちらか一つを書いてください。\nWrite exactly one of after and before."
            )
        if not (self.remind or self.notify or self.hand_to or self.agenda or self.raise_):
            raise ValueError(
                "この段では誰にも何も起きません。remind・notify・hand_to・agenda・raise のどれかを書いてください。\n"
                "This rung does nothing. Write remind, notify, hand_to, agenda or raise."
            )
        return self


Rungs = Annotated[
    tuple[Rung, ...],
    Field(min_length=1, max_length=30),
    BeforeValidator(
        listed, json_schema_input_type=Rung | Annotated[list[Rung], Field(min_length=1, max_length=30)]
    ),
]


class Outcome(Part):
    """What follows when an obligation is answered in this way."""

    label: Words | None = explained("結果の表示名", "What the outcome is called.")
    retry: SpanText | None = explained(
        "果たせていない。いつまでに再び試みるか（期限は動かない）",
        "Not fulfilled; when to try again. The due time does not move.",
    )
    after: int | None = explained(
        "何回続いたら raise するか", "How many in a row before `raise`.", ge=1, le=100
    )
    raise_: EventName | None = explained("起こす出来事", "The event to raise.", alias="raise")
    next: SpanText | None = explained(
        "次の約束までの間隔", "When the next one falls due instead of the usual."
    )
    notify: Names | None = explained("知らせる相手（役割）", "Roles to notify.")
    done: bool = explained(
        "これで果たしたことになる（一度きりの約束）", "This settles a one-time obligation.", default=False
    )

    model_config = ConfigDict(json_schema_extra={"allOf": [RETRY_OR_DONE]})

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.retry is not None and (self.next is not None or self.done):
            raise ValueError(
                "retry（まだ果たせていない）と next・done（果たした）は一緒に書けません。\n"
                "retry (not fulfilled) cannot stand with next or done (fulfilled)."
            )
        return self


class Stage(Part):
    """One stretch of a staged recurrence: an interval and how often it is used."""

    span: SpanText = explained("間隔", "The interval.", required=True)
    times: int | None = explained(
        "何回くりかえすか。最後だけ省ける", "How many times; only the last may be open.", ge=1, le=400
    )


def _stages(written: Any) -> Any:
    """Read `7d` or `[{7d: 4}, {14d: 6}, 30d]` as a list of stages."""
    entries = written if isinstance(written, list | tuple) else [written]
    stages = []
    for entry in entries:
        if isinstance(entry, str):
            stages.append({"span": entry})
        elif isinstance(entry, dict) and len(entry) == 1 and "span" not in entry:
            [(span, times)] = entry.items()
            stages.append({"span": span, "times": times})
        else:
            stages.append(entry)
    return tuple(stages)


_StageWritten = (
    SpanWritten
    | Annotated[dict[SpanWritten, Annotated[int, Field(ge=1, le=400)]], Field(min_length=1, max_length=1)]
    | Stage
)


class Recurrence(Part):
    """How an obligation comes back: stages, only the last without an end."""

    stages: tuple[Stage, ...] = explained(
        "間隔の列", "The stages.", required=True, min_length=1, max_length=20
    )

    @model_validator(mode="after")
    def _only_the_last_is_open(self) -> Self:
        if any(stage.times is None for stage in self.stages[:-1]):
            raise ValueError(
                "回数を省けるのは最後の間隔だけです。途中は {7d: 4} のように回数を書いてください。\n"
                "Only the last interval may be without a count; write the others as {7d: 4}."
            )
        return self

    def span_at(self, occurrence: int) -> Stage | None:
        """Return the stage that rules occurrence number `occurrence` (from 0), or None when all are used."""
        for stage in self.stages:
            if stage.times is None or occurrence < stage.times:
                return stage
            occurrence -= stage.times
        return None


RecurrenceText = Annotated[
    Recurrence,
    BeforeValidator(
        lambda written: written if isinstance(written, Recurrence) else {"stages": _stages(written)},
        json_schema_input_type=_StageWritten
        | Annotated[list[_StageWritten], Field(min_length=1, max_length=20)],
    ),
]

Spans = Annotated[
    tuple[SpanText, ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(
        listed,
        json_schema_input_type=SpanWritten
        | Annotated[list[SpanWritten], Field(min_length=1, max_length=100)],
    ),
]


class Each(Part):
    """Owed to each person of the household whom `when` names, for each apart."""

    each: Annotated[str, Field(pattern="^person$")] = explained(
        "person と書く", "Always `person`.", required=True
    )
    when: Guard | None = explained("どの人に（例: person.age < 18）", "Which persons; all if left out.")


class Deferral(Part):
    """How often and how far a worker may put an obligation off."""

    times: int = explained("延期できる回数", "How often.", default=2, ge=0, le=20)
    longest: SpanText | None = explained(
        "もとの期限から延ばせる長さ", "How far from the first due date at the most."
    )


class Promise(Part):
    """What every obligation says, whatever its kind."""

    label: Words = explained("何をするか", "What is to be done.", required=True)
    by: Name = explained("誰が（役割）", "Which role does it.", required=True)
    needs: Grade | None = explained(
        "最低限必要な接触の段階", "The least grade of contact that fulfils it.", strict=False
    )
    form: FormName | None = explained("果たすときに記録する様式", "The form that fulfilling it records.")
    ladder: Name | None = explained("期限を過ぎたときの督促", "The ladder that it climbs when overdue.")
    opens: SpanText | None = explained(
        "期限のどれだけ前に一覧に出すか", "How long before due it shows in the inbox; at once if left out."
    )
    roll: Roll | None = explained(
        "閉庁日に当たったらどちらへ動かすか", "What a closed day does to the date.", strict=False
    )
    for_: Each | None = explained("一人ひとりに対する約束", "Owed to each person apart.", alias="for")
    urgent: Guard | None = explained("急ぎとする条件", "When it is urgent.")
    outcomes: dict[Name, Outcome] | None = explained(
        "結果と、そのあと", "The outcomes and what follows each.", max_length=30
    )
    defer: Deferral | None = explained("延期の限度", "The limits of deferral.")
    authority: Authority = explained(
        "期限の根拠", "Who set this clock.", default=Authority.LOCAL_RULE, strict=False
    )


class Recurring(Promise):
    """An obligation that falls due once, again and again, or at listed times."""

    due: SpanText | None = explained(
        "一度きり。状態に入ってからの長さ", "Once, this long after the state was entered."
    )
    every: RecurrenceText | None = explained("くりかえす間隔", "How often it comes back.")
    at: Spans | None = explained("状態に入ってからの時点の列", "A list of times after the state was entered.")
    from_: Annotated[str, Field(pattern="^(contact|schedule)$")] | None = explained(
        "every を数える起点。contact は最後に果たした日、schedule は決まった間隔",
        "Count `every` from the last fulfilment (contact) or on a fixed grid (schedule).",
        alias="from",
    )

    model_config = ConfigDict(json_schema_extra={"allOf": [ONE_TIMING, FROM_EVERY]})

    @model_validator(mode="after")
    def _one_timing(self) -> Self:
        written = [key for key in ("due", "every", "at") if getattr(self, key) is not None]
        if len(written) != 1:
            raise ValueError(
                "いつ行うかを due・every・at のどれか一つで書いてください。\nSay when with exactly one of due, every and at."
            )
        if self.from_ is not None and self.every is None:
            raise ValueError("from は every と一緒に書きます。\nfrom goes with every.")
        return self


class FollowUp(Recurring):
    """Somebody contacts the person."""


class Review(Recurring):
    """Somebody, or a meeting, looks at the case again."""


class Deadline(Promise):
    """A clock that a rule sets."""

    within: SpanText = explained("どれだけの間に", "Within what time.", required=True)
    when: Guard | None = explained(
        "この事実が記録されたときに動き出す", "Arms when a fact that makes this true is recorded."
    )
