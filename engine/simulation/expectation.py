"""Compare what a scenario expects with what stands, one sentence for every difference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.core.case.case import Obligation
from engine.core.case.directory import Directory
from engine.core.case.refusals import Refusal
from engine.loading.scenario_step import Expect, RefusedWritten, Step
from engine.simulation.track import Track, name_of, plays, role_name


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something that is not as written: what, what was expected and what was found."""

    what: str
    expected: str
    got: str
    ja: str
    en: str

    def text(self, lang: str = "ja") -> str:
        """Say it in `ja` or `en`."""
        return self.en if lang == "en" else self.ja


class Surroundings(Protocol):
    """What an expectation may ask about besides the case."""

    now: datetime
    directory: Directory

    def instant(self, text: str) -> datetime:
        """Read an instant."""

    def local(self, at: datetime) -> str:
        """Show an instant."""


def _differs(what: str, expected: object, got: object) -> Unmet:
    shown, found = _shown(expected), _shown(got)
    return Unmet(
        what,
        shown,
        found,
        f"{what}: {shown} のはずが {found} です。",
        f"{what}: expected {shown}, found {found}.",
    )


def _shown(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(sorted(map(str, value))) + "]"
    return "―" if value in (None, "") else str(value)


@dataclass(frozen=True, slots=True)
class _View:
    """What the checks look at."""

    track: Track
    around: Surroundings


def unmet(step: Step, track: Track, refusal: Refusal | None, around: Surroundings) -> list[Unmet]:
    """Return everything that is not as the step expects."""
    expect = step.expect
    assert expect is not None
    found: list[Unmet] = []
    if expect.refused is not None:
        found += _refusal(expect.refused, refusal)
    if track.case is None:
        if expect.model_fields_set - {"refused"}:
            found.append(_differs("case", "open", "not opened"))
        return found
    view = _View(track, around)
    for check in _CHECKS:
        found += check(expect, view)
    return found


def _refusal(written: RefusedWritten | object, refusal: Refusal | None) -> list[Unmet]:
    code = written.code if isinstance(written, RefusedWritten) else ""
    if written is False or refusal is None:
        return (
            [_differs("refused", code or written, refusal.code if refusal else "no")]
            if refusal or written
            else []
        )
    if not isinstance(written, RefusedWritten):
        return []
    found = []
    if written.code and written.code != refusal.code:
        found.append(_differs("refused", written.code, f"{refusal.code} ({refusal.sentence('ja')})"))
    said = (*refusal.because, *refusal.params.values())
    return found + [
        _differs("refused.because", reason, refusal.because or refusal.code)
        for reason in written.because
        if not any(re.search(rf"(?<!\w){re.escape(reason)}(?!\w)", each) for each in said)
    ]


def _states(expect: Expect, view: _View) -> list[Unmet]:
    assert view.track.case is not None
    active = view.track.case.configuration
    found = [_differs("in", state, active) for state in expect.in_ or () if state not in active]
    return found + [_differs("not_in", state, active) for state in expect.not_in or () if state in active]


def _dues(expect: Expect, view: _View) -> list[Unmet]:
    found = []
    for name, written in (expect.due or {}).items():
        live = view.track.live(name)
        shown = [str(each.due_on) if len(written) == 10 else view.around.local(each.due_at) for each in live]
        wanted = written if len(written) == 10 else view.around.local(view.around.instant(written))
        if wanted not in shown:
            found.append(_differs(f"due {name}", wanted, shown or "not live"))
    return found


def _lives(expect: Expect, view: _View) -> list[Unmet]:
    found = [
        _differs("live", name, _names(view.track)) for name in expect.live or () if not view.track.live(name)
    ]
    found += [
        _differs("not_live", name, _names(view.track))
        for name in expect.not_live or ()
        if view.track.live(name)
    ]
    for name, count in (expect.count or {}).items():
        if len(view.track.live(name)) != count:
            found.append(_differs(f"count {name}", count, len(view.track.live(name))))
    return found


def _names(track: Track) -> list[str]:
    assert track.case is not None
    return [each.key + (f"@{each.person}" if each.person else "") for each in track.case.obligations.values()]


def _those(track: Track, test: Callable[[Obligation], bool]) -> set[str]:
    assert track.case is not None
    return {
        name
        for each in track.case.obligations.values()
        if test(each)
        for name in (each.key, f"{each.key}@{each.person}")
    }


def _inbox(expect: Expect, view: _View) -> list[Unmet]:
    overdue, shown = (
        _those(view.track, lambda each: each.fell_due),
        _those(view.track, lambda each: each.is_open),
    )
    found = [_differs("overdue", name, overdue) for name in expect.overdue or () if name not in overdue]
    found += [_differs("in_inbox", name, shown) for name in expect.in_inbox or () if name not in shown]
    found += [_differs("not_in_inbox", name, shown) for name in expect.not_in_inbox or () if name in shown]
    for name, points in (expect.urgent or {}).items():
        known = [each.urgency for each in view.track.live(name)]
        if points not in known:
            found.append(_differs(f"urgent {name}", points, known))
    return found


def _exactly(what: str, expected: Sequence[str] | None, heard: Iterable[str], view: _View) -> list[Unmet]:
    if expected is None:
        return []
    heard = list(dict.fromkeys(heard))
    missing = [
        role
        for role in expected
        if not any(plays(each, role, view.around.directory, view.track.case) for each in heard)
    ]
    more = [
        each
        for each in heard
        if not any(plays(each, role, view.around.directory, view.track.case) for role in expected)
    ]
    if not missing and not more:
        return []
    return [_differs(what, expected, _roles(heard, view))]


def _hearing(expect: Expect, view: _View) -> list[Unmet]:
    heard = view.track.heard
    found = _at_least("escalated", expect.escalated, heard.escalated, view)
    for role in expect.not_escalated or ():
        if any(plays(each, role, view.around.directory, view.track.case) for each in heard.escalated):
            found.append(_differs("not_escalated", role, _roles(heard.escalated, view)))
    found += _at_least("agenda", expect.agenda, heard.agenda, view)
    return found + _at_least("notified", expect.notified, heard.notified, view)


def _at_least(what: str, expected: Sequence[str] | None, heard: Sequence[str], view: _View) -> list[Unmet]:
    """Compare who heard: an empty list means nobody, any other that these did, others or not."""
    if not expected:
        return _exactly(what, expected, heard, view)
    return [
        _differs(what, role, _roles(heard, view))
        for role in expected
        if not any(plays(each, role, view.around.directory, view.track.case) for each in heard)
    ]


def _roles(holders: Iterable[str], view: _View) -> list[str]:
    return [role_name(each, view.around.directory) for each in dict.fromkeys(holders)]


def _standing(expect: Expect, view: _View) -> list[Unmet]:
    assert view.track.case is not None
    found = []
    if expect.closed is not None and expect.closed == view.track.case.is_open:
        found.append(_differs("closed", expect.closed, not view.track.case.is_open))
    if expect.paused is not None and expect.paused != (view.track.case.pause is not None):
        found.append(_differs("paused", expect.paused, view.track.case.pause is not None))
    waiting = [name_of(each) for each in view.track.case.waiting.values()]
    if expect.waiting is not None and sorted(expect.waiting) != sorted(waiting):
        found.append(_differs("waiting", expect.waiting, waiting))
    for alias, wanted in (expect.linked or {}).items():
        linked = view.track.case.linked.get(alias)
        got = "none" if linked is None else "ended" if linked.ended else "open"
        if wanted != got:
            found.append(_differs(f"linked {alias}", wanted, got))
    return found


def _holders(expect: Expect, view: _View) -> list[Unmet]:
    found = []
    for name, role in (expect.holder or {}).items():
        holders = [each.holder for each in view.track.live(name)]
        if not any(plays(each, role, view.around.directory, view.track.case) for each in holders):
            found.append(_differs(f"holder {name}", role, holders or "not live"))
    for name, roles in (expect.held or {}).items():
        both = [each for live in view.track.live(name) for each in (live.holder, live.co_holder) if each]
        found += _exactly(f"held {name}", roles, both, view)
    return found


_CHECKS: tuple[Callable[[Expect, _View], list[Unmet]], ...] = (
    _states,
    _dues,
    _lives,
    _inbox,
    _hearing,
    _standing,
    _holders,
)
