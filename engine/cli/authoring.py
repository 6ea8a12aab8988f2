"""Commands for authors of pathways: check, try, publish, and the schemas that editors use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.checker.finding import Finding, Severity
from engine.cli.command import command
from engine.cli.failing import DONE, NO, Failure, failed
from engine.cli.output import Output
from engine.cli.session import Session
from engine.cli.words import both, say
from engine.core.pathway.compiled import Compiled
from engine.loading.catalogue import list_versions, shipped_calendar, shipped_pathways
from engine.loading.checked import check_file
from engine.loading.scenario import load_scenario
from engine.loading.schema import schema_files
from engine.services.publishing import Published
from engine.simulation.scenario import ScenarioFault, ScenarioRun, run_scenario
from engine.simulation.town import starts_of, town_of

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
    command(app, "scenario", both("シナリオを時計を動かして試す", "Run scenarios on a moved clock"))(scenario)
    command(
        app,
        "publish",
        both("支援経路を調べて公開する", "Check a pathway file and put it in force"),
        acts=True,
        clock=True,
    )(publish)
    command(app, "pathways", both("公開された支援経路の一覧", "List published pathways"))(pathways)
    command(app, "schema", both("編集ソフト向けの JSON Schema を出力する", "Print or write the JSON Schemas for editors"))(schema)  # fmt: skip


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


def scenario(
    session: Session,
    *,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help=both("シナリオのファイル", "Scenario files"))
    ],
) -> int:
    """Run scenarios."""
    results: list[dict[str, Any]] = []
    well = True
    for path in files:
        loaded = load_scenario(path)
        if loaded.scenario is None:
            print_findings(session.out, loaded.findings)
            results.append(
                {
                    "file": str(path),
                    "ok": False,
                    "findings": [finding_document(each) for each in loaded.findings],
                }
            )
            well = False
            continue
        compiled = _pathway_for(session, path, loaded.scenario.pathway, loaded.scenario.version)
        if compiled is None:
            well = False
            results.append({"file": str(path), "ok": False, "pathway": loaded.scenario.pathway})
            continue
        run = _run(path, loaded.scenario, compiled)
        well = well and run.ok
        results.append(_run_document(path, run, session.lang))
        _print_run(session.out, path, run)
    session.out.document({"ok": well, "scenarios": results})
    return DONE if well else NO


def _run(path: Path, scenario: Any, compiled: Compiled) -> ScenarioRun:
    known = {compiled.name: compiled}
    _linked(compiled, known, path)
    calendar = shipped_calendar(compiled.pathway.calendar, 1)
    try:
        return run_scenario(scenario, compiled, calendar, town_of(*known.values()), known.get)
    except ScenarioFault as fault:
        raise Failure(
            "scenario_fault", (fault.ja, fault.en, f"{path} を直してください。", f"Put {path} right.")
        ) from None


def _linked(compiled: Compiled, known: dict[str, Compiled], path: Path) -> None:
    for start in starts_of(compiled.pathway):
        if start.pathway in known:
            continue
        file = _file_of(path, start.pathway, None)
        checked = check_file(file) if file is not None else None
        if checked is not None and checked.is_sound:
            known[start.pathway] = checked.compiled()
            _linked(known[start.pathway], known, path)


def _file_of(near: Path, name: str, version: int | None) -> Path | None:
    """Find a pathway's file: beside the scenario first, then among the shipped ones; the newest if no version is named."""
    folders = [near.resolve().parent, *near.resolve().parents[1:3]]
    for folder in folders:
        for found in sorted(folder.glob("v*.yaml"), reverse=True):
            if folder.name == name and (version is None or found.stem == f"v{version}"):
                return found
    for root in (*folders, shipped_pathways()):
        versions = [
            each for each in list_versions(root) if each.pathway == name and version in (None, each.version)
        ]
        if versions:
            return versions[-1].path
    return None


def _pathway_for(session: Session, path: Path, name: str, version: int | None) -> Compiled | None:
    file = _file_of(path, name, version)
    if file is None:
        wanted = f"{name}/v{version}.yaml" if version else f"{name}/v1.yaml"
        raise failed(
            "file_unreadable",
            file=wanted,
            why=say(session.lang, "支援経路のファイルが見つかりません", "the pathway's file is not found"),
        )
    checked = check_file(file)
    if not checked.is_sound:
        print_findings(session.out, [each for each in checked.findings if each.severity is Severity.ERROR])
        print_verdict(session.out, file, checked.findings)
        return None
    return checked.compiled()


def _run_document(path: Path, run: ScenarioRun, lang: str) -> dict[str, Any]:
    return {
        "file": str(path),
        "title": run.scenario.title,
        "pathway": run.scenario.pathway,
        "ok": run.ok,
        "steps": [
            {"number": step.number, "line": step.line, "action": step.action, "at": step.at, "ok": step.ok, "unmet": [each.text(lang) for each in step.unmet]}
            for step in run.steps
        ],
        "never": run.never,
    }  # fmt: skip


def _print_run(out: Output, path: Path, run: ScenarioRun) -> None:
    mark, style = ("✓", "green") if run.ok else ("✗", "bold red")
    count = len(run.steps)
    out.line(
        f"{mark} {run.scenario.title}（{path}、{count} 手順）",
        f"{mark} {run.scenario.title} ({path}, {count} steps)",
        style=style,
    )
    for line in run.problems(out.lang):
        out.text(f"    {line}")


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
                    "pathway": each.pathway, "version": each.version, "title": title, "effective_on": each.effective_on,
                    "published_at": each.published_at, "published_by": each.published_by, "digest": each.digest,
                }
                for each, title in rows
            ]
        }
    )  # fmt: skip
    return DONE


def schema(
    session: Session,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help=both("pathway・form・people のどれか", "pathway, form or people"))] = "",
    write: Annotated[Path | None, typer.Option("--write", metavar="DIR", help=both("すべてをこのフォルダーに書き出す", "Write all of them into this folder"))] = None,
) -> int:  # fmt: skip
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
