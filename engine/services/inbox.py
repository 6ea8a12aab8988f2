"""What is to be done, and by whom: the inbox of a worker, the messages, the state of all cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from engine.core.case.case import Case, Content, Obligation
from engine.core.case.decide import reason_words
from engine.core.case.directory import Directory
from engine.core.case.standing import due_words, group_of
from engine.core.officetime.calendar import OfficeCalendar
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import HolderReason, InboxGroup, Instant, ObligationKind
from engine.services.office import Office
from engine.store.ports import InboxRow, Notice
from engine.store.reader import Reader

ITEMS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One piece of work: for which household, what, until when, and why it is on this list."""

    group: InboxGroup
    case: str
    number: int
    household: str
    work: str
    kind: ObligationKind
    state: str
    person: str
    due_at: Instant
    due_on: date
    due_words: str
    reasons: tuple[str, ...]
    urgency: int
    holder: str
    is_open: bool
    provisional: bool
    ref: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """The work of one worker, most pressing first within each group, and unread messages.

    `is_cut` says that there is more than `ITEMS_MAX`; what is left out falls due last.
    """

    worker: str
    name: str
    items: tuple[InboxItem, ...]
    unread: tuple[Notice, ...]
    is_cut: bool = False

    def group(self, group: InboxGroup) -> tuple[InboxItem, ...]:
        """Return the items of one group."""
        return tuple(item for item in self.items if item.group is group)


class NoSuchWorker(Exception):
    """Nobody of that id is in the directory."""


class InboxDesk:
    """Lists of work, read from one snapshot."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def of(self, reader: Reader, worker: str, now: Instant, lang: str = "ja") -> Inbox:
        """Return the inbox of a worker: their own work, their teams', and what they wait for.

        Work that has not opened yet (`opens: 14d` before due) is not shown; it
        is live all the same, and `bansou case` shows it.

        Raises:
            NoSuchWorker: nobody of that id is in the directory.
        """
        directory = self._office.directory(reader)
        found = directory.holders.get(worker)
        if found is None:
            raise NoSuchWorker(worker)
        holders = [worker, *found.teams]
        rows = {(row.case, row.number): row for row in reader.inbox(holders, limit=ITEMS_MAX)}
        awaited = {(row.case, row.number): row for row in reader.awaited_from(worker, limit=ITEMS_MAX)}
        items = self._items(reader, rows.values(), now, lang, directory, awaited=False)
        others = [row for key, row in awaited.items() if key not in rows]
        items += self._items(reader, others, now, lang, directory, awaited=True)
        order = {group: place for place, group in enumerate(InboxGroup)}
        items = [item for item in items if item.is_open or item.group is InboxGroup.OVERDUE]
        items.sort(key=lambda item: (order[item.group], *_rank(item), item.case, item.number))
        unread = reader.notices(holders)
        is_cut = ITEMS_MAX in (len(rows), len(awaited))
        return Inbox(
            worker, found.name, tuple(items), tuple(sorted(unread, key=lambda notice: notice.id)), is_cut
        )

    def _items(
        self,
        reader: Reader,
        rows: Iterable[InboxRow],
        now: Instant,
        lang: str,
        directory: Directory,
        *,
        awaited: bool,
    ) -> list[InboxItem]:
        rows = list(rows)
        held = reader.cases(sorted({row.case for row in rows}))
        items: list[InboxItem] = []
        for row in rows:
            found = held[row.case]
            live = found.case.obligations[row.number]
            around = self._office.circumstances(reader, found.case)
            items.append(
                item_of(
                    found.case, found.content, live, around.pathway, around.calendar, directory,
                    now=now, lang=lang, awaited=awaited,
                )
            )  # fmt: skip
        return items


def _rank(item: InboxItem) -> tuple[float, float]:
    """Today's work by how pressing it is; what is still to come by its date, so that no month jumps ahead."""
    due, pressing = item.due_at.timestamp(), -float(item.urgency)
    return (due, pressing) if item.group is InboxGroup.UPCOMING else (pressing, due)


def item_of(
    case: Case, content: Content, live: Obligation, pathway: Compiled, calendar: OfficeCalendar,
    directory: Directory, *, now: Instant, lang: str = "ja", awaited: bool = False,
) -> InboxItem:  # fmt: skip
    """Say one live promise in words."""
    group = group_of(
        kind=live.kind,
        due_at=live.due_at,
        due_on=live.due_on,
        now=now,
        today=calendar.local_date(now),
        awaited=awaited,
    )
    return InboxItem(
        group=group, case=case.number, number=live.number, household=household_words(case, content, lang),
        work=work_words(live, pathway, lang), kind=live.kind, state=pathway.label(live.state, lang) if live.state else "",
        person=_person_words(live, content), due_at=live.due_at, due_on=live.due_on,
        due_words=due_words(live.due_at, now, calendar, lang), reasons=_reasons(live, pathway, directory, lang),
        urgency=live.urgency, holder=name_of(directory, live.holder), is_open=live.is_open, provisional=live.provisional,
        ref=live.ref,
    )  # fmt: skip


def household_words(case: Case, content: Content, lang: str = "ja") -> str:
    """Name a case for a list: the household as recorded, else its first member, else the number."""
    if content.redacted:
        return "（削除済み）" if lang == "ja" else "(redacted)"
    if content.household:
        return content.household
    for person in case.persons:
        if person in content.persons and content.persons[person].name:
            name = content.persons[person].name
            return f"{name} 世帯" if lang == "ja" else f"household of {name}"
    return case.number


def work_words(live: Obligation, pathway: Compiled, lang: str = "ja") -> str:
    """Name a piece of work: what the file calls it, or what the engine's own kind is."""
    definition = pathway.definition(live.state, live.key)
    if definition is not None:
        return definition.written.label.text(lang)
    subject = live.key.partition(".")[2]
    if live.kind is ObligationKind.APPROVAL:
        subject = _event_words(pathway, subject, lang)
    return f"{live.kind.label(lang)}: {subject}" if subject else live.kind.label(lang)


def _event_words(pathway: Compiled, event: str, lang: str) -> str:
    for way in pathway.ways.values():
        if way.event == event and way.written.label is not None:
            return way.written.label.text(lang)
    return ("休止" if lang == "ja" else "pause") if event == "pause" else event


def _person_words(live: Obligation, content: Content) -> str:
    return content.persons[live.person].name if live.person in content.persons else live.person


def _reasons(live: Obligation, pathway: Compiled, directory: Directory, lang: str) -> tuple[str, ...]:
    """Say why a promise is on a list: its urgency, its rule, how it came to this holder."""
    said = list(reason_words(pathway, live.reasons, lang))
    if live.state:
        said.append(pathway.label(live.state, lang))
    if live.held_because not in (HolderReason.OWN, HolderReason.ROLE):
        said.append(live.held_because.label(lang))
    if live.co_holder:
        name = name_of(directory, live.co_holder)
        said.append(f"{name}と共同" if lang == "ja" else f"with {name}")
    if live.counterpart:
        name = name_of(directory, live.counterpart)
        said.append(f"相手: {name}" if lang == "ja" else f"with: {name}")
    return tuple(said)


def name_of(directory: Directory, holder: str) -> str:
    """Return the name of a holder as the directory has it now, or the id."""
    found = directory.holders.get(holder)
    return found.name if found is not None else holder


def names_of(directory: Directory, holders: Sequence[str]) -> str:
    """Return several names for a sentence."""
    return "、".join(name_of(directory, holder) for holder in holders)
