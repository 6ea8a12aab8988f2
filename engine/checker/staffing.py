"""Whether every role of a pathway is held by somebody who is there now. Asked when it is published."""

from __future__ import annotations

from collections.abc import Iterator

from engine.checker.catalogue import Words, found
from engine.checker.finding import Finding
from engine.core.case.directory import Directory
from engine.core.pathway.model import Pathway
from engine.core.vocabulary import HolderKind, RoleKind


def check_staffing(pathway: Pathway, directory: Directory) -> tuple[Finding, ...]:
    """Find roles that no active person or staffed team holds, and a duty desk that is empty.

    A role is not staffed by the one above it: the chain upwards is for when
    somebody leaves, not for a role that never was filled. Whoever is away for
    some days still holds the role.
    """
    return tuple(_staffing(pathway, directory))


def _staffing(pathway: Pathway, directory: Directory) -> Iterator[Finding]:
    if not directory.can_hold(directory.duty_desk):
        yield found("P221", ())
    for name, role in pathway.roles.items():
        holders = [
            holder
            for holder in directory.holders.values()
            if name in holder.roles and directory.can_hold(holder.id)
        ]
        words: Words = {"name": name, "label": role.label.ja}
        if not holders:
            yield found("P220", ("roles", name), at_key=True, **words)
        elif role.kind is not RoleKind.PERSON and all(each.kind is HolderKind.PERSON for each in holders):
            yield found("P222", ("roles", name), at_key=True, kind_ja=role.kind.ja, **words)
