"""Whether every name that a pathway uses is one that it defines, and every name it defines is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.checker.catalogue import found
from engine.checker.finding import Finding, Place
from engine.checker.outline import Duty, Outline, Turn, nearest
from engine.core.pathway.compiled import DUTY_DESK, PSEUDO_ROLES, SHARING, STANDARD_LADDER
from engine.core.pathway.model import ConsentKind, Rung, Start


class _Names:
    """The names of a pathway, each asked for at a place; remembers which were used."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.pathway = outline.pathway
        self.used: dict[str, set[str]] = {"role": set(), "ladder": set(), "form": set()}

    def state(self, name: str | None, place: Place) -> Iterator[Finding]:
        if name is not None and name not in self.outline.by_name:
            yield found("F202", place, name=name, **nearest(name, self.outline.by_name))

    def role(self, name: str | None, place: Place, pseudo: Iterable[str] = ()) -> Iterator[Finding]:
        if name is None or name in pseudo:
            return
        if name in PSEUDO_ROLES:
            yield found("F205", place, name=name)
            return
        self.used["role"].add(name)
        if name not in self.pathway.roles:
            yield found("F204", place, name=name, **nearest(name, [*self.pathway.roles, *pseudo]))

    def roles(
        self, names: Iterable[str] | None, place: Place, pseudo: Iterable[str] = ()
    ) -> Iterator[Finding]:
        for index, name in enumerate(names or ()):
            yield from self.role(name, (*place, index), pseudo)

    def ladder(self, name: str | None, place: Place) -> Iterator[Finding]:
        if name is None:
            return
        self.used["ladder"].add(name)
        if name not in self.pathway.ladders and name != STANDARD_LADDER:
            yield found("F207", place, name=name, **nearest(name, [*self.pathway.ladders, STANDARD_LADDER]))

    def form(self, name: str | None, place: Place) -> Iterator[Finding]:
        if name is None:
            return
        self.used["form"].add(name)
        if name not in self.pathway.forms:
            yield found("F208", place, name=name, **nearest(name, self.pathway.forms))

    def consent(self, name: str | None, place: Place) -> Iterator[Finding]:
        if name is not None and name != SHARING and name not in self.pathway.consents:
            yield found("F209", place, name=name, **nearest(name, [SHARING, *self.pathway.consents]))


def references(outline: Outline, read_forms: Iterable[str]) -> Iterator[Finding]:
    """Find names that nothing defines, defined twice, or defined for nothing.

    `read_forms` are the forms whose facts some guard reads: they count as used.
    """
    names = _Names(outline)
    yield from _states(names)
    yield from _head(names)
    yield from _roles(names)
    for ladder, rungs in outline.pathway.ladders.items():
        for index, rung in enumerate(rungs):
            yield from _rung(names, rung, ("ladders", ladder, index))
    for kind, consent in outline.pathway.consents.items():
        yield from _consent_kind(names, consent, ("consents", kind))
    for duty in outline.duties:
        yield from _duty(names, duty)
    for turn in outline.turns:
        yield from _turn(names, turn)
    yield from _migration(names)
    names.used["form"].update(read_forms)
    yield from _unused(names)


def _states(names: _Names) -> Iterator[Finding]:
    seen: set[str] = set()
    for site in names.outline.sites:
        if site.name in seen:
            yield found("F201", site.at, at_key=True, name=site.name)
        seen.add(site.name)
        if site.written.to is not None:
            yield from names.state(site.written.to, (*site.at, "to"))
        yield from _start(names, site.written.start, (*site.at, "start"))


def _start(names: _Names, start: Start | None, place: Place) -> Iterator[Finding]:
    if start is not None and start.pathway == names.pathway.pathway:
        yield found("F227", (*place, "pathway"))


def _head(names: _Names) -> Iterator[Finding]:
    pathway = names.pathway
    yield from names.form(pathway.opening.form, ("opening", "form"))
    yield from names.state(pathway.opening.state, ("opening", "state"))
    if pathway.reopening is not None:
        yield from names.state(pathway.reopening.state, ("reopening", "state"))
    if pathway.pause is not None:
        yield from names.role(pathway.pause.approval, ("pause", "approval"), (DUTY_DESK,))
        yield from names.ladder(pathway.pause.ladder, ("pause", "ladder"))


