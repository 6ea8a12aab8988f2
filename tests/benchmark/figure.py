"""One figure, and the table of all of them."""

from __future__ import annotations

import json
import statistics
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter

ROUNDS = 3


@dataclass(frozen=True)
class Figure:
    """A measured value. `ratio` is what `must` and `aim` speak of, in the sense that `ratio_of` says.

    `better` tells which way is good: "more" or "less". `floor` is what the raw
    rows reached in the same run, in the same unit.
    """

    ja: str
    en: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    ratio_of: str = ""
    must: float | None = None
    aim: float | None = None
    better: str = "more"

    @property
    def verdict(self) -> str:
        """Say whether the aim, the must or neither is reached; nothing where none is set."""
        shown = self.value if self.ratio is None else self.ratio
        for name, bound in (("aim", self.aim), ("must", self.must)):
            if bound is not None and (shown >= bound if self.better == "more" else shown <= bound):
                return name
        return "–" if self.must is None and self.aim is None else "below"


def seconds(work: Callable[[], object]) -> float:
    """Run something once and return how long it took."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def render(figures: Sequence[Figure]) -> str:
    """Write the table as plain text, heads in Japanese and English."""
    heads = (
        ("測ったもの", "measured"), ("値", "value"), ("単位", "unit"), ("下限", "floor"), ("比", "ratio"),
        ("必須", "must"), ("目標", "aim"), ("判定", "reached"),
    )  # fmt: skip
    rows = [[ja for ja, _ in heads], [en for _, en in heads]]
    for each in figures:
        rows.append([each.ja, *_cells(each)])
        rows.append([f"  {each.en}", *[""] * (len(heads) - 1)])
    widths = [max(_width(row[column]) for row in rows) for column in range(len(heads))]
    lines = []
    for row in rows:
        cells = [_left(row[0], widths[0])]
        cells += [_right(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(2, "─" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join(lines) + "\n"


def as_json(figures: Sequence[Figure], about: dict[str, object]) -> str:
    rows = [{**asdict(each), "reached": each.verdict} for each in figures]
    return json.dumps({"about": about, "figures": rows}, ensure_ascii=False, indent=2) + "\n"


def _cells(each: Figure) -> list[str]:
    sign = "≥" if each.better == "more" else "≤"
    return [
        _number(each.value), each.unit, "" if each.floor is None else _number(each.floor),
        "" if each.ratio is None else f"{each.ratio:.2f}", "" if each.must is None else f"{sign} {_bound(each.must)}",
        "" if each.aim is None else f"{sign} {_bound(each.aim)}", each.verdict,
    ]  # fmt: skip


def _bound(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:g}"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3g}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _left(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text
