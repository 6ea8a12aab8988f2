"""Which column of a ledger means what: the mapping file, read and checked.

A mapping is written once for an office's own ledger, by the person who keeps
it. All faults of the file are told at once, each with line and column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.csv_intake.mapping_yaml import Path as NodePath
from connectors.csv_intake.mapping_yaml import Place, YamlRefused, read_yaml
from connectors.csv_intake.spreadsheet import REJECT_HEADINGS, plain_heading

MEMBERS_MAX: Final = 12
TARGETS: Final = (
    "key", "received_on", "received_time", "channel", "address", "phone", "topics", "note", "consent",
    "worker", "status", "person.name", "person.kana", "person.birth_on", "person.age", "person.sex",
    "person.relation",
)  # fmt: skip
"""What a column can mean, besides `member.N` and its parts."""

_MEMBER = re.compile(r"member\.([1-9]|1[0-2])(\.(name|kana|birth_on|sex|relation))?\Z")
_NEEDS_VALUES: Final = frozenset({"channel", "topics"})
_TAKES_VALUES: Final = frozenset({"channel", "topics", "consent", "person.sex", "status", "person.relation"})

FieldSource = Literal["channel", "topics", "consent", "note", "status", "worker", "relation"]


def _spelled_out(value: object) -> object:
    return {"to": value} if isinstance(value, str) else value


def _column_only(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", populate_by_name=True)


class Title(_Strict):
    """A name in both languages."""

    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)


class ColumnRule(_Strict):
    """What one column means.

    `values` turns the words of the ledger into the engine's; `otherwise` takes
    every other word, and without it another word sets the row apart. `split`
    lists the characters that part several values in one cell. `also` names
    other headings that the same column has borne.
    """

    to: str
    values: dict[str, str] = Field(default_factory=dict)
    split: str | None = Field(default=None, min_length=1)
    otherwise: str | None = None
    also: list[str] = Field(default_factory=list)


class FieldRule(_Strict):
    """Where one field of a form comes from: a column (`column`) or a value already read (`from`)."""

    column: str | None = None
    source: FieldSource | None = Field(default=None, alias="from")
    kind: Literal["text", "integer", "date", "yes_no", "choice", "choices"] = "text"
    values: dict[str, str | int | bool] = Field(default_factory=dict)
    split: str | None = Field(default=None, min_length=1)
    otherwise: str | int | bool | None = None


class Mapping(_Strict):
    """A mapping file, checked.

    `required` columns must stand in the ledger and be filled in every row.
    In `ditto` columns 〃 and 同上 repeat the row above. `ignore` columns are
    passed over; any other column that the mapping does not name is kept as text.
    """

    mapping: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    title: Title
    pathway: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    columns: dict[str, Annotated[ColumnRule, BeforeValidator(_spelled_out)]] = Field(min_length=1)
    required: list[str] = Field(min_length=1)
    ditto: list[str] = Field(default_factory=list)
    ignore: list[str] = Field(default_factory=list)
    forms: dict[str, dict[str, Annotated[FieldRule, BeforeValidator(_column_only)]]] = Field(
        default_factory=dict
    )

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading the mapping knows, other spellings included: pass it to `read_spreadsheet`."""
        named = [name for heading, rule in self.columns.items() for name in (heading, *rule.also)]
        return tuple(dict.fromkeys([*named, *self.form_columns]))

    @property
    def form_columns(self) -> tuple[str, ...]:
        """The columns that fields of forms are read from, in order, each once."""
        rules = (rule for fields in self.forms.values() for rule in fields.values())
        return tuple(dict.fromkeys(rule.column for rule in rules if rule.column is not None))


@dataclass(frozen=True, slots=True)
class MappingProblem:
    """One fault of a mapping file; `line` and `column` count from 1."""

    line: int
    column: int
    ja: str
    en: str


class MappingError(Exception):
    """The mapping file cannot be used; `problems` lists every fault found."""

    def __init__(self, name: str, problems: Iterable[MappingProblem]) -> None:
        """Name the file and its faults."""
        self.name = name
        self.problems = tuple(problems)
        super().__init__(self.sentence())

    def sentence(self, lang: str = "ja") -> str:
        """Return one line for each fault, in `ja` or `en`."""
        return "\n".join(
            f"{self.name}:{problem.line}:{problem.column}  {problem.en if lang == 'en' else problem.ja}"
            for problem in self.problems
        )


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file (UTF-8 YAML, at most 1 MB).

    Raises:
        MappingError: with every fault found, each with its line and column.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        fault = MappingProblem(1, 1, "UTF-8で保存し直してください。", "Save the file as UTF-8.")
        raise MappingError(path.name, [fault]) from None
    except OSError as error:
        fault = MappingProblem(
            1, 1, f"開けません（{error.strerror}）。", f"Cannot be opened ({error.strerror})."
        )
        raise MappingError(path.name, [fault]) from None
    try:
        document, places = read_yaml(text)
    except YamlRefused as error:
        raise MappingError(
            path.name, [MappingProblem(error.line, error.column, error.ja, error.en)]
        ) from None
    try:
        mapping = Mapping.model_validate(document)
    except ValidationError as error:
        raise MappingError(path.name, _shape_problems(error, places)) from None
    problems = [
        MappingProblem(*_nearest(places, where), ja, en) for where, ja, en in _sense_problems(mapping)
    ]
    if problems:
        raise MappingError(path.name, problems)
    return mapping