def _roles(names: _Names) -> Iterator[Finding]:
    roles = names.pathway.roles
    for name, role in roles.items():
        if name in PSEUDO_ROLES:
            yield found("F213", ("roles", name), at_key=True, name=name)
        yield from names.role(role.above, ("roles", name, "above"), (DUTY_DESK,))
        seen = [name]
        above = role.above
        while above in roles and above not in seen:
            seen.append(above)
            above = roles[above].above
        if above == name:
            yield found("F226", ("roles", name, "above"), name=name)
    if STANDARD_LADDER in names.pathway.ladders:
        yield found("F214", ("ladders", STANDARD_LADDER), at_key=True)


def _rung(names: _Names, rung: Rung, place: Place) -> Iterator[Finding]:
    yield from names.roles(rung.remind, (*place, "remind"), PSEUDO_ROLES)
    yield from names.roles(rung.notify, (*place, "notify"), PSEUDO_ROLES)
    yield from names.role(rung.hand_to, (*place, "hand_to"), PSEUDO_ROLES - {"assignee"})
    if rung.agenda is None:
        return
    at = (*place, "agenda")
    role = names.pathway.roles.get(rung.agenda)
    if rung.agenda in PSEUDO_ROLES or (role is not None and role.kind != "meeting"):
        names.used["role"].add(rung.agenda)
        yield found("F206", at, name=rung.agenda)
    else:
        yield from names.role(rung.agenda, at)


def _consent_kind(names: _Names, consent: ConsentKind, place: Place) -> Iterator[Finding]:
    yield from names.role(consent.by, (*place, "by"), (DUTY_DESK,))
    yield from names.ladder(consent.ladder, (*place, "ladder"))


def _duty(names: _Names, duty: Duty) -> Iterator[Finding]:
    written, place = duty.written, duty.at
    # Work may be put straight to the duty desk; who is `assignee` follows from the work, not before it.
    yield from names.role(written.by, (*place, "by"), (DUTY_DESK,))
    yield from names.ladder(written.ladder, (*place, "ladder"))
    yield from names.form(written.form, (*place, "form"))
    for outcome, follows in (written.outcomes or {}).items():
        yield from names.roles(follows.notify, (*place, "outcomes", outcome, "notify"), PSEUDO_ROLES)
    for other in names.outline.duties_of(duty.state):
        if other is duty:
            return
        if other.key == duty.key:
            yield found("F228", place, at_key=True, name=duty.key, other=other.at[-2])


def _turn(names: _Names, turn: Turn) -> Iterator[Finding]:
    written, place = turn.written, turn.at
    yield from names.state(written.to, (*place, "to"))
    yield from names.roles(written.by, (*place, "by"), (DUTY_DESK,))
    for index, form in enumerate(written.requires or ()):
        yield from names.form(form, (*place, "requires", index))
    if written.consent is not None:
        yield from names.consent(written.consent.kind, (*place, "consent", "kind"))
        yield from names.state(written.consent.without, (*place, "consent", "without"))
    if written.approval is not None:
        yield from names.role(written.approval.by, (*place, "approval", "by"), (DUTY_DESK,))
        yield from names.ladder(written.approval.ladder, (*place, "approval", "ladder"))
    if written.refer is not None:
        yield from names.ladder(written.refer.ladder, (*place, "refer", "ladder"))
        yield from names.consent(written.refer.consent, (*place, "refer", "consent"))
    yield from _start(names, written.start, (*place, "start"))


def _migration(names: _Names) -> Iterator[Finding]:
    pathway = names.pathway
    keys = list(dict.fromkeys(duty.key for duty in names.outline.duties))
    for version, rules in (pathway.migrate.from_ if pathway.migrate is not None else {}).items():
        place: Place = ("migrate", "from", version)
        if int(version) >= pathway.version:
            yield found("F223", place, at_key=True, name=version, version=pathway.version)
        for old, new in rules.states.items():
            yield from names.state(new, (*place, "states", old))
        for key in rules.obligations:
            if key not in keys:
                yield found("F224", (*place, "obligations", key), at_key=True, name=key, **nearest(key, keys))


def _unused(names: _Names) -> Iterator[Finding]:
    pathway = names.pathway
    for code, key, kind, known in (
        ("F210", "roles", "role", pathway.roles),
        ("F211", "ladders", "ladder", pathway.ladders),
        ("F212", "forms", "form", pathway.forms),
    ):
        # The first role does the everyday work that no obligation writes (see engine.core.case.requesting).
        spared = {*PSEUDO_ROLES, STANDARD_LADDER, next(iter(pathway.roles))}
        for name in known:
            if name not in names.used[kind] and name not in spared:
                yield found(code, (key, name), at_key=True, name=name)
