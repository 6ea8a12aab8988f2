"""Read office calendars and a municipality's own closures from YAML files.

The files are read as YAML's event stream and every scalar stays text: no
value changes its meaning because it looks like a number, a time or a truth
value (``on:``, ``08:30``). Aliases, tags and duplicate keys are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Final, Never
from zoneinfo import ZoneInfo

import yaml

from engine.core.officetime.calendar import OfficeCalendar

BYTES_MAX: Final = 1_000_000
DEPTH_MAX: Final = 8
CLOSURE_DAYS_MAX: Final = 400
"""The longest single closure: a longer one is a slip in a year."""

_WEEKDAYS: Final = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_KEYS: Final = (
    "name",
    "version",
    "zone",
    "first_on",
    "last_on",
    "known_until",
    "opens_at",
    "closes_at",
    "weekly_closed",
    "yearly_closed",
    "holidays",
    "names_en",
)
_ONE_DAY: Final = timedelta(days=1)


class CalendarFileError(ValueError):
    """A calendar or closures file is not usable. ``ja`` and ``en`` say where, what and what to do."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en

    def __reduce__(self) -> tuple[type[CalendarFileError], tuple[str, str]]:
        return type(self), (self.ja, self.en)


def load_calendar(path: Path) -> OfficeCalendar:
    """Read an office calendar from its file.

    Raises:
        CalendarFileError: the file cannot be read, or says something that a
            calendar cannot mean; the first such place is named.
    """
    return parse_calendar(_text_of(path), str(path))


def parse_calendar(text: str, where: str) -> OfficeCalendar:
    """Read an office calendar from YAML text; ``where`` names it in errors.

    Holidays and yearly closures are put together into ``closed``; where both
    name a day, the holiday's name stands.

    Raises:
        CalendarFileError: as ``load_calendar``.
    """
    root = _read(text, where)
    top = root.mapping({*_KEYS}, required={*_KEYS} - {"names_en", "yearly_closed"})
    first_on, last_on = top["first_on"].civil_date(), top["last_on"].civil_date()
    if first_on > last_on or (last_on - first_on).days > 73_050:
        top["last_on"].refuse(
            f"last_on {last_on} は first_on {first_on} 以後、200年以内にしてください。",
            f"last_on {last_on} must not come before first_on {first_on} nor more than 200 years after it",
        )
    holidays: dict[date, str] = {}
    for key, label in top["holidays"].pairs():
        on = key.civil_date()
        if not first_on <= on <= last_on:
            key.refuse(
                f"休日 {on} はカレンダーの範囲（{first_on}～{last_on}）の外です。",
                f"the holiday {on} lies outside the calendar's range, {first_on} to {last_on}",
            )
        holidays[on] = label.words()
    closed: dict[date, str] = {}
    if "yearly_closed" in top:
        for key, label in top["yearly_closed"].pairs():
            closed |= {on: label.words() for on in _yearly(key, first_on, last_on)}
    names_en = top["names_en"].pairs() if "names_en" in top else []
    known_until = top["known_until"].civil_date()
    if not first_on <= known_until <= last_on:
        top["known_until"].refuse(
            f"known_until {known_until} は {first_on}～{last_on} の範囲にしてください。",
            f"known_until {known_until} must lie between {first_on} and {last_on}",
        )
    opens_at, closes_at = top["opens_at"].time_of_day(), top["closes_at"].time_of_day()
    if opens_at >= closes_at:
        top["closes_at"].refuse(
            f"closes_at {closes_at:%H:%M} は opens_at {opens_at:%H:%M} より後にしてください。",
            f"closes_at {closes_at:%H:%M} must come after opens_at {opens_at:%H:%M}",
        )
    try:
        return OfficeCalendar(
            name=top["name"].words(),
            version=top["version"].version(),
            zone=top["zone"].zone(),
            first_on=first_on,
            last_on=last_on,
            known_until=known_until,
            closes_at=closes_at,
            opens_at=opens_at,
            closed=closed | holidays,
            weekly_closed=frozenset(_weekday(node) for node in top["weekly_closed"].items()),
            closed_en={key.words(): name.words() for key, name in names_en},
        )
    except CalendarFileError:
        raise
    except ValueError as fault:
        root.refuse(f"カレンダーとして成り立ちません（{fault}）。開庁日を一日は残してください。", str(fault))


