"""Commands for who is there, and for the days on which the office is open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.api import Engine
from engine.checker.finding import Finding
from engine.cli.authoring import finding_document, print_findings, print_verdict
from engine.cli.command import command, group
from engine.cli.failing import DONE, NO, failed
from engine.cli.session import Session, calendar_of, directory_of
from engine.cli.words import both, comma, say
from engine.core.case.directory import Directory
from engine.core.vocabulary import HolderKind
from engine.loading.calendar import load_calendar, load_closures
from engine.loading.people import directory_of as directory_from
from engine.loading.people import load_people
from engine.services.publishing import PeopleLoaded


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    people = group(
        both(
            "職員・チーム・関係機関（引数なしで一覧）",
            "Staff, teams and agencies (lists them when called alone)",
        )
    )
    command(people, "list", both("名簿の一覧", "List the directory"), clock=True)(listed)
    command(people, "load", both("名簿を読み込む", "Load a directory"), acts=True, clock=True)(load)
    people.callback()(_hold)
    app.add_typer(people, name="people")
    calendar = group(both("開庁日の暦", "The office calendar"))
    command(
        calendar,
        "load",
        both(
            "開庁日の暦を読み込み、期限を数え直す（FILE を省くと付属の暦）",
            "Load an office calendar and count dates again (without FILE: the shipped one)",
        ),
        clock=True,
    )(load_days)
    calendar.callback()(_hold)
    app.add_typer(calendar, name="calendar")


def _hold() -> None:
    """Hold the commands."""


def listed(session: Session) -> int:
    """List who is there."""
    with session.engine() as engine:
        directory = directory_of(engine)
        today = calendar_of(engine).local_date(engine.now())
    lang = session.lang
    for kind in HolderKind:
        rows = []
        for each in directory.holders.values():
            if each.kind is not kind:
                continue
            away = directory.is_away(each.id, today)
            standing = each.standing.label(lang)
            if away is not None:
                cover = directory.holders[away.cover].name if away.cover in directory.holders else "―"
                standing = say(
                    lang,
                    f"不在 {away.until_on} まで（代行 {cover}）",
                    f"away until {away.until_on} (cover {cover})",
                )
            members = (
                comma(lang).join(directory.holders[one].name for one in directory.members(each.id))
                if kind is HolderKind.TEAM
                else comma(lang).join(each.teams)
            )
            rows.append((each.id, each.name, comma(lang).join(each.roles), members, standing, each.contact))
        if rows:
            members_title = ("構成員", "Members") if kind is HolderKind.TEAM else ("チーム", "Teams")
            session.out.table(
                (
                    ("番号", "Id"),
                    ("名前", "Name"),
                    ("役割", "Roles"),
                    members_title,
                    ("状態", "Standing"),
                    ("連絡先", "Contact"),
                ),
                rows,
                title=(kind.ja, kind.en),
            )
    desk = directory.holders[directory.duty_desk].name
    session.out.line(
        f"当番窓口: {desk}（名簿 第{directory.version}版）",
        f"Duty desk: {desk} (directory version {directory.version})",
    )
    session.out.document(
        {
            "version": directory.version,
            "duty_desk": directory.duty_desk,
            "above": directory.above,
            "holders": list(directory.holders.values()),
        }
    )
    return DONE


def load(
    session: Session,
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=both("名簿のファイル（YAML）", "A people file (YAML)"))
    ],
) -> int:
    """Load a directory."""
    with session.engine() as engine:
        loaded, findings = put_people(engine, file, session.administrator())
    print_findings(session.out, findings)
    if loaded is None:
        print_verdict(session.out, file, findings)
        session.out.document({"done": False, "findings": [finding_document(each) for each in findings]})
        return NO
    if not loaded.done:
        who = "、".join(
            f"{each.name}（{'、'.join(each.cases[:5])}{'…' if len(each.cases) > 5 else ''}）"
            for each in loaded.still_held
        )
        failure = failed("still_held", who=who)
        failure.more = {"still_held": list(loaded.still_held)}
        raise failure
    session.out.line(
        f"✓ 名簿 第{loaded.version}版: 職員 {loaded.persons} 人、チーム {loaded.teams}、"
        f"関係機関 {loaded.agencies}。担当を移したケース {loaded.rerouted} 件。",
        f"✓ Directory version {loaded.version}: {loaded.persons} staff, {loaded.teams} teams, "
        f"{loaded.agencies} agencies; work moved in {loaded.rerouted} cases.",
        style="green",
    )
    session.out.document(
        {"done": True, "findings": [finding_document(each) for each in findings], "loaded": loaded}
    )
    return DONE


def put_people(engine: Engine, file: Path, actor: str) -> tuple[PeopleLoaded | None, tuple[Finding, ...]]:
    """Put a people file in force; without a result, its findings say why not. Raises StoreError."""
    read = load_people(file)
    if read.staff is None:
        return None, read.findings
    directory: Directory = directory_from(read.staff, engine.next_directory_version())
    return engine.load_people(directory, actor=actor), read.findings


def load_days(
    session: Session,
    *,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help=both("暦のファイル", "A calendar file"))
    ] = None,
    closures: Annotated[
        Path | None,
        typer.Option(
            "--closures",
            metavar="FILE",
            help=both("自治体独自の閉庁日のファイル", "A file of the municipality's own closures"),
        ),
    ] = None,
) -> int:
    """Load a calendar."""
    with session.engine() as engine:
        if file is None and closures is None:
            moved = engine.load_shipped_calendar()
        else:
            calendar = load_calendar(file) if file is not None else calendar_of(engine)
            with engine.reading() as reader:
                newest = reader.calendar_latest(calendar.name)
            own = closures or session.settings.closures
            if own is not None:
                calendar = load_closures(own, calendar, version=max(calendar.version, newest + 1))
            moved = engine.load_calendar(calendar)
        known = calendar_of(engine)
    session.out.line(
        f"✓ 開庁日の暦 第{known.version}版（{known.known_until} まで確定）。期限が動いたケース {moved} 件。",
        f"✓ Office calendar version {known.version}, certain until {known.known_until}; a date moved in {moved} cases.",
        style="green",
    )
    session.out.document(
        {
            "done": True,
            "calendar": known.name,
            "version": known.version,
            "known_until": known.known_until,
            "moved": moved,
        }
    )
    return DONE
