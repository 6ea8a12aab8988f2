"""Give a command to a case: read it, decide, append, and do what follows in other cases, all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from engine.core.case import commands as cmd
from engine.core.case.case import EMPTY_CONTENT, Case, Content, Sealed
from engine.core.case.decide import decide
from engine.core.case.deliberation import ENGINE, Circumstances, Decision, Request, StartLinked, TellParent
from engine.core.case.directory import Directory
from engine.core.case.entry import Entry, entry_of
from engine.core.case.refusals import Refusal, refuse
from engine.core.officetime.fiscal import fiscal_year
from engine.core.vocabulary import Instant
from engine.services.notices import notices_of
from engine.services.office import Office
from engine.store.ports import Held
from engine.store.unit import Unit

LINKED_DEPTH_MAX = 4
"""A linked case may open another, but not without end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to: the entry that was recorded. `repeated` when it had been recorded before."""

    entry: Entry
    case: Case
    repeated: bool = False


class Casework:
    """Commands on cases, inside a unit of work that the caller opens and commits."""

    def __init__(self, office: Office, tell_earlier: Callable[[Instant], None] | None = None) -> None:
        self._office = office
        self._tell_earlier = tell_earlier

    def directory(self, unit: Unit) -> Directory:
        """Return who is there now. Raises NotReady."""
        return self._office.directory(unit)

    def open(self, unit: Unit, pathway: str, request: Request) -> Answer | Refusal:
        """Open a case under the version of a pathway in force today. `request.case` may be empty.

        The number is the fiscal year and the next of that year: 2026-00042.
        """
        repeated = self._repeated(unit, request)
        if repeated is not None:
            return repeated
        directory = self._office.directory(unit)
        compiled = self._in_force(unit, pathway, request.at)
        if compiled is None:
            return refuse("pathway_unknown", pathway=pathway).refusal
        around = Circumstances(compiled.pathway, compiled.calendar, directory)
        mark = unit.mark()
        number = request.case
        if not number:
            year = fiscal_year(around.calendar.local_date(request.at))
            number = f"{year}-{unit.next_number(year):05d}"
        answer = self._decide(unit, around, None, replace(request, case=number), depth=0)
        if isinstance(answer, Refusal):
            unit.rewind(mark)
        return answer

    def perform(self, unit: Unit, request: Request) -> Answer | Refusal:
        """Give a command to an existing case. The same key twice acts once and answers the same."""
        repeated = self._repeated(unit, request)
        if repeated is not None:
            return repeated
        return self._perform(unit, request, depth=0)

    def _perform(self, unit: Unit, request: Request, depth: int) -> Answer | Refusal:
        held = unit.case(request.case)
        if held is None:
            return refuse("case_unknown", case=request.case).refusal
        around = self._office.circumstances(unit, held.case)
        return self._decide(unit, around, held, request, depth)

    def _decide(
        self, unit: Unit, around: Circumstances, held: Held | None, request: Request, depth: int
    ) -> Answer | Refusal:
        case = None if held is None else held.case
        decision = decide(around, case, EMPTY_CONTENT if held is None else held.opened, request)
        if isinstance(decision, Refusal):
            return decision
        if not decision.entry.events:
            return Answer(decision.entry, decision.case)
        mark = unit.mark()
        record(unit, held, request.sealed, decision)
        for effect in decision.effects:
            refused = self._follow(unit, effect, request, decision, depth + 1)
            if refused is not None:
                unit.rewind(mark)
                return refused
        if self._tell_earlier is not None and decision.case.obligations:
            self._tell_earlier(min(live.wakes_at for live in decision.case.obligations.values()))
        return Answer(decision.entry, decision.case)

    def _follow(
        self, unit: Unit, effect: StartLinked | TellParent, request: Request, decision: Decision, depth: int
    ) -> Refusal | None:
        if depth > LINKED_DEPTH_MAX:
            return refuse("cascade_too_long").refusal
        if isinstance(effect, TellParent):
            command = cmd.Tell(name="ended", alias=effect.alias)
            told = Request(case=effect.number, command=command, actor=ENGINE, at=request.at)
            answer = self._perform(unit, told, depth)
            return answer if isinstance(answer, Refusal) else None
        found = self._in_force(unit, effect.pathway, request.at)
        if found is None:
            return refuse("pathway_unknown", pathway=effect.pathway).refusal
        content = decision.content
        # The household keeps the people it knows, as far as the other pathway has their roles.
        roles = {
            role: holder
            for role, holder in decision.case.roles.items()
            if role in found.pathway.pathway.roles and found.directory.can_hold(holder)
        }
        opening = Request(
            case=effect.number,
            command=cmd.OpenCase(parent=request.case, parent_alias=effect.alias, roles=roles),
            actor=ENGINE,
            at=request.at,
            sealed=Sealed(
                persons=tuple(content.persons.values()),
                household=content.household,
                address=content.address,
                phone=content.phone,
                forms={form: values for form, values in content.facts.items() if form in found.pathway.forms},
            ),
        )
        answer = self._decide(unit, found, None, opening, depth)
        return answer if isinstance(answer, Refusal) else None

    def _in_force(self, unit: Unit, pathway: str, at: Instant) -> Circumstances | None:
        """Return the version of a pathway in force at an instant, by the date of its own calendar."""
        newest = unit.pathway_latest(pathway)
        if not newest:
            return None
        calendar = self._office.around(unit, self._office.pathway(unit, pathway, newest)).calendar
        compiled = self._office.in_force(unit, pathway, calendar.local_date(at))
        return None if compiled is None else self._office.around(unit, compiled)

    def _repeated(self, unit: Unit, request: Request) -> Answer | Refusal | None:
        if not request.key:
            return None
        found = unit.entry_by_key(request.key)
        if found is None:
            return None
        number, seq = found
        held = unit.case(number)
        assert held is not None, "an entry has a case"
        entry = stored_entry(unit, number, seq)
        same = entry.command == request.command and entry.actor == request.actor
        if not same or (request.case and request.case != number):
            return refuse("key_reused", key=request.key).refusal
        return Answer(entry, held.case, repeated=True)


def stored_entry(unit: Unit, number: str, seq: int) -> Entry:
    """Return one entry of a case as it is recorded."""
    [stored] = list(unit.entries(number, after_seq=seq - 1, upto_seq=seq))
    return entry_of(stored.body)


def record(unit: Unit, held: Held | None, sealed: Sealed, decision: Decision) -> Held:
    """Append what was decided, with the messages it makes."""
    content = decision.stands if isinstance(decision.stands, Content) else None
    return unit.append(held, decision.entry, sealed, decision.case, content, notices_of(decision.entry))
