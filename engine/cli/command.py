"""How a command is declared: its help in both languages, and the options that all of them share."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable
from typing import Annotated, Any, Final, get_type_hints

import typer
import typer.core
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.cli.session import Session
from engine.cli.words import both, chosen, say

HELP_WIDTH_MAX: Final = 110

_LANG = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="ja|en",
        help=both(
            "表示の言語（既定は BANSOU_LANG、なければ ja）", "The language (default: BANSOU_LANG, else ja)"
        ),
    ),
]
_JSON = Annotated[
    bool,
    typer.Option(
        "--json",
        help=both("プログラム向けに JSON を一つだけ出力する", "Print one JSON document, for programs"),
    ),
]
_NOW = Annotated[
    str,
    typer.Option(
        "--now",
        metavar="INSTANT",
        help=both(
            "時計をこの日時に動かす（試行用の保存先だけ）。時刻がなければ開庁時刻",
            "Move the clock to this time (trial stores only); a day alone means its opening hour",
        ),
    ),
]
_ACTOR = Annotated[
    str,
    typer.Option(
        "--actor",
        metavar="ID",
        help=both(
            "操作する職員の番号（既定は BANSOU_ACTOR）", "The id of whoever acts (default: BANSOU_ACTOR)"
        ),
    ),
]
_KEY = Annotated[
    str,
    typer.Option(
        "--key",
        metavar="KEY",
        help=both(
            "受付キー。同じキーで二度送っても一度だけ行う", "Idempotency key: the same one twice acts once"
        ),
    ),
]

_SHARED: Final = {"lang": (_LANG, ""), "as_json": (_JSON, False)}
_CLOCK: Final = {"now": (_NOW, "")}
_ACTING: Final = {"actor": (_ACTOR, "")}
_KEYED: Final = {"key": (_KEY, "")}


class SaidCommand(typer.core.TyperCommand):
    """A command whose help is in the language of the person."""

    lang = "ja"

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(help_text(self, ctx, self.lang))


class SaidGroup(typer.core.TyperGroup):
    """A group of commands whose help is in the language of the person."""

    lang = "ja"

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        formatter.write(help_text(self, ctx, self.lang))


def command(
    app: typer.Typer,
    name: str,
    explained: str,
    *,
    clock: bool = False,
    acts: bool = False,
    keyed: bool = False,
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Declare a command. What it runs gets a `Session` first and returns the exit status.

    Every command gets `--lang` and `--json`; `clock` adds `--now`, `acts`
    adds `--actor`, `keyed` adds `--key`.
    """
    shared: dict[str, tuple[Any, Any]] = {
        **(_ACTING if acts else {}),
        **(_KEYED if keyed else {}),
        **(_CLOCK if clock else {}),
        **_SHARED,
    }

    def declare(
        run: Callable[..., int],
    ) -> Callable[..., int]:
        hints = get_type_hints(run, include_extras=True)
        own = list(inspect.signature(run).parameters.values())[1:]

        def started(ctx: typer.Context, **given: Any) -> int:
            session: Session = ctx.obj
            # Read already, wherever they stood, before anything could go wrong.
            del given["lang"], given["as_json"]
            for option in ("now", "actor", "key"):
                setattr(session, option, given.pop(option, ""))
            session.command = ctx.command_path
            return run(session, **given)

        parameters = [
            inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        ]
        parameters += [
            each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name]) for each in own
        ]
        parameters += [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for option, (kind, default) in shared.items()
        ]
        started.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        started.__annotations__ = {each.name: each.annotation for each in parameters}
        started.__name__, started.__doc__ = run.__name__, run.__doc__
        app.command(name, help=explained, cls=SaidCommand)(started)
        return run

    return declare


def group(explained: str) -> typer.Typer:
    """Make a group of commands. Called without one of them, it shows its help."""
    return typer.Typer(
        cls=SaidGroup, help=explained, no_args_is_help=True, add_completion=False, rich_markup_mode=None
    )


def localise(root: Any, lang: str) -> None:
    """Choose the language of every help text below a command."""
    root.lang = lang
    root.help = chosen(root.help or "", lang)
    for parameter in root.params:
        if getattr(parameter, "help", None):
            parameter.help = chosen(parameter.help, lang)
    for child in getattr(root, "commands", {}).values():
        localise(child, lang)


def help_text(described: Any, ctx: Any, lang: str) -> str:
    """Return the help of a command or group."""
    file = io.StringIO()
    console = Console(file=file, width=HELP_WIDTH_MAX, highlight=False, emoji=False, markup=False)
    arguments = [each for each in described.params if each.param_type_name == "argument"]
    options = [each for each in described.get_params(ctx) if each.param_type_name == "option"]
    commands = getattr(described, "commands", {})
    usage = [ctx.command_path]
    usage += ["COMMAND ..."] if commands else [argument_words(each) for each in arguments]
    usage += ["[OPTION ...]"] if options and not commands else []
    console.print(Text(say(lang, "使い方: ", "Usage: ") + " ".join(usage)))
    console.print()
    console.print(Text(described.help))
    sections = (
        (say(lang, "引数", "Arguments"), [(argument_words(each), each.help or "") for each in arguments]),
        (
            say(lang, "コマンド", "Commands"),
            [(name, first_line(each.help)) for name, each in commands.items()],
        ),
        (
            say(lang, "オプション", "Options"),
            [(option_words(each), option_help(each, lang)) for each in options],
        ),
    )
    for title, rows in sections:
        if not rows:
            continue
        console.print()
        console.print(Text(title + ":"))
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for name, words in rows:
            table.add_row(Text("  " + name), Text(words))
        console.print(table)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def argument_words(argument: Any) -> str:
    """Write an argument as the usage line has it."""
    name = argument.metavar or argument.name.upper()
    name += " ..." if argument.nargs == -1 else ""
    return name if argument.required else f"[{name}]"


def option_words(option: Any) -> str:
    """Write an option with what it takes."""
    names = ", ".join(option.opts)
    if option.is_flag:
        return names
    many = " ..." if option.multiple else ""
    return f"{names} {option.metavar or 'TEXT'}{many}"


def option_help(option: Any, lang: str) -> str:
    """Return the help of an option; the one for help itself comes from the library in English."""
    if "--help" in option.opts:
        return say(lang, "この説明を表示する", "Show this help")
    needed = say(lang, "（必須）", " (required)") if option.required else ""
    return f"{option.help or ''}{needed}"


def first_line(text: str | None) -> str:
    """Return the first line of a help text, for a list."""
    return (text or "").split("\n", 1)[0]
