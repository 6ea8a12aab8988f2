"""The tables as SQLAlchemy sees them, for the statements that are not on the hot path.

The migrations make the tables; a test compares them with these on both
databases. CHECK constraints and triggers stand in the migrations alone: no
statement needs to know them, and tests attack them one by one. Instants are
whole seconds since 1970 (`*_at`, `at`), civil dates ISO text (`*_on`).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

_BIG = BigInteger().with_variant(Integer, "sqlite")
_SMALL = SmallInteger().with_variant(Integer, "sqlite")
# TEXT and BLOB compare as equal types on both databases.


def _id() -> Column[int]:
    return Column("id", _BIG, primary_key=True, autoincrement=True)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _number_key(name: str) -> Column[int]:
    return Column(name, _BIG, primary_key=True, autoincrement=False)


def _words(*names: str, optional: bool = False) -> list[Column[str]]:
    return [Column(name, Text, nullable=optional) for name in names]


def _numbers(*names: str, optional: bool = False) -> list[Column[int]]:
    return [Column(name, _BIG, nullable=optional) for name in names]


def _bytes(*names: str, optional: bool = False) -> list[Column[bytes]]:
    return [Column(name, LargeBinary, nullable=optional) for name in names]


setting = Table("setting", metadata, _key("name"), *_words("value"))
holder = Table(
    "holder",
    metadata,
    _key("id"),
    *_words("kind", "name", "standing"),
    UniqueConstraint("id", "standing", name="holder_id_standing"),
)
membership = Table(
    "membership",
    metadata,
    _key("team"),
    _key("person"),
    ForeignKeyConstraint(
        ["team"], ["holder.id"], name="membership_team", deferrable=True, initially="DEFERRED"
    ),
    ForeignKeyConstraint(
        ["person"], ["holder.id"], name="membership_person", deferrable=True, initially="DEFERRED"
    ),
    Index("membership_of", "person", "team"),
)
directory_version = Table(
    "directory_version", metadata, _number_key("version"), *_numbers("at"), *_words("actor"), *_bytes("body")
)
calendar_version = Table(
    "calendar_version", metadata, _key("name"), _number_key("version"), *_words("digest"), *_bytes("body")
)
pathway_version = Table(
    "pathway_version",
    metadata,
    _key("pathway"),
    _number_key("version"),
    *_words("digest", "effective_on", "text", "forms"),
    *_numbers("published_at"),
    *_words("published_by"),
)
case = Table(
    "case_",
    metadata,
    _id(),
    *_words("number", "pathway"),
    *_numbers("version"),
    *_words("status"),
    *_numbers("opened_at"),
    *_numbers("closed_at", optional=True),
    *_numbers("seq"),
    *_words("parent", optional=True),
    *_numbers("anchor", optional=True),
    *_words("anchor_status", optional=True),
    *_numbers("redacted_at", optional=True),
    *_bytes("head"),
    *_bytes("wrapped_key", optional=True),
    *_bytes("projection"),
    *_bytes("sealed", optional=True),
    UniqueConstraint("number", name="case_number"),
    ForeignKeyConstraint(
        ["pathway", "version"],
        ["pathway_version.pathway", "pathway_version.version"],
        name="case_pathway",
        deferrable=True,
        initially="DEFERRED",
    ),
    ForeignKeyConstraint(
        ["id", "anchor", "anchor_status"],
        ["obligation.case_id", "obligation.number", "obligation.status"],
        name="case_anchor",
        use_alter=True,
        deferrable=True,
        initially="DEFERRED",
    ),
    Index("case_pathway_version", "pathway", "version", "status"),
    Index(
        "case_parent",
        "parent",
        sqlite_where=text("parent IS NOT NULL"),
        postgresql_where=text("parent IS NOT NULL"),
    ),
)
entry = Table(
    "entry",
    metadata,
    _number_key("case_id"),
    _number_key("seq"),
    *_numbers("at"),
    *_words("actor", "kind"),
    *_words("key", optional=True),
    *_bytes("body"),
    *_bytes("sealed", optional=True),
    *_bytes("digest"),
    ForeignKeyConstraint(["case_id"], ["case_.id"], name="entry_case", deferrable=True, initially="DEFERRED"),
    Index(
        "entry_key",
        "key",
        unique=True,
        sqlite_where=text("key IS NOT NULL"),
        postgresql_where=text("key IS NOT NULL"),
    ),
)


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


obligation = Table(
    "obligation",
    metadata,
    _number_key("case_id"),
    _number_key("number"),
    *_words("status", "key", "kind", "holder"),
    *_words("holder_standing", "co_holder", "counterpart", "person", optional=True),
    *_words("state"),
    *_numbers("due_at"),
    *_words("due_on"),
    *_numbers("wakes_at", optional=True),
    Column("is_open", _SMALL, nullable=False),
    Column("fell_due", _SMALL, nullable=False),
    *_numbers("urgency", "scheduled_seq"),
    *_numbers("ended_seq", optional=True),
    UniqueConstraint("case_id", "number", "status", name="obligation_case_number_status"),
    ForeignKeyConstraint(
        ["holder", "holder_standing"],
        ["holder.id", "holder.standing"],
        name="obligation_holder",
        deferrable=True,
        initially="DEFERRED",
    ),
    ForeignKeyConstraint(
        ["case_id", "scheduled_seq"],
        ["entry.case_id", "entry.seq"],
        name="obligation_scheduled",
        deferrable=True,
        initially="DEFERRED",
    ),
    ForeignKeyConstraint(
        ["case_id", "ended_seq"],
        ["entry.case_id", "entry.seq"],
        name="obligation_ended",
        deferrable=True,
        initially="DEFERRED",
    ),
    _partial("obligation_wakes", "wakes_at", "case_id", "number", where="status = 'live'"),
    _partial("obligation_holder_due", "holder", "due_at", where="holder_standing IS NOT NULL"),
    _partial(
        "obligation_co_holder_due",
        "co_holder",
        "due_at",
        where="holder_standing IS NOT NULL AND co_holder IS NOT NULL",
    ),
    _partial(
        "obligation_counterpart_due",
        "counterpart",
        "due_at",
        where="holder_standing IS NOT NULL AND counterpart IS NOT NULL",
    ),
)
notice = Table(
    "notice",
    metadata,
    _id(),
    *_numbers("case_id", "seq", "n"),
    *_words("to_holder", "kind"),
    *_numbers("number"),
    *_words("about"),
    *_numbers("at"),
    *_numbers("read_at", "digest_id", optional=True),
    UniqueConstraint("case_id", "seq", "n", name="notice_once"),
    ForeignKeyConstraint(
        ["case_id"], ["case_.id"], name="notice_case", deferrable=True, initially="DEFERRED"
    ),
    _partial("notice_inbox", "to_holder", "at", where="read_at IS NULL"),
)
outbox = Table(
    "outbox",
    metadata,
    _id(),
    *_words("connector", "key"),
    *_numbers("created_at", "due_at", "attempts"),
    *_words("status"),
    *_bytes("body"),
    *_words("last_error", optional=True),
    UniqueConstraint("key", name="outbox_key"),
    _partial("outbox_due", "due_at", "id", where="status = 'pending'"),
)
sweep_fault = Table(
    "sweep_fault",
    metadata,
    _number_key("case_id"),
    *_numbers("at"),
    *_words("code"),
    *_numbers("tries", "next_try_at"),
    ForeignKeyConstraint(
        ["case_id"], ["case_.id"], name="sweep_fault_case", deferrable=True, initially="DEFERRED"
    ),
)
sweep_log = Table(
    "sweep_log",
    metadata,
    _id(),
    *_numbers("started_at", "finished_at", "fired", "left_over", "faults"),
)
numbering = Table("numbering", metadata, _number_key("fiscal_year"), *_numbers("last"))
intake_source = Table("intake_source", metadata, _key("source_key"), *_words("case_number", "digest"))
