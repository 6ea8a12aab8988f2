"""How answers are printed: tables and sentences for people, or one JSON document for programs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import msgspec
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from engine.cli.failing import Failure
from engine.cli.words import say

PLAIN_WIDTH = 160
"""Columns when the output is no terminal: wide enough that a pipe seldom sees a broken row."""


class Output:
    """Where the answers of one run go. With `as_json` only `document` prints, and only once."""

    def __init__(self, lang: str, *, as_json: bool) -> None:
        self.lang = lang
        self.as_json = as_json
        self._said = False
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A terminal of another code page shows a sign it lacks as its number, and goes on.
                stream.reconfigure(errors="backslashreplace")

    def document(self, value: Any) -> None:
        """Print the answer for programs; nothing when a person reads."""
        if not self.as_json:
            return
        assert not self._said, "one document for each run"
        self._said = True
        body = msgspec.json.encode(value, enc_hook=str)
        sys.stdout.write(msgspec.json.format(body, indent=2).decode() + "\n")

    def line(self, ja: str, en: str = "", *, style: str = "") -> None:
        """Print a sentence for people."""
        self.text(say(self.lang, ja, en or ja), style=style)

    def text(self, text: str, *, style: str = "") -> None:
        """Print a text for people as it stands: nothing in it is read as markup."""
        if not self.as_json:
            self._console(sys.stdout).print(Text(text, style=style), soft_wrap=True)

    def table(
        self, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]], *, title: tuple[str, str] = ("", "")
    ) -> None:  # fmt: skip
        """Print rows under headings given in both languages; a long cell goes on below itself. No rows, no table."""
        rows = list(rows)
        if self.as_json or not rows:
            return
        caption = say(self.lang, *title)
        if caption:
            self.text(caption, style="bold")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
        for ja, en in columns:
            table.add_column(say(self.lang, ja, en), overflow="fold")
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
        self._console(sys.stdout).print(table)
        self.text("")

    def pairs(self, rows: Iterable[tuple[tuple[str, str], object]]) -> None:
        """Print names and values below each other."""
        if self.as_json:
            return
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(say(self.lang, *name), value if isinstance(value, Text) else Text(str(value)))
        self._console(sys.stdout).print(table)

    def failure(self, failure: Failure) -> None:
        """Print why something was not done, and what to do."""
        if self.as_json and not self._said:
            self.document(failure.document(self.lang))
            return
        console = self._console(sys.stderr)
        lead = say(self.lang, "できません: ", "Not done: ")
        console.print(Text.assemble((lead, "bold red"), failure.sentence(self.lang)), soft_wrap=True)
        if failure.advice(self.lang):
            console.print(Text(f"  → {failure.advice(self.lang)}"), soft_wrap=True)

    def progress(self) -> Progress:
        """Return a progress bar on the terminal's error stream; silent where nobody watches."""
        console = self._console(sys.stderr)
        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=self.as_json or not console.is_terminal,
        )

    def _console(self, stream: TextIO) -> Console:
        width = None if stream.isatty() else PLAIN_WIDTH
        return Console(file=stream, width=width, highlight=False, emoji=False, markup=False)
