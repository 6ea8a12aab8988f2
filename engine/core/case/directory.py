"""Who is there: people, teams, agencies, roles and absences, as one value of one version.

Routing ends at the duty desk, so nothing is ever assigned to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from engine.core.vocabulary import HolderKind, HolderReason, Standing

PRESENT_MAX = 10_000
"""So many roles and days are remembered for a version of the directory; then it begins anew."""


class Absence(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A holder is away from `from_on` to `until_on`, both included; `cover` acts meanwhile."""

    from_on: date
    until_on: date
    cover: str = ""


class Holder(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A person, a team or an agency. Only active persons and staffed teams can hold work."""

    id: str
    kind: HolderKind
    name: str
    standing: Standing = Standing.ACTIVE
    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()
    contact: str = ""


class Holding(Struct, frozen=True):
    """Who was found for a role, and why that one."""

    holder: str
    because: HolderReason


class NobodyAtTheDesk(Exception):
    """The duty desk has no active member. The directory refuses to come into force in this state."""


class Directory(Struct, frozen=True, kw_only=True, dict=True):
    """Everybody who can hold work, at one version. `above` names the role over a role."""

    version: int
    duty_desk: str
    holders: dict[str, Holder] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)

    def can_hold(self, holder: str) -> bool:
        """Whether `holder` may hold work: an active person, or a team with an active member."""
        found = self.holders.get(holder)
        if found is None or found.standing is not Standing.ACTIVE or found.kind is HolderKind.AGENCY:
            return False
        return found.kind is HolderKind.PERSON or bool(self.members(holder))

    def members(self, team: str) -> tuple[str, ...]:
        """Return the active persons of a team, in the order of the directory."""
        return self._members().get(team, ())

    def is_away(self, holder: str, on: date) -> Absence | None:
        """Return the absence of `holder` that covers `on`, if any."""
        found = self.holders.get(holder)
        if found is None:
            return None
        return next((gap for gap in found.absences if gap.from_on <= on <= gap.until_on), None)

    def resolve(self, role: str, own: Mapping[str, str], on: date, spread: int = 0) -> Holding:
        """Find who holds `role` for a case on a day.

        In this order: the case's own holder, the cover during an absence, the
        team that has the role, another holder of the role, the role above,
        the duty desk. `spread` picks among equals, so that cases are shared out.

        Raises:
            NobodyAtTheDesk: the last resort is not staffed.
        """
        seen: set[str] = set()
        while role and role not in seen:
            seen.add(role)
            found = self._own(role, own, on) or self._staffed(role, on, spread)
            if found is not None:
                above = len(seen) > 1
                return Holding(found.holder, HolderReason.ABOVE) if above else found
            role = self.above.get(role, "")
        if not self.can_hold(self.duty_desk):
            raise NobodyAtTheDesk(self.duty_desk)
        return Holding(self.duty_desk, HolderReason.DUTY_DESK)

    def present(self, holder: str, on: date) -> Holding | None:
        """Return `holder`, or whoever covers for them on that day; None if nobody does."""
        seen: set[str] = set()
        current = holder
        while current and current not in seen and self.can_hold(current):
            gap = self.is_away(current, on)
            if gap is None:
                return Holding(current, HolderReason.OWN if current == holder else HolderReason.COVER)
            seen.add(current)
            current = gap.cover
        return None

    def has_role(self, holder: str, role: str) -> bool:
        """Whether a person has a role, alone or through a team."""
        found = self.holders.get(holder)
        if found is None:
            return False
        if role in found.roles:
            return True
        return any(role in self.holders[team].roles for team in found.teams if team in self.holders)

    def acts_for(self, person: str, holder: str) -> bool:
        """Whether what `holder` holds is in the hands of `person`: themselves or their team."""
        if person == holder:
            return True
        found = self.holders.get(person)
        return found is not None and holder in found.teams

    def _own(self, role: str, own: Mapping[str, str], on: date) -> Holding | None:
        holder = own.get(role)
        return self.present(holder, on) if holder else None

    def _staffed(self, role: str, on: date, spread: int) -> Holding | None:
        found = self._present().get((role, on))
        if found is None:
            found = self._present()[role, on] = self._holding(role, on)
        return found[spread % len(found)] if found else None

    def _holding(self, role: str, on: date) -> tuple[Holding, ...]:
        """Return who of the holders of a role is there on a day: the team, else each person or their cover."""
        teams, persons = self._by_role().get(role, ((), ()))
        for team in teams:
            if self.can_hold(team):
                return (Holding(team, HolderReason.TEAM),)
        there = [found for person in persons if (found := self.present(person, on)) is not None]
        return tuple(
            each if each.because is HolderReason.COVER else Holding(each.holder, HolderReason.ROLE)
            for each in there
        )

    def _present(self) -> dict[tuple[str, date], tuple[Holding, ...]]:
        known: dict[tuple[str, date], tuple[Holding, ...]] = self.__dict__.setdefault("_present_on", {})
        if len(known) > PRESENT_MAX:
            known.clear()
        return known

    def _members(self) -> dict[str, tuple[str, ...]]:
        known: dict[str, tuple[str, ...]] | None = self.__dict__.get("_members_of")
        if known is None:
            made: dict[str, list[str]] = {}
            for holder in self.holders.values():
                if holder.kind is HolderKind.PERSON and holder.standing is Standing.ACTIVE:
                    for team in holder.teams:
                        made.setdefault(team, []).append(holder.id)
            known = {team: tuple(people) for team, people in made.items()}
            self.__dict__["_members_of"] = known
        return known

    def _by_role(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        known: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] | None = self.__dict__.get("_role_of")
        if known is None:
            teams: dict[str, list[str]] = {}
            persons: dict[str, list[str]] = {}
            for holder in self.holders.values():
                kept = {HolderKind.TEAM: teams, HolderKind.PERSON: persons}.get(holder.kind)
                for role in holder.roles if kept is not None else ():
                    kept.setdefault(role, []).append(holder.id)  # type: ignore[union-attr]
            known = {
                role: (tuple(teams.get(role, ())), tuple(persons.get(role, ())))
                for role in {*teams, *persons}
            }
            self.__dict__["_role_of"] = known
        return known
