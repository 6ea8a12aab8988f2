"""A small town hall for scenarios: for every role of a pathway somebody who holds it, and a deputy."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.case.directory import Directory, Holder
from engine.core.pathway.compiled import Compiled
from engine.core.pathway.model import Everywhere, Pathway, Start
from engine.core.vocabulary import HolderKind, RoleKind

DUTY_DESK = "duty_desk"


def town_of(*pathways: Compiled, version: int = 1) -> Directory:
    """Return a directory in which every role of the pathways is staffed twice.

    The role `worker` is held by `worker1`, with `worker2` as deputy; a team or
    meeting is a holder called like its role with two members. The duty desk is
    the team `duty_desk`. Agencies are those that the files refer to.
    """
    holders: dict[str, Holder] = {}
    above: dict[str, str] = {}
    for number in (1, 2):
        _add(
            holders,
            Holder(id=f"duty{number}", kind=HolderKind.PERSON, name=f"当番 {number}", teams=(DUTY_DESK,)),
        )
    _add(holders, Holder(id=DUTY_DESK, kind=HolderKind.TEAM, name="当番窓口"))
    for compiled in pathways:
        for role, written in compiled.pathway.roles.items():
            if written.above is not None:
                above[role] = written.above
            is_person = written.kind is RoleKind.PERSON
            if not is_person:
                _add(holders, Holder(id=role, kind=HolderKind.TEAM, name=written.label.ja, roles=(role,)))
            for number in (1, 2):
                _add(
                    holders,
                    Holder(
                        id=f"{role}{number}", kind=HolderKind.PERSON, name=f"{written.label.ja} {number}",
                        roles=(role,) if is_person else (), teams=() if is_person else (role,),
                    ),
                )  # fmt: skip
        for agency in agencies_of(compiled.pathway):
            _add(holders, Holder(id=agency, kind=HolderKind.AGENCY, name=agency))
    return Directory(version=version, duty_desk=DUTY_DESK, holders=holders, above=above)


def _add(holders: dict[str, Holder], holder: Holder) -> None:
    holders.setdefault(holder.id, holder)


def agencies_of(pathway: Pathway) -> tuple[str, ...]:
    """Return the agencies that a pathway refers to, in the order of the file."""
    found: dict[str, None] = {}
    for state in _sections(pathway):
        for alternatives in (*state.on.values(), getattr(state, "always", None) or ()):
            for way in alternatives:
                if way.refer is not None:
                    found[way.refer.to] = None
    return tuple(found)


def starts_of(pathway: Pathway) -> tuple[Start, ...]:
    """Return the linked cases that a pathway can open."""
    found: list[Start] = []
    for state in _sections(pathway):
        start = getattr(state, "start", None)
        found += [start] if start is not None else []
        for alternatives in (*state.on.values(), getattr(state, "always", None) or ()):
            found += [way.start for way in alternatives if way.start is not None]
    return tuple(found)


def _sections(pathway: Pathway) -> Iterator[Everywhere]:
    waiting: list[Everywhere] = [pathway.everywhere, *pathway.states.values()]
    while waiting:
        section = waiting.pop(0)
        yield section
        inner = {**(getattr(section, "states", None) or {}), **(getattr(section, "parallel", None) or {})}
        waiting.extend(inner.values())
