"""Load pathways and scenarios for the tests, each file once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled, compile_pathway
from engine.core.pathway.form import FormSchema
from engine.loading.calendar import load_calendar
from engine.loading.pathway import load_pathway
from engine.loading.scenario import load_scenario
from engine.simulation.scenario import ScenarioRun, run_scenario
from engine.simulation.town import town_of

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "pathways"
LANGUAGE = Path(__file__).parent / "language"


@cache
def calendar() -> OfficeCalendar:
    """Return the shipped office calendar."""
    return load_calendar(SHIPPED / "calendars" / "office" / "v1.yaml")


@cache
def compiled(file: Path) -> Compiled:
    """Return a pathway ready to decide with; fails with its findings if it has any."""
    loaded = load_pathway(file)
    assert loaded.pathway is not None, [(each.file, each.line, each.ja) for each in loaded.findings]
    forms = {name: FormSchema(name, schema) for name, schema in loaded.forms.items()}
    return compile_pathway(loaded.pathway, forms, loaded.digest)


def pathway_file(name: str, beside: Path) -> Path:
    """Find the file of a pathway that a scenario names: shipped, or beside the feature scenarios."""
    shipped = SHIPPED / name
    if shipped.is_dir():
        return max(shipped.glob("v*.yaml"), key=lambda file: int(file.stem[1:]))
    return beside / "pathways" / f"{name}.yaml"


def run(file: Path) -> ScenarioRun:
    """Run one scenario file in its town."""
    loaded = load_scenario(file)
    assert loaded.scenario is not None, [(each.line, each.ja, each.do_ja) for each in loaded.findings]
    pathway = compiled(pathway_file(loaded.scenario.pathway, file.parent))

    def resolve(name: str) -> Compiled | None:
        found = pathway_file(name, file.parent)
        return compiled(found) if found.is_file() else None

    known = [found for name in ("child",) if (found := resolve(name)) is not None and file.parent == LANGUAGE]
    return run_scenario(loaded.scenario, pathway, calendar(), town_of(pathway, *known), resolve)
