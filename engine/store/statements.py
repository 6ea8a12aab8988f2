"""The statements of the hot path, as plain SQL: compiled once, sent straight to the driver.

Parameters are `?`; PostgreSQL gets `%b` (binary) in their place. Statements
that set few columns stand beside those that set all: a column that is named,
even to the same value, costs its indexes and foreign keys a visit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

# ruff: noqa: S608 -- every part of these statements stands in this package

_CASE = (
    "id", "number", "pathway", "version", "status", "opened_at", "closed_at", "seq", "parent", "anchor",
    "anchor_status", "head", "wrapped_key", "projection", "sealed",
)  # fmt: skip
_ENTRY = ("case_id", "seq", "at", "actor", "kind", "key", "body", "sealed", "digest")
_OBLIGATION = (
    "case_id", "number", "status", "key", "kind", "holder", "holder_standing", "co_holder", "counterpart",
    "person", "state", "due_at", "due_on", "wakes_at", "is_open", "fell_due", "urgency", "scheduled_seq",
    "ended_seq",
)  # fmt: skip
_ADVANCED = ("seq", "head", "projection")
_CHANGED = (*_ADVANCED, "version", "status", "closed_at", "anchor", "anchor_status")
_AT_SEQ = {"id": "id", "seq": "seq"}
_WOKEN = ("wakes_at", "is_open", "fell_due")
_ALTERED = (
    *_WOKEN, "holder", "co_holder", "counterpart", "person", "state", "due_at", "due_on", "urgency",
)  # fmt: skip
_NUMBERED = {"case": "case_id", "number": "number"}
_LIVE = " AND obligation.status = 'live'"
_NOTICE = ("case_id", "seq", "n", "to_holder", "kind", "number", "about", "at")


_BLOBS = frozenset({"head", "wrapped_key", "projection", "sealed", "body", "digest"})
_NUMBERS = frozenset(
    {"id", "version", "opened_at", "closed_at", "seq", "anchor", "case_id", "at",
     "due_at", "wakes_at", "is_open", "fell_due", "urgency", "scheduled_seq", "ended_seq", "n"}
)  # fmt: skip


class Write(NamedTuple):
    """One statement for many rows: sent row by row, or once with an array for each column."""

    text: str
    by_column: bool


def _insert(table: str, columns: tuple[str, ...], *, by_column: bool) -> Write:
    names = ", ".join(columns)
    if by_column:
        text = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({_arrays(table, columns)})"
    else:
        text = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    return Write(text, by_column)


def _update(
    table: str,
    changed: tuple[str, ...],
    keys: dict[str, str],
    *,
    by_column: bool,
    also: str = "",
    only: str = "",
) -> Write:
    """Write an UPDATE; `keys` gives the column for each parameter of the condition."""
    if by_column:
        names = (*changed, *(f"by_{key}" for key in keys))
        arrays = _arrays(table, (*changed, *keys.values()))
        given = f" FROM unnest({arrays}) AS new ({', '.join(names)})"
        values = {name: f"new.{name}" for name in names}
    else:
        given = ""
        values = dict.fromkeys((*changed, *(f"by_{key}" for key in keys)), "?")
    assigned = ", ".join(f"{column} = {values[column]}" for column in changed)
    found = " AND ".join(f"{table}.{column} = {values[f'by_{key}']}" for key, column in keys.items())
    return Write(f"UPDATE {table} SET {assigned}{also}{given} WHERE {found}{only}", by_column)


def _arrays(table: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"?::{_type(table, column)}[]" for column in columns)


def _type(table: str, column: str) -> str:
    if column in _BLOBS:
        return "bytea"
    number = column in _NUMBERS or (column == "number" and table != "case_")
    return "bigint" if number else "text"


class Hot(NamedTuple):
    """The prepared texts, in one database's manner of writing parameters."""

    case_by_number: str
    cases_by_number: str
    due: str
    due_after: str
    next_wake: str
    entry_by_key: str
    entries: str
    newest: str
    tries: str
    intake_source: str
    number_taken: str
    insert_case: Write
    insert_entry: Write
    insert_obligation: Write
    insert_notice: Write
    advance_case: Write
    change_case: Write
    reseal_case: Write
    wake_obligation: Write
    change_obligation: Write
    end_obligation: Write


