"""What an officer may write in a people file, key by key."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from engine.core.pathway.notation import CivilDate, Name, Part, explained, lift, listed

STAFF_MAX: Final = 5_000
LIST_MAX: Final = 100
TEXT_MAX: Final = 200

_ListOfNames = Annotated[
    tuple[Name, ...],
    Field(max_length=LIST_MAX),
    BeforeValidator(listed, json_schema_input_type=Name | Annotated[list[Name], Field(max_length=LIST_MAX)]),
]
_Text = Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]


def _sequence(written: Any) -> Any:
    return tuple(written) if isinstance(written, list) else written


class Away(Part):
    """Days on which somebody is away, and who acts meanwhile."""

    from_on: CivilDate = explained(
        "不在の最初の日", "The first day away.", required=True, alias="from", examples=["2026-12-01"]
    )
    to_on: CivilDate = explained(
        "不在の最後の日（その日を含む）", "The last day away, included.", required=True, alias="to"
    )
    cover: Name | None = explained("代わりに動く人かチームの id", "Who acts meanwhile: a person or a team.")


class StaffMember(Part):
    """One person who can hold work."""

    id: Name = explained(
        "職員の id。いちど使ったら変えない",
        "What records call this person. Once used it never changes.",
        required=True,
    )
    name: _Text = explained("氏名", "The full name.", required=True)
    roles: _ListOfNames = explained("担う役割", "The roles that this person has.", default=())
    teams: _ListOfNames = explained(
        "所属するチームの id", "The teams that this person belongs to.", default=()
    )
    absent: Annotated[
        tuple[Away, ...],
        Field(max_length=LIST_MAX),
        BeforeValidator(
            listed, json_schema_input_type=Away | Annotated[list[Away], Field(max_length=LIST_MAX)]
        ),
    ] = explained("不在の期間", "When this person is away.", default=())
    contact: _Text | None = explained("内線など、役所の中での連絡先", "Where colleagues reach this person.")
    left: bool = explained("退任した人は true", "True for somebody who has left.", default=False)


class Team(Part):
    """A desk or the secretariat of a meeting. Its members are the staff who name it."""

    name: _Text = explained("チームの名前", "What the team is called.", required=True)
    roles: _ListOfNames = explained("チームとして担う役割", "The roles that the team has.", default=())
    contact: _Text | None = explained("連絡先", "Where the team is reached.")


class Agency(Part):
    """A body outside to which cases are referred. It never holds work itself."""

    name: _Text = explained("機関の名前", "What the agency is called.", required=True)
    contact: _Text | None = explained("連絡先", "Where the agency is reached.")


_TeamEntry = Annotated[Team, BeforeValidator(lift("name"), json_schema_input_type=_Text | Team)]
_AgencyEntry = Annotated[Agency, BeforeValidator(lift("name"), json_schema_input_type=_Text | Agency)]


class PeopleFile(Part):
    """The whole file."""

    municipality: _Text = explained("市町村の名前", "The municipality.", required=True)
    duty_desk: Name = explained(
        "当番窓口のチームの id。担当が見つからない仕事はここに届く",
        "The team that gets whatever finds nobody else.",
        required=True,
    )
    staff: Annotated[
        tuple[StaffMember, ...], Field(min_length=1, max_length=STAFF_MAX), BeforeValidator(_sequence)
    ] = explained("職員", "The staff.", required=True)
    teams: dict[Name, _TeamEntry] = explained(
        "チームと会議の事務局", "Teams and the secretariats of meetings.", required=True, max_length=500
    )
    agencies: dict[Name, _AgencyEntry] = explained(
        "関係機関", "Agencies outside.", default=dict, max_length=2_000
    )
    above: dict[Name, Name] = explained(
        "役割と、その上位の役割", "Each role and the role above it.", default=dict, max_length=LIST_MAX
    )
