"""A small town for the store's tests: people, a pathway, and entries made by hand and folded for real."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.core.case.case import EMPTY_CONTENT, NOTHING_SEALED, Case, Content, Obligation, Person, Sealed
from engine.core.case.commands import AddNote, AnyCommand, OpenCase, Wake
from engine.core.case.directory import Directory, Holder
from engine.core.case.entry import Entry, Grounds
from engine.core.case.events import (
    AnyEvent,
    CaseOpened,
    NoteRecorded,
    ObligationFellDue,
    ObligationFulfilled,
    ObligationReplaced,
    ObligationScheduled,
)
from engine.core.case.fold import fold
from engine.core.vocabulary import Channel, HolderKind, HolderReason, ObligationKind, Standing, Subject
from engine.store.opening import Store
from engine.store.ports import Held, NoticeRow, PathwayVersion
from engine.store.unit import Unit

START = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
FAMILY = Sealed(persons=(Person(id="p1", name="見本 花子", birth_on=date(1990, 4, 2)),), household="見本")


def directory(version: int = 1, **changes: Holder | None) -> Directory:
    """Return two workers and their team; `changes` replaces a holder by id, None takes it away."""
    holders: dict[str, Holder] = {
        "sato": Holder(id="sato", kind=HolderKind.PERSON, name="佐藤", roles=("worker",), teams=("desk",)),
        "suzuki": Holder(
            id="suzuki", kind=HolderKind.PERSON, name="鈴木", roles=("worker",), teams=("desk",)
        ),
        "desk": Holder(id="desk", kind=HolderKind.TEAM, name="当番窓口"),
        "clinic": Holder(id="clinic", kind=HolderKind.AGENCY, name="診療所"),
    }
    for name, holder in changes.items():
        if holder is None:
            del holders[name]
        else:
            holders[name] = holder
    return Directory(version=version, duty_desk="desk", holders=holders)


def person(name: str, *, standing: Standing = Standing.ACTIVE, teams: tuple[str, ...] = ("desk",)) -> Holder:
    """Return a worker."""
    return Holder(id=name, kind=HolderKind.PERSON, name=name, standing=standing, teams=teams)


def settle(store: Store) -> None:
    """Release the directory and the pathway that the sample cases need."""
    with store.writing() as unit:
        unit.put_directory(directory(), START, "sato")
        unit.put_pathway(
            PathwayVersion(
                pathway="child", version=1, digest="0" * 64, effective_on=date(2026, 4, 1), text="id: child\n",
                forms="{}", published_at=START, published_by="sato",
            )
        )  # fmt: skip


def obligation(number: int, *, due_at: datetime = START + timedelta(days=7), **changes: Any) -> Obligation:
    """Return an obligation of 佐藤 that wakes when it is due."""
    fields: dict[str, Any] = {
        "number": number, "key": "call", "kind": ObligationKind.FOLLOW_UP, "holder": "sato", "role": "worker",
        "held_because": HolderReason.ROLE, "scheduled_at": START, "due_at": due_at, "due_on": due_at.date(),
        "wakes_at": due_at, "state": "opened",
    }  # fmt: skip
    return Obligation(**{**fields, **changes})


def step(
    unit: Unit,
    number: str,
    command: AnyCommand,
    *events: AnyEvent,
    sealed: Sealed = NOTHING_SEALED,
    at: datetime = START,
    key: str = "",
    notices: tuple[NoticeRow, ...] = (),
    actor: str = "sato",
) -> Held:
    """Append an entry with these events, folded into the case as services do it."""
    held = unit.case(number)
    entry = Entry(
        case=number, seq=1 if held is None else held.case.seq + 1, at=at, actor=actor, command=command,
        events=events, grounds=Grounds(calendar=1, directory=1), key=key,
    )  # fmt: skip
    before: Case | None = None if held is None else held.case
    content: Content = EMPTY_CONTENT if held is None else held.content
    case, content = fold(before, content, [(entry, sealed)])
    return unit.append(held, entry, sealed, case, content, notices)


def open_case(
    unit: Unit, number: str = "R8-1", *obligations: Obligation, sealed: Sealed = FAMILY, key: str = ""
) -> Held:
    """Open a case with these obligations, or with one."""
    opened = CaseOpened(
        pathway="child", version=1, subject=Subject.HOUSEHOLD, channel=Channel.VISIT, persons=("p1",)
    )
    scheduled = [ObligationScheduled(obligation=each) for each in obligations or (obligation(1),)]
    return step(unit, number, OpenCase(), opened, *scheduled, sealed=sealed, key=key)


def note(unit: Unit, number: str = "R8-1", text: str = "電話で様子を聞いた", *, key: str = "") -> Held:
    """Add a note."""
    return step(unit, number, AddNote(), NoteRecorded(), sealed=Sealed(note=text), key=key)


def fall_due(unit: Unit, number: str, which: int, at: datetime) -> Held:
    """Let the clock find an obligation overdue; it wakes again a day later."""
    event = ObligationFellDue(number=which, wakes_at=at + timedelta(days=1))
    return step(unit, number, Wake(), event, at=at, actor="clock")


def follow(unit: Unit, number: str, ends: int, begins: Obligation, at: datetime = START) -> Held:
    """Fulfil one obligation and schedule the next."""
    return step(
        unit, number, Wake(), ObligationFulfilled(number=ends), ObligationScheduled(obligation=begins), at=at
    )


def replace_obligation(unit: Unit, number: str, ends: int, begins: Obligation) -> Held:
    """Leave one state for another: its obligation gives way."""
    return step(
        unit, number, Wake(), ObligationReplaced(number=ends, because="left"),
        ObligationScheduled(obligation=begins),
    )  # fmt: skip
