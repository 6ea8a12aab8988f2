"""Who hears of what an entry brought: the messages that go into inboxes with it, in one transaction."""

from __future__ import annotations

from engine.core.case import events as ev
from engine.core.case.entry import Entry
from engine.core.vocabulary import HolderReason, ObligationKind
from engine.store.ports import NoticeRow

REQUESTS = frozenset(
    {ObligationKind.APPROVAL, ObligationKind.HANDOVER, ObligationKind.CONSENT, ObligationKind.PAUSE_REVIEW}
)


def notices_of(entry: Entry) -> list[NoticeRow]:
    """Return the messages of an entry, each to one holder, each holder once for each matter."""
    found: dict[NoticeRow, None] = {}
    for event in entry.events:
        for row in _of(event):
            found[row] = None
    return list(found)


def _of(event: ev.AnyEvent) -> list[NoticeRow]:
    match event:
        case ev.RungClimbed():
            about = f"rung.{event.rung}"
            rows = [NoticeRow(to, "reminder", event.number, about) for to in event.reminded]
            rows += [NoticeRow(to, "escalation", event.number, about) for to in event.notified]
            if event.agenda:
                rows.append(NoticeRow(event.agenda, "agenda", event.number, about))
            return rows
        case ev.Notified():
            return [NoticeRow(to, "notice", event.number, event.about) for to in event.to]
        case ev.HolderChanged() if event.held_because is HolderReason.LADDER:
            return [NoticeRow(event.holder, "handed", event.number, "ladder")]
        case ev.HolderChanged() if event.held_because is not HolderReason.HANDOVER and not event.co_holder:
            return [NoticeRow(event.holder, "handed", event.number, event.held_because.value)]
        case ev.RetryCame():
            return []
        case ev.ObligationScheduled() if event.obligation.kind in REQUESTS:
            held = event.obligation
            return [NoticeRow(held.holder, "request", held.number, held.kind.value)]
        case _:
            return []
