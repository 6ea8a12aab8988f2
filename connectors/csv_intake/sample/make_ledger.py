"""Writes the sample ledger: two fiscal years of a consultation desk in a town that does not exist.

Run it as `python -m connectors.csv_intake.sample.make_ledger`. The same bytes
come out on every machine and in every year; a test compares them with the
committed `ledger.csv`. Every name, address and story is invented: surnames and
given names are common ones put together by a number generator, telephone
numbers begin with 0999-00 or 090-0000 so that nobody takes them for real.

The shape follows what such desks report: more consultations in April to June
and at the year's end, most households with one or two and a few with many,
topics mixed, half by phone. About one row in forty holds a slip that people
make; dates are spelled as each clerk spells them.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar

from connectors.csv_intake.sample import words

T = TypeVar("T")

SEED: Final = 20240401
FIRST_ON: Final = date(2024, 4, 1)
LAST_ON: Final = date(2026, 3, 31)
HOUSEHOLDS_PER_YEAR: Final = 585
LEDGER: Final = Path(__file__).with_name("ledger.csv")


class Dice:
    """Numbers that look drawn by lot and are the same for ever (SplitMix64, Steele et al. 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, bound: int) -> int:
        """Return a whole number from 0 to `bound` - 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) % 2**64
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) % 2**64
        return (mixed ^ (mixed >> 31)) % bound

    def chance(self, per_mille: int) -> bool:
        """Return true `per_mille` times in a thousand."""
        return self.below(1000) < per_mille

    def one(self, choices: Sequence[T]) -> T:
        """Return one of `choices`, each as likely as the others."""
        return choices[self.below(len(choices))]

    def weighed(self, choices: Sequence[tuple[T, int]]) -> T:
        """Return one of `choices`, as likely as its weight says."""
        left = self.below(sum(weight for _, weight in choices))
        for choice, weight in choices:
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("weights and draw disagree")


@dataclass
class Household:
    """A household as the desk knows it."""

    story: words.Story
    name: str
    kana: str
    born_on: date
    sex: str
    address: str
    district: str
    phone: str
    members: list[str] = field(default_factory=list)
    consent: str = "未確認"
    came: int = 0


def ledger_bytes() -> bytes:
    """Return the whole ledger as CP932 bytes, ready to be written."""
    dice = Dice(SEED)
    visits = sorted(_visits(dice), key=lambda visit: (visit[0], visit[1]))
    out = io.StringIO()
    writer = csv.writer(out)
    width = len(words.HEADINGS)
    writer.writerow(["伴走町　福祉相談台帳", *[""] * (width - 1)])
    writer.writerow(["令和6年度～令和7年度", *[""] * (width - 2), "福祉課"])
    writer.writerow([""] * width)
    writer.writerow(words.HEADINGS)
    year, number = 6, 0
    before: list[str] | None = None
    for on, _, household in visits:
        if on >= date(2025, 4, 1) and year == 6:
            year, number = 7, 0
            writer.writerow([""] * width)
            writer.writerow(words.HEADINGS)  # two years' sheets pasted into one
        number += 1
        row = _row(dice, on, f"R{year}-{number:04d}", household)
        for line in _with_slips(dice, row, before):
            writer.writerow(line)
        before = row
    writer.writerow([""] * width)
    return out.getvalue().encode("cp932")


def _visits(dice: Dice) -> list[tuple[date, int, Household]]:
    """Draw who comes when: a first time, and again as often as the story has it."""
    found: list[tuple[date, int, Household]] = []
    days = [FIRST_ON + timedelta(days=step) for step in range((LAST_ON - FIRST_ON).days + 1)]
    open_days = [day for day in days if _is_open(day)]
    weighed = [(day, words.MONTH_WEIGHT[day.month]) for day in open_days]
    for order in range(HOUSEHOLDS_PER_YEAR * 2):
        household = _household(dice)
        on = dice.weighed(weighed)
        again = dice.weighed(household.story.visits)
        for turn in range(again):
            found.append((on, order * 100 + turn, household))
            step = dice.weighed(((7, 3), (14, 4), (30, 6), (45, 3), (90, 4), (180, 2)))
            on = _next_open(on + timedelta(days=step + dice.below(5)))
            if on > LAST_ON:
                break
    return found


def _is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in words.CLOSED


def _next_open(day: date) -> date:
    while not _is_open(day):
        day += timedelta(days=1)
    return day


def _household(dice: Dice) -> Household:
    story = dice.weighed(words.STORIES)
    surname, surname_kana = dice.weighed(words.SURNAMES)
    sex = dice.weighed(story.sex)
    given, given_kana = dice.one(words.GIVEN_MEN if sex == "男" else words.GIVEN_WOMEN)
    low, high = story.ages
    born_on = date(2024, 4, 1) - timedelta(days=dice.below((high - low) * 365) + low * 365)
    district = dice.one(words.DISTRICTS)
    address = f"伴走町{district}{dice.below(5) + 1}丁目{dice.below(28) + 1}番{dice.below(20) + 1}号"
    if dice.chance(280):
        address += f"　{dice.one(words.BUILDINGS)}{dice.below(3) + 1}0{dice.below(8) + 1}"
    gap = dice.weighed((("　", 8), (" ", 3), ("", 1)))
    if story.foreign:
        name, kana = dice.one(words.FOREIGN)
    else:
        name, kana = surname + gap + given, f"{surname_kana}　{given_kana}"
    phone = f"0999-00-{dice.below(10000):04d}" if dice.chance(600) else f"090-0000-{dice.below(10000):04d}"
    household = Household(story, name, kana, born_on, sex, address, district, phone)
    household.members = [_member(dice, surname, born_on, relation) for relation in dice.one(story.households)]
    household.consent = dice.weighed(story.consent)
    return household


def _member(dice: Dice, surname: str, born_on: date, relation: str) -> str:
    older, men = words.RELATIONS[relation]
    given, _ = dice.one(words.GIVEN_MEN if men else words.GIVEN_WOMEN)
    born = born_on - timedelta(days=older * 365 + dice.below(1400) - 700)
    if born > date(2024, 3, 1):
        born = date(2024, 3, 1) - timedelta(days=dice.below(900))
    spelled = _era(born, "short") if dice.chance(600) else f"{2024 - born.year}歳"
    return f"{surname}　{given}（{relation}・{spelled}）"


def _era(on: date, style: str) -> str:
    for letter, name, start in words.ERAS:
        if on >= start:
            year = on.year - start.year + 1
            if style == "short":
                return f"{letter}{year}.{on.month}.{on.day}"
            return f"{name}{'元' if year == 1 else year}年{on.month}月{on.day}日"
    raise AssertionError("born before Meiji")


def _spelled(dice: Dice, on: date, clerk: int) -> str:
    """Spell a date as the clerk at the desk does, who now and then does it otherwise."""
    style = clerk % 5 if dice.chance(900) else dice.below(7)
    serial = (on - date(1899, 12, 30)).days
    return (
        _era(on, "short"),
        f"{on.year}/{on.month}/{on.day}",
        _era(on, "long"),
        f"{on.year}/{on.month:02d}/{on.day:02d}",
        _era(on, "short").replace(".", "/"),
        str(serial),
        _era(on, "short").translate(words.WIDE),
    )[style]


def _row(dice: Dice, on: date, number: str, household: Household) -> list[str]:
    story = household.story
    household.came += 1
    again = household.came > 1
    staff = words.WORKERS_2024 if on < date(2025, 4, 1) else words.WORKERS_2025
    clerk = dice.below(len(staff))
    channel = dice.weighed(story.channels)
    route = "民生委員" if channel == "民生委員" else dice.weighed(story.routes)
    topics = [*story.topics]
    if not again and dice.chance(350):
        topics.append(dice.one(words.EXTRA_TOPICS))
    summary = dice.one(story.follow_ups if again else story.openings)
    if dice.chance(60):
        summary += "\n" + dice.one(words.SECOND_LINES)
    if again and household.consent == "未確認" and dice.chance(400):
        household.consent = "同意あり"
    minute = dice.one(("00", "10", "15", "20", "30", "40", "45", "50"))
    birth = _spelled(dice, household.born_on, clerk) if dice.chance(900) else ""
    arrears = str(dice.below(6) + 1) if "家賃" in topics and dice.chance(700) else ""
    members = [*household.members, "", "", "", ""][:4]
    return [
        number,
        _spelled(dice, on, clerk),
        f"{8 + dice.weighed(words.HOUR_WEIGHT)}:{minute}",
        channel,
        route,
        household.name,
        household.kana if dice.chance(930) else "",
        birth,
        household.sex,
        household.address,
        household.district,
        household.phone,
        *members,
        "、".join(dict.fromkeys(topics)),
        summary,
        dice.weighed(story.urgency),
        arrears,
        household.consent,
        staff[clerk],
        dice.weighed(words.STATUSES_AGAIN if again else words.STATUSES),
        "",
    ]


def _with_slips(dice: Dice, row: list[str], before: list[str] | None) -> list[list[str]]:
    """Return the row as it was really typed: mostly right, now and then with a slip."""
    typed = [*row]
    left = dice.below(1000)
    slip = ""
    for name, per_mille in words.SLIPS:
        left -= per_mille
        if left < 0:
            slip = name
            break
    if slip in words.MISTYPED:
        heading, texts = words.MISTYPED[slip]
        typed[_at(heading)] = dice.one(texts)
    elif slip == "number_again" and before is not None:
        typed[_at("受付番号")] = before[_at("受付番号")]
    elif slip == "row_twice":
        return [typed, typed]
    elif slip == "blank_row":
        return [typed, [""] * len(typed)]
    elif slip == "zero_lost":
        typed[_at("電話番号")] = "90" + typed[_at("電話番号")].replace("-", "")[-8:]
    elif slip == "half_width":
        typed[_at("フリガナ")] = typed[_at("フリガナ")].translate(words.HALF)
    elif slip == "ditto" and before is not None and before[_at("受付日")] == row[_at("受付日")]:
        typed[_at("受付日")] = "〃"
    return [typed]


def _at(heading: str) -> int:
    return words.HEADINGS.index(heading)


def main() -> int:
    """Write `ledger.csv` beside this module."""
    LEDGER.write_bytes(ledger_bytes())
    sys.stdout.write(f"{LEDGER.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
