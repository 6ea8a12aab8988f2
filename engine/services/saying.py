"""What commands and messages are called, in Japanese and English."""

from __future__ import annotations

from typing import Final

from engine.core.case import commands as cmd
from engine.core.vocabulary import ObligationKind
from engine.store.ports import Notice

COMMANDS: Final[dict[type[cmd.Command], tuple[str, str]]] = {
    cmd.OpenCase: ("相談の受付", "received a consultation"),
    cmd.RecordContact: ("接触の記録", "recorded a contact"),
    cmd.RecordForm: ("様式の記録", "recorded a form"),
    cmd.AddNote: ("経過記録", "added a note"),
    cmd.ChangePersons: ("世帯員の変更", "changed the household"),
    cmd.FireEvent: ("出来事の選択", "chose an event"),
    cmd.FulfilObligation: ("約束の完了", "fulfilled an obligation"),
    cmd.WithdrawObligation: ("約束の取下げ", "withdrew an obligation"),
    cmd.DeferObligation: ("期限の延期", "put an obligation off"),
    cmd.AnswerEscalation: ("督促への応答", "answered an escalation"),
    cmd.AskConsent: ("同意確認の依頼", "asked for a consent"),
    cmd.RecordConsent: ("同意の記録", "recorded a consent"),
    cmd.AnswerRequest: ("依頼への返答", "answered a request"),
    cmd.Refer: ("関係機関へのつなぎ", "referred to an agency"),
    cmd.HandOver: ("引継ぎの申出", "offered a hand-over"),
    cmd.AssignRole: ("担当者の決定", "assigned a role"),
    cmd.PauseCase: ("休止の申出", "asked for a pause"),
    cmd.ResumeCase: ("休止の終了", "ended a pause"),
    cmd.CloseCase: ("終結の手続き", "closed the case"),
    cmd.ReopenCase: ("再開", "reopened the case"),
    cmd.Wake: ("時が来たことへの対応", "acted on what had come due"),
    cmd.Redate: ("暦の更新", "the calendar changed"),
    cmd.Reroute: ("名簿の更新", "the directory changed"),
    cmd.Tell: ("関連ケースからの知らせ", "a linked case told it"),
}
"""What every command is called in a history."""

_ABOUT: Final = {
    "approval.accepted": ("申出が承認されました", "the request was approved"),
    "approval.refused": ("申出は認められませんでした", "the request was declined"),
    "approval.moot": ("承認されましたが、ケースはすでに先へ進んでいます", "it was approved, but the case has moved on meanwhile"),
    "referral.accepted": ("つなぎ先が受けました", "the agency accepted"),
    "referral.refused": ("つなぎ先は受けられないと答えました", "the agency declined"),
    "handover.accepted": ("引継ぎが受領されました", "the hand-over was accepted"),
    "handover.refused": ("引継ぎは受領されませんでした", "the hand-over was declined"),
    "delivery.dead": ("届けられないお知らせがあります", "a notice could not be delivered"),
}  # fmt: skip

_NOTICES: Final = {
    "reminder": ("督促", "reminder"),
    "escalation": ("期限超過の報告", "escalation"),
    "agenda": ("会議の議題", "agenda item"),
    "handed": ("受け持ちの変更", "work handed over"),
    "request": ("依頼", "request"),
    "notice": ("お知らせ", "notice"),
}


def about_words(about: str, lang: str = "ja") -> str:
    """Say what a message is about; a code that is not known is shown as it is."""
    known = _ABOUT.get(about)
    if known is not None:
        return known[lang == "en"]
    head, _, rest = about.partition(".")
    if head == "rung" and rest.isdigit():
        return f"第{int(rest) + 1}段" if lang == "ja" else f"rung {int(rest) + 1}"
    if head == "outcome":
        return f"結果「{rest}」" if lang == "ja" else f"outcome “{rest}”"
    return next((kind.label(lang) for kind in ObligationKind if kind.value == about), about)


def notice_words(notice: Notice, lang: str = "ja") -> str:
    """Say one message of an inbox in a line."""
    kind = _NOTICES.get(notice.kind, (notice.kind, notice.kind))[lang == "en"]
    number = ""
    if notice.number:
        number = f"（約束 {notice.number}）" if lang == "ja" else f" (obligation {notice.number})"
    about = about_words(notice.about, lang)
    return f"{kind}: {about}{number}" if about else f"{kind}{number}"


def way_place(way: str) -> str:
    """Turn a transition's id (`source>event#index`) into its place in the file."""
    source, _, rest = way.partition(">")
    event, _, index = rest.rstrip("~").rpartition("#")
    if event.endswith("@"):
        return f"everywhere.on.{event[:-1]}[{index}]"
    return f"{source}.always[{index}]" if event == "always" else f"{source}.on.{event}[{index}]"
