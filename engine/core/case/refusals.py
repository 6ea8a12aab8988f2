"""Every way the engine says "no": a code, a sentence and the next step, in Japanese and English.

A refusal by software is never an administrative act: it says what is missing
and what to do, and nothing of what was entered is lost by it.
"""

from __future__ import annotations

from msgspec import Struct

from engine.core.officetime.span import Span
from engine.core.vocabulary import Labelled

_Words = tuple[str, str, str, str]

CATALOGUE: dict[str, _Words] = {
    "actor_unknown": (
        "「{actor}」という職員は登録されていません。",
        "There is no staff member “{actor}”.",
        "職員番号を確かめるか、bansou people load で登録してください。",
        "Check the id, or load the staff with `bansou people load`.",
    ),
    "actor_left": (
        "{actor}は退任しているため操作できません。",
        "{actor} has left and cannot act.",
        "在籍している職員の番号で操作してください。",
        "Act as a staff member who is active.",
    ),
    "case_unknown": (
        "ケース {case} はありません。",
        "There is no case {case}.",
        "bansou cases で番号を確かめてください。",
        "Look the number up with `bansou cases`.",
    ),
    "case_closed": (
        "ケース {case} は終結しています。",
        "Case {case} is closed.",
        "続けるには、理由を添えて再開してください（bansou reopen）。",
        "Reopen it with a reason to go on (`bansou reopen`).",
    ),
    "case_open": (
        "ケース {case} は支援中です。再開の必要はありません。",
        "Case {case} is open; there is nothing to reopen.",
        "そのまま記録を続けてください。",
        "Go on recording.",
    ),
    "event_unknown": (
        "「{event}」という出来事は、この支援経路にありません。",
        "This pathway has no event “{event}”.",
        "選べる出来事: {offered}",
        "Events offered here: {offered}",
    ),
    "event_not_offered": (
        "今の状態（{state}）では「{event}」を選べません。",
        "“{event}” is not offered in the present state ({state}).",
        "選べる出来事: {offered}",
        "Events offered here: {offered}",
    ),
    "guard_says_no": (
        "「{event}」に進む条件を満たしていません。",
        "The conditions of “{event}” do not hold.",
        "条件: {because}",
        "The conditions: {because}",
    ),
    "fact_missing": (
        "「{event}」を判断するための記録がまだありません。",
        "“{event}” cannot be decided: facts are not recorded yet.",
        "先に記録してください: {because}",
        "Record first: {because}",
    ),
    "form_missing": (
        "必要な様式がまだ記録されていません。",
        "A required form is not recorded yet.",
        "先に記録してください: {because}",
        "Record first: {because}",
    ),
    "form_unknown": (
        "「{form}」という様式は、この支援経路にありません。",
        "This pathway has no form “{form}”.",
        "使える様式: {offered}",
        "Forms of this pathway: {offered}",
    ),
    "form_invalid": (
        "様式「{form}」に直すところがあります。",
        "The form “{form}” has to be put right.",
        "示した項目を直して、もう一度記録してください。入力は失われていません。",
        "Put the fields right and record again; nothing you entered is lost.",
    ),
    "consent_missing": (
        "本人の同意（{kind}）の記録がないため、進められません。",
        "The person's consent ({kind}) is not on record, so this cannot go on.",
        "先に同意を確認して記録してください。",
        "Ask for the consent and record the answer first.",
    ),
    "consent_unknown": (
        "「{kind}」という種類の同意は、この支援経路にありません。",
        "This pathway has no consent “{kind}”.",
        "使える種類: {offered}",
        "Kinds: {offered}",
    ),
    "role_needed": (
        "この操作ができるのは {roles} です。",
        "Only {roles} may do this.",
        "その役割の人に頼むか、役割の割当てを確かめてください。",
        "Ask somebody who holds the role, or check who is assigned.",
    ),
    "role_unknown": (
        "「{role}」という役割は、この支援経路にありません。",
        "This pathway has no role “{role}”.",
        "使える役割: {offered}",
        "Roles: {offered}",
    ),
    "persons_view_missing": (
        "終結には、本人の考えの記録が必要です。",
        "Closing needs the person's own view on record.",
        "本人がどう考えているかを書き添えてください（--note）。",
        "Add what the person thinks of it (--note).",
    ),
    "reason_missing": (
        "理由が書かれていません。",
        "No reason is given.",
        "理由を書き添えてください（--note）。",
        "Add the reason (--note).",
    ),
    "obligation_unknown": (
        "番号 {number} の約束は、このケースで生きていません。",
        "Obligation {number} is not live in this case.",
        "bansou case {case} で番号を確かめてください。",
        "Look the number up with `bansou case {case}`.",
    ),
    "outcome_unknown": (
        "「{outcome}」という結果は選べません。",
        "“{outcome}” is not one of the outcomes.",
        "選べる結果: {offered}",
        "Outcomes: {offered}",
    ),
    "grade_too_low": (
        "{grade}では、この約束（{needs}以上）を果たしたことになりません。",
        "A contact of grade {grade} does not fulfil this; it needs {needs}.",
        "試みとして記録し、会えるまで続けてください。期限は止まりません。",
        "Record it as an attempt and go on until it is reached; the clock does not stop.",
    ),
    "contact_in_future": (
        "接触の日時 {at} は、今より先です。",
        "The time of the contact, {at}, lies in the future.",
        "日時を確かめてください。",
        "Check the time.",
    ),
    "contact_before_case": (
        "接触の日時 {at} は、受付より前です。",
        "The time of the contact, {at}, lies before the case was received.",
        "受付前のことは経過記録（note）に書いてください。",
        "Write what came before into a note.",
    ),
    "person_unknown": (
        "世帯に「{person}」という人はいません。",
        "There is no person “{person}” in the household.",
        "bansou case で世帯員を確かめてください。",
        "Look the members up with `bansou case`.",
    ),
    "person_not_reached": (
        "この約束は「{person}」へのもので、この連絡では届いていません。",
        "This obligation is owed to “{person}”, whom this contact did not reach.",
        "会えた人にその人を加えるか、試みとして記録してください。期限は止まりません。",
        "Add the person to those reached, or record an attempt; the clock does not stop.",
    ),
    "too_many_persons": (
        "世帯員は {most} 人までです。",
        "A household has at most {most} members.",
        "別のケースに分けてください。",
        "Open another case for the others.",
    ),
    "deferral_exhausted": (
        "延期できるのは {times} 回までです。これ以上はできません。",
        "It can be put off {times} times and no more.",
        "期限を守れない事情を上司に相談し、督促に応答してください。",
        "Speak with your superior and answer the escalation.",
    ),
    "deferral_too_long": (
        "{until} までは延ばせません。もとの期限から延ばせるのは {longest} までです。",
        "It cannot be put off to {until}; at most {longest} from its first due date.",
        "{longest} 以内の日にしてください。",
        "Choose a day within {longest}.",
    ),
    "deferral_breaks_silence": (
        "{until} まで延ばすと、連絡のない期間が上限（{longest}）を超えます。",
        "Putting it off to {until} would exceed the longest silence allowed ({longest}).",
        "それより早い日にするか、先に連絡を取ってください。",
        "Choose an earlier day, or make contact first.",
    ),
    "deferral_forbidden": (
        "この期限は{authority}によるもので、延期できません。",
        "This clock is set by {authority} and cannot be put off.",
        "期限までに果たすか、上司に相談してください。",
        "Keep it in time, or speak with your superior.",
    ),
    "deferral_not_later": (
        "{until} は今の期限より後の日ではありません。",
        "{until} is not later than the present due date.",
        "閉庁日なら動いた先の日が、今の期限より後になるように選んでください。",
        "Choose a day that, moved off closed days, comes after the present due date.",
    ),
    "already_due": (
        "期限を過ぎた約束は延期できません。",
        "What is overdue cannot be put off.",
        "果たして記録するか、督促に応答してください。",
        "Do it and record it, or answer the escalation.",
    ),
    "not_overdue": (
        "この約束は、まだ督促されていません。",
        "This obligation has not escalated.",
        "応答は要りません。",
        "There is nothing to answer.",
    ),
    "needs_contact": (
        "この約束は、接触の記録で果たします。",
        "This obligation is fulfilled by recording a contact.",
        "接触の段階と結果を記録してください（bansou record）。",
        "Record the contact with its grade (`bansou record`).",
    ),
    "answer_instead": (
        "これは返答を待っている約束です。",
        "This obligation waits for an answer.",
        "承認・受領・辞退のどれかで答えてください（bansou answer）。",
        "Answer it (`bansou answer`).",
    ),
    "request_unknown": (
        "「{ref}」という依頼は、返答を待っていません。",
        "No request “{ref}” waits for an answer.",
        "bansou case {case} で確かめてください。",
        "Look it up with `bansou case {case}`.",
    ),
    "own_request": (
        "自分の申出を自分で決裁することはできません。",
        "Nobody approves their own request.",
        "同じ役割の別の人に頼んでください。",
        "Ask another holder of the role.",
    ),
    "already_asked": (
        "同じ申出が返答を待っています（{ref}）。",
        "The same request already waits for an answer ({ref}).",
        "返答を待つか、取り下げてから出し直してください。",
        "Wait for the answer, or withdraw it first.",
    ),
    "agency_unknown": (
        "「{agency}」という関係機関は登録されていません。",
        "There is no agency “{agency}”.",
        "名簿に関係機関を加えてください（bansou people load）。",
        "Add it to the directory (`bansou people load`).",
    ),
    "receiver_cannot_hold": (
        "「{holder}」には仕事を渡せません（在籍していないか、所属する人がいません）。",
        "“{holder}” cannot hold work: not active, or a team without members.",
        "在籍している人か、人のいるチームを選んでください。",
        "Choose an active person or a staffed team.",
    ),
    "nothing_to_hand_over": (
        "引き継ぐ約束がありません。",
        "There is nothing to hand over.",
        "番号か、引き継ぐ人を確かめてください。",
        "Check the numbers or the holder.",
    ),
    "pause_not_offered": (
        "この支援経路には休止がありません。",
        "This pathway has no pause.",
        "必要なら、経路の管理者に相談してください。",
        "Speak with the author of the pathway.",
    ),
    "pause_too_long": (
        "{until} までは休止できません。一度に {longest} までです。",
        "The case cannot rest until {until}; at most {longest} at a time.",
        "それより早い日にしてください。続けるときは見直しで決めます。",
        "Choose an earlier day; the review can decide on another pause.",
    ),
    "already_paused": (
        "ケースはすでに休止中です。",
        "The case is already paused.",
        "見直しの日を待つか、先に再開してください。",
        "Wait for the review, or resume first.",
    ),
    "not_paused": (
        "ケースは休止していません。",
        "The case is not paused.",
        "何もする必要はありません。",
        "There is nothing to do.",
    ),
    "would_be_forgotten": (
        "このまま進むと、このケースに日付のある次の約束が一つもなくなります。",
        "This would leave the case without any dated next step.",
        "先に連絡や見直しの約束を置くか、終結の手続きをしてください。経路の管理者にも知らせてください。",
        "Set a follow-up or review first, or close the case properly; tell the author of the pathway.",
    ),
    "no_way_to_close": (
        "今の状態（{state}）から終結には進めません。",
        "There is no way to close from the present state ({state}).",
        "選べる出来事: {offered}",
        "Events offered here: {offered}",
    ),
    "calendar_ends": (
        "開庁日の暦が {last} で終わっているため、期限を決められません。",
        "The office calendar ends on {last}, so no due date can be set.",
        "新しい版の暦を読み込んでください。",
        "Load a newer calendar.",
    ),
    "key_reused": (
        "同じ受付キー {key} で、別の操作がすでに行われています。",
        "The key {key} was already used for another command.",
        "新しいキーで送り直してください。",
        "Send it again with a new key.",
    ),
    "pathway_unknown": (
        "支援経路「{pathway}」は公開されていません。",
        "The pathway “{pathway}” is not published.",
        "bansou publish で公開してください。",
        "Publish it with `bansou publish`.",
    ),
    "span_invalid": (
        "「{span}」は期間として読めません。",
        "“{span}” is not a length of time.",
        "例: 3bd（3開庁日）、48h、2w",
        "Examples: 3bd (office days), 48h, 2w",
    ),
    "note_too_long": (
        "文章は {most} 字までです。",
        "A text has at most {most} characters.",
        "分けて記録してください。入力は失われていません。",
        "Record it in parts; nothing is lost.",
    ),
    "cascade_too_long": (
        "一度の操作で起きる出来事が多すぎます。経路の書き方に輪があるかもしれません。",
        "One command set off too many events; the pathway may run in a circle.",
        "経路の管理者に知らせてください。ケースは元のままです。",
        "Tell the author of the pathway; the case is unchanged.",
    ),
    "changed_meanwhile": (
        "ほかの人が同時にこのケースを更新しました。",
        "Somebody else changed this case at the same moment.",
        "もう一度開いて、確かめてから操作してください。",
        "Look at it again, then repeat.",
    ),
}
"""Code to: sentence ja, sentence en, next step ja, next step en."""


