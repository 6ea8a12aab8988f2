"""A memory of what a chart has already decided, for replay, dry runs and simulation.

The chart stays the meaning: every answer here is one that `Chart` gave. Live
work does not need it (a transaction costs more than a step); a million
simulated events do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from engine.core.pathway.chart import AskGuard, Chart, Step, TransitionSpec

# One situation with seven independent guards has 128 outcomes. Situations with
# more are remembered in part.
OUTCOMES_MAX: Final = 128

_Key = tuple[object, ...]


class _Asked(NamedTuple):
    """An inner node of a decision: the guard asked here, and what follows."""

    guard: str
    yes: _Decision
    no: _Decision
    outcomes: int


# A decision is the step itself once nothing is left to ask, None where the
# chart has not been yet.
_Decision = Step | _Asked | None


class MemoChart:
    """`Chart.enter` and `Chart.step` with a bounded memory in front.

    A situation is a configuration, a history and an event; its outcome may
    hang on guards, so it holds a tree of the guards that the chart asked, in
    its order. Guards must be pure functions of facts that stand still during
    the step; a guard may be asked twice when the answer is not yet known.
    What raises is not remembered.

    Holds `entries_max` situations at most. They live in two generations:
    when the young one is full, the old one is dropped and the young one takes
    its place, so whatever was used among the last `entries_max / 2` different
    situations is still there. Nothing is ever changed in place, so threads
    may share it without a lock: a race loses at most an entry.
    """

    def __init__(self, chart: Chart, entries_max: int = 4096) -> None:
        if entries_max < 2:
            raise ValueError(f"entries_max must be at least 2, not {entries_max}")
        self.chart = chart
        self.digest = chart.digest
        self.events = chart.events
        self.entries_max = entries_max
        # What a configuration offers is asked twice for every event that a person fires.
        self._offered = lru_cache(entries_max)(chart.offered)
        self._is_finished = lru_cache(entries_max)(chart.is_finished)
        self._young: dict[_Key, _Decision] = {}
        self._old: dict[_Key, _Decision] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def enter(self, state: str, guard: AskGuard) -> Step:
        """As `Chart.enter`."""
        key = (state,)
        return self._recall(key, guard) or self._learn(key, guard, lambda ask: self.chart.enter(state, ask))

    def step(
        self, configuration: Iterable[str], history: Mapping[str, Iterable[str]], event: str, guard: AskGuard
    ) -> Step:
        """As `Chart.step`. Tuples in document order, as a `Step` has them, are quickest."""
        active = configuration if type(configuration) is tuple else tuple(configuration)
        kept = tuple([(name, tuple(states)) for name, states in history.items()]) if history else ()
        key = (active, kept, event)
        return self._recall(key, guard) or self._learn(
            key, guard, lambda ask: self.chart.step(active, dict(kept), event, ask)
        )

    def offered(self, configuration: Iterable[str]) -> tuple[TransitionSpec, ...]:
        """As `Chart.offered`."""
        return self._offered(tuple(configuration))

    def is_finished(self, configuration: Iterable[str]) -> bool:
        """As `Chart.is_finished`."""
        return self._is_finished(tuple(configuration))

    def _recall(self, key: _Key, guard: AskGuard) -> Step | None:
        decision = self._young.get(key)
        if decision is None:
            decision = self._old.get(key)
            if decision is None:
                return None
            self._keep(key, decision)
        while type(decision) is _Asked:
            decision = decision.yes if guard(decision.guard) else decision.no
        assert not isinstance(decision, _Asked)
        return decision

    def _learn(self, key: _Key, guard: AskGuard, run: Callable[[AskGuard], Step]) -> Step:
        asked: list[tuple[str, bool]] = []

        def ask(name: str) -> bool:
            answer = bool(guard(name))
            asked.append((name, answer))
            return answer

        step = run(ask)
        known = self._young.get(key)
        if isinstance(known, _Asked) and known.outcomes >= OUTCOMES_MAX:
            known = None
        self._keep(key, _grown(known, asked, step))
        return step

    def _keep(self, key: _Key, decision: _Decision) -> None:
        if len(self._young) >= self.entries_max // 2 and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = decision


def _grown(decision: _Decision, asked: list[tuple[str, bool]], step: Step) -> _Decision:
    """The decision with one more path; the given one stays as it is."""
    if not asked:
        return step
    (guard, answer), rest = asked[0], asked[1:]
    yes, no = (decision.yes, decision.no) if isinstance(decision, _Asked) else (None, None)
    if answer:
        yes = _grown(yes, rest, step)
    else:
        no = _grown(no, rest, step)
    return _Asked(guard, yes, no, _outcomes(yes) + _outcomes(no))


def _outcomes(decision: _Decision) -> int:
    if decision is None:
        return 0
    return decision.outcomes if isinstance(decision, _Asked) else 1
