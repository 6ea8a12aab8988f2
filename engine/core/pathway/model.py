"""The pathway file, key by key: what an administrator may write.

The JSON Schema that editors use is generated from these classes, and nothing
else in the engine lists the keys of the language.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from engine.core.pathway.notation import (
    CivilDate,
    EventName,
    FormName,
    Guard,
    Label,
    Name,
    Names,
    Part,
    SpanText,
    Words,
    explained,
    lift,
    listed,
)
from engine.core.pathway.promise import (
    NAMES_MAX,
    Deadline,
    Deferral,
    Each,
    FollowUp,
    Outcome,
    Promise,
    Recurrence,
    Recurring,
    Review,
    Role,
    RoleEntry,
    Rung,
    Rungs,
    Stage,
)
from engine.core.pathway.rule import INNER, NOTHING_AFTER_THE_END, ONE_KIND
from engine.core.vocabulary import Subject


class Approval(Part):
    """A decision that somebody above must take before the case moves."""

    by: Name = explained("誰の決裁か（役割）", "Whose approval.", required=True)
    within: SpanText | None = explained("いつまでに", "By when; three office days if left out.")
    ladder: Name | None = explained("督促", "The ladder that it climbs.")


ApprovalEntry = Annotated[Approval, BeforeValidator(lift("by"), json_schema_input_type=Name | Approval)]


class ConsentNeed(Part):
    """A consent of the person without which the case does not take this way."""

    kind: Name = explained("同意の種類", "Which consent.", required=True)
    without: Name | None = explained("同意がないときの行き先", "Where the case goes without it.")


ConsentEntry = Annotated[
    ConsentNeed, BeforeValidator(lift("kind"), json_schema_input_type=Name | ConsentNeed)
]


class ConsentKind(Part):
    """A kind of consent: who asks for it, and by when."""

    label: Words = explained("同意の表示名", "What it is called.", required=True)
    by: Name | None = explained("誰が確認するか（役割）", "Which role asks.")
    within: SpanText | None = explained("いつまでに確認するか", "By when it is asked.")
    ladder: Name | None = explained("督促", "The ladder that it climbs.")


class Refer(Part):
    """Link the person to an agency; the sender holds everything until it accepts."""

    to: Name = explained("つなぐ先（機関）", "The agency.", required=True)
    within: SpanText = explained("いつまでに返答を得るか", "By when it must answer.", required=True)
    as_: Name | None = explained("このつなぎの名前", "What this referral is called in events.", alias="as")
    ladder: Name | None = explained("督促", "The ladder that silence climbs.")
    consent: Name | None = explained("必要な同意の種類", "The consent it needs.")


class Start(Part):
    """Open another pathway for the same household; its end comes back as an event."""

    pathway: Name = explained("始める支援経路", "The pathway to open.", required=True)
    as_: Name = explained(
        "このケースでの呼び名", "Its name here, for `ended.NAME`.", required=True, alias="as"
    )


class Transition(Part):
    """One way on from a state."""

    when: Guard | None = explained("条件", "The condition.")
    to: Name | None = explained("行き先の状態", "The state to go to; stays if left out.")
    label: Words | None = explained("表示名", "What it is called.")
    by: Names | None = explained(
        "誰ができるか（役割）", "Which roles may do it; anybody on the case if left out."
    )
    requires: (
        Annotated[
            tuple[FormName, ...], BeforeValidator(listed, json_schema_input_type=FormName | list[FormName])
        ]
        | None
    ) = explained("先に記録が要る様式", "Forms that must be on record first.")
    consent: ConsentEntry | None = explained("必要な同意", "The consent it needs.")
    approval: ApprovalEntry | None = explained("必要な決裁", "The approval it needs.")
    start: Start | None = explained("同じ世帯に始める別の支援経路", "Another pathway to open.")
    refer: Refer | None = explained("つなぐ先", "An agency to refer to.")


Alternatives = Annotated[
    tuple[Transition, ...],
    Field(min_length=1, max_length=30),
    BeforeValidator(
        listed,
        json_schema_input_type=Transition | Annotated[list[Transition], Field(min_length=1, max_length=30)],
    ),
]


class Everywhere(Part):
    """What is in force in every open state."""

    follow_ups: dict[Name, FollowUp] = explained("連絡", "Follow-ups.", default=dict, max_length=NAMES_MAX)
    reviews: dict[Name, Review] = explained("見直し", "Reviews.", default=dict, max_length=NAMES_MAX)
    deadlines: dict[Name, Deadline] = explained("期限", "Deadlines.", default=dict, max_length=NAMES_MAX)
    on: dict[EventName, Alternatives] = explained(
        "出来事と行き先", "Events and where they lead.", default=dict, max_length=NAMES_MAX
    )


class State(Everywhere):
    """Where a case can be, and what is owed to the person while it is there."""

    label: Words | None = explained("状態の表示名", "What the state is called.")
    stage: Words | None = explained("支援の段階", "The stage of support.")
    max_silence: SpanText | None = explained(
        "この状態で許す最長の無連絡期間", "The longest gap planned between contacts here."
    )
    start: Start | None = explained("入ったときに始める別の支援経路", "Another pathway to open on entry.")
    always: Alternatives | None = explained(
        "条件が満たされたらすぐ進む", "Taken as soon as the guard holds, without an event."
    )
    initial: Name | None = explained("最初の内側の状態", "The inner state that comes first.")
    states: dict[Name, State] | None = explained(
        "内側の状態", "Inner states, one at a time.", min_length=1, max_length=NAMES_MAX
    )
    parallel: dict[Name, State] | None = explained(
        "並行して進む領域", "Regions that run side by side.", min_length=1, max_length=20
    )
    history: Annotated[str, Field(pattern="^(shallow|deep)$")] | None = explained(
        "前にいた内側の状態へ戻る", "Return to the inner state that was active last."
    )
    to: Name | None = explained("履歴がないときの行き先", "Where history leads when there is none yet.")
    final: bool = explained("終わりの状態", "An end.", default=False)

    model_config = ConfigDict(json_schema_extra={"allOf": [ONE_KIND, INNER, NOTHING_AFTER_THE_END]})

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [bool(self.states), bool(self.parallel), self.history is not None, self.final]
        if sum(kinds) > 1:
            raise ValueError(
                "一つの状態に書けるのは states・parallel・history・final のうち一つだけです。\n"
                "A state has only one of states, parallel, history and final."
            )
        if self.initial is not None and not self.states:
            raise ValueError("initial は states と一緒に書きます。\ninitial goes with states.")
        if self.to is not None and self.history is None:
            raise ValueError(
                "to は history と一緒に書きます。行き先は on に書いてください。\nto goes with history; write ways on under `on`."
            )
        promised = self.follow_ups or self.reviews or self.deadlines
        if (self.final or self.history is not None) and (promised or self.on or self.always or self.start):
            raise ValueError(
                "終わりの状態と履歴の状態には、約束も行き先も書けません。\n"
                "A final or history state has no obligations and no ways on."
            )
        return self


class Opening(Part):
    """How a case comes in: always received, never turned away."""

    form: FormName = explained("受付の様式", "The form that opens a case.", required=True)
    state: Name = explained("最初の状態", "The first state.", required=True)


class Reopening(Part):
    """Where a closed case comes back to."""

    state: Name = explained("再開したときの状態", "The state of a reopened case.", required=True)


class Pause(Part):
    """A bounded rest: never without an end, a reason and an approver."""

    longest: SpanText = explained("一度に休める長さ", "The longest pause.", required=True)
    approval: Name = explained("誰が認めるか（役割）", "Which role approves it.", required=True)
    ladder: Name | None = explained("見直しの督促", "The ladder of its review.")


class Weight(Part):
    """Something that makes a case more pressing, and how it is said."""

    when: Guard = explained("条件", "The condition.", required=True)
    add: int = explained("加える点", "Points to add.", required=True, ge=-100, le=100)
    because: Words = explained("一覧に示す理由", "The reason shown in the inbox.", required=True)


class MigrationFrom(Part):
    """How a case of an older version comes to this one."""

    states: dict[Name, Name] = explained(
        "状態の対応", "Old state to new state.", default=dict, max_length=NAMES_MAX
    )
    obligations: dict[Name, Annotated[str, Field(pattern="^(keep|restart)$")]] = explained(
        "約束の扱い", "keep the running one, or restart it.", default=dict, max_length=NAMES_MAX
    )


class Migrate(Part):
    """The rules that move running cases to this version."""

    from_: dict[Annotated[str, Field(pattern="^[1-9][0-9]{0,5}$")], MigrationFrom] = explained(
        "どの版から", "By older version.", required=True, alias="from", max_length=NAMES_MAX
    )


class Pathway(Part):
    """One version of a pathway: a state machine with promises attached to its states."""

    pathway: Annotated[str, Field(pattern="^[a-z][0-9a-z_]{0,63}$")] = explained(
        "支援経路の識別名", "The name of the pathway.", required=True
    )
    version: int = explained("版", "The version, from 1.", required=True, ge=1, le=999_999)
    effective_on: CivilDate = explained("施行日", "The first day it is in force.", required=True)
    title: Words = explained("表題", "The title.", required=True)
    legal_basis: str | None = explained("根拠法令", "The legal basis.", max_length=500)
    subject: Subject = explained("支援の単位", "Household, person or address.", required=True, strict=False)
    calendar: Name = explained("開庁日の暦", "The calendar that counts office days.", default="office")
    max_silence: SpanText = explained(
        "計画する無連絡期間の上限", "The longest gap ever planned between two contacts.", required=True
    )
    roles: dict[Name, RoleEntry] = explained(
        "役割", "Roles.", required=True, min_length=1, max_length=NAMES_MAX
    )
    ladders: dict[Name, Rungs] = explained(
        "督促のはしご", "Ladders of escalation.", default=dict, max_length=NAMES_MAX
    )
    forms: dict[FormName, Annotated[str, Field(min_length=1, max_length=200)]] = explained(
        "様式", "Forms and their files.", required=True, max_length=NAMES_MAX
    )
    consents: dict[Name, ConsentKind] = explained(
        "同意の種類", "Kinds of consent.", default=dict, max_length=NAMES_MAX
    )
    opening: Opening = explained("受付", "How a case opens.", required=True)
    reopening: Reopening | None = explained("再開", "Where a closed case comes back to.")
    pause: Pause | None = explained("休止の限度", "The limits of a pause.")
    deferral: Deferral = explained("延期の限度", "The limits of deferral.", default=Deferral)
    priority: tuple[Weight, ...] = explained(
        "優先度の加点表", "Weights that rank the inbox.", default=tuple, max_length=50, strict=False
    )
    everywhere: Everywhere = explained(
        "どの状態でも効くもの", "In force in every open state.", default=Everywhere
    )
    states: dict[Name, State] = explained(
        "状態", "States.", required=True, min_length=1, max_length=NAMES_MAX
    )
    migrate: Migrate | None = explained("前の版からの移し方", "How running cases move here.")


__all__ = [
    "NAMES_MAX",
    "Approval",
    "ConsentKind",
    "ConsentNeed",
    "Deadline",
    "Deferral",
    "Each",
    "Everywhere",
    "FollowUp",
    "Label",
    "Migrate",
    "MigrationFrom",
    "Opening",
    "Outcome",
    "Pathway",
    "Pause",
    "Promise",
    "Recurrence",
    "Recurring",
    "Refer",
    "Reopening",
    "Review",
    "Role",
    "Rung",
    "Stage",
    "Start",
    "State",
    "Transition",
    "Weight",
]
