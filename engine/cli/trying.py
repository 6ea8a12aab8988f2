"""Trying a pathway: scenarios run on a moved clock, and what no scenario has come through yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.checker.finding import Severity
from engine.cli.authoring import finding_document, print_findings, print_verdict
from engine.cli.command import command
from engine.cli.failing import DONE, NO
from engine.cli.output import Output
from engine.cli.session import Session
from engine.cli.words import both, comma, say
from engine.core.pathway.compiled import Compiled
from engine.loading.catalogue import list_versions, shipped_calendar, shipped_pathways
from engine.loading.checked import check_file
from engine.loading.scenario import Scenario, load_scenario
from engine.simulation.coverage import Coverage
from engine.simulation.scenario import ScenarioFault, ScenarioRun, run_scenario
from engine.simulation.town import starts_of, town_of


def declare(app: typer.Typer) -> None:
    """Declare the command of this room."""
    command(app, "scenario", both("シナリオを時計を動かして試す", "Run scenarios on a moved clock"))(scenario)


class _Bench:
    """The pathways that scenarios need, each compiled once, and what has been come through of each."""

    def __init__(self, out: Output) -> None:
        self.out = out
        self.known: dict[Path, Compiled | None] = {}
        self.covered: dict[Path, Coverage] = {}
        self.ok = True

    def result(self, path: Path) -> dict[str, Any]:
        """Run one scenario and return what came of it, for programs; prints it for people."""
        loaded = load_scenario(path)
        if loaded.scenario is None:
            self.ok = False
            print_findings(self.out, loaded.findings)
            print_verdict(self.out, path, loaded.findings)
            return {
                "file": str(path),
                "ok": False,
                "findings": [finding_document(each) for each in loaded.findings],
            }
        wanted = loaded.scenario
        file = _file_of(path, wanted.pathway, wanted.version)
        if file is None:
            return self._unrun(
                path,
                f"支援経路 {wanted.pathway} のファイルが見つかりません。シナリオの近くに置いてください。",
                f"The file of the pathway {wanted.pathway} is not found; put it near the scenario.",
            )
        compiled = self._compiled(file)
        if compiled is None:
            return self._unrun(
                path,
                f"支援経路のファイル {file} に誤りがあるため、試せません。",
                f"It cannot be run: the pathway's file {file} has errors.",
            )
        try:
            run = self._run(path, wanted, compiled)
        except ScenarioFault as fault:
            return self._unrun(path, fault.ja, fault.en)
        self.covered.setdefault(file, Coverage()).add(run.coverage)
        self.ok = self.ok and run.ok
        _print_run(self.out, path, run)
        return _run_document(path, run, self.out.lang)

    def never(self) -> dict[str, dict[str, list[str]]]:
        """Return, by pathway file, what none of the scenarios came through."""
        found: dict[str, dict[str, list[str]]] = {}
        for file, covered in self.covered.items():
            compiled = self.known[file]
            assert compiled is not None, "it was run"
            found[str(file)] = _listed(covered.never(compiled))
        return found

    def _unrun(self, path: Path, ja: str, en: str) -> dict[str, Any]:
        self.ok = False
        self.out.line(f"✗ {path}: {ja}", f"✗ {path}: {en}", style="bold red")
        return {"file": str(path), "ok": False, "message": say(self.out.lang, ja, en)}

    def _compiled(self, file: Path) -> Compiled | None:
        if file not in self.known:
            checked = check_file(file)
            self.known[file] = checked.compiled() if checked.is_sound else None
            if not checked.is_sound:
                print_findings(
                    self.out, [each for each in checked.findings if each.severity is Severity.ERROR]
                )
        return self.known[file]

    def _run(self, path: Path, scenario: Scenario, compiled: Compiled) -> ScenarioRun:
        known = {compiled.name: compiled}
        waiting = [compiled]
        while waiting:
            for start in starts_of(waiting.pop().pathway):
                file = None if start.pathway in known else _file_of(path, start.pathway, None)
                linked = self._compiled(file) if file is not None else None
                if linked is not None:
                    known[linked.name] = linked
                    waiting.append(linked)
        calendar = shipped_calendar(compiled.pathway.calendar, 1)
        return run_scenario(scenario, compiled, calendar, town_of(*known.values()), known.get)


def scenario(
    session: Session,
    *,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help=both("シナリオのファイル", "Scenario files"))
    ],
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage",
            help=both("どのシナリオも通らなかったものを並べる", "List what no scenario came through"),
        ),
    ] = False,
) -> int:
    """Run scenarios."""
    bench = _Bench(session.out)
    results = [bench.result(path) for path in files]
    never = bench.never()
    for file, listed in never.items():
        _print_never(session.out, file, listed, named=coverage)
    session.out.document({"ok": bench.ok, "scenarios": results, "never": never})
    return DONE if bench.ok else NO


def _file_of(near: Path, name: str, version: int | None) -> Path | None:
    """Find a pathway's file: beside the scenario first, then among the shipped; the newest if none is named."""
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


def _listed(coverage: Coverage) -> dict[str, list[str]]:
    return {
        "states": sorted(coverage.states),
        "transitions": sorted(coverage.transitions),
        "outcomes": sorted(coverage.outcomes),
        "rungs": sorted(coverage.rungs),
    }


def _run_document(path: Path, run: ScenarioRun, lang: str) -> dict[str, Any]:
    return {
        "file": str(path),
        "title": run.scenario.title,
        "pathway": run.scenario.pathway,
        "ok": run.ok,
        "steps": [
            {
                "number": step.number,
                "line": step.line,
                "action": step.action,
                "at": step.at,
                "ok": step.ok,
                "unmet": [each.text(lang) for each in step.unmet],
            }
            for step in run.steps
        ],
        "never": _listed(run.never),
    }


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


_COVERED = {
    "states": ("状態", "states"),
    "transitions": ("行き先", "ways"),
    "outcomes": ("結果", "outcomes"),
    "rungs": ("督促の段", "rungs"),
}


def _print_never(out: Output, file: str, listed: dict[str, list[str]], *, named: bool) -> None:
    counts = [(_COVERED[kind][out.lang == "en"], names) for kind, names in listed.items() if names]
    if not counts:
        out.line(f"{file}: すべて通りました。", f"{file}: everything was come through.", style="green")
        return
    words = comma(out.lang).join(f"{label} {len(names)}" for label, names in counts)
    hint = ("", "") if named else ("（--coverage で一覧）", " (list them with --coverage)")
    out.line(
        f"{file}: どのシナリオも通らなかったもの: {words}{hint[0]}",
        f"{file}: never come through: {words}{hint[1]}",
    )
    for label, names in counts if named else ():
        out.text(f"    {label}: {', '.join(names)}")
