"""A small, strict reading of the YAML in which a mapping is written, with positions.

Only what a mapping needs: maps with text keys, lists, and scalars. A key is
always text, so that `1: male` means the text 1; a plain `true` or `false` is a
truth value and a plain number a whole number. Anchors, aliases, tags and
repeated keys are refused. It reads the parser's event stream, because the node
composer of PyYAML crashes the interpreter on deep nesting.
"""

from __future__ import annotations

import re
from typing import Final

import yaml

BYTES_MAX: Final = 1_000_000
DEPTH_MAX: Final = 20

Node = object
Path = tuple[str | int, ...]
Place = tuple[int, int]

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")


class YamlRefused(Exception):
    """The text is not YAML as a mapping uses it; `line` and `column` count from 1."""

    def __init__(self, line: int, column: int, ja: str, en: str) -> None:
        """Say where and what."""
        super().__init__(f"{line}:{column} {ja} / {en}")
        self.line, self.column, self.ja, self.en = line, column, ja, en


def read_yaml(text: str) -> tuple[Node, dict[Path, Place]]:
    """Return the one document of `text` and the line and column of each of its values.

    Raises:
        YamlRefused: not well-formed, over 1 MB or 20 levels, or with anchors,
            aliases, tags, repeated keys, keys that are not text, or several documents.
    """
    if len(text.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        raise YamlRefused(1, 1, "ファイルが大きすぎます（上限 1 MB）。", "The file is over 1 MB.")
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlRefused(
            line,
            column,
            f"YAMLとして読めません（{error.problem}）。",
            f"Not well-formed YAML: {error.problem}.",
        ) from None
    except yaml.YAMLError as error:
        raise YamlRefused(1, 1, "使えない文字があります。", f"Not readable as YAML: {error}") from None
    return reader.document, reader.places


class _Reader:
    """Builds the document from events on a stack of its own."""

    def __init__(self) -> None:
        self.document: Node = None
        self.places: dict[Path, Place] = {}
        self._stack: list[tuple[dict[str, Node] | list[Node], Path]] = []
        self._keys: list[str | None] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise YamlRefused(
                    line, column, "文書は一つだけにしてください。", "Only one document is allowed."
                )
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlRefused(line, column, "& と * は使えません。", "Anchors and aliases are not allowed.")
        elif isinstance(event, yaml.ScalarEvent):
            if event.tag is not None:
                raise YamlRefused(line, column, "! で始まる型は使えません。", "Tags are not allowed.")
            self._scalar(event, line, column)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open({} if isinstance(event, yaml.MappingStartEvent) else [], line, column)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._stack.pop()
            self._keys.pop()

    def _open(self, container: dict[str, Node] | list[Node], line: int, column: int) -> None:
        if len(self._stack) >= DEPTH_MAX:
            raise YamlRefused(line, column, "入れ子が深すぎます。", "Nested too deeply.")
        path = self._place(container, line, column)
        self._stack.append((container, path))
        self._keys.append(None)

    def _scalar(self, event: yaml.ScalarEvent, line: int, column: int) -> None:
        if self._stack and isinstance(self._stack[-1][0], dict) and self._keys[-1] is None:
            if event.value in self._stack[-1][0]:
                raise YamlRefused(
                    line,
                    column,
                    f"「{event.value}」が二度出てきます。",
                    f'"{event.value}" stands here twice.',
                )
            self._keys[-1] = event.value
            return
        self._place(_plain(event.value) if not event.style else event.value, line, column)

    def _place(self, value: Node, line: int, column: int) -> Path:
        if not self._stack:
            self.document = value
            self.places[()] = (line, column)
            return ()
        container, above = self._stack[-1]
        step: str | int
        if isinstance(container, list):
            step = len(container)
            container.append(value)
        else:
            key = self._keys[-1]
            if key is None:
                raise YamlRefused(line, column, "項目名は文字にしてください。", "A key must be text.")
            step = key
            container[key] = value
            self._keys[-1] = None
        path = (*above, step)
        self.places[path] = (line, column)
        return path


def _plain(text: str) -> Node:
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _INTEGER.match(text) and len(text) < 16 else text