def load_closures(path: Path, calendar: OfficeCalendar, *, version: int) -> OfficeCalendar:
    """Add a municipality's own closures, read from its file, to a calendar.

    Raises:
        CalendarFileError: as ``parse_closures``, or the file cannot be read.
    """
    return parse_closures(_text_of(path), str(path), calendar, version=version)


def parse_closures(text: str, where: str, calendar: OfficeCalendar, *, version: int) -> OfficeCalendar:
    """Add a municipality's own closures, given as YAML text, to a calendar.

    The text holds ``closures``, a list of ``{on, label}`` or ``{from, to,
    label}``, both ends closed; ``label_en`` may translate a label. A day that
    the calendar already closes keeps its reason. The answer is a calendar of
    the same name with the given version.

    Raises:
        CalendarFileError: an entry is malformed, lies outside the calendar's
            range, is longer than ``CLOSURE_DAYS_MAX`` or closes a day that an
            earlier entry closes; the first such place is named.
    """
    top = _read(text, where).mapping({"closures"}, required={"closures"})
    added: dict[date, str] = {}
    names_en = dict(calendar.closed_en)
    for entry in top["closures"].items():
        given = entry.mapping({"on", "from", "to", "label", "label_en"}, required={"label"})
        label = given["label"].words()
        if "label_en" in given:
            names_en[label] = given["label_en"].words()
        for on in _closure_days(entry, given):
            if not calendar.first_on <= on <= calendar.last_on:
                entry.refuse(
                    f"閉庁日 {on} はカレンダーの範囲（{calendar.first_on}～{calendar.last_on}）の外です。",
                    f"the closure {on} lies outside the calendar's range, {calendar.first_on} to "
                    f"{calendar.last_on}",
                )
            if on in added:
                entry.refuse(
                    f"{on} は「{added[on]}」と重なっています。どちらか一つにしてください。",
                    f"{on} is already closed by {added[on]!r}; keep one of the two",
                )
            added[on] = label
    kept = {each.name: getattr(calendar, each.name) for each in fields(calendar) if each.init}
    kept |= {"version": version, "closed": added | dict(calendar.closed), "closed_en": names_en}
    try:
        return OfficeCalendar(**kept)
    except ValueError as fault:
        raise CalendarFileError(
            f"{where}: 開庁日が一日もなくなります。閉庁日を見直してください。", f"{where}: {fault}"
        ) from None


def _closure_days(entry: _Node, given: dict[str, _Node]) -> list[date]:
    """The days of one entry: one day, or from the first to the last."""
    if "on" in given and not {"from", "to"} & given.keys():
        return [given["on"].civil_date()]
    if "on" in given or not {"from", "to"} <= given.keys():
        entry.refuse(
            "閉庁日は on（一日）か、from と to（期間）の両方で書いてください。",
            "write a closure with 'on' for one day, or with both 'from' and 'to'",
        )
    first_on, last_on = given["from"].civil_date(), given["to"].civil_date()
    days = (last_on - first_on).days + 1
    if not 1 <= days <= CLOSURE_DAYS_MAX:
        given["to"].refuse(
            f"to は from 以後、{CLOSURE_DAYS_MAX} 日以内にしてください（{first_on}～{last_on}）。",
            f"'to' must not come before 'from' nor make more than {CLOSURE_DAYS_MAX} days "
            f"({first_on} to {last_on})",
        )
    return [first_on + day * _ONE_DAY for day in range(days)]


