"""The entry of the command `bansou`: builds the tree of commands, runs one, and says in words how it ended."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
import typer.main
from pydantic import ValidationError
from pydantic_settings import SettingsError

from engine.cli import (
    auditing,
    authoring,
    casefile,
    casework,
    installation,
    intaking,
    listing,
    living,
    requesting,
    staff,
    trying,
)
from engine.cli.command import group, localise
from engine.cli.failing import NO, USAGE_STATUS, Failure, failed, fault, meant_by, settings_failure
from engine.cli.output import Output
from engine.cli.session import Session, system_now
from engine.cli.words import USAGE, both

ROOMS = (
    living,
    intaking,
    installation,
    authoring,
    trying,
    staff,
    casework,
    requesting,
    listing,
    casefile,
    auditing,
)
"""The modules that declare commands, in the order in which help lists them."""

INTERRUPTED = 130
BROKEN_PIPE = 141


def command_tree(lang: str) -> Any:
    """Return the whole tree of commands with its help in one language."""
    app = group(
        both(
            "bansou（伴走）— どのケースにも、いつも次の一歩と担当者と期日がある。",
            "bansou (伴走) — no open case is ever without a next step, an owner and a date.",
        )
    )
    app.callback()(_root)
    for room in ROOMS:
        room.declare(app)
    tree = typer.main.get_command(app)
    localise(tree, lang)
    return tree


def _root() -> None:
    """Hold the commands."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the answer is no, 2 wrong usage. Never raises."""
    args = list(sys.argv[1:] if argv is None else argv)
    lang, as_json, args = _glanced(args)
    session = Session(Output(lang or "ja", as_json=as_json))
    try:
        session.out.lang = _language(lang, session)
        status = _run(args, session)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  the last resort: whatever it is, it is said in words
        status = _ended(error, session, args)
    return status


def _language(lang: str, session: Session) -> str:
    if not lang:
        return session.settings.lang
    if lang not in ("ja", "en"):
        session.out.lang = "ja"
        raise _bad_value("--lang", lang, "ja, en", "bansou --help")
    return lang


def _run(args: list[str], session: Session) -> int:
    tree = command_tree(session.lang)
    if not args:
        args = ["--help"]
    if args[0] == "people" and not [arg for arg in args[1:2] if not arg.startswith("-") or arg == "--help"]:
        args.insert(1, "list")
    status = tree.main(args, prog_name="bansou", standalone_mode=False, obj=session)
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    return int(status or 0)


def _glanced(args: list[str]) -> tuple[str, bool, list[str]]:
    """Read the language and the form of output before anything can go wrong, wherever they stand.

    They are taken out where they stand before the command, where the tree
    does not know them.
    """
    lang, as_json, rest, leading = "", False, [], True
    waiting = iter(args)
    for arg in waiting:
        taken = [arg]
        if arg == "--":
            rest += [arg, *waiting]
            break
        if arg == "--lang":
            lang = next(waiting, "")
            taken.append(lang)
        elif arg.startswith("--lang="):
            lang = arg.removeprefix("--lang=")
        elif arg == "--json":
            as_json = True
        else:
            leading = leading and arg.startswith("-")
            rest.append(arg)
            continue
        if not leading:
            rest += taken
    return lang, as_json, rest


def _ended(error: BaseException, session: Session, args: Sequence[str]) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else NO
    if isinstance(error, BrokenPipeError):
        # Whoever read has gone; Python would complain once more when it flushes at the end.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO
    failure = _meant(error, session, args)
    with contextlib.suppress(BrokenPipeError):
        session.out.failure(failure)
        sys.stdout.flush()
    return failure.status


def _meant(error: BaseException, session: Session, args: Sequence[str]) -> Failure:
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return failed("interrupted")
    if isinstance(error, ValidationError) and error.title == "CommandSettings":
        return settings_failure(error)
    if type(error).__name__ == "TOMLDecodeError":
        return failed("settings_file", why=str(error))
    known = meant_by(error)
    if known is not None:
        return known
    usage = _usage(error)
    if usage is not None:
        return usage
    command = session.command or next((arg for arg in args if not arg.startswith("-")), "")
    try:
        folder = session.log_folder()
    except (ValidationError, SettingsError):
        folder = None
    return fault(error, folder, system_now(), {"command": command})


def _usage(error: BaseException) -> Failure | None:
    """Say what the library of commands has against how one was typed."""
    if getattr(error, "exit_code", None) != USAGE_STATUS or not hasattr(error, "format_message"):
        return None
    ctx: Any = getattr(error, "ctx", None)
    help_ = f"{ctx.command_path if ctx is not None else 'bansou'} --help"
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    message: str = str(getattr(error, "message", ""))
    if kind == "NoSuchOption":
        name = str(getattr(error, "option_name", ""))
        return _near("no_such_option", name, getattr(error, "possibilities", None) or [], help_)
    if kind == "MissingParameter" and parameter is not None:
        return failed("missing_parameter", name=_parameter_name(parameter), help=help_)
    if kind == "BadParameter" and parameter is not None:
        return _bad_value(_parameter_name(parameter), "", message, help_)
    if message.startswith("No such command"):
        name = message.split("'")[1] if "'" in message else message
        names = list(getattr(ctx.command, "commands", {})) if ctx is not None else []
        return _near("no_such_command", name, difflib.get_close_matches(name, names), help_)
    if message.startswith("Got unexpected extra"):
        return failed("too_many_arguments", name=message.partition("(")[2].rstrip(")"), help=help_)
    if message.startswith("Missing command"):
        return failed("missing_command", help=help_)
    return failed("wrong_usage", name=message.rstrip("."), help=help_)


def _near(code: str, name: str, near: Sequence[str], help_: str) -> Failure:
    ja, en, do_ja, do_en = USAGE[code]
    near_ja = f"{'、'.join(near)} のことですか。" if near else ""
    near_en = f"Did you mean {', '.join(near)}? " if near else ""
    words = (
        ja.format(name=name), en.format(name=name),
        do_ja.format(near=near_ja, help=help_), do_en.format(near=near_en, help=help_),
    )  # fmt: skip
    return Failure(code, words, status=USAGE_STATUS)


def _bad_value(name: str, value: str, expected: str, help_: str) -> Failure:
    return failed("bad_parameter", name=name, value=value, expected=f"({expected}) ", help=help_)


def _parameter_name(parameter: Any) -> str:
    return str(
        parameter.opts[0] if parameter.param_type_name == "option" else (parameter.metavar or parameter.name)
    )


if __name__ == "__main__":
    sys.exit(main())
