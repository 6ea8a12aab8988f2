"""Commands for auditors: what happened, what stood at an instant, whether the decisions hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from engine.api import Engine
from engine.cli.casefile import CaseNumber, items_of, print_obligations, print_persons, state_words
from engine.cli.command import command
from engine.cli.failing import DONE, NO, failed
from engine.cli.reading import instant_of, value_words
from engine.cli.session import LAST_MINUTE, Session, directory_of, local_words, zone_of
from engine.cli.words import both, say
from engine.core.case.case import Content, Sealed
from engine.core.case.entry import Entry
from engine.core.pathway.compiled import Compiled
from engine.core.vocabulary import Instant
from engine.services.inbox import household_words
from engine.services.replay import Replayed, Verification
from engine.services.telling import Telling


def declare(app: typer.Typer) -> None:
    """Declare the commands of this room."""
    explained = both(
        "ケースの履歴を読む（--verify で判断をやり直して確かめる）",
        "Read a case's history; --verify takes every decision again",
    )
    command(app, "replay", explained, clock=True)(replay)


def replay(
    session: Session,
    *,
    case: CaseNumber,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="INSTANT",
            help=both(
                "この日時の姿を見る（日付だけなら、その日の終わり）",
                "As it stood then (a day alone means its end)",
            ),
        ),
    ] = "",
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help=both(
                "履歴の連なりを確かめ、すべての判断をやり直す（違えば終了状態 1）",
                "Check the chain and take every decision again (exit 1 on a difference)",
            ),
        ),
    ] = False,
) -> int:
    """Replay a case."""
    with session.engine() as engine:
        zone = zone_of(engine)
        instant = instant_of(at, zone, LAST_MINUTE) if at else None
        if verify:
            verification = engine.verify(case)
            if verification is None:
                raise failed("case_unknown", case=case)
            # A broken chain is the answer; a history that does not hold together is not told.
            replayed = engine.replay(case, instant) if verification.chain is None else None
        else:
            verification = None
            replayed = engine.replay(case, instant)
        if replayed is None and (verification is None or verification.chain is None):
            with engine.reading() as reader:
                known = reader.case(case) is not None
            raise failed("case_not_yet", case=case, at=at) if known else failed("case_unknown", case=case)
        document: dict[str, Any] = _told(session, engine, replayed, instant) if replayed is not None else {}
        document.setdefault("number", case)
    if verification is not None:
        _print_verification(session, verification)
        document["verification"] = {"sound": verification.sound, "result": verification}
    session.out.document(document)
    return DONE if verification is None or verification.sound else NO


def _told(session: Session, engine: Engine, replayed: Replayed, at: Instant | None) -> dict[str, Any]:
    out, lang, zone = session.out, session.lang, zone_of(engine)
    case, content, compiled = replayed.case, replayed.content, replayed.pathway
    telling = Telling(compiled, directory_of(engine), content, zone, lang)
    whose, title = household_words(case, content, lang), compiled.pathway.title.text(lang)
    out.line(
        f"ケース {case.number}  {whose}  —  {title} 第{compiled.version}版",
        f"Case {case.number}  {whose}  —  {title} version {compiled.version}",
        style="bold",
    )
    if at is not None:
        out.line(f"{local_words(at, zone)} の姿", f"As it stood at {local_words(at, zone)}")
    out.text("")
    history = []
    for entry, sealed in replayed.entries:
        told = _entry_document(telling, entry, sealed)
        history.append(told)
        _print_entry(session, telling, entry, told, zone)
    out.text("")
    out.line(
        f"状態: {case.status.label(lang)}・{state_words(case, compiled, lang)}",
        f"State: {case.status.label(lang)}, {state_words(case, compiled, lang)}",
        style="bold",
    )
    print_persons(out, case, content)
    facts = facts_of(content, compiled, lang)
    if facts and at is not None:
        out.table(
            (("事実", "Fact"), ("項目", "Field"), ("値", "Value")),
            facts,
            title=("記録された事実", "Recorded facts"),
        )
    items = items_of(engine, case, content, compiled, lang, now=at)
    print_obligations(out, items)
    return {"case": case, "content": content, "at": at, "history": history, "obligations": list(items)}


def _entry_document(telling: Telling, entry: Entry, sealed: Sealed) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "who": telling.who(entry.actor),
        "what": telling.deed(entry),
        "told": telling.sentences(entry),
        "why": sealed.note,
        "rules": telling.rules(entry),
        "grounds": entry.grounds,
        "command": entry.command,
        "events": entry.events,
        "forms": sealed.forms,
    }


def _print_entry(session: Session, telling: Telling, entry: Entry, told: dict[str, Any], zone: Any) -> None:
    out, lang = session.out, session.lang
    out.text(f"{entry.seq:>4}  {local_words(entry.at, zone)}  {told['who']}  {told['what']}", style="bold")
    for sentence in told["told"]:
        out.text(f"        {sentence}")
    if told["why"]:
        first, *more = told["why"].splitlines() or [""]
        out.text(f"        {say(lang, '記録・理由', 'words')}: {first}")
        for line in more:
            out.text(f"            {line}")
    if told["rules"]:
        joined = f"{telling.pathway.name} v{telling.pathway.version}: " + ", ".join(
            rule.partition(": ")[2] for rule in told["rules"]
        )
        out.text(f"        {say(lang, '規則', 'rule')}: {joined}", style="dim")


def _print_verification(session: Session, found: Verification) -> None:
    out = session.out
    if found.sound:
        out.line(
            f"✓ 記録 {found.entries} 件・出来事 {found.events} 件: 連なりは完全で、やり直した判断もすべて同じでした。",
            f"✓ {found.entries} entries, {found.events} events: "
            "the chain is whole and every decision taken again is the same.",
            style="green",
        )
        if found.redacted:
            out.line(
                "  個人の内容は削除済みのため、それに基づく判断は確かめていません。",
                "  What is personal is redacted; decisions that rested on it were not taken again.",
            )
        return
    if found.chain is not None:
        out.line(
            f"✗ 第{found.chain.seq}件: {found.chain.ja}",
            f"✗ entry {found.chain.seq}: {found.chain.en}",
            style="bold red",
        )
    for each in found.differences:
        what = {
            "events": ("判断が違います", "the decision differs"),
            "refused": ("いまは断られます", "it is refused now"),
            "projection": ("今の姿が履歴と違います", "what is stored is not what the history gives"),
            "content": ("個人の内容が履歴と違います", "the personal content is not what the history gives"),
        }.get(each.what, (each.what, each.what))
        out.line(f"✗ 第{each.seq}件: {what[0]}", f"✗ entry {each.seq}: {what[1]}", style="bold red")
        out.text(f"    {say(session.lang, '記録', 'recorded')}: {each.recorded}")
        out.text(f"    {say(session.lang, '再判断', 'again')}: {each.again}")


def facts_of(content: Content, compiled: Compiled, lang: str) -> list[tuple[str, str, str]]:
    """Return every recorded fact: its name, what its form calls it, and its value in words."""
    rows: list[tuple[str, str, str]] = []
    for form, values in content.facts.items():
        schema = compiled.forms.get(form)
        for name, value in values.items():
            label = schema.label(name) if schema is not None else None
            called = "" if label is None else (label.en if lang == "en" else label.ja)
            rows.append((f"{form}.{name}", called, value_words(schema, name, value, lang)))
    return rows