def _yearly(key: _Node, first_on: date, last_on: date) -> Iterator[date]:
    """Every day of the range that a yearly closure such as ``12-29..01-03`` names."""
    found = re.fullmatch(r"([0-9]{2})-([0-9]{2})(?:\.\.([0-9]{2})-([0-9]{2}))?", key.text())
    numbers = [int(part) for part in found.groups() if part is not None] if found else []
    ends = [(numbers[0], numbers[1]), (numbers[-2], numbers[-1])] if numbers else []
    try:
        for month, day in ends:
            date(2024, month, day)
    except ValueError:
        ends = []
    if not ends:
        key.refuse(
            f"毎年の閉庁日「{key.text()}」は読めません。月-日..月-日 と書いてください。例: 12-29..01-03",
            f"{key.text()!r} is no yearly closure; write month-day..month-day, such as 12-29..01-03",
        )
    start, end = ends
    for day_number in range((last_on - first_on).days + 1):
        on = first_on + day_number * _ONE_DAY
        here = (on.month, on.day)
        if start <= here <= end if start <= end else (here >= start or here <= end):
            yield on


def _weekday(node: _Node) -> int:
    name = node.text()
    if name not in _WEEKDAYS:
        node.refuse(
            f"曜日「{name}」は読めません。{'、'.join(_WEEKDAYS)} のどれかにしてください。",
            f"{name!r} is no weekday; write one of {', '.join(_WEEKDAYS)}",
        )
    return _WEEKDAYS[name]


@dataclass(slots=True)
class _Node:
    """A scalar, list or mapping of the file, with its place."""

    value: str | list[_Node] | dict[str, tuple[_Node, _Node]]
    where: str
    line: int
    column: int

    def refuse(self, ja: str, en: str) -> Never:
        place = f"{self.where}:{self.line}:{self.column}"
        raise CalendarFileError(f"{place}  {ja}", f"{place}  {en}")

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.refuse("ここには一つの値を書いてください。", "write a single value here")
        return self.value

    def words(self) -> str:
        words = self.text().strip()
        if not words or len(words) > 100:
            self.refuse("名称は1～100字で書いてください。", "write a name of 1 to 100 characters")
        return words

    def items(self) -> list[_Node]:
        if not isinstance(self.value, list):
            self.refuse("ここには一覧（- または [ ]）を書いてください。", "write a list here, with - or [ ]")
        return self.value

    def pairs(self) -> list[tuple[_Node, _Node]]:
        if not isinstance(self.value, dict):
            self.refuse("ここには「項目: 値」の組を書いてください。", "write pairs of 'key: value' here")
        return list(self.value.values())

    def mapping(self, allowed: set[str], *, required: set[str]) -> dict[str, _Node]:
        """The entries by key, refused if a key is unknown or missing."""
        for key, _ in self.pairs():
            if key.text() not in allowed:
                names = ", ".join(sorted(allowed))
                key.refuse(
                    f"「{key.text()}」という項目はありません。使える項目: {names}",
                    f"there is no key {key.text()!r} here; the keys are {names}",
                )
        found = {key.text(): node for key, node in self.pairs()}
        missing = ", ".join(sorted(required - found.keys()))
        if missing:
            self.refuse(f"項目が足りません: {missing}", f"keys are missing: {missing}")
        return found

    def civil_date(self) -> date:
        text = self.text()
        try:
            # fromisoformat alone would also read 20270210 and 2027-W06-3.
            return date.fromisoformat(text if text[4:5] == text[7:8] == "-" and len(text) == 10 else "")
        except ValueError:
            self.refuse(
                f"「{text}」は日付ではありません。2027-02-10 のように、年-月-日を半角で書いてください。",
                f"{text!r} is no date; write year-month-day, such as 2027-02-10",
            )

    def time_of_day(self) -> time:
        text = self.text()
        try:
            return time.fromisoformat(text if re.fullmatch(r"[0-9]{2}:[0-9]{2}", text) else "")
        except ValueError:
            self.refuse(
                f"「{text}」は時刻ではありません。17:15 のように、24時間制の半角で書いてください。",
                f"{text!r} is no time of day; write 24 hours, such as 17:15",
            )

    def version(self) -> int:
        text = self.text()
        if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
            self.refuse(
                f"版「{text}」は 1 以上の整数にしてください。",
                f"the version {text!r} must be a whole number from 1 up",
            )
        return int(text)

    def zone(self) -> str:
        text = self.text()
        try:
            ZoneInfo(text)
        except (ValueError, OSError, LookupError):
            self.refuse(
                f"時間帯「{text}」がありません。Asia/Tokyo のような IANA の名前を書いてください。",
                f"there is no time zone {text!r}; write an IANA name such as Asia/Tokyo",
            )
        return text


