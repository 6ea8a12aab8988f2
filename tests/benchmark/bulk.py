"""Stores with a population in them, each made once in a run and copied for each round."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.api import Settings
from engine.core.vocabulary import Instant
from tests.benchmark import town as towns
from tests.benchmark.town import Template, Town


@dataclass(frozen=True)
class Population:
    """A closed store with `due` cases that fall due at `due_at` and `quiet` ones that do not."""

    settings: Settings
    due: int
    quiet: int
    due_at: Instant
    obligations: int
    empty_bytes: int


FIRST = 1001
"""Ids of copies begin here; what is below was opened by hand."""


@dataclass
class Bulk:
    """Makes populations below one folder."""

    folder: Path
    _made: dict[tuple[int, int, str], Population] = field(default_factory=dict)
    _copies: int = 0

    def sqlite(self, due: int, quiet: int = 0) -> Population:
        """Return a population on SQLite, made the first time."""
        key = (due, quiet, "")
        if key not in self._made:
            town = towns.found(self.folder / f"population-{due}-{quiet}")
            self._made[key] = populated(town, due, quiet)
            town.close()
        return self._made[key]

    def copy(self, population: Population, *, grouped: bool = False) -> Town:
        """Return an open copy of a population on SQLite; the next copy takes its place."""
        self._copies += 1
        settings = towns.copied(population.settings, self.folder / f"copy{self._copies % 2}")
        return warmed(towns.entered(settings, grouped=grouped))


def warmed(town: Town) -> Town:
    """Compile the pathway and decide once, as any engine has that has run for a minute."""
    with town.engine.reading() as reader:
        newest = reader.case_rows(limit=1)[0].number
    town.engine.verify(newest)
    return town


def populated(town: Town, due: int, quiet: int) -> Population:
    """Fill an empty town. The due ones have fallen due once: what comes next is a rung that tells somebody."""
    woken = towns.template(town, towns.open_template(town, towns.OPENED_AT, woken=True))
    # A second of an even number, so that the template's own number is odd.
    towns.open_template(town, towns.LATER_AT, woken=False)
    calm = towns.template(town, towns.open_template(town, towns.LATER_AT, woken=False))
    empty = town.file.stat().st_size if town.settings.database.startswith("sqlite") else 0
    # The case that was opened by hand is due as well.
    towns.load(town, towns.copies(woken, FIRST, due - 1))
    towns.load(town, towns.copies(calm, FIRST + due, quiet))
    chosen = (FIRST, FIRST + due - 2, *((FIRST + due + quiet - 1,) if quiet else ()))
    towns.check_copies(town, chosen)
    live = _live(woken) * due + _live(calm) * quiet
    return Population(town.settings, due, quiet, woken.wakes_at, live, empty)


def _live(template: Template) -> int:
    return sum(each["status"] == "live" for each in template.obligations)
