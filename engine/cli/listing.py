"""What is to be done, and how cases stand."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.cli.casefile import leaves, state_words
from engine.cli.command import command
from engine.cli.failing import DONE, failed
from engine.cli.output import Output
from engine.cli.session import Session, calendar_of, local_words, zone_of
from engine.cli.words import both, comma, say
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import CaseStatus, InboxGroup
from engine.services.inbox import ITEMS_MAX, Inbox, InboxItem, household_words, item_of
from engine.services.saying import notice_words
from engine.store.ports import Held


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
        bool,
        typer.Option(
            "--read", help=both("表示したお知らせを読んだことにする", "Mark the messages shown as read")
        ),
    ] = False,
    limit: Annotated[
        int,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            max=ITEMS_MAX,
            help=both("組ごとに表示する件数（--json はすべて）", "So many of each group (--json gives all)"),
        ),
    ] = 50,
) -> int:
    """Show a worker's inbox."""
    with session.engine() as engine:
        found = engine.inbox(worker, lang=session.lang)
        now, zone = engine.now(), zone_of(engine)
        unread = found.unread if session.out.as_json else found.unread[:limit]
        if read and unread:
            ids = [notice.id for notice in unread]
            engine.desk.write(lambda unit: unit.mark_read(ids, now))
    out = session.out
    out.line(
        f"{found.name} さんの仕事（{local_words(now, zone)}）",
        f"Work of {found.name} ({local_words(now, zone)})",
        style="bold",
    )
    out.text("")
    for group in InboxGroup:
        items = found.group(group)
        print_items(out, items[:limit], (f"{group.ja}（{len(items)}）", f"{group.en} ({len(items)})"))
        _say_more(out, len(items) - limit)
    if not found.items:
        out.line("仕事はありません。", "There is nothing to do.")
    if found.unread:
        out.table(
            (("日時", "Time"), ("ケース", "Case"), ("お知らせ", "Message")),
            [(local_words(each.at, zone), each.case, notice_words(each, session.lang)) for each in unread],
            title=(f"お知らせ（未読 {len(found.unread)}）", f"Messages ({len(found.unread)} unread)"),
        )
        _say_more(out, len(found.unread) - limit)
        if read:
            out.line("表示したお知らせを読んだことにしました。", "The messages shown are marked as read.")
    out.document(_inbox_document(found, read=read))
    return DONE


def _say_more(out: Output, more: int) -> None:
    if more > 0:
        out.line(f"  ほか {more} 件（--limit で増やせます）", f"  and {more} more (see --limit)")
        out.text("")


def _inbox_document(found: Inbox, *, read: bool) -> dict[str, Any]:
    return {
        "worker": found.worker,
        "name": found.name,
        "groups": {group.value: list(found.group(group)) for group in InboxGroup},
        "unread": list(found.unread),
        "marked_read": bool(read and found.unread),
    }


def print_items(out: Output, items: tuple[InboxItem, ...], title: tuple[str, str]) -> None:
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
                comma(out.lang).join(item.reasons),
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
        shown: list[tuple[Held, Compiled, InboxItem | None]] = []
        for row in rows:
            found = held[row.number]
            compiled = engine.office.pathway(reader, row.pathway, row.version)
            first = (
                _next_item(found, compiled, calendar, directory, now, lang) if directory is not None else None
            )
            shown.append((found, compiled, first))
        total = reader.count_cases()
    _print_cases(session, shown)
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


def _print_cases(session: Session, shown: list[tuple[Held, Compiled, InboxItem | None]]) -> None:
    lang = session.lang
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
        (
            ("ケース", "Case"),
            ("番号", "No."),
            ("世帯", "Household"),
            ("仕事", "Work"),
            ("担当", "Holder"),
            ("期限", "Due"),
            ("督促の段", "Rung"),
            ("次の督促", "Next rung"),
            ("応答", "Answered until"),
        ),
        [
            (
                item.case,
                item.number,
                item.household,
                item.work,
                item.holder,
                item.due_words,
                live.rung,
                local_words(live.rung_at, zone) if live.rung_at else "―",
                local_words(live.answered_until, zone) if live.answered_until else "―",
            )
            for item, live in rows
        ],
    )
    if not rows:
        session.out.line("期限を過ぎた約束はありません。", "Nothing is overdue.", style="green")
    else:
        session.out.line(
            "応答は bansou ack CASE 番号 で記録します。", "Answer with `bansou ack CASE NUMBER`."
        )
    session.out.document(
        {
            "escalations": [
                {
                    "item": item,
                    "rung": live.rung,
                    "next_rung_at": live.rung_at,
                    "answered_until": live.answered_until,
                }
                for item, live in rows
            ]
        }
    )
    return DONE
