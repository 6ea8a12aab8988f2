"""What can be wrong with a people file although every key is right: who covers whom, who is left at the desk.

Errors keep the file from coming into force: with them somebody's work could
reach nobody, or another than the one who was meant. Warnings and notes do not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from engine.checker.finding import Finding, Place, Severity
from engine.loading.people_file import PeopleFile, StaffMember
from engine.loading.syntax import shown

RESERVED: Final = frozenset({"clock", "engine"})
"""Names under which records say that no person acted."""


class _Gap(NamedTuple):
    """An absence with real days, and where it stands."""

    place: Place
    person: str
    from_on: date
    to_on: date
    cover: str


def people_findings(people: PeopleFile, needed: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return everything that is wrong with the people of a municipality, without places in lines.

    `needed` are roles that must be held besides those the file itself names:
    the roles of the pathways in force. A role nobody holds is a warning,
    because its work still reaches the role above or the duty desk.
    """
    gaps, dates = _gaps(people)
    found = [
        *_identity(people),
        *_memberships(people),
        *dates,
        *_gap_order(gaps),
        *_covers(people, gaps),
        *_circles(gaps),
        *_duty_desk(people, gaps),
        *_teams(people),
        *_above(people),
        *_roles(people, needed),
    ]
    return tuple(found)


def _finding(
    code: str,
    severity: Severity,
    place: Place,
    ja: str,
    en: str,
    do_ja: str,
    do_en: str,
    *,
    at_key: bool = False,
) -> Finding:
    return Finding(
        code=code, severity=severity, place=place, ja=ja, en=en, do_ja=do_ja, do_en=do_en, at_key=at_key
    )


def _active(people: PeopleFile) -> dict[str, StaffMember]:
    return {each.id: each for each in people.staff if not each.left}


def _members(people: PeopleFile) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in _active(people).values():
        for team in dict.fromkeys(each.teams):
            found[team].append(each.id)
    return found


def _identity(people: PeopleFile) -> Iterator[Finding]:
    entries: list[tuple[str, Place, bool]] = [
        (each.id, ("staff", at, "id"), False) for at, each in enumerate(people.staff)
    ]
    entries += [(name, ("teams", name), True) for name in people.teams]
    entries += [(name, ("agencies", name), True) for name in people.agencies]
    seen: set[str] = set()
    for name, place, at_key in entries:
        if name in seen:
            yield _finding(
                "D201", Severity.ERROR, place,
                f"id「{shown(name)}」が二度使われています。",
                f"The id '{shown(name)}' is used twice.",
                "職員・チーム・関係機関を通して、一つずつ違う id にしてください。",
                "Give every person, team and agency an id of its own.",
                at_key=at_key,
            )  # fmt: skip
        elif name in RESERVED:
            yield _finding(
                "D202", Severity.ERROR, place,
                f"id「{name}」は、人が動いたのではない記録に使う名前です。",
                f"The id '{name}' marks records in which no person acted.",
                "別の id にしてください。",
                "Choose another id.",
                at_key=at_key,
            )  # fmt: skip
        seen.add(name)
    names = Counter(each.name for each in people.staff)
    met: set[str] = set()
    for at, each in enumerate(people.staff):
        if names[each.name] > 1 and each.name in met:
            yield _finding(
                "D203", Severity.NOTE, ("staff", at, "name"),
                f"「{shown(each.name)}」という氏名の人がもう一人います。",
                f"Another person is called {shown(each.name)}.",
                "同姓同名でなければ、どちらかを消してください。台帳の担当者名からは見分けられません。",
                "If it is the same person, remove one. A ledger that gives only the name cannot tell them apart.",
            )  # fmt: skip
        met.add(each.name)


def _memberships(people: PeopleFile) -> Iterator[Finding]:
    for at, each in enumerate(people.staff):
        for n, team in enumerate(each.teams):
            if team not in people.teams:
                yield _unknown_team(("staff", at, "teams", n), team, people)
        yield from _twice(each.teams, ("staff", at, "teams"), "チーム", "team")
        yield from _twice(each.roles, ("staff", at, "roles"), "役割", "role")
    for name, team_ in people.teams.items():
        yield from _twice(team_.roles, ("teams", name, "roles"), "役割", "role")


def _unknown_team(place: Place, team: str, people: PeopleFile) -> Finding:
    return _finding(
        "D204", Severity.ERROR, place,
        f"「{shown(team)}」というチームはありません。",
        f"There is no team '{shown(team)}'.",
        f"teams に加えるか、次のどれかにしてください: {'、'.join(people.teams)}。",
        f"Add it to teams, or write one of {', '.join(people.teams)}.",
    )  # fmt: skip


def _twice(names: tuple[str, ...], place: Place, ja: str, en: str) -> Iterator[Finding]:
    for n, name in enumerate(names):
        if name in names[:n]:
            yield _finding(
                "D205", Severity.WARNING, (*place, n),
                f"{ja}「{shown(name)}」が二度書かれています。",
                f"The {en} '{shown(name)}' is listed twice.",
                "一つを消してください。",
                "Remove one.",
            )  # fmt: skip


