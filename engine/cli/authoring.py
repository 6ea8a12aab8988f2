"""Commands for authors of pathways: check, try, publish, and the schemas that editors use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.checker.finding import Finding, Severity
from engine.cli.command import command
from engine.cli.failing import DONE, NO, failed
from engine.cli.output import Output
from engine.cli.session import Session
from engine.cli.words import both, say
from engine.loading.checked import check_file
from engine.loading.schema import schema_files
from engine.services.publishing import Published

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help=both("支援経路のファイル", "Pathway files"))
]


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    command(
        app,
        "check",
        both(
            "支援経路のファイルを調べる（誤りがあれば終了状態 1）", "Check pathway files (exit 1 on errors)"
        ),
    )(check)
    command(
        app,
        "publish",
        both("支援経路を調べて公開する", "Check a pathway file and put it in force"),
        acts=True,
        clock=True,
    )(publish)
    command(app, "pathways", both("公開された支援経路の一覧", "List published pathways"))(pathways)
    command(
        app,
        "schema",
        both("編集ソフト向けの JSON Schema を出力する", "Print or write the JSON Schemas for editors"),
    )(schema)


def check(session: Session, *, files: Files) -> int:
    """Check files."""
    results = []
    sound = True
    for path in files:
        checked = check_file(path)
        sound = sound and checked.is_sound
        results.append(
            {
                "file": str(path),
                "sound": checked.is_sound,
                "findings": [finding_document(each) for each in checked.findings],
            }
        )
        print_findings(session.out, checked.findings)
        print_verdict(session.out, path, checked.findings)
    session.out.document({"sound": sound, "files": results})
    return DONE if sound else NO


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return a finding for programs."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "ja": finding.ja,
        "en": finding.en,
        "do_ja": finding.do_ja,
        "do_en": finding.do_en,
        "path": list(finding.path),
    }


_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def print_findings(out: Output, findings: Sequence[Finding]) -> None:
    """Print findings as an author reads them: where, what, what to do, and the way that leads there."""
    for each in findings:
        style = _STYLES[each.severity]
        out.text(
            f"{each.code}  {each.file}:{each.line}:{each.column}  [{each.severity.label(out.lang)}]",
            style=style,
        )
        out.text(f"     {each.sentence(out.lang)}")
        out.text(f"     → {each.advice(out.lang)}")
        if each.path:
            out.text(f"     {say(out.lang, '経路', 'path')}: {' → '.join(each.path)}", style="dim")


def print_verdict(out: Output, path: Path, findings: Sequence[Finding]) -> None:
    """Print how a file fared, in a line."""
    errors = sum(each.severity is Severity.ERROR for each in findings)
    others = len(findings) - errors
    if errors:
        out.line(
            f"✗ {path}: 誤り {errors} 件、注意・参考 {others} 件",
            f"✗ {path}: {errors} errors, {others} other findings",
            style="bold red",
        )
    elif others:
        out.line(
            f"✓ {path}: 公開できます（注意・参考 {others} 件）",
            f"✓ {path}: can be published ({others} other findings)",
            style="green",
        )
    else:
        out.line(f"✓ {path}: 問題ありません", f"✓ {path}: nothing to put right", style="green")


def publish(
    session: Session,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=both("支援経路のファイル", "A pathway file"))],
) -> int:
    """Put a pathway in force."""
    with session.engine() as engine:
        published = engine.publish(file, actor=session.administrator())
    print_findings(session.out, published.findings)
    print_published(session.out, published)
    session.out.document(published_document(published))
    return DONE if published.done else NO


def published_document(published: Published) -> dict[str, Any]:
    """Return what came of publishing, for programs."""
    return {
        "done": published.done,
        "pathway": published.name,
        "version": published.version,
        "unchanged": published.unchanged,
        "findings": [finding_document(each) for each in published.findings],
    }


def print_published(out: Output, published: Published) -> None:
    """Print what came of publishing, in a line."""
    name, version = published.name, published.version
    if not published.done:
        errors = sum(each.severity is Severity.ERROR for each in published.findings)
        out.line(
            f"✗ 公開しませんでした（誤り {errors} 件）。",
            f"✗ It was not published ({errors} errors).",
            style="bold red",
        )
    elif published.unchanged:
        out.line(
            f"・ {name} 第{version}版は公開済みです（変更なし）。",
            f"· {name} version {version} is published already (unchanged).",
        )
    else:
        out.line(
            f"✓ {name} 第{version}版を公開しました。", f"✓ Published {name} version {version}.", style="green"
        )


def pathways(session: Session) -> int:
    """List published pathways."""
    with session.engine() as engine, engine.reading() as reader:
        rows = []
        for each in reader.pathways():
            compiled = engine.office.pathway(reader, each.pathway, each.version)
            rows.append((each, compiled.pathway.title.text(session.lang)))
    session.out.table(
        (
            ("支援経路", "Pathway"),
            ("版", "Version"),
            ("表題", "Title"),
            ("施行日", "In force from"),
            ("公開した人", "Published by"),
            ("ダイジェスト", "Digest"),
        ),
        [
            (each.pathway, each.version, title, each.effective_on, each.published_by, each.digest[:12])
            for each, title in rows
        ],
    )
    if not rows:
        session.out.line(
            "公開された支援経路はありません。bansou publish FILE で公開します。",
            "No pathway is published. Use `bansou publish FILE`.",
        )
    session.out.document(
        {
            "pathways": [
                {
                    "pathway": each.pathway,
                    "version": each.version,
                    "title": title,
                    "effective_on": each.effective_on,
                    "published_at": each.published_at,
                    "published_by": each.published_by,
                    "digest": each.digest,
                }
                for each, title in rows
            ]
        }
    )
    return DONE


def schema(
    session: Session,
    *,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help=both("pathway・form・people のどれか", "pathway, form or people")
        ),
    ] = "",
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            metavar="DIR",
            help=both("すべてをこのフォルダーに書き出す", "Write all of them into this folder"),
        ),
    ] = None,
) -> int:
    """Print or write the schemas."""
    import json  # noqa: PLC0415

    known = dict(schema_files())
    if write is not None:
        try:
            write.mkdir(parents=True, exist_ok=True)
            for file, text in known.items():
                (write / file).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise failed("file_unreadable", file=write, why=error.strerror or type(error).__name__) from None
        session.out.line(
            f"{len(known)} 個のファイルを {write} に書きました。",
            f"Wrote {len(known)} files to {write}.",
            style="green",
        )
        session.out.document({"done": True, "files": [str(write / file) for file in known]})
        return DONE
    wanted = name if name.endswith(".json") else f"{name or 'pathway'}.json"
    if wanted not in known:
        raise failed(
            "bad_parameter",
            name="NAME",
            value=name,
            expected=f"({', '.join(file.removesuffix('.json') for file in known)}) ",
            help="bansou schema --help",
        )
    session.out.text(known[wanted].rstrip("\n"))
    session.out.document(json.loads(known[wanted]))
    return DONE
