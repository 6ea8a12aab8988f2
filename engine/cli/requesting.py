"""Commands between people: requests and their answers, consent, referral, hand-over."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli.acting import Note, Number, act, one_of, text_of
from engine.cli.casefile import CaseNumber
from engine.cli.command import command, group
from engine.cli.failing import failed
from engine.cli.session import Session
from engine.cli.words import both
from engine.core.case import commands as cmd
from engine.core.case.case import Sealed
from engine.core.vocabulary import ConsentStatus

Kind = Annotated[
    str,
    typer.Argument(metavar="KIND", help=both("同意の種類（例 sharing）", "The kind of consent, as sharing")),
]


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    for name, help_, run in (
        (
            "answer",
            both("決裁・つなぎ・引継ぎの依頼に答える", "Answer an approval, a referral or a hand-over"),
            answer,
        ),
        ("ack", both("督促に「受け持つ」と応答する", "Answer an escalation: “I have this”"), ack),
        ("refer", both("関係機関につなぐ", "Link the person to an agency"), refer),
        (
            "hand-over",
            both("約束を別の人に引き継ぐ（理由）", "Offer work to another holder, with a reason"),
            hand_over,
        ),
        ("assign", both("ケースの役割に担当者を決める", "Give a role of the case a holder"), assign),
    ):
        command(app, name, help_, clock=True, acts=True, keyed=True)(run)
    consent = group(both("本人の同意", "Consents of the person"))
    consent.callback()(_hold)
    command(
        consent,
        "ask",
        both("同意の確認を担当者に頼む", "Make somebody ask for a consent"),
        clock=True,
        acts=True,
        keyed=True,
    )(ask)
    command(
        consent,
        "record",
        both("本人の答えを記録する", "Record what the person said"),
        clock=True,
        acts=True,
        keyed=True,
    )(record)
    app.add_typer(consent, name="consent")


def _hold() -> None:
    """Hold the commands."""


def answer(
    session: Session,
    *,
    case: CaseNumber,
    ref: Annotated[
        str,
        typer.Argument(
            metavar="REF",
            help=both("依頼の番号（bansou case で見られる）", "The request (see `bansou case`)"),
        ),
    ],
    accept: Annotated[bool, typer.Option("--accept", help=both("承認する・受ける", "Accept it"))] = False,
    decline: Annotated[
        bool,
        typer.Option(
            "--decline",
            help=both("認めない・受けない（理由を --note に）", "Decline it (the reason in --note)"),
        ),
    ] = False,
    note: Note = "",
) -> int:
    """Answer a request."""
    if accept == decline:
        raise failed("missing_parameter", name="--accept / --decline", help="bansou answer --help")
    return act(session, case, cmd.AnswerRequest(ref=ref, accept=accept), Sealed(note=text_of(note)))


def ack(session: Session, *, case: CaseNumber, number: Number, note: Note = "") -> int:
    """Answer an escalation."""
    return act(session, case, cmd.AnswerEscalation(number=number), Sealed(note=text_of(note)))


def refer(
    session: Session,
    *,
    case: CaseNumber,
    to: Annotated[
        str, typer.Option("--to", metavar="AGENCY", help=both("関係機関の番号", "The id of the agency"))
    ],
    within: Annotated[
        str,
        typer.Option(
            "--within",
            metavar="SPAN",
            help=both("いつまでに返答を得るか（例 5bd、48h、2w）", "By when it must answer: 5bd, 48h, 2w"),
        ),
    ] = "5bd",
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help=both("このつなぎの呼び名", "What this referral is called")
        ),
    ] = "",
    ladder: Annotated[
        str,
        typer.Option(
            "--ladder", metavar="LADDER", help=both("督促のはしご", "The ladder that silence climbs")
        ),
    ] = "",
    note: Note = "",
) -> int:
    """Refer to an agency."""
    return act(
        session, case, cmd.Refer(to=to, within=within, name=name, ladder=ladder), Sealed(note=text_of(note))
    )


def hand_over(
    session: Session,
    *,
    case: CaseNumber,
    to: Annotated[str, typer.Option("--to", metavar="ID", help=both("引き継ぐ相手", "Who takes over"))],
    number: Annotated[
        list[int] | None,
        typer.Option(
            "--for",
            metavar="NUMBER",
            help=both(
                "引き継ぐ約束の番号（なければその人の全部）", "Which obligations (none: all of the holder)"
            ),
        ),
    ] = None,
    holder: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="ID",
            help=both("だれの約束か（既定は操作する人）", "Whose work (default: whoever acts)"),
        ),
    ] = "",
    note: Note = "",
) -> int:
    """Hand work over."""
    return act(
        session,
        case,
        cmd.HandOver(to=to, numbers=tuple(number or ()), holder=holder),
        Sealed(note=text_of(note)),
    )


def assign(
    session: Session,
    *,
    case: CaseNumber,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=both("役割", "The role"))],
    holder: Annotated[str, typer.Argument(metavar="ID", help=both("担当する人・チーム", "Who holds it"))],
    note: Note = "",
) -> int:
    """Assign a role."""
    return act(session, case, cmd.AssignRole(role=role, holder=holder), Sealed(note=text_of(note)))


def ask(session: Session, *, case: CaseNumber, kind: Kind, note: Note = "") -> int:
    """Ask for a consent."""
    return act(session, case, cmd.AskConsent(kind=kind), Sealed(note=text_of(note)))


def record(
    session: Session,
    *,
    case: CaseNumber,
    kind: Kind,
    status: Annotated[
        str,
        typer.Argument(
            metavar="STATUS",
            help=both(
                "given（同意あり）・declined（同意なし）・withdrawn（撤回）", "given, declined or withdrawn"
            ),
        ),
    ],
    note: Note = "",
) -> int:
    """Record a consent."""
    return act(
        session,
        case,
        cmd.RecordConsent(kind=kind, status=one_of(ConsentStatus, status, "STATUS")),
        Sealed(note=text_of(note)),
    )