def _gaps(people: PeopleFile) -> tuple[list[_Gap], list[Finding]]:
    """Return the absences of those who are still here, and the days that no calendar has."""
    gaps: list[_Gap] = []
    faults: list[Finding] = []
    for at, each in enumerate(people.staff):
        for n, gap in enumerate(each.absent):
            place: Place = ("staff", at, "absent", n)
            days = []
            for key, written in (("from", gap.from_on), ("to", gap.to_on)):
                try:
                    days.append(date.fromisoformat(written))
                except ValueError:
                    faults.append(_no_such_day((*place, key), written))
            if len(days) == 2 and not each.left:
                gaps.append(_Gap(place, each.id, days[0], days[1], gap.cover or ""))
    return gaps, faults


def _no_such_day(place: Place, written: str) -> Finding:
    return _finding(
        "F109", Severity.ERROR, place,
        f"「{written}」という日はありません。",
        f"There is no day {written}.",
        "月と日を確かめてください。",
        "Check the month and the day.",
    )  # fmt: skip


def _gap_order(gaps: list[_Gap]) -> Iterator[Finding]:
    by_person: dict[str, list[_Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.to_on < gap.from_on:
            yield _finding(
                "D206", Severity.ERROR, (*gap.place, "to"),
                f"不在の終わり {gap.to_on} が始まり {gap.from_on} より前です。",
                f"The absence ends on {gap.to_on}, before it begins on {gap.from_on}.",
                "from と to を確かめてください。",
                "Check from and to.",
            )  # fmt: skip
            continue
        for other in by_person[gap.person]:
            if gap.from_on <= other.to_on and other.from_on <= gap.to_on:
                yield _finding(
                    "D207", Severity.ERROR, gap.place,
                    f"同じ人の不在 {other.from_on}～{other.to_on} と重なっています。だれが代わるのか決まりません。",
                    f"It overlaps the absence {other.from_on} to {other.to_on}; who covers is undecided.",
                    "期間を分けてください。",
                    "Part the two.",
                )  # fmt: skip
        by_person[gap.person].append(gap)


def _covers(people: PeopleFile, gaps: list[_Gap]) -> Iterator[Finding]:
    active = _active(people)
    members = _members(people)
    gone = {each.id for each in people.staff if each.left}
    for gap in gaps:
        if not gap.cover:
            continue
        place = (*gap.place, "cover")
        if gap.cover == gap.person:
            yield _finding(
                "D208", Severity.ERROR, place,
                "不在の人が自分の代わりになっています。",
                "Somebody who is away covers for themselves.",
                "ほかの人かチームを書くか、cover を消してください。",
                "Name somebody else or a team, or leave cover out.",
            )  # fmt: skip
        elif gap.cover in gone and gap.cover not in active:
            yield _finding(
                "D209", Severity.ERROR, place,
                f"代わりの「{shown(gap.cover)}」は退任しています。",
                f"The cover '{shown(gap.cover)}' has left.",
                "今いる人かチームに改めてください。",
                "Name somebody who is here, or a team.",
            )  # fmt: skip
        elif gap.cover not in active and gap.cover not in people.teams:
            yield _finding(
                "D210", Severity.ERROR, place,
                f"代わりの「{shown(gap.cover)}」は職員にもチームにもありません。",
                f"The cover '{shown(gap.cover)}' is neither staff nor a team.",
                "staff か teams にある id を書いてください。関係機関は代われません。",
                "Write an id of staff or teams. An agency cannot cover.",
            )  # fmt: skip
        elif gap.cover in people.teams and gap.cover not in active and not members.get(gap.cover):
            yield _finding(
                "D211", Severity.WARNING, place,
                f"代わりのチーム「{shown(gap.cover)}」にはだれもいません。",
                f"The covering team '{shown(gap.cover)}' has no member.",
                "チームの人を決めるか、別の代わりを書いてください。",
                "Staff the team or name another cover.",
            )  # fmt: skip


def _circles(gaps: list[_Gap]) -> Iterator[Finding]:
    """Find absences that overlap so that everybody who should cover is away and covered by the next."""
    by_person: dict[str, list[_Gap]] = defaultdict(list)
    for gap in gaps:
        if gap.from_on <= gap.to_on:
            by_person[gap.person].append(gap)
    told: set[frozenset[str]] = set()
    for start in gaps:
        if start.from_on > start.to_on or not start.cover or start.cover == start.person:
            continue
        found = _circle(start, by_person)
        if found is None or frozenset(found.chain) in told:
            continue
        told.add(frozenset(found.chain))
        path = " → ".join([*found.chain, start.person])
        days = (found.from_on, found.to_on)
        yield _finding(
            "D212", Severity.ERROR, (*start.place, "cover"),
            f"{days[0]}～{days[1]} は全員が不在で、代わりが一周しています（{path}）。",
            f"From {days[0]} to {days[1]} all are away and cover for each other in a circle ({path}).",
            "その間にいる人かチームを、だれか一人の代わりにしてください。",
            "Let somebody who is there, or a team, cover for one of them.",
        )  # fmt: skip


class _Chain(NamedTuple):
    """Persons who cover one for the next, all away on the same days."""

    chain: tuple[str, ...]
    from_on: date
    to_on: date
    cover: str


def _circle(start: _Gap, by_person: Mapping[str, list[_Gap]]) -> _Chain | None:
    """Return the first chain of covers that comes back to who is away in `start`, or None."""
    waiting = [_Chain((start.person,), start.from_on, start.to_on, start.cover)]
    while waiting:
        current = waiting.pop()
        if current.cover == start.person:
            return current
        if current.cover in current.chain:
            continue
        for gap in by_person.get(current.cover, ()):
            from_on, to_on = max(gap.from_on, current.from_on), min(gap.to_on, current.to_on)
            if from_on <= to_on:
                waiting.append(_Chain((*current.chain, gap.person), from_on, to_on, gap.cover))
    return None


def _duty_desk(people: PeopleFile, gaps: list[_Gap]) -> Iterator[Finding]:
    desk = people.duty_desk
    place: Place = ("duty_desk",)
    if desk not in people.teams:
        yield _finding(
            "D213", Severity.ERROR, place,
            f"当番窓口「{shown(desk)}」は teams にありません。担当の見つからない仕事の行き先がなくなります。",
            f"The duty desk '{shown(desk)}' is no team: work that finds nobody would have nowhere to go.",
            "teams に加え、窓口の人の teams にも書いてください。",
            "Add it to teams, and to the teams of those who sit there.",
        )  # fmt: skip
        return
    members = _members(people).get(desk, [])
    if not members:
        yield _finding(
            "D214", Severity.ERROR, place,
            f"当番窓口「{shown(desk)}」に今いる人がいません。担当の見つからない仕事がだれにも届きません。",
            f"Nobody sits at the duty desk '{shown(desk)}': work that finds nobody would reach no one.",
            f"少なくとも一人の teams に {desk} を書いてください。",
            f"Write {desk} in the teams of at least one person.",
        )  # fmt: skip
        return
    away = [gap for gap in gaps if gap.person in members]
    for day in sorted({gap.from_on for gap in away}):
        if {gap.person for gap in away if gap.from_on <= day <= gap.to_on} >= set(members):
            yield _finding(
                "D215", Severity.WARNING, place,
                f"{day} は当番窓口の全員が不在です。",
                f"On {day} everybody at the duty desk is away.",
                "その日に窓口にいる人を加えてください。",
                "Add somebody who is there on that day.",
            )  # fmt: skip
            return


def _teams(people: PeopleFile) -> Iterator[Finding]:
    members = _members(people)
    for name, team in people.teams.items():
        if name != people.duty_desk and not members.get(name):
            yield _finding(
                "D216", Severity.WARNING, ("teams", name),
                f"チーム「{shown(team.name)}」にだれもいません。仕事は上位の役割か当番窓口に届きます。",
                f"The team '{shown(team.name)}' has no member; its work goes to the role above or the duty desk.",
                f"所属する人の teams に {name} を書くか、チームを消してください。",
                f"Write {name} in the teams of its members, or remove it.",
                at_key=True,
            )  # fmt: skip


def _above(people: PeopleFile) -> Iterator[Finding]:
    told: set[str] = set()
    for role in people.above:
        chain = [role]
        while (upper := people.above.get(chain[-1])) is not None and upper not in chain:
            chain.append(upper)
        if upper == role and not told & set(chain):
            told.update(chain)
            path = " → ".join([*chain, role])
            yield _finding(
                "D217", Severity.ERROR, ("above", role),
                f"役割の上下が一周しています（{path}）。",
                f"The roles stand above each other in a circle ({path}).",
                "いちばん上の役割の行を消してください。",
                "Remove the line of the highest role.",
            )  # fmt: skip


def _roles(people: PeopleFile, needed: Iterable[str]) -> Iterator[Finding]:
    members = _members(people)
    held = {role for each in _active(people).values() for role in each.roles}
    held |= {role for name, team in people.teams.items() if members.get(name) for role in team.roles}
    places: dict[str, tuple[Place, bool]] = {}
    for at, each in enumerate(people.staff):
        for n, role in enumerate(each.roles):
            places.setdefault(role, (("staff", at, "roles", n), False))
    for name, team in people.teams.items():
        for n, role in enumerate(team.roles):
            places.setdefault(role, (("teams", name, "roles", n), False))
    for role, upper in people.above.items():
        places.setdefault(role, (("above", role), True))
        places.setdefault(upper, (("above", role), False))
    for role in needed:
        places.setdefault(role, (("staff",), True))
    for role, (place, at_key) in places.items():
        if role not in held:
            yield _finding(
                "D218", Severity.WARNING, place,
                f"役割「{shown(role)}」を担う人がいません。",
                f"Nobody has the role '{shown(role)}'.",
                f"だれかの、または人のいるチームの roles に {role} を書いてください。"
                "それまでは上位の役割か当番窓口に届きます。",
                f"Write {role} in the roles of somebody, or of a team with members. "
                "Until then its work goes to the role above or the duty desk.",
                at_key=at_key,
            )  # fmt: skip
