"""A pathway is put in force only when somebody who is there holds every role."""

from __future__ import annotations

from engine.checker.staffing import check_staffing
from engine.core.case.directory import Directory, Holder
from engine.core.pathway.model import Pathway
from engine.core.vocabulary import HolderKind, Standing

PATHWAY = Pathway.model_validate(
    {
        "pathway": "drawn", "version": 1, "effective_on": "2027-04-01", "title": "見本", "subject": "household",
        "max_silence": "90d",
        "roles": {
            "worker": {"label": "相談員", "above": "lead"}, "lead": "主任",
            "board": {"label": "会議", "kind": "meeting"},
        },
        "forms": {"intake": "intake.yaml"}, "opening": {"form": "intake", "state": "received"},
        "states": {"received": {}, "closed": {"final": True}},
    }
)  # fmt: skip


def person(name: str, *roles: str, standing: Standing = Standing.ACTIVE, team: str = "") -> Holder:
    teams = (team,) if team else ()
    return Holder(id=name, kind=HolderKind.PERSON, name=name, roles=roles, standing=standing, teams=teams)


def team(name: str, *roles: str) -> Holder:
    return Holder(id=name, kind=HolderKind.TEAM, name=name, roles=roles)


def said(*holders: Holder, desk: str = "lead1") -> list[tuple[str, str]]:
    directory = Directory(version=1, duty_desk=desk, holders={holder.id: holder for holder in holders})
    return [
        (each.code, str(each.place[-1]) if each.place else "") for each in check_staffing(PATHWAY, directory)
    ]


EVERYBODY = (person("w1", "worker"), person("lead1", "lead", team="t1"), team("t1", "board"))


def test_a_pathway_whose_roles_are_all_held_may_be_put_in_force() -> None:
    assert said(*EVERYBODY) == []


def test_a_role_that_nobody_holds_is_named_even_if_the_one_above_is_held() -> None:
    assert said(*EVERYBODY[1:]) == [("P220", "worker")]


def test_somebody_who_has_left_holds_nothing() -> None:
    assert said(person("w1", "worker", standing=Standing.LEFT), *EVERYBODY[1:]) == [("P220", "worker")]


def test_a_team_without_members_holds_nothing() -> None:
    assert said(person("w1", "worker"), person("lead1", "lead"), team("t1", "board")) == [("P220", "board")]


def test_a_meeting_is_not_held_by_one_person() -> None:
    assert said(EVERYBODY[0], person("lead1", "lead", "board")) == [("P222", "board")]


def test_an_empty_duty_desk_is_refused() -> None:
    assert said(*EVERYBODY, desk="nobody") == [("P221", "")]