def _text_of(path: Path) -> str:
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= BYTES_MAX else b""
    except OSError as fault:
        raise CalendarFileError(
            f"{path}: 開けません（{fault.strerror}）。場所と権限を確かめてください。",
            f"{path}: cannot be opened ({fault.strerror}); check its place and permissions",
        ) from None
    if size > BYTES_MAX:
        raise CalendarFileError(
            f"{path}: 大きすぎます（上限 {BYTES_MAX} バイト）。カレンダーのファイルか確かめてください。",
            f"{path}: too large (limit {BYTES_MAX} bytes); check that it is a calendar",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarFileError(
            f"{path}: UTF-8 ではありません。文字コードを UTF-8 にして保存し直してください。",
            f"{path}: is not UTF-8; save it again in UTF-8",
        ) from None


def _read(text: str, where: str) -> _Node:
    """Turn the event stream into nodes, with an explicit stack: no depth of nesting can exhaust it."""
    document: list[_Node] = []
    stack: list[Callable[[_Node], None]] = [document.append]
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            mark: Any = event.start_mark
            if isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            node = _Node("", where, mark.line + 1, mark.column + 1)
            if isinstance(event, yaml.AliasEvent) or event.anchor or getattr(event, "tag", None):
                node.refuse(
                    "別名（&、*）とタグ（!）は使えません。値をそのまま書いてください。",
                    "anchors, aliases and tags are not used here; write the value itself",
                )
            if isinstance(event, yaml.ScalarEvent):
                node.value = event.value
                stack[-1](node)
                continue
            if isinstance(event, yaml.SequenceStartEvent):
                items: list[_Node] = []
                node.value = items
                stack[-1](node)
                stack.append(items.append)
            else:
                pairs: dict[str, tuple[_Node, _Node]] = {}
                node.value = pairs
                stack[-1](node)
                stack.append(_Pairing(pairs))
            if len(stack) > DEPTH_MAX:
                node.refuse("入れ子が深すぎます。", "nested too deeply")
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = str(getattr(fault, "problem", None) or getattr(fault, "reason", None) or fault)
        raise CalendarFileError(
            f"{place}  YAML として読めません（{problem}）。字下げ、コロン、引用符を確かめてください。",
            f"{place}  not readable as YAML ({problem}); check indents, colons and quotes",
        ) from None
    if len(document) != 1:
        raise CalendarFileError(
            f"{where}: 文書は一つだけ書いてください（{len(document)} 個あります）。",
            f"{where}: write exactly one document; there are {len(document)}",
        )
    return document[0]


class _Pairing:
    """Collects the children of a mapping: key, value, key, value; refuses a key that comes twice."""

    def __init__(self, pairs: dict[str, tuple[_Node, _Node]]) -> None:
        self._pairs = pairs
        self._key: _Node | None = None

    def __call__(self, node: _Node) -> None:
        if self._key is None:
            name = node.text()
            if name in self._pairs:
                first = self._pairs[name][0]
                node.refuse(
                    f"「{name}」が二度あります（最初は {first.line}:{first.column}）。一つにしてください。",
                    f"duplicate key {name!r} (first at {first.line}:{first.column}); keep one",
                )
            self._key = node
            return
        self._pairs[self._key.text()] = (self._key, node)
        self._key = None