def _nearest(places: dict[NodePath, Place], where: NodePath) -> Place:
    while where not in places and where:
        where = where[:-1]
    return places.get(where, (1, 1))


_SHAPES: Final = {
    "missing": ("「{name}」が必要です。", '"{name}" is required.'),
    "extra_forbidden": ("「{name}」という項目はありません。", 'There is no setting "{name}" here.'),
    "string_type": ("「{name}」には文字を書いてください。", '"{name}" must be text.'),
    "int_type": ("「{name}」には整数を書いてください。", '"{name}" must be a whole number.'),
    "list_type": ("「{name}」には一覧（- で始まる行）を書いてください。", '"{name}" must be a list.'),
    "dict_type": (
        "「{name}」には「項目: 値」の形で書いてください。",
        '"{name}" must be a map of key: value.',
    ),
    "model_type": (
        "「{name}」には「項目: 値」の形で書いてください。",
        '"{name}" must be a map of key: value.',
    ),
}


def _shape_problems(error: ValidationError, places: dict[NodePath, Place]) -> list[MappingProblem]:
    found = []
    for fault in error.errors(include_url=False, include_context=False):
        where = tuple("from" if step == "source" else step for step in fault["loc"])
        name = str(where[-1]) if where else "mapping"
        generic = (f"「{name}」の値が使えません（{fault['msg']}）。", f'"{name}": {fault["msg"]}.')
        ja, en = _SHAPES.get(fault["type"], generic)
        found.append(MappingProblem(*_nearest(places, where), ja.format(name=name), en.format(name=name)))
    return list(dict.fromkeys(found))


def _sense_problems(mapping: Mapping) -> Iterable[tuple[NodePath, str, str]]:
    yield from _column_problems(mapping)
    yield from _reference_problems(mapping)
    for form, fields in mapping.forms.items():
        for name, rule in fields.items():
            where: NodePath = ("forms", form, name)
            if (rule.column is None) == (rule.source is None):
                yield where, "column か from のどちらか一つを書いてください。", "Give either column or from."
            if rule.kind in ("choice", "choices") and not rule.values:
                yield where, "選択肢（values）を書いてください。", "A choice needs values."


def _column_problems(mapping: Mapping) -> Iterable[tuple[NodePath, str, str]]:
    targets = Counter(rule.to for rule in mapping.columns.values())
    names = Counter(
        plain_heading(name) for heading, rule in mapping.columns.items() for name in (heading, *rule.also)
    )
    for heading, rule in mapping.columns.items():
        where: NodePath = ("columns", heading)
        if rule.to not in TARGETS and not _MEMBER.match(rule.to):
            allowed = ", ".join(TARGETS) + ", member.1 … member.12"
            yield (
                where,
                f"「{rule.to}」という行き先はありません。使える行き先：{allowed}",
                (f'"{rule.to}" is no target. Targets: {allowed}'),
            )
        if targets[rule.to] > 1 and rule.to != "note":
            yield where, f"「{rule.to}」に二つの列が向いています。", f'Two columns go to "{rule.to}".'
        if rule.to in _NEEDS_VALUES and not rule.values:
            yield where, f"「{heading}」には言葉の対応（values）が必要です。", f'"{heading}" needs values.'
        if rule.values and rule.to not in _TAKES_VALUES:
            yield where, f"「{rule.to}」に values は使えません。", f'"{rule.to}" takes no values.'
        if rule.split and rule.to != "topics":
            yield where, "split は topics の列だけで使えます。", "split is for topics only."
        if heading in REJECT_HEADINGS or any(names[plain_heading(n)] > 1 for n in (heading, *rule.also)):
            yield where, f"見出し「{heading}」が重なっています。", f'The heading "{heading}" is used twice.'
    for needed in ("received_on", "person.name"):
        if needed not in targets:
            yield ("columns",), f"「{needed}」に向く列がありません。", f'No column goes to "{needed}".'


def _reference_problems(mapping: Mapping) -> Iterable[tuple[NodePath, str, str]]:
    known = {*mapping.columns, *mapping.form_columns}
    for part in ("required", "ditto"):
        for position, heading in enumerate(getattr(mapping, part)):
            if heading not in known:
                yield (
                    (part, position),
                    f"「{heading}」は columns にも forms にもありません。",
                    (f'"{heading}" is neither in columns nor in forms.'),
                )
    for position, heading in enumerate(mapping.ignore):
        if heading in known:
            yield ("ignore", position), f"「{heading}」は読む列でもあります。", f'"{heading}" is also read.'
    dated = next((heading for heading, rule in mapping.columns.items() if rule.to == "received_on"), None)
    if dated is not None and dated not in mapping.required:
        yield (
            ("required",),
            f"受付日の列「{dated}」は required に入れてください。",
            (f'"{dated}" holds the date of reception and must be required.'),
        )
