"""Reads one row of a ledger by a mapping, gathering every problem rather than the first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from hashlib import blake2b
from typing import Final

from connectors.csv_intake import cell as cells
from connectors.csv_intake.cell import DateReader, DateText
from connectors.csv_intake.consultation import ConsentWord, Consultation, FormValue, PersonRow, Rejected
from connectors.csv_intake.dates import PartialDate
from connectors.csv_intake.mapping import ColumnRule, FieldRule, Mapping
from connectors.csv_intake.problem import (
    CellProblem,
    CellRefused,
    SpreadsheetError,
    cell_problem,
    column_letter,
)
from connectors.csv_intake.spreadsheet import Row, Spreadsheet, plain_heading

_MEMBER_TEXT = re.compile(r"(?P<name>[^（(]+?)\s*(?:[（(](?P<rest>.*)[）)])?\s*\Z", re.DOTALL)
_RELATION_TEXT = re.compile(
    r"(?:本人|夫|妻|内縁の[夫妻]|子|長[男女]|[二三四五次養][男女]|養子|孫|ひ孫|父母?|母|祖[父母]|義[父母兄姉弟妹]"
    r"|兄|姉|弟|妹|おじ|おば|おい|めい|甥|姪|叔[父母]|伯[父母]|[長次三]?[男女]の[夫妻子]|[夫妻]の[父母子]|同居人|縁故者|親族|知人|配偶者)\Z"
)
_CONSENT: Final[dict[str, str]] = {
    "同意": "given", "同意あり": "given", "有": "given", "あり": "given", "○": "given", "〇": "given", "◯": "given",
    "済": "given", "はい": "given", "1": "given", "同意なし": "declined", "不同意": "declined", "拒否": "declined",
    "×": "declined", "いいえ": "declined", "未": "not_asked", "未確認": "not_asked", "△": "not_asked",
    "保留": "not_asked", "確認中": "not_asked", "0": "not_asked",
}  # fmt: skip
_YES_NO: Final[dict[str, str | int | bool]] = {
    "あり": True, "有": True, "○": True, "〇": True, "◯": True, "はい": True, "1": True, "済": True, "要": True,
    "なし": False, "無": False, "×": False, "いいえ": False, "0": False, "未": False, "不要": False,
}  # fmt: skip


class LedgerReader:
    """Reads rows of one file by one mapping; remembers the row above for ditto marks."""

    def __init__(self, sheet: Spreadsheet, mapping: Mapping, parse_date: DateReader) -> None:
        self.sheet, self.mapping, self.parse_date = sheet, mapping, parse_date
        places = {plain_heading(text): index for index, text in enumerate(sheet.header) if text}
        self.by_target: dict[str, tuple[int, ColumnRule]] = {}
        self.notes: list[int] = []
        self.place_of: dict[str, int] = {}
        for heading, rule in mapping.columns.items():
            names = (plain_heading(name) for name in (heading, *rule.also))
            index = next((places[name] for name in names if name in places), None)
            if index is None:
                continue
            self.place_of[heading] = index
            self.by_target[rule.to] = (index, rule)
            if rule.to == "note":
                self.notes.append(index)
        for heading in mapping.form_columns:
            if heading not in self.place_of and plain_heading(heading) in places:
                self.place_of[heading] = places[plain_heading(heading)]
        missing = [heading for heading in mapping.required if heading not in self.place_of]
        if missing:
            found = "、".join(text for text in sheet.header if text) or "-"
            raise SpreadsheetError(
                "missing_heading", sheet.header_line or None, names="」「".join(missing), found=found
            )
        self.required = {self.place_of[heading] for heading in mapping.required}
        self.ditto = {self.place_of[heading] for heading in mapping.ditto if heading in self.place_of}
        used = set(self.place_of.values()) | {
            places[plain_heading(name)] for name in mapping.ignore if plain_heading(name) in places
        }
        self.extras = [
            (index, text or f"（見出しなし {column_letter(index)}列）")
            for index, text in enumerate(sheet.header)
            if index not in used
        ]
        self.read_columns = set(self.place_of.values())
        self.above: list[str] = []

    def read(self, row: Row) -> Consultation | Rejected:
        """Read the next row; rows must come in the order of the file."""
        return _RowReader(self, row).read()

    def number_reused(self, read: Consultation, first_line: int) -> Rejected:
        """Set apart the row just read, whose number stands for another content on `first_line`."""
        index, _ = self.by_target["key"]
        problem = cell_problem(
            read.source_line, self.sheet.header[index], column_letter(index), read.source_key,
            "number_reused", first=str(first_line), second=str(read.source_line),
        )  # fmt: skip
        return Rejected(read.source_line, tuple(self.above), (problem,))


class _RowReader:
    """Reads one row, gathering every problem rather than the first."""

    def __init__(self, ledger: LedgerReader, row: Row) -> None:
        self.ledger, self.row = ledger, row
        self.problems: list[CellProblem] = []
        self.warnings: list[CellProblem] = []
        self.texts: list[str] = []
        self.faulty: set[int] = set()
        self.written_out: set[int] = set()

    def read(self) -> Consultation | Rejected:
        self._write_out()
        consultation = self._assemble()
        shown = (*self._as_typed(), *self.row.cells[len(self.ledger.sheet.header) :])
        self.ledger.above = self._as_typed()
        if consultation is None or self.problems:
            return Rejected(self.row.line, shown, tuple(self.problems))
        return replace(consultation, cells=shown)

    def _as_typed(self) -> list[str]:
        """The cells as typed, except that ditto marks are written out where a value stood above."""
        typed = self.row.cells
        return [
            text if index in self.written_out else typed[index] if index < len(typed) else ""
            for index, text in enumerate(self.texts)
        ]

    def _problem(self, index: int, code: str, value: str | None = None, **places: str) -> None:
        self.faulty.add(index)
        self.problems.append(self._said(index, code, value, places))

    def _warn(self, index: int, code: str, value: str | None = None, **places: str) -> None:
        self.warnings.append(self._said(index, code, value, places))

    def _said(self, index: int, code: str, value: str | None, places: dict[str, str]) -> CellProblem:
        header = self.ledger.sheet.header
        heading = header[index] if index < len(header) else ""
        shown = self.texts[index] if value is None else value
        return cell_problem(self.row.line, heading, column_letter(index), shown, code, **places)

    def _write_out(self) -> None:
        """Clean every cell, resolve ditto marks, and note what is missing."""
        ledger, typed = self.ledger, self.row.cells
        width = len(ledger.sheet.header)
        for index in range(width):
            raw = typed[index] if index < len(typed) else ""
            self.texts.append(raw.strip())
            if index not in ledger.read_columns or not self.texts[index]:
                continue
            try:
                self.texts[index] = cells.cleaned(raw)
            except CellRefused as refused:
                self._problem(index, refused.code, **refused.places)
                continue
            text = self.texts[index]
            if cells.is_ditto(text):
                self._resolve_ditto(index, text)
            elif codepoint := cells.gaiji_in(text):
                self._warn(index, "gaiji", codepoint=codepoint)
        surplus = [text.strip() for text in typed[width:] if text.strip()]
        if surplus:
            self._problem(width, "too_many_cells", " / ".join(surplus))
        if len(typed) < width:
            self._warn(max(len(typed) - 1, 0), "short_row")
        name_at = ledger.by_target["person.name"][0] if "person.name" in ledger.by_target else -1
        for index in sorted(ledger.required):
            if not self.texts[index] and index not in self.faulty:
                self._problem(index, "name_blank" if index == name_at else "required")

    def _resolve_ditto(self, index: int, mark: str) -> None:
        if index not in self.ledger.ditto:
            self._problem(index, "ditto_not_allowed")
            return
        above = self.ledger.above[index] if index < len(self.ledger.above) else ""
        if not above.strip() or cells.is_ditto(above):
            self._problem(index, "ditto_without_source", mark)
            return
        self.written_out.add(index)
        self.texts[index] = above.strip()
        try:
            self.texts[index] = cells.cleaned(above)
        except CellRefused as refused:
            self._problem(index, refused.code, **refused.places)

    def _text(self, target: str) -> str:
        """Return the clean text of the column with this meaning; empty when absent or faulty."""
        place = self.ledger.by_target.get(target)
        return "" if place is None or place[0] in self.faulty else self.texts[place[0]]

    def _rule(self, target: str) -> tuple[int, ColumnRule]:
        return self.ledger.by_target[target]

    def _assemble(self) -> Consultation | None:
        received = self._received()
        persons = self._persons(received.on)
        channel = self._channel()
        topics = self._topics()
        consent = self._consent()
        status = self._plain_choice("status")
        worker = self._text("worker") or None
        note = "\n".join(
            self.texts[index] for index in self.ledger.notes if self.texts[index] and index not in self.faulty
        )
        at = self._time() or received.at
        phone = self._phone()
        neutral: dict[str, FormValue] = {
            "channel": channel, "topics": list(topics), "consent": consent, "note": note,
            "status": status, "worker": worker or "", "relation": persons[0].relation if persons else "",
        }  # fmt: skip
        forms = self._forms(neutral)
        if not isinstance(received.on, date) or not persons or self.problems:
            return None
        digest = self._digest()
        key = self._text("key")
        return Consultation(
            source_line=self.row.line,
            source_key=key if key and not cells.is_empty_word(key) else digest,
            content_digest=digest,
            received_on=received.on,
            received_time=at,
            channel=channel,
            persons=persons,
            address=self._text("address"),
            phone=phone,
            topics=topics,
            note=note,
            consent=consent,
            worker=worker,
            status=status,
            forms=forms,
            extra={heading: self.texts[index] for index, heading in self.ledger.extras if self.texts[index]},
            warnings=tuple(self.warnings),
        )

    def _digest(self) -> str:
        """Digest the filled cells under their headings, whatever the order of the columns."""
        parts = sorted(
            f"{plain_heading(heading)}\x1f{text}"
            for heading, text in zip(self.ledger.sheet.header, self.texts, strict=True)
            if text
        )
        return blake2b("\x1e".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _received(self) -> DateText:
        index, _ = self._rule("received_on")
        text = self._text("received_on")
        if not text:
            return DateText(None, None)
        try:
            read = cells.read_date(text, self.ledger.parse_date)
        except CellRefused as refused:
            self._problem(index, refused.code, **refused.places)
            return DateText(None, None)
        if not isinstance(read.on, date):
            self._problem(index, "date_incomplete")
        return read

    def _time(self) -> time | None:
        text = self._text("received_time")
        if not text:
            return None
        try:
            return cells.read_time(text)
        except CellRefused as refused:
            self._problem(self._rule("received_time")[0], refused.code)
            return None

    def _phone(self) -> str:
        text = self._text("phone")
        if not text:
            return ""
        phone, warning = cells.read_phone(text)
        if warning:
            self._warn(self._rule("phone")[0], warning)
        return phone

    def _channel(self) -> str:
        text = self._text("channel")
        if "channel" not in self.ledger.by_target:
            return "other"
        index, rule = self._rule("channel")
        if not text:
            return rule.otherwise or "other"
        return self._chosen(index, text, rule) or ""

    def _chosen(self, index: int, text: str, rule: ColumnRule) -> str | None:
        try:
            return cells.read_choice(text, rule.values, rule.otherwise)
        except CellRefused as refused:
            self._problem(index, refused.code, text, **refused.places)
            return None

    def _topics(self) -> tuple[str, ...]:
        text = self._text("topics")
        if not text or cells.is_empty_word(text):
            return ()
        index, rule = self._rule("topics")
        chosen = (self._chosen(index, word, rule) for word in cells.split_choices(text, rule.split))
        return tuple(dict.fromkeys(topic for topic in chosen if topic is not None))

    def _consent(self) -> ConsentWord:
        text = self._text("consent")
        if not text or cells.is_empty_word(text):
            return "not_asked"
        index, rule = self._rule("consent")
        word = self._chosen(index, text, rule.model_copy(update={"values": {**_CONSENT, **rule.values}}))
        return "given" if word == "given" else "declined" if word == "declined" else "not_asked"

    def _plain_choice(self, target: str) -> str:
        """Return the text, or what `values` make of it when the mapping has any."""
        text = self._text(target)
        if not text:
            return ""
        index, rule = self._rule(target)
        return (self._chosen(index, text, rule) or "") if rule.values else text

    def _persons(self, received_on: date | PartialDate | None) -> tuple[PersonRow, ...]:
        first = self._person("person", received_on, self._plain_choice("person.relation") or "本人")
        found = [first] if first is not None else []
        for number in self._member_numbers():
            member = self._member(f"member.{number}", received_on)
            if member is not None:
                found.append(member)
        return tuple(found)

    def _member_numbers(self) -> list[int]:
        numbers = {
            int(target.split(".")[1]) for target in self.ledger.by_target if target.startswith("member.")
        }
        return sorted(numbers)

    def _person(self, prefix: str, received_on: date | PartialDate | None, relation: str) -> PersonRow | None:
        kana, warning = cells.read_kana(self._text(f"{prefix}.kana"))
        if warning:
            self._warn(self._rule(f"{prefix}.kana")[0], warning)
        birth_on, remark = self._birth(f"{prefix}.birth_on", received_on)
        if age := self._text(f"{prefix}.age"):
            remark = "、".join(part for part in (remark, f"年齢の記載：{age}") if part)
        sex = 0
        if text := self._text(f"{prefix}.sex"):
            index, rule = self._rule(f"{prefix}.sex")
            try:
                sex = cells.read_sex(text, rule.values)
            except CellRefused as refused:
                self._problem(index, refused.code)
        name = self._text(f"{prefix}.name")
        return PersonRow(name, kana, birth_on, sex, relation, remark) if name else None

    def _birth(
        self, target: str, received_on: date | PartialDate | None
    ) -> tuple[date | PartialDate | None, str]:
        text = self._text(target)
        if not text:
            return None, ""
        index, _ = self._rule(target)
        return self._birth_text(index, text, received_on)

    def _birth_text(
        self, index: int, text: str, received_on: date | PartialDate | None
    ) -> tuple[date | PartialDate | None, str]:
        try:
            read = cells.read_birth(text, self.ledger.parse_date)
        except CellRefused as refused:
            self._problem(index, refused.code, text, **refused.places)
            return None, ""
        if read.warning and index == self.ledger.by_target.get("person.birth_on", (-1,))[0]:
            self._warn(index, read.warning, text)
        earliest = read.on.first_on if isinstance(read.on, PartialDate) else read.on
        if earliest is not None and isinstance(received_on, date) and earliest > received_on:
            self._problem(index, "birth_after_reception", text)
        return read.on, read.remark

    def _member(self, prefix: str, received_on: date | PartialDate | None) -> PersonRow | None:
        """Read a member from columns of their own, or from one cell 氏名（続柄・生年月日・性別）."""
        relation = self._text(f"{prefix}.relation")
        if f"{prefix}.name" in self.ledger.by_target:
            return self._person(prefix, received_on, relation)
        text = self._text(prefix)
        if not text or cells.is_empty_word(text):
            return None
        index, _ = self._rule(prefix)
        found = _MEMBER_TEXT.match(text)
        if not found or not found["name"].strip():
            self._problem(index, "member_unreadable", text)
            return None
        birth_on: date | PartialDate | None = None
        sex, remarks = 0, []
        for part in cells.split_choices(found["rest"] or "", "・、,，;；"):
            if part in ("男", "女", "男性", "女性"):
                sex = cells.read_sex(part)
            elif _RELATION_TEXT.match(part) and not relation:
                relation = part
            elif re.search(r"\d", cells.folded(part)) or part in cells.UNKNOWN_WORDS:
                birth_on, remark = self._birth_text(index, part, received_on)
                remarks += [remark] if remark else []
            else:
                remarks.append(part)
        return PersonRow(found["name"].strip(), "", birth_on, sex, relation, "、".join(remarks))

    def _forms(self, neutral: dict[str, FormValue]) -> dict[str, dict[str, FormValue]]:
        forms: dict[str, dict[str, FormValue]] = {}
        for form, fields in self.ledger.mapping.forms.items():
            filled: dict[str, FormValue] = {}
            for name, rule in fields.items():
                value = self._field(rule, neutral)
                if value is not None and value not in ("", []):
                    filled[name] = value
            forms[form] = filled
        return forms

    def _field(self, rule: FieldRule, neutral: dict[str, FormValue]) -> FormValue | None:
        if rule.source is not None:
            value = neutral[rule.source]
            return rule.values.get(value, value) if isinstance(value, str) else value
        index = self.ledger.place_of.get(rule.column or "")
        if index is None or index in self.faulty:
            return None
        text = self.texts[index]
        if not text or (rule.kind != "text" and cells.is_empty_word(text)):
            return rule.values.get(text) if text else None
        try:
            return self._converted(rule, text)
        except CellRefused as refused:
            self._problem(index, refused.code, text, **refused.places)
            return None

    def _converted(self, rule: FieldRule, text: str) -> FormValue | None:
        if rule.kind == "integer":
            return cells.read_integer(text)
        if rule.kind == "date":
            on = cells.read_date(text, self.ledger.parse_date).on
            return None if on is None else str(on)
        if rule.kind == "yes_no":
            return cells.read_choice(text, {**_YES_NO, **rule.values})
        if rule.kind == "choice":
            return cells.read_choice(text, rule.values, rule.otherwise)
        if rule.kind == "choices":
            words = cells.split_choices(text, rule.split)
            return list(dict.fromkeys(cells.read_choice(word, rule.values, rule.otherwise) for word in words))
        return text
