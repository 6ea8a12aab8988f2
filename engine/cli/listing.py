"""What is to be done, and how cases stand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.api import Engine
from engine.cli.command import command
from engine.cli.failing import DONE, failed
from engine.cli.output import Output
from engine.cli.session import Session, calendar_of, directory_of, local_words, pathway_in, zone_of
from engine.cli.words import both, say
from engine.core.case.case import Case, Content
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import CaseStatus, InboxGroup
from engine.services.inbox import Inbox, InboxItem, household_words, item_of, name_of
from engine.services.telling import notice_words
from engine.store.ports import Held

CaseNumber = Annotated[
    str,
    typer.Argument(
        metavar="CASE", help=both("ケースの番号（例 2026-00042）", "The number of the case, as 2026-00042")
    ),
]


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    command(
        app,
        "inbox",
        both(
            "職員の仕事の一覧（期限超過・今日・今後・相手待ち）",
            "A worker's work: overdue, today, upcoming, waiting",
        ),
        clock=True,
    )(inbox)
    command(app, "cases", both("ケースの一覧", "List cases"), clock=True)(cases)
    command(app, "case", both("ケースの今の状態", "How a case stands"), clock=True)(case)
    command(app, "escalations", both("督促が上がっている約束の一覧", "List what has escalated"), clock=True)(
        escalations
    )


def inbox(
    session: Session,
    *,
    worker: Annotated[
        str, typer.Argument(metavar="WORKER", help=both("職員の番号", "The id of a member of staff"))
    ],
    read: Annotated[
        bool, typer.Option("--read", help=both("お知らせを読んだことにする", "Mark the messages as read"))
    ] = False,
) -> int:
    """Show a worker's inbox."""
    with session.engine() as engine:
        found = engine.inbox(worker, lang=session.lang)
        now, zone = engine.now(), zone_of(engine)
        if read and found.unread:
            ids = [notice.id for notice in found.unread]
            engine.desk.write(lambda unit: unit.mark_read(ids, now))
    out = session.out
    out.line(
        f"{found.name} さんの仕事（{local_words(now, zone)}）",
        f"Work of {found.name} ({local_words(now, zone)})",
        style="bold",
    )
    out.text("")
    for group in InboxGroup:
        print_items(
            out,
            found.group(group),
            (f"{group.ja}（{len(found.group(group))}）", f"{group.en} ({len(found.group(group))})"),
            styled=group is InboxGroup.OVERDUE,
        )
    if not found.items:
        out.line("仕事はありません。", "There is nothing to do.")
    if found.unread:
        out.table(
            (("日時", "Time"), ("ケース", "Case"), ("お知らせ", "Message")),
            [
                (local_words(each.at, zone), each.case, notice_words(each, session.lang))
                for each in found.unread
            ],
            title=(f"お知らせ（未読 {len(found.unread)}）", f"Messages ({len(found.unread)} unread)"),
        )
        if read:
            out.line("お知らせを読んだことにしました。", "The messages are marked as read.")
    out.document(_inbox_document(found, read=read))
    return DONE


def _inbox_document(found: Inbox, *, read: bool) -> dict[str, Any]:
    return {
        "worker": found.worker,
        "name": found.name,
        "groups": {group.value: list(found.group(group)) for group in InboxGroup},
        "unread": list(found.unread),
        "marked_read": bool(read and found.unread),
    }


def print_items(
    out: Output, items: tuple[InboxItem, ...], title: tuple[str, str], *, styled: bool = False
) -> None:
    """Print pieces of work under a title; nothing where there are none."""
    if not items:
        return
    out.table(
        (
            ("ケース", "Case"),
            ("番号", "No."),
            ("世帯", "Household"),
            ("仕事", "Work"),
            ("期限", "Due"),
            ("理由", "Reasons"),
        ),
        [
            (
                item.case,
                item.number,
                item.household,
                item.work + (f"（{item.person}）" if item.person else ""),
                item.due_words + (say(out.lang, "・仮", ", provisional") if item.provisional else ""),
                "、".join(item.reasons) if out.lang == "ja" else ", ".join(item.reasons),
            )
            for item in items
        ],
        title=title,
    )


def cases(
    session: Session,
    *,
    status: Annotated[
        str,
        typer.Option(
            "--status", metavar="open|closed|all", help=both("支援中・終結・すべて", "open, closed or all")
        ),
    ] = "open",
    pathway: Annotated[
        str, typer.Option("--pathway", metavar="NAME", help=both("この支援経路だけ", "Only this pathway"))
    ] = "",
    limit: Annotated[
        int,
        typer.Option("--limit", metavar="N", min=1, max=10_000, help=both("最大の件数", "At most so many")),
    ] = 200,
) -> int:
    """List cases."""
    known = (
        {each.value: each.value for each in CaseStatus}
        | {"all": None}
        | {each.ja: each.value for each in CaseStatus}
    )
    if status not in known:
        raise failed(
            "bad_parameter",
            name="--status",
            value=status,
            expected="(open, closed, all) ",
            help="bansou cases --help",
        )
    with session.engine() as engine, engine.reading() as reader:
        rows = reader.case_rows(status=known[status], pathway=pathway or None, limit=limit)
        held = reader.cases([row.number for row in rows])
        calendar, now, lang = calendar_of(engine), engine.now(), session.lang
        directory = engine.office.directory(reader) if rows else None
        shown = []
        for row in rows:
            found = held[row.number]
            compiled = engine.office.pathway(reader, row.pathway, row.version)
            first = (
                _next_item(found, compiled, calendar, directory, now, lang) if directory is not None else None
            )
            shown.append((found, compiled, first))
        total = reader.count_cases()
    session.out.table(
        (
            ("ケース", "Case"),
            ("世帯", "Household"),
            ("支援経路", "Pathway"),
            ("状態", "State"),
            ("次の一歩", "Next step"),
            ("担当", "Holder"),
            ("期限", "Due"),
        ),
        [
            (
                found.case.number,
                household_words(found.case, found.content, lang),
                compiled.pathway.title.text(lang),
                state_words(found.case, compiled, lang),
                first.work if first else "",
                first.holder if first else "",
                first.due_words if first else "",
            )
            for found, compiled, first in shown
        ],
    )
    opened, closed = total.get("open", 0), total.get("closed", 0)
    session.out.line(
        f"{len(shown)} 件を表示（支援中 {opened}、終結 {closed}）",
        f"{len(shown)} shown ({opened} open, {closed} closed)",
    )
    session.out.document(
        {
            "count": total,
            "cases": [_case_line(found, compiled, first, lang) for found, compiled, first in shown],
        }
    )
    return DONE


