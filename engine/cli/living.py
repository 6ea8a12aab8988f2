"""Commands that let it run: everything in one process, one pass of the clock, a ledger taken in, the demonstration."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.api import Carrier, Engine
from engine.cli.authoring import print_findings, print_published
from engine.cli.command import command
from engine.cli.failing import DONE, NO, failed
from engine.cli.hook import CARRIER, DEMO, INTAKE, named
from engine.cli.installation import make_store, shown
from engine.cli.serving import say_swept, serve
from engine.cli.session import Session, calendar_of, local_words, zone_of
from engine.cli.staff import put_people
from engine.cli.words import both, comma, say
from engine.services.sweeping import Swept
from engine.store.errors import StoreError


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    command(
        app,
        "up",
        both(
            "すべてを起動する（保存先・支援経路・名簿・時計）",
            "Start everything: store, pathways, people, clock",
        ),
        acts=True,
    )(up)
    command(
        app,
        "demo",
        both(
            "試行用の保存先で、見本の台帳の2年間をたどる",
            "Live two years of the sample ledger on a trial store",
        ),
    )(demo)
    command(app, "sweep", both("時計を一度だけ動かす", "Make one pass of the clock"), clock=True)(sweep)


def up(
    session: Session,
    *,
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help=both("準備して時計を一度動かし、終わる", "Prepare, make one pass of the clock, and end"),
        ),
    ] = False,
) -> int:
    """Start everything."""
    made = _store_ready(session)
    stop = threading.Event()
    with session.engine(grouped=True) as engine:
        prepared = _prepared(session, engine)
        carriers = _carriers(session, engine)
        _where_to_look(session)
        if once:
            swept = engine.sweep()
            carried = engine.deliver(carriers) if carriers else None
            say_swept(session, engine, swept)
            session.out.document(
                {
                    "done": True,
                    "made": made,
                    **prepared,
                    "swept": swept,
                    "delivered": carried,
                    "next_wake_at": engine.next_wake(),
                }
            )
            return DONE
        serve(session, engine, carriers, stop)
    session.out.line(
        "止まりました。次に動かすと、止まっていた間に来た期限から続けます。",
        "Stopped. The next start goes on with whatever fell due meanwhile.",
    )
    session.out.document({"done": True, "made": made, **prepared})
    return DONE


def _store_ready(session: Session) -> bool:
    """Make the store if there is none, else bring it up to date. Raises StoreError."""
    try:
        Engine.migrate(session.settings)
    except StoreError as error:
        if error.code != "absent":
            raise
        make_store(session, trial=False)
        return True
    session.out.line(
        f"保存先: {shown(session.settings.database)}", f"Store: {shown(session.settings.database)}"
    )
    return False


def _prepared(session: Session, engine: Engine) -> dict[str, Any]:
    """Put calendar, people and pathways in force where they are not yet."""
    out, actor = session.out, session.administrator()
    moved = engine.load_shipped_calendar()
    known = calendar_of(engine)
    out.line(
        f"開庁日の暦: 第{known.version}版（{known.known_until} まで確定）",
        f"Office calendar: version {known.version}, certain until {known.known_until}",
    )
    if moved:
        out.line(
            f"  暦が変わり、{moved} 件のケースで期限が動きました。",
            f"  It changed; a date moved in {moved} cases.",
        )
    sample = False
    if engine.next_directory_version() == 1:
        sample = True
        _sample_people(session, engine, actor)
    published = engine.publish_shipped(actor=actor)
    for each in published:
        if not each.unchanged:
            print_findings(out, [finding for finding in each.findings if not each.done])
            print_published(out, each)
    names = comma(session.lang).join(f"{each.name} v{each.version}" for each in published if each.done)
    out.line(f"支援経路: {names}", f"Pathways: {names}")
    return {
        "calendar_version": known.version,
        "cases_redated": moved,
        "sample_people": sample,
        "pathways": [
            {"pathway": each.name, "version": each.version, "done": each.done, "unchanged": each.unchanged}
            for each in published
        ],
    }


def _sample_people(session: Session, engine: Engine, actor: str) -> None:
    path: Path = named(INTAKE, "SAMPLE_PEOPLE", say(session.lang, "見本の名簿", "a sample directory"))
    loaded, findings = put_people(engine, path, actor)
    if loaded is None or not loaded.done:
        print_findings(session.out, findings)
        raise failed(
            "file_unreadable", file=path, why=say(session.lang, "名簿に誤りがあります", "it has errors")
        )
    session.out.line(
        f"名簿: 見本の町（職員 {loaded.persons} 人）を入れました。実在の人物・団体とは関係ありません。",
        f"People: a sample municipality was loaded ({loaded.persons} staff). Nobody in it is real.",
        style="yellow",
    )
    session.out.line(
        "  → 自分の自治体の名簿に置き換えてください: bansou people load FILE",
        "  → Replace it with your own: bansou people load FILE",
        style="yellow",
    )


def _carriers(session: Session, engine: Engine) -> list[Carrier]:
    folder = session.settings.notice_folder
    if folder is None:
        return []
    make: Callable[..., Carrier] = named(
        CARRIER, "FileCarrier", say(session.lang, "お知らせのファイル出力", "notices as files")
    )
    session.out.line(f"お知らせは {folder} にも書き出します。", f"Notices are also written to {folder}.")
    return [make(folder, zone_of(engine))]


def _where_to_look(session: Session) -> None:
    out = session.out
    out.text("")
    out.line("次にできること:", "What to do next:", style="bold")
    for commands, ja, en in (
        ("bansou people", "職員の番号を見る", "see who is there, with their ids"),
        ("bansou intake FILE.csv", "相談台帳を取り込む", "take a consultation ledger in"),
        ("bansou open standard_four_stage", "相談を一件受け付ける", "receive one consultation"),
        ("bansou inbox WORKER", "職員の仕事を見る", "see somebody's work"),
        ("bansou doctor", "設置の状態を調べる", "examine the installation"),
    ):
        out.line(f"  {commands:<34}{ja}", f"  {commands:<34}{en}")
    out.text("")


def sweep(
    session: Session,
    *,
    most: Annotated[
        int | None,
        typer.Option("--max", metavar="N", min=1, help=both("最大のケース数", "At most so many cases")),
    ] = None,
) -> int:
    """Make one pass of the clock."""
    with session.engine() as engine:
        with session.out.progress() as bar:
            task = bar.add_task(say(session.lang, "時計を動かしています", "The clock is running"), total=None)
            swept = engine.sweep(cases_max=most, between=lambda done: bar.update(task, completed=done.cases))
        say_swept(session, engine, swept)
        wake = engine.next_wake()
        if swept.left:
            session.out.line(
                "  まだ残っています。もう一度行うと続きからになります。",
                "  There is more; run it again to go on.",
                style="yellow",
            )
        elif wake is not None:
            words = local_words(wake, zone_of(engine))
            session.out.line(f"  次に動く時刻: {words}", f"  Next wake-up: {words}")
    session.out.document({"done": not swept.set_apart, **_swept_document(swept), "next_wake_at": wake})
    return NO if swept.set_apart else DONE


def _swept_document(swept: Swept) -> dict[str, Any]:
    return {
        "at": swept.at,
        "cases": swept.cases,
        "events": swept.events,
        "left": swept.left,
        "late_seconds": swept.late_seconds,
        "set_apart": [{"case": case, "code": code} for case, code in swept.set_apart],
    }


def demo(
    session: Session,
    *,
    days: Annotated[
        int,
        typer.Option(
            "--days",
            min=0,
            max=730,
            help=both("何日たどるか（0 は全部）", "How many days to live; 0 for all"),
        ),
    ] = 0,
    once: Annotated[
        bool, typer.Option("--once", help=both("たどり終えたら止まる", "Stop when it has been lived"))
    ] = False,
) -> int:
    """Live two years of the sample ledger."""
    live: Callable[..., int] = named(DEMO, "live", say(session.lang, "実演", "the demonstration"))
    return live(session, days=days, once=once)
