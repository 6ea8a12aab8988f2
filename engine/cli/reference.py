"""The reference of the command, written from the command itself, so that it cannot say something else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import engine
from engine.cli.command import argument_words, first_line, option_words
from engine.cli.main import command_tree
from engine.cli.session import CommandSettings
from engine.cli.words import ANSWERS, USAGE

PATH: Final = Path("docs") / "reference" / "command.md"

_HEAD: Final = """\
<!-- Written by `python -m engine.cli.reference`; change the command, not this page. -->
# `bansou` — コマンドの一覧 / the command

表や文は人のため、`--json` を付けると JSON が一つだけ標準出力に出ます。断りも JSON です。
Tables and sentences are for people; with `--json` exactly one JSON document goes to standard output, refusals too:
`{"error": {"code", "message", "advice", …}}`.

| 終了状態 / exit status | |
|---|---|
| 0 | 行いました / done |
| 1 | 答えは「いいえ」: 断り、誤りの発見、検証の不一致、取り込めない行 / the answer is no: a refusal, findings, a failed verification, rejected rows |
| 2 | コマンドの書き方が正しくありません / wrong usage |

どのコマンドにも / every command has: `--lang ja|en`, `--json`, `--help`.
"""


def reference() -> str:
    """Return the whole page."""
    lines = [_HEAD]
    ja, en = command_tree("ja"), command_tree("en")
    for name, japanese, english in _leaves("bansou", ja, en):
        lines += _section(name, japanese, english)
    lines += ["## 設定 / settings", "", "| 変数 / variable | 既定 / default | |", "|---|---|---|"]
    for field, described in CommandSettings.model_fields.items():
        default = "" if described.default in (None, "") else f"`{described.default}`"
        lines.append(f"| `BANSOU_{field.upper()}` | {default} | {described.description} |")
    lines += [
        "",
        "`bansou.toml` にも書けます（変数が優先）。 / They may stand in `bansou.toml` too; a variable wins.",
        "",
    ]
    lines += ["## コマンド自身の断り / the command's own answers", "", "| code | | |", "|---|---|---|"]
    for code, words in sorted({**ANSWERS, **USAGE}.items()):
        lines.append(f"| `{code}` | {_cell(words[0])} | {_cell(words[1])} |")
    return "\n".join(lines) + "\n"


def _leaves(path: str, ja: Any, en: Any) -> Iterator[tuple[str, Any, Any]]:
    for name, child in ja.commands.items():
        other = en.commands[name]
        if getattr(child, "commands", None):
            yield from _leaves(f"{path} {name}", child, other)
        else:
            yield f"{path} {name}", child, other


def _section(name: str, ja: Any, en: Any) -> list[str]:
    arguments = [each for each in ja.params if each.param_type_name == "argument"]
    usage = " ".join([name, *(argument_words(each) for each in arguments)])
    lines = [f"## `{usage}`", "", first_line(ja.help), first_line(en.help), ""]
    rows = [
        (argument_words(mine) if mine.param_type_name == "argument" else option_words(mine), mine, other)
        for mine, other in zip(ja.params, en.params, strict=True)
        if not {"--lang", "--json"} & set(mine.opts)
    ]
    if rows:
        lines += ["| | | |", "|---|---|---|"]
        for words, mine, other in rows:
            needed = " **必須 / required**" if mine.required and mine.param_type_name == "option" else ""
            lines.append(
                f"| `{_cell(words)}`{needed} | {_cell(mine.help or '')} | {_cell(other.help or '')} |"
            )
        lines.append("")
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write the page into the checkout and return the exit status."""
    path = Path(engine.__file__).resolve().parent.parent / PATH
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(reference(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
