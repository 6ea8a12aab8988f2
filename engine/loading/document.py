"""Read YAML 1.2 strictly, and remember where everything stood.

The file is read as libyaml's event stream with a stack of its own, so no
nesting can exhaust the interpreter's. Scalars mean what YAML 1.2's core schema
says: `no`, `on` and `12:30` are text, `010` is ten, a date is text. What lets a
file say something else than it seems to say (aliases, tags, merge keys,
duplicate keys, invisible characters) is refused, with its place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import yaml

from engine.checker.finding import Finding, Place, Severity
from engine.loading.syntax import REFUSED, Words, shown, syntax_words, undecodable_words, wide_hint

BYTES_MAX: Final = 1_000_000
NODES_MAX: Final = 100_000
DEPTH_MAX: Final = 50
FINDINGS_MAX: Final = 100
"""Reading ends at so many faults: the first ones explain the rest."""

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

_INT: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_ENDLESS: Final = re.compile(r"[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN")
_WORDS: Final[Mapping[str, bool]] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})

# What a text editor neither shows nor keeps apart: control characters, line breaks of other systems,
# direction marks that show a line in another order than it is read, characters without width.
_INVISIBLE: Final = re.compile(
    "[^\\n\\t\\x20-\\x7e\\xa0-\\u200a\\u200c-\\u2027\\u202f-\\u205f\\u2061-\\u2065\\u206a-\\ud7ff"
    "\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]"
)
_EDGE_SPACE: Final = "\u3000\u00a0"


class Unreadable(Exception):
    """A text is no document that can be relied on. ``findings`` say where and why, in the order of lines."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{each.file}:{each.line}:{each.column} {each.en}" for each in findings))
        self.findings = findings

    def __reduce__(self) -> tuple[type[Unreadable], tuple[tuple[Finding, ...]]]:
        return type(self), (self.findings,)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a value and its key begin, as character offsets; `quoted` skips an opening quotation mark."""

    value: int
    key: int
    quoted: bool = False


@dataclass(frozen=True)
class Document:
    """What a file says, and where it says it.

    `value` holds dicts with text keys, lists, text, ints, floats and booleans.
    `text` is the file without byte order mark, its line ends as single line feeds.
    """

    file: str
    text: str
    value: Any
    _marks: Mapping[Place, _Mark] = field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def position(self, place: Place, *, key: bool = False, offset: int = 0) -> tuple[int, int]:
        """Return line and column, both from 1 and in characters, of a value or of its key.

        A place that the document does not hold stands for the nearest one
        around it that it does. `offset` counts characters into a text value,
        and is left out where the value is not written as it reads (escapes,
        several lines).
        """
        inner = len(place)
        while place[:inner] not in self._marks:
            inner -= 1
        mark = self._marks[place[:inner]]
        index = mark.key if key else mark.value
        if offset and not key and inner == len(place):
            value = self.at(place)
            start = mark.value + mark.quoted
            if isinstance(value, str) and self.text.startswith(value, start):
                index = start + min(offset, len(value))
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def at(self, place: Place) -> Any:
        """Return the value at a place.

        Raises:
            LookupError: the document has no such place.
        """
        value = self.value
        for step in place:
            value = value[step]
        return value

    def located(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Give findings that name a place their file, line and column, and sort them by line."""
        placed = []
        for finding in findings:
            line, column = self.position(finding.place, key=finding.at_key, offset=finding.offset)
            placed.append(_moved(finding, self.file, line, column))
        return tuple(sorted(placed, key=_order))


def read_document(text: str | bytes, file: str) -> Document:
    """Read one YAML 1.2 document; `file` names it in findings.

    Every problem that can be found without guessing is found at once; an
    error of syntax or a limit ends the reading there.

    Raises:
        Unreadable: the text is no UTF-8, no YAML, or uses what is refused:
            anchors, aliases, tags, merge keys, duplicate keys, keys that are
            no text, empty values, tabs, invisible characters, several
            documents, or more than the limits above.
    """
    return _Reading(file).document(text)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file, finding.line, finding.column, finding.code


def _moved(finding: Finding, file: str, line: int, column: int) -> Finding:
    kept = {name: getattr(finding, name) for name in finding.__slots__}
    return Finding(**{**kept, "file": file, "line": line, "column": column})


def _finding(code: str, severity: Severity, words: Words, where: tuple[str, int, int]) -> Finding:
    file, line, column = where
    return Finding(
        code=code,
        severity=severity,
        place=(),
        ja=words.ja,
        en=words.en,
        do_ja=words.do_ja,
        do_en=words.do_en,
        file=file,
        line=line,
        column=column,
    )