class Refusal(Struct, frozen=True, kw_only=True):
    """A "no" with its reason.

    `because` lists what is missing, as identifiers; `problems` the faults of a
    form, field by field, each in Japanese and English.
    """

    code: str
    params: dict[str, str] = {}
    because: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()

    def sentence(self, lang: str = "ja") -> str:
        """Say what stands in the way, in `ja` or `en`."""
        said = CATALOGUE[self.code][1 if lang == "en" else 0].format_map(_Shown(self.params, lang))
        return " ".join((said, *(problem[1 if lang == "en" else 0] for problem in self.problems))).strip()

    def advice(self, lang: str = "ja") -> str:
        """Say what to do next, in `ja` or `en`."""
        return CATALOGUE[self.code][3 if lang == "en" else 2].format_map(_Shown(self.params, lang))


class _Shown(dict[str, str]):
    """The parameters in one language: `NAME_en` stands for `NAME` in English where there is one."""

    def __init__(self, params: dict[str, str], lang: str) -> None:
        super().__init__(params)
        if lang == "en":
            self.update(
                {name.removesuffix("_en"): said for name, said in params.items() if name.endswith("_en")}
            )
            self.update({name: said.replace("、", ", ") for name, said in self.items()})

    def __missing__(self, key: str) -> str:
        return "―"


class Refused(Exception):
    """Carries a refusal out of the depths of a decision; `decide` turns it into a value."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def refuse(code: str, because: tuple[str, ...] = (), **params: object) -> Refused:
    """Make a refusal to raise. Raises KeyError for a code that is not in the catalogue.

    A parameter is said as it is; one that has words in both languages (a
    grade, a span, a pair of Japanese and English) in each of them.
    """
    CATALOGUE[code]
    shown: dict[str, str] = {}
    for name, value in params.items():
        ja, en = _both(value)
        shown[name] = ja
        if en != ja:
            shown[f"{name}_en"] = en
    if because:
        shown.setdefault("because", "、".join(because))
    return Refused(Refusal(code=code, params=shown, because=because))


def _both(value: object) -> tuple[str, str]:
    match value:
        case Labelled():
            return value.ja, value.en
        case Span():
            return value.label_ja, value.label_en
        case (str(ja), str(en)):
            return ja, en
    return str(value), str(value)
