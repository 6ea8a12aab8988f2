"""Commands on cases: receive, record, move on, put off, close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from engine.cli.acting import (
    FormFields,
    FormFiles,
    Note,
    Number,
    act,
    one_of,
    perform,
    sealed_of,
    text_of,
    told,
)
from engine.cli.casefile import CaseNumber
from engine.cli.command import command
from engine.cli.failing import failed
from engine.cli.reading import assignments_of, date_of, forms_of, instant_of, persons_of
from engine.cli.session import NOON, Session, forms_in_force, zone_of
from engine.cli.words import both
from engine.core.case import commands as cmd
from engine.core.case.case import Sealed
from engine.core.vocabulary import Channel, Grade

Persons = Annotated[
    list[str] | None,
    typer.Option(
        "--person",
        metavar="PERSON",
        help=both("世帯員「id,氏名,生年月日,続柄,性別」", "A member: id,name,birth,relation,sex"),
    ),
]
Until = Annotated[
    str, typer.Option("--until", metavar="DATE", help=both("いつまで（和暦も可）", "Until which day"))
]


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    for name, help_, run in (
        ("open", both("相談を受け付けてケースを開く", "Receive a consultation and open a case"), open_case),
        (
            "record",
            both("接触（またはその試み）を記録する", "Record a contact, or an attempt at one"),
            record,
        ),
        ("form", both("様式を記録する", "Record forms outside of any obligation"), form),
        ("note", both("経過記録を書く", "Add to the progress record"), note),
        ("persons", both("世帯員を加える・直す", "Add members of the household or put them right"), persons),
        ("fire", both("出来事を選んでケースを進める", "Move the case by an event"), fire),
        (
            "fulfil",
            both("見直し・期限などを果たしたと記録する", "Say that a review, deadline or the like is done"),
            fulfil,
        ),
        (
            "withdraw",
            both("約束を取り下げる（理由と承認者）", "Withdraw an obligation, with reason and approver"),
            withdraw,
        ),
        ("defer", both("約束の期限を延ばす（理由）", "Put an obligation off, with a reason"), defer),
        (
            "pause",
            both("ケースの休止を申し出る（理由と期日）", "Ask for a rest of the case, with reason and end"),
            pause,
        ),
        ("resume", both("休止を早めに終える", "End a rest early"), resume),
        (
            "close",
            both("終結へ進める（本人の考えを --note に）", "Close the case (the person's view in --note)"),
            close,
        ),
        (
            "reopen",
            both("終結したケースを再開する（理由）", "Take a closed case up again, with a reason"),
            reopen,
        ),
    ):
        command(app, name, help_, clock=True, acts=True, keyed=True)(run)


def open_case(
    session: Session,
    *,
    pathway: Annotated[
        str, typer.Argument(metavar="PATHWAY", help=both("支援経路の識別名", "The name of the pathway"))
    ],
    person: Persons = None,
    household: Annotated[
        str,
        typer.Option(
            "--household",
            metavar="NAME",
            help=both("世帯の呼び名（例 山田家）", "What the household is called"),
        ),
    ] = "",
    address: Annotated[str, typer.Option("--address", metavar="TEXT", help=both("住所", "The address"))] = "",
    phone: Annotated[
        str, typer.Option("--phone", metavar="TEXT", help=both("電話番号", "The telephone number"))
    ] = "",
    channel: Annotated[
        str,
        typer.Option(
            "--channel",
            metavar="CHANNEL",
            help=both(
                "受け付けた方法（来所・電話・手紙・訪問・関係機関・地域・その他）。なければ受付票の channel",
                "How it came in: " + ", ".join(each.value for each in Channel) + "; else the form's channel",
            ),
        ),
    ] = "",
    received: Annotated[
        str,
        typer.Option(
            "--received", metavar="DATE", help=both("受け付けた日（和暦も可）", "The day it was received")
        ),
    ] = "",
    role: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="ROLE=ID", help=both("役割の担当者", "Who holds a role of the case")),
    ] = None,
    form: FormFiles = None,
    fields: FormFields = None,
    note: Note = "",
) -> int:
    """Open a case."""
    actor = session.worker()
    received_on = date_of(received) if received else None
    chosen = one_of(Channel, channel, "--channel") if channel else None
    with session.engine() as engine:
        sealed = Sealed(
            persons=persons_of(person or ()),
            household=household,
            address=address,
            phone=phone,
            forms=forms_of(form or (), fields or (), forms_in_force(engine, pathway)),
            note=text_of(note),
        )
        opening = cmd.OpenCase(
            channel=chosen or _channel_in(sealed.forms),
            received_on=received_on,
            roles=assignments_of(role or ()),
        )
        answer = session.answered(engine.open_case(pathway, opening, sealed, actor=actor, key=session.key))
        return told(session, engine, answer)


def _channel_in(forms: Mapping[str, Mapping[str, Any]]) -> Channel:
    """Return how a consultation came in by what its form says, if the form says it in these words."""
    said = [str(values["channel"]) for values in forms.values() if "channel" in values]
    return next((each for each in Channel if each.value in said), Channel.OTHER)


def record(
    session: Session,
    *,
    case: CaseNumber,
    grade: Annotated[
        str,
        typer.Option(
            "--grade",
            metavar="GRADE",
            help=both(
                "接触の段階（" + "・".join(each.ja for each in Grade) + "）",
                "The grade of the contact: " + ", ".join(each.value for each in Grade),
            ),
        ),
    ],
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="INSTANT", help=both("接触の日時（既定は今）", "When it was (default: now)")
        ),
    ] = "",
    method: Annotated[
        str,
        typer.Option(
            "--method", metavar="TEXT", help=both("方法（電話・訪問など）", "How: telephone, visit, ...")
        ),
    ] = "",
    reached: Annotated[
        list[str] | None,
        typer.Option(
            "--reached",
            metavar="ID",
            help=both(
                "会えた・話せた世帯員の id（なければ世帯全体）",
                "Ids of the members reached (none: the household)",
            ),
        ),
    ] = None,
    number: Annotated[
        int,
        typer.Option(
            "--for", metavar="NUMBER", help=both("どの約束のためか（番号）", "For which obligation")
        ),
    ] = 0,
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="OUTCOME", help=both("結果", "The outcome"))
    ] = "",
    form: FormFiles = None,
    fields: FormFields = None,
    note: Note = "",
) -> int:
    """Record a contact."""
    actor, chosen = session.worker(), one_of(Grade, grade, "--grade")
    with session.engine() as engine:
        now = engine.now()
        contacted_at = instant_of(at, zone_of(engine), NOON) if at else now
        if (
            at
            and len(at.split()) == 1
            and ":" not in at
            and "時" not in at
            and contacted_at.date() == now.date()
        ):
            contacted_at = min(contacted_at, now)
        contact = cmd.RecordContact(
            grade=chosen, contacted_at=contacted_at, method=method, reached=tuple(reached or ()), number=number,
            outcome=outcome,
        )  # fmt: skip
        return perform(session, engine, case, contact, actor, sealed_of(engine, case, form, fields, note))


def form(
    session: Session, *, case: CaseNumber, form: FormFiles = None, fields: FormFields = None, note: Note = ""
) -> int:
    """Record forms."""
    actor = session.worker()
    with session.engine() as engine:
        sealed = sealed_of(engine, case, form, fields, note)
        if not sealed.forms:
            raise failed("missing_parameter", name="--form / --set", help="bansou form --help")
        return perform(session, engine, case, cmd.RecordForm(form=next(iter(sealed.forms))), actor, sealed)


def note(
    session: Session,
    *,
    case: CaseNumber,
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT", help=both("文章（@FILE でファイルから）", "The text (@FILE reads a file)")
        ),
    ],
) -> int:
    """Add a note."""
    return act(session, case, cmd.AddNote(), Sealed(note=text_of(text)))


def persons(session: Session, *, case: CaseNumber, person: Persons = None, note: Note = "") -> int:
    """Change the household."""
    found = persons_of(person or ())
    if not found:
        raise failed("missing_parameter", name="--person", help="bansou persons --help")
    return act(session, case, cmd.ChangePersons(), Sealed(persons=found, note=text_of(note)))


def fire(
    session: Session,
    *,
    case: CaseNumber,
    event: Annotated[
        str,
        typer.Argument(
            metavar="EVENT", help=both("出来事（bansou case で見られる）", "The event (see `bansou case`)")
        ),
    ],
    form: FormFiles = None,
    fields: FormFields = None,
    note: Note = "",
) -> int:
    """Fire an event."""
    actor = session.worker()
    with session.engine() as engine:
        return perform(
            session,
            engine,
            case,
            cmd.FireEvent(name=event),
            actor,
            sealed_of(engine, case, form, fields, note),
        )


def fulfil(
    session: Session,
    *,
    case: CaseNumber,
    number: Number,
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="OUTCOME", help=both("結果", "The outcome"))
    ] = "",
    form: FormFiles = None,
    fields: FormFields = None,
    note: Note = "",
) -> int:
    """Fulfil an obligation."""
    actor = session.worker()
    with session.engine() as engine:
        done = cmd.FulfilObligation(number=number, outcome=outcome)
        return perform(session, engine, case, done, actor, sealed_of(engine, case, form, fields, note))


def withdraw(
    session: Session,
    *,
    case: CaseNumber,
    number: Number,
    approved_by: Annotated[
        str, typer.Option("--approved-by", metavar="ID", help=both("承認した職員の番号", "Who approved it"))
    ],
    note: Note = "",
) -> int:
    """Withdraw an obligation."""
    return act(
        session,
        case,
        cmd.WithdrawObligation(number=number, approved_by=approved_by),
        Sealed(note=text_of(note)),
    )


def defer(session: Session, *, case: CaseNumber, number: Number, until: Until, note: Note = "") -> int:
    """Defer an obligation."""
    return act(
        session, case, cmd.DeferObligation(number=number, until_on=date_of(until)), Sealed(note=text_of(note))
    )


def pause(session: Session, *, case: CaseNumber, until: Until, note: Note = "") -> int:
    """Ask for a pause."""
    return act(session, case, cmd.PauseCase(until_on=date_of(until)), Sealed(note=text_of(note)))


def resume(session: Session, *, case: CaseNumber, note: Note = "") -> int:
    """Resume a case."""
    return act(session, case, cmd.ResumeCase(), Sealed(note=text_of(note)))


def close(
    session: Session,
    *,
    case: CaseNumber,
    event: Annotated[
        str,
        typer.Option(
            "--event",
            metavar="EVENT",
            help=both(
                "終結へ進む出来事（一つしかなければ省略できる）",
                "The event that closes (may be left out if there is one only)",
            ),
        ),
    ] = "",
    form: FormFiles = None,
    fields: FormFields = None,
    note: Note = "",
) -> int:
    """Close a case."""
    actor = session.worker()
    with session.engine() as engine:
        return perform(
            session,
            engine,
            case,
            cmd.CloseCase(event=event),
            actor,
            sealed_of(engine, case, form, fields, note),
        )


def reopen(session: Session, *, case: CaseNumber, note: Note = "") -> int:
    """Reopen a case."""
    return act(session, case, cmd.ReopenCase(), Sealed(note=text_of(note)))