def _index(event: yaml.Event) -> int:
    mark = event.start_mark
    assert mark is not None  # libyaml marks every event
    return int(mark.index)


class _Stop(Exception):
    """Reading on would only repeat what has been found."""


@dataclass(slots=True)
class _Level:
    """A mapping or list that is being read. `key` is the key whose value comes next."""

    place: Place
    into: dict[str, Any] | list[Any]
    key: str | None = None
    key_index: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    lost: bool = False


class _Reading:
    """One pass over the events of a text."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.text = ""
        self.findings: list[Finding] = []
        self.marks: dict[Place, _Mark] = {}
        self.levels: list[_Level] = []
        self.root: Any = None
        self.nodes = 0
        self.documents = 0

    def document(self, given: str | bytes) -> Document:
        try:
            self.text = self.decoded(given)
            self.scan_characters()
            self.read_events()
        except _Stop:
            pass
        if self.findings:
            raise Unreadable(tuple(sorted(self.findings, key=_order)))
        self.marks.setdefault((), _Mark(0, 0))
        return Document(self.file, self.text, self.root, self.marks)

    # --- characters

    def decoded(self, given: str | bytes) -> str:
        size = len(given) if isinstance(given, bytes) else len(given.encode("utf-8", "surrogatepass"))
        if size > BYTES_MAX:
            self.refuse("F002", 0, REFUSED["size"].filled(size=f"{size:,}", limit=f"{BYTES_MAX:,}"))
            raise _Stop
        if isinstance(given, bytes):
            try:
                given = given.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode("utf-8-sig", "replace")
                self.text = before.replace("\r\n", "\n").replace("\r", "\n")
                self.refuse("F001", len(self.text), undecodable_words(error.object))
                raise _Stop from None
        given = given.removeprefix("\ufeff")
        return given.replace("\r\n", "\n").replace("\r", "\n")

    def scan_characters(self) -> None:
        for found in re.finditer("\t+", self.text):
            self.refuse("F004", found.start(), REFUSED["tab"])
        for found in _INVISIBLE.finditer(self.text):
            code = f"U+{ord(found.group()):04X}"
            self.refuse("F003", found.start(), REFUSED["invisible"].filled(code=code))
        if self.findings:
            raise _Stop

    # --- events

    def read_events(self) -> None:
        try:
            for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
                self.take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            index = min(mark.index, len(self.text)) if mark is not None else 0
            begun = error.context_mark.line + 1 if error.context_mark is not None else None
            self.refuse("F005", index, syntax_words(error.problem or "", self.text, index, begun))
            raise _Stop from None
        except yaml.YAMLError as error:  # libyaml's reader knows no line
            self.refuse("F005", 0, syntax_words(str(error), self.text, 0, None))
            raise _Stop from None
        if not self.documents:
            self.refuse("F006", 0, REFUSED["nothing"])

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.begin_document(event)
            case yaml.ScalarEvent():
                self.scalar(event)
            case yaml.MappingStartEvent():
                self.open(event, {})
            case yaml.SequenceStartEvent():
                self.open(event, [])
            case yaml.AliasEvent():
                self.refuse("F008", _index(event), REFUSED["alias"].filled(name=event.anchor))
                self.put(_index(event), None, quoted=False, lost=True)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.levels.pop()

    def begin_document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            self.refuse("F007", _index(event), REFUSED["several"])
            raise _Stop
        if event.tags or (event.version is not None and event.version != (1, 2)):
            self.refuse("F009", _index(event), REFUSED["directive"])

    def scalar(self, event: yaml.ScalarEvent) -> None:
        index, written = _index(event), event.value
        plain = not event.style
        self.decorations(event, implicit=event.implicit[0] or event.implicit[1])
        if _INVISIBLE.search(written):
            code = next(f"U+{ord(each):04X}" for each in written if _INVISIBLE.match(each))
            self.refuse("F003", index, REFUSED["escape"].filled(code=code))
        if plain and written and (written[0] in _EDGE_SPACE or written[-1] in _EDGE_SPACE):
            self.refuse("F017", index, REFUSED["wide_space"].filled(text=shown(written)))
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.into, dict) and level.key is None:
            self.name(level, event, plain=plain)
            return
        value: Any = written
        if plain and event.tag is None:
            value = self.resolved(written, index, level)
        self.put(index, value, quoted=event.style in ("'", '"'), lost=False)

    def resolved(self, written: str, index: int, level: _Level | None) -> Any:
        """Say what a plain scalar means in YAML 1.2's core schema."""
        if written in _NULLS:
            self.empty(index, level)
            return None
        if written in _WORDS:
            return _WORDS[written]
        if _INT.fullmatch(written):
            base = {"0o": 8, "0x": 16}.get(written[:2], 10)
            # Python refuses to read thousands of digits, and nothing here needs more than 64 bits.
            number = int(written[2:] if base != 10 else written, base) if len(written) <= 400 else INT_MAX + 1
            if INT_MIN <= number <= INT_MAX:
                return number
            self.refuse("F016", index, REFUSED["number"].filled(text=shown(written)))
        elif _FLOAT.fullmatch(written):
            number_read = float(written)
            if abs(number_read) != float("inf"):
                return number_read
            self.refuse("F016", index, REFUSED["number"].filled(text=shown(written)))
        elif _ENDLESS.fullmatch(written):
            self.refuse("F016", index, REFUSED["endless"].filled(text=written))
        return written

    def empty(self, index: int, level: _Level | None) -> None:
        if level is None:
            self.refuse("F006", index, REFUSED["nothing"])
        elif level.key is None:
            self.refuse("F013", index, REFUSED["empty_item"])
        else:
            words = REFUSED["empty"].filled(key=shown(level.key))
            self.refuse("F013", level.key_index, words.followed(wide_hint(level.key)))

    def name(self, level: _Level, event: yaml.ScalarEvent, *, plain: bool) -> None:
        """Take a scalar as the key of the value that comes next."""
        key, index = event.value, _index(event)
        if plain and key == "<<":
            self.refuse("F010", index, REFUSED["merge"])
        elif plain and key == "":
            self.refuse("F012", index, REFUSED["no_key"])
        elif key in level.keys:
            line, column = self.line_column(level.keys[key])
            words = REFUSED["duplicate"].filled(key=shown(key), line=line, column=column)
            self.refuse("F011", index, words)
        level.keys.setdefault(key, index)
        level.key, level.key_index = key, index

    def open(self, event: yaml.CollectionStartEvent, into: dict[str, Any] | list[Any]) -> None:
        index = _index(event)
        self.decorations(event, implicit=event.implicit)
        level = self.levels[-1] if self.levels else None
        lost = level is not None and isinstance(level.into, dict) and level.key is None
        if lost:
            self.refuse("F012", index, REFUSED["key"])
        if len(self.levels) >= DEPTH_MAX:
            self.refuse("F014", index, REFUSED["deep"].filled(limit=DEPTH_MAX))
            raise _Stop
        place = self.put(index, into, quoted=False, lost=lost)
        self.levels.append(_Level(place, into))

    def put(self, index: int, value: Any, *, quoted: bool, lost: bool) -> Place:
        """Place a value into the mapping or list that is being read, and remember where it stood."""
        self.nodes += 1
        if self.nodes > NODES_MAX:
            self.refuse("F015", index, REFUSED["nodes"].filled(limit=f"{NODES_MAX:,}"))
            raise _Stop
        if not self.levels:
            self.root = value
            self.marks[()] = _Mark(index, index, quoted)
            return ()
        level = self.levels[-1]
        key_index = index
        step: str | int
        if isinstance(level.into, list):
            step = len(level.into)
            level.into.append(value)
        elif level.key is None:  # a list, mapping or alias in the place of a key
            level.key, level.key_index = "", index
            step = ""
        else:
            step, key_index = level.key, level.key_index
            level.into[step] = value
            level.key = None
        place = (*level.place, step)
        if not lost:
            self.marks[place] = _Mark(index, key_index, quoted)
        return place

    def decorations(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, *, implicit: bool) -> None:
        index = _index(event)
        if event.anchor is not None:
            self.refuse("F008", index, REFUSED["anchor"].filled(name=event.anchor))
        if event.tag is not None or not implicit:
            self.refuse("F009", index, REFUSED["tag"].filled(name=event.tag or "!"))

    # --- findings

    def line_column(self, index: int) -> tuple[int, int]:
        return self.text.count("\n", 0, index) + 1, index - self.text.rfind("\n", 0, index)

    def refuse(self, code: str, index: int, words: Words) -> None:
        line, column = self.line_column(index)
        self.findings.append(_finding(code, Severity.ERROR, words, (self.file, line, column)))
        if len(self.findings) == FINDINGS_MAX:
            more = REFUSED["more"].filled(count=FINDINGS_MAX)
            self.findings.append(_finding("F018", Severity.NOTE, more, (self.file, line, column)))
            raise _Stop
