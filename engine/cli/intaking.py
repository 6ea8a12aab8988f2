"""The command that takes a consultation ledger in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.command import command
from engine.cli.failing import DONE, NO, Failure
from engine.cli.hook import INTAKE, part
from engine.cli.session import Session
from engine.cli.words import both, say

SHOWN_MAX = 20
"""Rejected rows shown on the terminal; the file has them all."""


def declare(app: typer.Typer) -> None:
    """Declare the command of this room."""
    explained = both("相談台帳（CSV）を取り込む", "Take a consultation ledger (CSV) in")
    command(app, "intake", explained, acts=True, clock=True)(intake)


def intake(
    session: Session,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help=both("相談台帳のファイル", "The ledger"))],
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            metavar="FILE",
            help=both("列の対応（既定は標準の対応）", "How columns map (default: the standard one)"),
        ),
    ] = None,
    pathway: Annotated[
        str,
        typer.Option(
            "--pathway",
            metavar="NAME",
            help=both("支援経路（既定は対応のファイルにあるもの）", "The pathway (default: the mapping's)"),
        ),
    ] = "",
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", metavar="FILE", help=both("読めない行の書き出し先", "Where unread rows are written")
        ),
    ] = None,
) -> int:
    """Take a ledger in."""
    what = say(session.lang, "台帳の取込", "the intake of ledgers")
    room = part(INTAKE, what)
    known = part("connectors.csv_intake.mapping", what)
    with session.engine() as engine:
        try:
            read = known.load_mapping(mapping) if mapping is not None else None
            with session.out.progress() as bar:
                task = bar.add_task(say(session.lang, "取り込んでいます", "Taking in"), total=None)
                report = room.take_in(
                    engine,
                    file,
                    actor=session.worker(),
                    mapping=read,
                    pathway=pathway,
                    rejects=rejects,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
        except Exception as error:
            meant = _intake_failure(error, str(file))
            if meant is None:
                raise
            raise meant from None
    return _reported(session, file, report)


def _reported(session: Session, file: Path, report: Any) -> int:
    out, changed, refused = session.out, report.changed, report.refused
    out.line(
        f"{file}: 新しく {report.opened} 件を受け付けました（取込済み {report.known} 件、取り込めなかった行 {report.rejected} 件）。",
        f"{file}: {report.opened} cases opened ({report.known} known before, {report.rejected} rows not taken in).",
        style="green" if not report.rejected else "yellow",
    )
    _print_rejects(session, report.rejects)
    for line, words in refused:
        out.line(f"  {line} 行目: {words}", f"  line {line}: {words}")
    for line, case in changed:
        out.line(
            f"  {line} 行目: 取込後に台帳が書き換えられています（ケース {case}）。",
            f"  line {line}: changed after it was taken in (case {case}).",
            style="yellow",
        )
    for name, count in sorted(report.unknown_workers.items()):
        out.line(
            f"  担当「{name}」は名簿に在籍していません（{count} 件は名簿の役割で割り当てました）。",
            f"  The worker “{name}” is not in the directory or has left ({count} cases went by role).",
            style="yellow",
        )
    if report.rejects is not None:
        out.line(
            f"  取り込めなかった行と理由: {report.rejects}",
            f"  Rows not taken in, with reasons: {report.rejects}",
        )
    out.document(
        {
            "done": not report.rejected,
            "opened": report.opened,
            "known": report.known,
            "rejected": report.rejected,
            "changed": [{"line": line, "case": case} for line, case in changed],
            "refused": [{"line": line, "message": words} for line, words in refused],
            "unknown_workers": report.unknown_workers,
            "rejects": report.rejects,
            "warnings": len(report.warnings),
        }
    )
    return NO if report.rejected else DONE


def _intake_failure(error: Exception, file: str) -> Failure | None:
    """Say what a connector has against a file. It brings its own words in both languages."""
    if not type(error).__module__.startswith("connectors."):
        return None
    sentence = getattr(error, "sentence", None)
    ja, en = (
        (sentence("ja"), sentence("en"))
        if callable(sentence)
        else (getattr(error, "ja", str(error)), getattr(error, "en", str(error)))
    )
    again = (
        "直してから、もう一度取り込んでください。何も取り込んでいません。",
        "Put it right and try again; nothing was taken in.",
    )
    return Failure("file_unusable", (str(ja), str(en), *again), file=file)


def _print_rejects(session: Session, rejects: Path | None) -> None:
    """Show the first rows that were not taken in: line, column, value, why and what to do."""
    if rejects is None:
        return
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(SHOWN_MAX), strict=False)]
    session.out.table(
        (("行", "Line"), ("列", "Column"), ("値", "Value"), ("理由", "Reason"), ("どうすれば", "What to do")),
        [[row.get(f"取込_{name}", "") for name in ("行", "列", "値", "理由", "どうすれば")] for row in rows],
        title=("取り込めなかった行", "Rows not taken in"),
    )
