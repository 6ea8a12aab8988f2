"""Giving a command to a case from the command line, and telling what it came to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from engine.api import Engine
from engine.cli.casefile import items_of, print_obligations, state_words
from engine.cli.failing import DONE, failed
from engine.cli.reading import forms_of
from engine.cli.session import Session, pathway_of, zone_of
from engine.cli.words import both
from engine.core.case import commands as cmd
from engine.core.case.case import Sealed
from engine.core.vocabulary import Labelled
from engine.services.casework import Answer
from engine.services.telling import Telling

T = TypeVar("T", bound=Labelled)

FormFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--form",
        metavar="FORM=FILE",
        help=both("様式をファイルから（YAML か JSON）", "A form from a file (YAML or JSON)"),
    ),
]
FormFields = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="FORM.FIELD=VALUE", help=both("様式の項目を一つずつ", "One field of a form")
    ),
]
Note = Annotated[
    str,
    typer.Option(
        "--note",
        metavar="TEXT",
        help=both(
            "書き添える文章・理由（@FILE でファイルから）",
            "Words or the reason that go with it (@FILE reads a file)",
        ),
    ),
]
Number = Annotated[
    int,
    typer.Argument(
        metavar="NUMBER",
        help=both("約束の番号（bansou case で見られる）", "The number of the obligation (see `bansou case`)"),
    ),
]


def act(session: Session, case: str, command: cmd.AnyCommand, sealed: Sealed) -> int:
    """Give a command to a case as whoever acts, and tell what it came to."""
    actor = session.worker()
    with session.engine() as engine:
        return perform(session, engine, case, command, actor, sealed)


def perform(
    session: Session, engine: Engine, case: str, command: cmd.AnyCommand, actor: str, sealed: Sealed
) -> int:
    """Give a command to a case and tell what it came to. Raises Failure when it is refused."""
    answer = session.answered(engine.perform(case, command, actor=actor, sealed=sealed, key=session.key))
    return told(session, engine, answer)


def told(session: Session, engine: Engine, answer: Answer) -> int:
    """Print what a command came to: what happened, and what is now to be done."""
    number, lang, out = answer.case.number, session.lang, session.out
    with engine.reading() as reader:
        held = reader.case(number)
        assert held is not None, "the answer is about a case that is stored"
        compiled = engine.office.pathway(reader, held.case.pathway, held.case.version)
        directory = engine.office.directory(reader)
        history = reader.history(number)
    content = held.content
    telling = Telling(
        compiled, directory, content, zone_of(engine), lang, history=[entry for entry, _ in history]
    )
    if answer.repeated:
        out.line(
            "この受付キーの操作は、すでに記録されています（二度は行いません）。",
            "The command with this key is on record already; it was not done twice.",
            style="yellow",
        )
    out.line(
        f"✓ ケース {number}（{state_words(answer.case, compiled, lang)}）",
        f"✓ Case {number} ({state_words(answer.case, compiled, lang)})",
        style="green",
    )
    sentences = telling.sentences(answer.entry)
    for sentence in sentences:
        out.text(f"  ・{sentence}" if lang == "ja" else f"  · {sentence}")
    if not sentences:
        out.line("  ・何も変わりませんでした。", "  · Nothing changed.")
    out.text("")
    items = items_of(engine, held.case, content, compiled, lang)
    print_obligations(out, items)
    document: dict[str, Any] = {
        "done": True, "repeated": answer.repeated, "case": number, "entry": answer.entry, "told": sentences,
        "status": answer.case.status, "configuration": answer.case.configuration, "obligations": list(items),
        "waiting": list(held.case.waiting.values()),
    }  # fmt: skip
    out.document(document)
    return DONE


def sealed_of(engine: Engine, case: str, form: list[str] | None, set_: list[str] | None, note: str) -> Sealed:
    """Return the forms and words that go with a command, typed by the forms of the case."""
    known = pathway_of(engine, case).forms
    return Sealed(forms=forms_of(form or (), set_ or (), known), note=text_of(note))


def text_of(text: str) -> str:
    """Return a text as typed, or what the file named after `@` holds. Raises Failure."""
    if not text.startswith("@"):
        return text
    path = Path(text[1:])
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise failed("file_unreadable", file=path, why=error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise failed("file_unreadable", file=path, why="UTF-8 ではありません / not UTF-8") from None


def one_of(kind: type[T], text: str, option: str) -> T:
    """Return a member by its identifier or its label in either language. Raises Failure."""
    for member in kind:
        if text.strip() in (member.value, member.ja, member.en):
            return member
    expected = "、".join(f"{member.value}={member.ja}" for member in kind)
    raise failed("bad_parameter", name=option, value=text, expected=f"({expected}) ", help="--help")
