"""The statements of the hot path, as plain SQL: compiled once, sent straight to the driver.

Parameters are `?`; PostgreSQL gets `%b` (binary) in their place. Statements
that set few columns stand beside those that set all: a column that is named,
even to the same value, costs its indexes and foreign keys a visit.
"""

from __future__ import annotations

from typing import NamedTuple

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
_NOTICE = ("case_id", "seq", "n", "to_holder", "kind", "number", "about", "at")


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


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
    intake_source: str
    number_taken: str
    insert_case: str
    insert_entry: str
    insert_obligation: str
    insert_notice: str
    advance_case: str
    change_case: str
    reseal_case: str
    wake_obligation: str
    change_obligation: str
    end_obligation: str


_HELD = "id, head, anchor, wrapped_key, redacted_at, projection, sealed"

# A case that was set apart waits for its next try; the rest of the pass goes on without it.
_DUE = """
SELECT o.wakes_at, o.case_id, c.number FROM obligation AS o JOIN case_ AS c ON c.id = o.case_id
WHERE o.status = 'live' AND o.wakes_at <= ? {after}
  AND NOT EXISTS (SELECT 1 FROM sweep_fault AS f WHERE f.case_id = o.case_id AND f.next_try_at > ?)
ORDER BY o.wakes_at, o.case_id, o.number LIMIT ?{claim}"""


def hot(*, parameter: str, any_of: str, lock: str, claim: str) -> Hot:
    """Write the statements for one database.

    `any_of` is the condition that a number is among those of one parameter;
    `lock` and `claim` follow a SELECT that will be written to.
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
        newest=(
            "SELECT 'directory', '', max(version), '' FROM directory_version "
            "UNION ALL SELECT 'calendar', name, max(version), '' FROM calendar_version GROUP BY name "
            "UNION ALL SELECT 'pathway', pathway, version, effective_on FROM pathway_version"
        ),
        intake_source="SELECT case_number, digest FROM intake_source WHERE source_key = ?",
        number_taken="UPDATE numbering SET last = ? WHERE fiscal_year = ?",
        insert_case=_insert("case_", _CASE),
        insert_entry=_insert("entry", _ENTRY),
        insert_obligation=_insert("obligation", _OBLIGATION),
        insert_notice=_insert("notice", _NOTICE),
        advance_case="UPDATE case_ SET seq = ?, head = ?, projection = ? WHERE id = ? AND seq = ?",
        change_case=(
            "UPDATE case_ SET seq = ?, head = ?, projection = ?, version = ?, status = ?, closed_at = ?, "
            "anchor = ?, anchor_status = ? WHERE id = ? AND seq = ?"
        ),
        reseal_case="UPDATE case_ SET wrapped_key = ?, sealed = ? WHERE id = ? AND seq = ?",
        wake_obligation=(
            "UPDATE obligation SET wakes_at = ?, is_open = ?, fell_due = ? "
            "WHERE case_id = ? AND number = ? AND status = 'live'"
        ),
        change_obligation=(
            "UPDATE obligation SET wakes_at = ?, is_open = ?, fell_due = ?, holder = ?, co_holder = ?, "
            "counterpart = ?, person = ?, state = ?, due_at = ?, due_on = ?, urgency = ? "
            "WHERE case_id = ? AND number = ? AND status = 'live'"
        ),
        end_obligation=(
            "UPDATE obligation SET status = ?, ended_seq = ?, wakes_at = NULL, holder_standing = NULL "
            "WHERE case_id = ? AND number = ? AND status = 'live'"
        ),
    )
    locked = made._replace(
        case_by_number=made.case_by_number + lock, cases_by_number=made.cases_by_number + lock
    )
    return Hot(*(text.replace("?", parameter) for text in locked))
