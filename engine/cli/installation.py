"""Commands for whoever keeps the installation: the store, its version, its state."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.api import CALENDAR, Engine
from engine.cli.command import command
from engine.cli.failing import DONE, NO
from engine.cli.session import Session, local_words, zone_of
from engine.cli.words import both, say
from engine.core.vocabulary import Instant
from engine.services.office import NotReady
from engine.store.ports import seconds

BEHIND_SECONDS_MAX = 300
"""A wake-up that waits longer than this says that no clock is running."""

Check = tuple[str, bool, str, str]
"""A code, whether it is well, and what to say in Japanese and English."""


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    command(app, "init", both("保存先と鍵をつくる", "Make a store and its master key"))(init)
    command(
        app, "migrate", both("保存先の形式を新しい版にそろえる", "Bring the store to the present version")
    )(migrate)
    command(
        app,
        "doctor",
        both(
            "設置の状態を調べる（問題があれば終了状態 1）",
            "Examine the installation (exit 1 if something is wrong)",
        ),
        clock=True,
    )(doctor)


def init(
    session: Session,
    *,
    trial: Annotated[
        bool,
        typer.Option(
            "--trial",
            help=both("試行用にする（時計を動かせる）", "Make a trial store, whose clock can be moved"),
        ),
    ] = False,
) -> int:
    """Make a store."""
    make_store(session, trial=trial)
    settings = session.settings
    session.out.document(
        {
            "done": True,
            "database": shown(settings.database),
            "key_file": str(settings.key_file),
            "trial": trial,
        }
    )
    return DONE


def make_store(session: Session, *, trial: bool) -> None:
    """Make the store that the settings name, with its folder, and say where the key lies. Raises StoreError."""
    settings, out = session.settings, session.out
    scheme, _, path = settings.database.partition(":///")
    if scheme.startswith("sqlite") and path and not Path(path).parent.exists():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    Engine.init(settings, trial=trial)
    out.line(
        f"保存先をつくりました: {shown(settings.database)}" + ("（試行用）" if trial else ""),
        f"Made the store: {shown(settings.database)}" + (" (trial)" if trial else ""),
        style="green",
    )
    out.line(
        f"個人情報を守る鍵: {settings.key_file}",
        f"The master key that protects what is personal: {settings.key_file}",
    )
    out.line(
        "  → この鍵の控えを、保存先とは別の安全な場所に必ず取ってください。失うと個人の内容は二度と読めません。",
        "  → Keep a copy of this key in a safe place apart from the store."
        " Without it nothing personal can be read again.",
        style="yellow",
    )


def shown(url: str) -> str:
    """Return a database address without its password."""
    scheme, found, rest = url.partition("://")
    account, at, host = rest.rpartition("@")
    return f"{scheme}://{account.partition(':')[0]}{at}{host}" if found and at else url


def migrate(session: Session) -> int:
    """Migrate the store."""
    version = Engine.migrate(session.settings)
    session.out.line(f"保存先は版 {version} です。", f"The store is at version {version}.", style="green")
    session.out.document({"done": True, "version": version})
    return DONE


def doctor(session: Session) -> int:
    """Examine the installation."""
    with session.engine() as engine:
        found, checks = _examined(engine, session)
    well = all(each[1] for each in checks)
    session.out.pairs(_rows(found, session.lang))
    session.out.text("")
    for _, is_well, ja, en in checks:
        session.out.line(
            f"{'✓' if is_well else '✗'} {ja}",
            f"{'✓' if is_well else '✗'} {en}",
            style="" if is_well else "bold red",
        )
    session.out.document(
        {
            **found,
            "well": well,
            "checks": [{"code": code, "well": ok, "ja": ja, "en": en} for code, ok, ja, en in checks],
        }
    )
    return DONE if well else NO


def _examined(engine: Engine, session: Session) -> tuple[dict[str, Any], list[Check]]:
    settings, now = session.settings, engine.now()
    with engine.reading() as reader:
        cases, faults, wake = reader.count_cases(), reader.faults(), reader.next_wake()
        dead = reader.outbox_rows(status="dead")
        sweeps = reader.sweeps(1)
        newest, people = reader.calendar_latest(CALENDAR), reader.directory_latest()
        pathways = reader.pathways()
        try:
            known_until = engine.office.calendar(reader, CALENDAR).known_until if newest else None
        except NotReady:
            known_until = None
    zone = zone_of(engine)
    behind = max(0, seconds(now) - seconds(wake)) if wake is not None else 0
    found: dict[str, Any] = {
        "database": shown(settings.database),
        "engine": engine.desk.store.database,
        "trial": engine.is_trial,
        "now": now,
        "cases": cases,
        "pathways": len(pathways),
        "directory_version": people or None,
        "calendar_version": newest or None,
        "calendar_known_until": known_until,
        "last_sweep_at": sweeps[0].finished_at if sweeps else None,
        "next_wake_at": wake,
        "behind_seconds": behind,
        "faults": [
            {"case": each.case, "code": each.code, "tries": each.tries, "next_try_at": each.next_try_at}
            for each in faults
        ],
        "dead_letters": len(dead),
        "key_file": str(settings.key_file),
        "zone": str(zone),
    }
    return found, _checks(found, settings.key_file, now)


def _checks(found: dict[str, Any], key_file: Path, now: Instant) -> list[Check]:
    mode = stat.S_IMODE(key_file.stat().st_mode)
    private = not mode & 0o077
    behind, faults, dead = found["behind_seconds"], found["faults"], found["dead_letters"]
    known = found["calendar_known_until"]
    left = (known - now.date()).days if known is not None else -1
    set_apart = "、".join(each["case"] for each in faults[:10])
    return [
        (
            "key",
            private,
            f"鍵のファイルの権限 {mode:04o}" + ("" if private else "（chmod 600 にしてください）"),
            f"the key file's mode is {mode:04o}" + ("" if private else " (make it 600)"),
        ),
        (
            "directory",
            bool(found["directory_version"]),
            "職員の名簿"
            + ("があります" if found["directory_version"] else "がありません（bansou people load）"),
            "a directory is loaded"
            if found["directory_version"]
            else "there is no directory (bansou people load)",
        ),
        (
            "pathways",
            bool(found["pathways"]),
            f"公開された支援経路 {found['pathways']} 件"
            + ("" if found["pathways"] else "（bansou publish）"),
            f"{found['pathways']} pathway versions published"
            + ("" if found["pathways"] else " (bansou publish)"),
        ),
        (
            "calendar",
            left >= 0,
            f"開庁日の暦は {known} まで確定" if known else "開庁日の暦がありません（bansou calendar load）",
            f"the office calendar is certain until {known}"
            if known
            else "there is no office calendar (bansou calendar load)",
        ),
        (
            "clock",
            behind <= BEHIND_SECONDS_MAX,
            "時計は遅れていません"
            if behind <= BEHIND_SECONDS_MAX
            else f"時計が {behind // 60} 分遅れています（bansou up が動いているか確かめるか、bansou sweep を行ってください）",
            "the clock is not behind"
            if behind <= BEHIND_SECONDS_MAX
            else f"the clock is {behind // 60} minutes behind (is bansou up running? else run bansou sweep)",
        ),
        (
            "faults",
            not faults,
            "時計が扱えなかったケースはありません"
            if not faults
            else f"時計が扱えず取り置いたケース: {set_apart}",
            "no case is set apart" if not faults else f"cases set apart by the clock: {set_apart}",
        ),
        (
            "dead_letters",
            not dead,
            "届けられなかったお知らせはありません" if not dead else f"届けられなかったお知らせ {dead} 件",
            "no notice was undeliverable" if not dead else f"{dead} notices could not be delivered",
        ),
    ]


def _rows(found: dict[str, Any], lang: str) -> list[tuple[tuple[str, str], object]]:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    zone, never = ZoneInfo(found["zone"]), say(lang, "まだありません", "none yet")

    def at(value: Instant | None) -> str:
        return never if value is None else local_words(value, zone)

    cases = found["cases"]
    return [
        (("保存先", "Store"), found["database"]),
        (("種類", "Kind"), say(lang, "試行用", "trial") if found["trial"] else say(lang, "本番", "live")),
        (("現在", "Now"), at(found["now"])),
        (
            ("ケース", "Cases"),
            say(
                lang,
                f"支援中 {cases.get('open', 0)}、終結 {cases.get('closed', 0)}",
                f"{cases.get('open', 0)} open, {cases.get('closed', 0)} closed",
            ),
        ),
        (("名簿の版", "Directory"), found["directory_version"] or never),
        (("暦の版", "Calendar"), found["calendar_version"] or never),
        (("最後に動いた時計", "Last sweep"), at(found["last_sweep_at"])),
        (("次に動く時刻", "Next wake-up"), at(found["next_wake_at"])),
        (("鍵", "Key file"), found["key_file"]),
    ]
