"""A people file says who holds work; a slip in it is told at its line, before anybody's work goes astray."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.checker.finding import Severity
from engine.core.vocabulary import HolderKind, HolderReason, Standing
from engine.loading.people import LoadedPeople, PeopleFile, directory_of, load_people, people_findings

TOWN = """\
municipality: 伴走町
duty_desk: duty
staff:
  - {id: yamada, name: 山田 花子, roles: [worker], teams: [life, duty], contact: 内線 12}
  - {id: sato, name: 佐藤 一郎, roles: lead, absent: [{from: 2026-12-01, to: 2026-12-14, cover: yamada}]}
  - {id: kato, name: 加藤 光, roles: [worker], teams: [life], left: true}
teams:
  duty: 当番窓口
  life: {name: 生活支援係, roles: [plan_meeting]}
agencies:
  hello_work: {name: ハローワーク伴走}
above: {worker: lead}
"""


def read(text: str) -> LoadedPeople:
    return load_people(text, "people.yaml")


def usable(text: str) -> PeopleFile:
    loaded = read(text)
    assert loaded.staff is not None, loaded.findings
    return loaded.staff


def codes(loaded: LoadedPeople) -> list[tuple[str, int, int]]:
    return [(each.code, each.line, each.column) for each in loaded.findings]


def with_staff(*entries: str, rest: str = "") -> str:
    return (
        "municipality: 町\nduty_desk: duty\nstaff:\n"
        + "".join(f"  - {each}\n" for each in entries)
        + (rest or "teams: {duty: 当番}\n")
    )


DESK = "{id: desk, name: 窓 口, teams: [duty]}"


def test_a_file_as_an_officer_writes_it_becomes_the_directory() -> None:
    directory = directory_of(usable(TOWN), 3)
    assert directory.version == 3
    assert directory.duty_desk == "duty"
    assert list(directory.holders) == ["yamada", "sato", "kato", "duty", "life", "hello_work"]
    assert directory.holders["yamada"].teams == ("life", "duty")
    assert directory.holders["yamada"].contact == "内線 12"
    assert directory.holders["sato"].roles == ("lead",)
    assert directory.holders["hello_work"].kind is HolderKind.AGENCY
    assert directory.above == {"worker": "lead"}
    assert directory.resolve("lead", {}, date(2026, 12, 14)).because is HolderReason.COVER
    assert directory.resolve("lead", {}, date(2026, 12, 15)).holder == "sato"
    assert directory.resolve("plan_meeting", {}, date(2026, 12, 1)).holder == "life"


def test_somebody_who_has_left_keeps_the_name_and_nothing_else() -> None:
    gone = directory_of(usable(TOWN), 1).holders["kato"]
    assert (gone.name, gone.standing) == ("加藤 光", Standing.LEFT)
    assert (gone.roles, gone.teams, gone.absences) == ((), (), ())


def test_a_good_file_has_no_findings() -> None:
    assert read(TOWN).findings == ()


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    loaded = load_people(tmp_path / "absent.yaml")
    assert [each.code for each in loaded.findings] == ["F019"]
    assert not loaded.usable
    with pytest.raises(ValueError, match="could not be read"):
        loaded.located([])


def test_a_file_that_is_no_yaml_is_told_at_its_line() -> None:
    [finding] = read("municipality: 町\nstaff: [\n").findings
    assert finding.code == "F005"
    assert finding.severity is Severity.ERROR


def test_every_fault_of_the_keys_comes_at_once_and_at_its_place() -> None:
    loaded = read(
        "municipality: 町\n"
        "duty_desk: duty\n"
        "desk: duty\n"
        "staff:\n"
        "  - {id: 3, name: 甲, absent: {from: 2026/1/1, to: 2026-01-02}, phone: 12}\n"
        "  - {name: 乙}\n"
        "teams: [duty]\n"
    )
    assert codes(loaded) == [
        ("F101", 3, 1), ("F102", 5, 10), ("F109", 5, 37), ("F101", 5, 64), ("F103", 6, 5), ("F102", 7, 8),
    ]  # fmt: skip
    assert "municipality" in loaded.findings[0].do_ja
    assert "contact" in loaded.findings[3].do_en
    assert "職員の id" in loaded.findings[4].ja


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        (with_staff(DESK, "{id: desk, name: 二人目}"), "D201", Severity.ERROR),
        (with_staff(DESK, rest="teams: {duty: 当番, desk: 同じ}\n"), "D201", Severity.ERROR),
        (with_staff(DESK, rest="teams: {duty: 当番}\nagencies: {duty: 同じ}\n"), "D201", Severity.ERROR),
        (with_staff(DESK, "{id: clock, name: 時計}"), "D202", Severity.ERROR),
        (with_staff(DESK, "{id: other, name: 窓 口}"), "D203", Severity.NOTE),
        (with_staff("{id: desk, name: 窓 口, teams: [duty, gone]}"), "D204", Severity.ERROR),
        (with_staff(DESK, "{id: a, name: 甲, roles: [w, w]}"), "D205", Severity.WARNING),
        (with_staff("{id: desk, name: 窓 口, teams: [duty, duty]}"), "D205", Severity.WARNING),
        (
            with_staff(DESK, "{id: a, name: 甲, absent: {from: 2026-12-02, to: 2026-12-01}}"),
            "D206",
            Severity.ERROR,
        ),
        (
            with_staff(
                DESK,
                "{id: a, name: 甲, absent: [{from: 2026-12-01, to: 2026-12-05}, {from: 2026-12-05, to: 2026-12-06}]}",
            ),
            "D207",
            Severity.ERROR,
        ),
        (
            with_staff(DESK, "{id: a, name: 甲, absent: {from: 2026-12-01, to: 2026-12-02, cover: a}}"),
            "D208",
            Severity.ERROR,
        ),
        (
            with_staff(
                DESK,
                "{id: a, name: 甲, absent: {from: 2026-12-01, to: 2026-12-02, cover: b}}",
                "{id: b, name: 乙, left: true}",
            ),
            "D209",
            Severity.ERROR,
        ),
        (
            with_staff(
                DESK,
                "{id: a, name: 甲, absent: {from: 2026-12-01, to: 2026-12-02, cover: out}}",
                rest="teams: {duty: 当番}\nagencies: {out: 外}\n",
            ),
            "D210",
            Severity.ERROR,
        ),
        (with_staff(DESK, rest="teams: {}\n"), "D213", Severity.ERROR),
        (with_staff("{id: a, name: 甲}"), "D214", Severity.ERROR),
        (with_staff("{id: a, name: 甲, teams: [duty], left: true}"), "D214", Severity.ERROR),
        (
            with_staff("{id: a, name: 甲, teams: [duty], absent: {from: 2026-12-01, to: 2026-12-02}}"),
            "D215",
            Severity.WARNING,
        ),
        (with_staff(DESK, rest="teams: {duty: 当番, empty: 空}\n"), "D216", Severity.WARNING),
        (with_staff(DESK, rest="teams: {duty: 当番}\nabove: {a: b, b: a}\n"), "D217", Severity.ERROR),
        (with_staff(DESK, rest="teams: {duty: 当番}\nabove: {a: a}\n"), "D217", Severity.ERROR),
        (
            with_staff(DESK, rest="teams: {duty: 当番, empty: {name: 空, roles: [w]}}\n"),
            "D218",
            Severity.WARNING,
        ),
        (
            with_staff(DESK, "{id: a, name: 甲, absent: {from: 2026-02-30, to: 2026-03-01}}"),
            "F109",
            Severity.ERROR,
        ),
    ],
)
def test_each_slip_between_entries_is_found(text: str, code: str, severity: Severity) -> None:
    loaded = read(text)
    found = [each for each in loaded.findings if each.code == code]
    assert found, codes(loaded)
    assert found[0].severity is severity
    assert loaded.usable is not any(each.severity is Severity.ERROR for each in loaded.findings)
    for each in found:
        assert each.line
        assert each.ja.endswith("。")
        assert each.do_ja.endswith("。")
        assert each.en.endswith(".")
        assert each.do_en.endswith(".")


def test_covers_in_a_circle_are_refused_only_when_all_are_away_on_one_day() -> None:
    a = "{{id: a, name: 甲, absent: {{from: 2026-12-01, to: {to}, cover: b}}}}"
    b = "{id: b, name: 乙, absent: {from: 2026-12-05, to: 2026-12-09, cover: a}}"
    apart = read(with_staff(DESK, a.format(to="2026-12-04"), b))
    together = read(with_staff(DESK, a.format(to="2026-12-05"), b))
    assert apart.findings == ()
    assert [(each.code, each.line) for each in together.findings] == [("D212", 5)]
    assert "a → b → a" in together.findings[0].ja


def test_a_role_of_a_pathway_that_nobody_holds_is_a_warning_with_a_place() -> None:
    loaded = read(TOWN)
    assert loaded.staff is not None
    [finding] = loaded.located(people_findings(loaded.staff, needed=("worker", "school_liaison")))
    assert (finding.code, finding.line, finding.severity) == ("D218", 3, Severity.WARNING)
    assert "school_liaison" in finding.ja


_IDS = st.sampled_from(["a", "b", "c", "d"])
_DAY = date(2026, 12, 1)


@st.composite
def _towns(draw: st.DrawFn) -> str:
    entries = [DESK]
    for name in "abcd":
        gaps = []
        for _ in range(draw(st.integers(0, 2))):
            first = draw(st.integers(0, 8))
            last = first + draw(st.integers(0, 4))
            cover = draw(st.none() | _IDS)
            gaps.append(
                f"{{from: {_DAY + timedelta(first)}, to: {_DAY + timedelta(last)}"
                + (f", cover: {cover}}}" if cover else "}")
            )
        entries.append(f"{{id: {name}, name: {name}, absent: [{', '.join(gaps)}]}}")
    return with_staff(*entries)


@given(_towns())
def test_in_a_usable_file_a_chain_of_covers_ends_at_somebody_present_or_somebody_without_cover(
    text: str,
) -> None:
    loaded = read(text)
    if loaded.staff is None:
        return
    directory = directory_of(loaded.staff, 1)
    for offset in range(14):
        on = _DAY + timedelta(offset)
        for person in "abcd":
            seen: list[str] = []
            current = person
            while current and (gap := directory.is_away(current, on)) is not None:
                assert current not in seen, "a circle was let through"
                seen.append(current)
                current = gap.cover
            found = directory.present(person, on)
            assert (found.holder if found else "") == current


@given(_towns())
def test_a_circle_is_told_exactly_when_some_day_has_one(text: str) -> None:
    loaded = read(text)
    told = {each.code for each in loaded.findings}
    if told & {"D206", "D207", "D208"}:
        return
    assert loaded.document is not None
    directory = directory_of(PeopleFile.model_validate(loaded.document.value), 1)
    circle = False
    for offset in range(14):
        for person in "abcd":
            current, seen = person, set[str]()
            while (
                current
                and current not in seen
                and (gap := directory.is_away(current, _DAY + timedelta(offset)))
            ):
                seen.add(current)
                current = gap.cover
            circle = circle or bool(current and current in seen)
    assert ("D212" in told) is circle


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_content_makes_reading_raise(content: bytes) -> None:
    loaded = load_people(content, "people.yaml")
    assert loaded.usable is (loaded.staff is not None)
    assert loaded.findings or loaded.usable