def _case_line(found: Held, compiled: Compiled, first: InboxItem | None, lang: str) -> dict[str, Any]:
    return {
        "case": found.case.number,
        "status": found.case.status,
        "pathway": found.case.pathway,
        "version": found.case.version,
        "household": household_words(found.case, found.content, lang),
        "states": list(leaves(found.case, compiled)),
        "state_words": state_words(found.case, compiled, lang),
        "opened_at": found.case.opened_at,
        "closed_at": found.case.closed_at,
        "next": first,
    }


def _next_item(
    found: Held, compiled: Compiled, calendar: OfficeCalendar, directory: Any, now: Any, lang: str
) -> InboxItem | None:
    live = sorted(found.case.obligations.values(), key=lambda each: (each.due_at, each.number))
    if not live:
        return None
    return item_of(found.case, found.content, live[0], compiled, calendar, directory, now=now, lang=lang)


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
            (("支援経路", "Pathway"), f"{compiled.pathway.title.text(lang)} {say(lang, f'第{compiled.version}版', f'version {compiled.version}')}"),
            (("状態", "State"), f"{now_in.status.label(lang)}: {state_words(now_in, compiled, lang)}"),
            (("受付", "Received"), local_words(now_in.opened_at, zone)),
            (("最後の接触", "Last contact"), _last_contact(now_in, lang, zone)),
            (("同意", "Consents"), "、".join(f"{_consent_words(compiled, kind, lang)}: {status.label(lang)}" for kind, status in sorted(now_in.consents.items())) or "―"),
            (("担当", "Roles"), "、".join(f"{_role_words(compiled, role, lang)}: {name_of(directory, holder)}" for role, holder in now_in.roles.items()) or "―"),
        ]
    )  # fmt: skip
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
            [(each.id, each.name, each.birth_on or "", each.relation, each.sex) for each in persons],
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
                "、".join(item.reasons),
            )
            for item in items
        ],
        title=("約束", "Obligations"),
    )


def _print_waiting(out: Output, case: Case, compiled: Compiled, directory: Any, zone: Any) -> None:
    if not case.waiting:
        return
    out.table(
        (("依頼", "Request"), ("種類", "Kind"), ("頼んだ人", "Asked by"), ("答える人", "Asked of"), ("日時", "Asked at")),
        [
            (each.ref, f"{each.kind.label(out.lang)} {_subject(each.event or each.name, compiled, out.lang)}".strip(), name_of(directory, each.asked_by), name_of(directory, each.to), local_words(each.asked_at, zone))
            for each in case.waiting.values()
        ],
        title=("返答を待っている依頼（bansou answer）", "Requests that wait for an answer (bansou answer)"),
    )  # fmt: skip


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


def escalations(session: Session) -> int:
    """List what has escalated."""
    lang = session.lang
    with session.engine() as engine, engine.reading() as reader:
        now, calendar = engine.now(), calendar_of(engine)
        late = [row for row in reader.live_obligations() if row.fell_due]
        held = reader.cases(sorted({row.case for row in late}))
        directory = engine.office.directory(reader)
        rows = []
        for row in late:
            found = held[row.case]
            live = found.case.obligations[row.number]
            compiled = engine.office.pathway(reader, found.case.pathway, found.case.version)
            rows.append(
                (
                    item_of(
                        found.case, found.content, live, compiled, calendar, directory, now=now, lang=lang
                    ),
                    live,
                )
            )
        zone = zone_of(engine)
    session.out.table(
        (("ケース", "Case"), ("番号", "No."), ("世帯", "Household"), ("仕事", "Work"), ("担当", "Holder"), ("期限", "Due"), ("督促の段", "Rung"), ("次の督促", "Next rung"), ("応答", "Answered until")),
        [
            (
                item.case, item.number, item.household, item.work, item.holder, item.due_words, live.rung,
                local_words(live.rung_at, zone) if live.rung_at else "―",
                local_words(live.answered_until, zone) if live.answered_until else "―",
            )
            for item, live in rows
        ],
    )  # fmt: skip
    if not rows:
        session.out.line("期限を過ぎた約束はありません。", "Nothing is overdue.", style="green")
    else:
        session.out.line(
            "応答は bansou ack CASE 番号 で記録します。", "Answer with `bansou ack CASE NUMBER`."
        )
    session.out.document(
        {"escalations": [{"item": item, "rung": live.rung, "next_rung_at": live.rung_at, "answered_until": live.answered_until} for item, live in rows]}
    )  # fmt: skip
    return DONE
