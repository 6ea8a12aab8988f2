"""How one case stands: its state, the household, who holds what and until when, what can happen next."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.api import Engine
from engine.cli.command import command
from engine.cli.failing import DONE
from engine.cli.output import Output
from engine.cli.session import Session, calendar_of, directory_of, local_words, pathway_in, zone_of
from engine.cli.words import both, comma, say
from engine.core.case.case import Case, Content
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import Sex
from engine.services.inbox import InboxItem, household_words, item_of, name_of

CaseNumber = Annotated[
    str,
    typer.Argument(
        metavar="CASE", help=both("ケースの番号（例 2026-00042）", "The number of the case, as 2026-00042")
    ),
]


def declare(app: typer.Typer) -> None:
    """Declare the command of this room."""
    command(app, "case", both("ケースの今の状態", "How a case stands"), clock=True)(case)


def leaves(case: Case, compiled: Compiled) -> tuple[str, ...]:
    """Return the innermost active states, in the order of the file."""
    parents = {compiled.places[state].parent for state in case.configuration if state in compiled.places}
    return tuple(state for state in compiled.places if state in case.configuration and state not in parents)


def state_words(case: Case, compiled: Compiled, lang: str) -> str:
    """Name where a case is."""
    words = "・".join(compiled.label(state, lang) for state in leaves(case, compiled))
    resting = (
        say(lang, f"（休止 {case.pause.until_on} まで）", f" (paused until {case.pause.until_on})")
        if case.pause
        else ""
    )
    return words + resting


def case(session: Session, *, number: CaseNumber) -> int:
    """Show a case."""
    with session.engine() as engine:
        with engine.reading() as reader:
            compiled = pathway_in(engine, reader, number)
            found = reader.case(number)
            assert found is not None, "the pathway was read from it"
            directory = engine.office.directory(reader)
            content = found.content
        items = items_of(engine, found.case, content, compiled, session.lang)
        zone = zone_of(engine)
    now_in, lang = found.case, session.lang
    session.out.pairs(
        [
            (("ケース", "Case"), f"{now_in.number}  {household_words(now_in, content, lang)}"),
            (
                ("支援経路", "Pathway"),
                compiled.pathway.title.text(lang)
                + say(lang, f" 第{compiled.version}版", f" version {compiled.version}"),
            ),
            (("状態", "State"), f"{now_in.status.label(lang)}: {state_words(now_in, compiled, lang)}"),
            (("受付", "Received"), local_words(now_in.opened_at, zone)),
            (("最後の接触", "Last contact"), _last_contact(now_in, lang, zone)),
            (
                ("同意", "Consents"),
                comma(lang).join(
                    f"{_consent_words(compiled, kind, lang)}: {status.label(lang)}"
                    for kind, status in sorted(now_in.consents.items())
                )
                or "―",
            ),
            (
                ("担当", "Roles"),
                comma(lang).join(
                    f"{_role_words(compiled, role, lang)}: {name_of(directory, holder)}"
                    for role, holder in now_in.roles.items()
                )
                or "―",
            ),
        ]
    )
    session.out.text("")
    print_persons(session.out, now_in, content)
    print_obligations(session.out, items)
    _print_waiting(session.out, now_in, compiled, directory, zone)
    events = offered(now_in, compiled, lang)
    if events:
        session.out.table(
            (("出来事", "Event"), ("意味", "Meaning"), ("行き先", "Leads to")),
            events,
            title=("選べる出来事（bansou fire）", "Events offered (bansou fire)"),
        )
    session.out.document(case_document(now_in, content, items, events))
    return DONE


def case_document(
    case: Case, content: Content, items: tuple[InboxItem, ...], events: list[tuple[str, str, str]]
) -> dict[str, Any]:
    """Return a case for programs."""
    return {
        "case": case,
        "content": content,
        "obligations": list(items),
        "waiting": list(case.waiting.values()),
        "events": [{"event": event, "label": label, "to": to} for event, label, to in events],
    }


def items_of(
    engine: Engine, case: Case, content: Content, compiled: Compiled, lang: str, now: Any = None
) -> tuple[InboxItem, ...]:
    """Return the live promises of a case in words, the earliest due first."""
    directory, calendar = directory_of(engine), calendar_of(engine)
    live = sorted(case.obligations.values(), key=lambda each: (each.due_at, each.number))
    return tuple(
        item_of(case, content, each, compiled, calendar, directory, now=now or engine.now(), lang=lang)
        for each in live
    )


def print_persons(out: Output, case: Case, content: Content) -> None:
    """Print the household."""
    persons = [content.persons[person] for person in case.persons if person in content.persons]
    if persons:
        out.table(
            (("id", "Id"), ("氏名", "Name"), ("生年月日", "Born"), ("続柄", "Relation"), ("性別", "Sex")),
            [
                (each.id, each.name, each.birth_on or "", each.relation, Sex.words(each.sex, out.lang))
                for each in persons
            ],
            title=("世帯", "Household"),
        )


def print_obligations(out: Output, items: tuple[InboxItem, ...]) -> None:
    """Print live promises with who holds them."""
    if not items:
        return
    out.table(
        (
            ("番号", "No."),
            ("仕事", "Work"),
            ("種類", "Kind"),
            ("担当", "Holder"),
            ("期限", "Due"),
            ("", ""),
            ("理由", "Reasons"),
        ),
        [
            (
                item.number,
                item.work + (f"（{item.person}）" if item.person else ""),
                item.kind.label(out.lang),
                item.holder,
                item.due_on,
                item.due_words + (say(out.lang, "・仮", ", provisional") if item.provisional else ""),
                comma(out.lang).join(item.reasons),
            )
            for item in items
        ],
        title=("約束", "Obligations"),
    )


def _print_waiting(out: Output, case: Case, compiled: Compiled, directory: Any, zone: Any) -> None:
    if not case.waiting:
        return
    out.table(
        (
            ("依頼", "Request"),
            ("種類", "Kind"),
            ("頼んだ人", "Asked by"),
            ("答える人", "Asked of"),
            ("日時", "Asked at"),
        ),
        [
            (
                each.ref,
                f"{each.kind.label(out.lang)} {_subject(each.event or each.name, compiled, out.lang)}".strip(),
                name_of(directory, each.asked_by),
                name_of(directory, each.to),
                local_words(each.asked_at, zone),
            )
            for each in case.waiting.values()
        ],
        title=("返答を待っている依頼（bansou answer）", "Requests that wait for an answer (bansou answer)"),
    )


def _subject(event: str, compiled: Compiled, lang: str) -> str:
    for way in compiled.ways.values():
        if event and way.event == event and way.written.label is not None:
            return way.written.label.text(lang)
    return event


def _consent_words(compiled: Compiled, kind: str, lang: str) -> str:
    written = compiled.pathway.consents.get(kind)
    return (
        written.label.text(lang)
        if written is not None
        else say(lang, "情報共有" if kind == "sharing" else kind, kind)
    )


def _role_words(compiled: Compiled, role: str, lang: str) -> str:
    written = compiled.pathway.roles.get(role)
    return written.label.text(lang) if written is not None else role


def _last_contact(case: Case, lang: str, zone: Any) -> str:
    if not case.last_contact_at:
        return say(lang, "まだありません", "none yet")
    grade = case.last_grade.label(lang) if case.last_grade else ""
    return f"{local_words(max(case.last_contact_at.values()), zone)} {grade}".strip()


def offered(case: Case, compiled: Compiled, lang: str) -> list[tuple[str, str, str]]:
    """Return the events that a person can fire here, with what they are called and where they lead."""
    if not case.is_open:
        return []
    found: dict[str, tuple[list[str], list[str]]] = {}
    for transition in compiled.chart.offered(frozenset(case.configuration)):
        way = compiled.ways[transition.id]
        if way.event is None or "." in way.event or way.refused_consent:
            continue
        labels, targets = found.setdefault(way.event, ([], []))
        if way.written.label is not None:
            labels.append(way.written.label.text(lang))
        if way.written.to is not None:
            targets.append(compiled.label(way.written.to, lang))
    return [
        (event, " / ".join(dict.fromkeys(labels)), " / ".join(dict.fromkeys(targets)))
        for event, (labels, targets) in found.items()
    ]