_HELD = "id, head, anchor, wrapped_key, redacted_at, projection, sealed"

# A case that was set apart waits for its next try; the rest of the pass goes on without it.
_DUE = """
SELECT o.wakes_at, o.case_id, c.number FROM obligation AS o JOIN case_ AS c ON c.id = o.case_id
WHERE o.status = 'live' AND o.wakes_at <= ? {after}
  AND NOT EXISTS (SELECT 1 FROM sweep_fault AS f WHERE f.case_id = o.case_id AND f.next_try_at > ?)
ORDER BY o.wakes_at, o.case_id, o.number LIMIT ?{claim}"""


def hot(*, parameter: str, any_of: str, lock: str, claim: str, by_column: bool) -> Hot:
    """Write the statements for one database.

    `any_of` is the condition that a number is among those of one parameter;
    `lock` and `claim` follow a SELECT that will be written to. `by_column`
    sends many rows as one array for each column.
    """
    made = Hot(
        case_by_number=f"SELECT {_HELD} FROM case_ WHERE number = ?",
        cases_by_number=f"SELECT {_HELD} FROM case_ WHERE number {any_of} ORDER BY id",
        due=_DUE.format(after="", claim=claim),
        due_after=_DUE.format(after="AND (o.wakes_at, o.case_id) > (?, ?)", claim=claim),
        next_wake="SELECT wakes_at FROM obligation WHERE status = 'live' ORDER BY wakes_at LIMIT 1",
        entry_by_key="SELECT c.number, e.seq FROM entry AS e JOIN case_ AS c ON c.id = e.case_id WHERE e.key = ?",
        entries=(
            "SELECT seq, body, sealed, digest, at FROM entry "
            "WHERE case_id = ? AND seq > ? AND seq <= ? ORDER BY seq"
        ),
        tries="SELECT case_id, tries FROM sweep_fault",
        newest=(
            "SELECT 'directory', '', max(version), '' FROM directory_version "
            "UNION ALL SELECT 'calendar', name, max(version), '' FROM calendar_version GROUP BY name "
            "UNION ALL SELECT 'pathway', pathway, version, effective_on FROM pathway_version"
        ),
        intake_source="SELECT case_number, digest FROM intake_source WHERE source_key = ?",
        number_taken="UPDATE numbering SET last = ? WHERE fiscal_year = ?",
        insert_case=_insert("case_", _CASE, by_column=by_column),
        insert_entry=_insert("entry", _ENTRY, by_column=by_column),
        insert_obligation=_insert("obligation", _OBLIGATION, by_column=by_column),
        insert_notice=_insert("notice", _NOTICE, by_column=by_column),
        advance_case=_update("case_", _ADVANCED, _AT_SEQ, by_column=by_column),
        change_case=_update("case_", _CHANGED, _AT_SEQ, by_column=by_column),
        reseal_case=_update("case_", ("wrapped_key", "sealed"), _AT_SEQ, by_column=by_column),
        wake_obligation=_update("obligation", _WOKEN, _NUMBERED, by_column=by_column, only=_LIVE),
        change_obligation=_update("obligation", _ALTERED, _NUMBERED, by_column=by_column, only=_LIVE),
        end_obligation=_update(
            "obligation",
            ("status", "ended_seq"),
            _NUMBERED,
            by_column=by_column,
            also=", wakes_at = NULL, holder_standing = NULL",
            only=_LIVE,
        ),
    )
    locked = made._replace(
        case_by_number=made.case_by_number + lock, cases_by_number=made.cases_by_number + lock
    )
    return Hot(*(_placed(each, parameter) for each in locked))


def _placed(statement: Any, parameter: str) -> Any:
    if isinstance(statement, Write):
        return Write(statement.text.replace("?", parameter), statement.by_column)
    return statement.replace("?", parameter)
