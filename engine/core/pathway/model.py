"""The pathway file, key by key: what an administrator may write.

The JSON Schema that editors use is generated from these classes, and nothing
else in the engine lists the keys of the language.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from engine.core.officetime.due import Roll
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
    SpanWritten,
    Words,
    explained,
    lift,
    listed,
)
from engine.core.pathway.rule import (
    AN_ACTION,
    FROM_EVERY,
    INNER,
    NOTHING_AFTER_THE_END,
    ONE_KIND,
    ONE_TIME,
    ONE_TIMING,
    RETRY_OR_DONE,
)
from engine.core.vocabulary import Authority, Grade, RoleKind, Sharing, Subject

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


__all__ = ["Label", "Pathway", "Promise", "State", "Transition"]
