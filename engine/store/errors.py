"""What can go wrong with a store, said so that the person at the machine can act.

`StoreError` is for people: something about the disk, the file, the server or
the key. `SequenceGap` and `RuleBroken` are for the engine: a transaction was
stopped because it contradicted the store. None of them leaves anything half written.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from engine.core.ledger.chain import ChainFault


class Words(NamedTuple):
    """What happened and what to do, in Japanese and in English."""

    ja: str
    en: str
    do_ja: str
    do_en: str


WORDS = {
    "read_only": Words(
        "保存先に書き込めません。読み取り専用です。",
        "The store cannot be written to: it is read-only.",
        "ファイルとフォルダーの権限、ディスクのマウントの設定を確かめてください。",
        "Check the permissions of the file and its folder, and how the disk is mounted.",
    ),
    "disk_full": Words(
        "ディスクがいっぱいで、書き込めませんでした。途中までの記録は残っていません。",
        "The disk is full and nothing was written. No half record was left.",
        "空きをつくってから、もう一度行ってください。",
        "Make room on the disk and try again.",
    ),
    "not_bansou": Words(
        "これは bansou の保存先ではありません。",
        "This is not a bansou store.",
        "設定のデータベースを確かめてください。新しく作るときは bansou init です。",
        "Check the configured database. To make a new store, run bansou init.",
    ),
    "absent": Words(
        "保存先がまだありません。",
        "There is no store here yet.",
        "bansou init で作ってください。",
        "Make one with bansou init.",
    ),
    "exists": Words(
        "ここにはすでに保存先があります。",
        "There is a store here already.",
        "そのまま使えます。別に作るときは、設定のデータベースを変えてください。",
        "It can be used as it is. For another one, change the configured database.",
    ),
    "folder_absent": Words(
        "保存先を置くフォルダーがないか、開けません。",
        "The folder for the store does not exist or cannot be opened.",
        "フォルダーを作り、権限を確かめてください。",
        "Make the folder and check its permissions.",
    ),
    "schema_newer": Words(
        "保存先は、この bansou より新しい版で作られています。",
        "The store was made by a newer bansou than this one.",
        "新しい版の bansou を使ってください。",
        "Use the newer bansou.",
    ),
    "schema_older": Words(
        "保存先の形式が古いままです。",
        "The store's tables are of an older version.",
        "控えを取ってから bansou migrate を行ってください。",
        "Make a backup, then run bansou migrate.",
    ),
    "server_gone": Words(
        "データベースのサーバーにつながりません。途中までの記録は残っていません。",
        "The database server cannot be reached or went away. No half record was left.",
        "サーバーが動いているか、接続先の設定が正しいかを確かめ、もう一度行ってください。",
        "Check that the server runs and that its address is right, then try again.",
    ),
    "locked": Words(
        "ほかの処理が保存先を使っていて、待っても空きませんでした。",
        "Something else kept the store locked for longer than the time allowed.",
        "もう一度行ってください。続くときは、ほかに動いている bansou や控えの作業を確かめてください。",
        "Try again. If it goes on, look for another bansou or a backup that is running.",
    ),
    "damaged": Words(
        "保存先のファイルが壊れています。",
        "The store's file is damaged.",
        "このファイルには書き込まず、控えから戻してください。",
        "Write nothing to this file; restore it from a backup.",
    ),
    "wrong_key": Words(
        "この鍵は、この保存先のものではありません。",
        "This key does not belong to this store.",
        "保存先と一緒に作られた鍵のファイルを設定してください。",
        "Configure the key file that was made together with the store.",
    ),
    "key_absent": Words(
        "鍵のファイルがありません。",
        "The key file is not there.",
        "控えから鍵を戻すか、設定の場所を確かめてください。鍵がないと個人の内容は読めません。",
        "Restore the key from its backup or check where it is configured to be. "
        "Without it nothing personal can be read.",
    ),
    "key_exists": Words(
        "そこにはすでに鍵のファイルがあります。上書きはしません。",
        "There is a key file there already; it is not overwritten.",
        "その鍵を使うか、別の場所を指定してください。",
        "Use that key or name another place.",
    ),
    "key_open": Words(
        "鍵のファイルを、ほかの利用者も読めます。",
        "Others can read the key file.",
        "{do}",
        "{do}",
    ),
    "key_malformed": Words(
        "鍵のファイルの中身が鍵ではありません。",
        "The key file does not hold a key.",
        "控えから鍵を戻してください。",
        "Restore the key from its backup.",
    ),
    "seal_broken": Words(
        "暗号化された内容が、書かれた時のものと違うか、別の場所から移されています。",
        "Sealed content is not what was written, or was moved here from another place.",
        "bansou replay CASE --verify を行い、控えと比べてください。",
        "Run bansou replay CASE --verify and compare with a backup.",
    ),
    "driver_absent": Words(
        "このデータベースにつなぐための部品が入っていません。",
        "The driver for this database is not installed.",
        "pip install 'bansou[postgres]' を行うか、SQLite の保存先を使ってください。",
        "Run pip install 'bansou[postgres]', or use an SQLite store.",
    ),
    "url_unknown": Words(
        "データベースの指定が分かりません。",
        "The database address is not understood.",
        "sqlite:///… または postgresql+psycopg://… と書いてください。",
        "Write sqlite:///… or postgresql+psycopg://…",
    ),
}


class StoreError(Exception):
    """Something about the store that a person must look at. `code` is stable; the words are for reading."""

    def __init__(self, code: str, detail: str = "", do: str = "") -> None:
        words = WORDS[code]
        self.code = code
        self.detail = detail
        self.ja = words.ja + (f"({detail})" if detail else "")
        self.en = words.en + (f" ({detail})" if detail else "")
        self.do_ja = words.do_ja.format(do=do)
        self.do_en = words.do_en.format(do=do)
        super().__init__(f"{code}: {self.en} {self.do_en}")


class SequenceGap(Exception):
    """An entry was not the next one of its case: somebody else wrote first. Read again and decide again."""


class KeyTaken(Exception):
    """Something that may be recorded once only was recorded already. Read again and answer with what is there."""


class RuleBroken(Exception):
    """The database refused rows that would have broken an invariant. A bug of the engine, stopped in time.

    `rule` names the constraint or trigger where the database tells it, else is empty.
    """

    def __init__(self, rule: str, detail: str) -> None:
        self.rule = rule
        super().__init__(f"{rule or 'constraint'}: {detail}")


class ChainBroken(Exception):
    """The stored history of a case does not hold together: something changed it from outside."""

    def __init__(self, number: str, fault: ChainFault) -> None:
        self.number = number
        self.fault = fault
        super().__init__(f"{number}: {fault.en}")


_SQLITE = {
    "SQLITE_READONLY": "read_only",
    "SQLITE_PERM": "read_only",
    "SQLITE_FULL": "disk_full",
    "SQLITE_IOERR_WRITE": "disk_full",
    "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked",
    "SQLITE_NOTADB": "not_bansou",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_CANTOPEN": "folder_absent",
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES = {
    "25006": "read_only",
    "53100": "disk_full",
    "55P03": "locked",
    "40P01": "locked",
    "40001": "locked",
    "3D000": "absent",
    "XX001": "damaged",
    "XX002": "damaged",
}
_POSTGRES_CLASSES = {"08": "server_gone", "57": "server_gone", "28": "server_gone", "53": "server_gone"}


def translated(error: BaseException) -> Exception | None:
    """Return what an error of a database driver means here, or None if it means nothing but itself."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause)
    if hasattr(cause, "sqlstate") and type(cause).__module__.startswith("psycopg"):
        return _from_postgres(cause)
    return None


def _from_sqlite(cause: sqlite3.Error) -> Exception | None:
    name: str = getattr(cause, "sqlite_errorname", "") or ""
    text = str(cause)
    if name.startswith("SQLITE_CONSTRAINT"):
        return _once(text) or RuleBroken(_rule_in(text, name), text)
    code = _SQLITE.get(name) or _SQLITE.get("_".join(name.split("_")[:2]))
    return StoreError(code, text) if code else None


def _rule_in(text: str, name: str) -> str:
    if name == "SQLITE_CONSTRAINT_TRIGGER":
        return text
    return text.removeprefix("CHECK constraint failed: ") if text.startswith("CHECK") else ""


def _once(text: str) -> Exception | None:
    if text.startswith("UNIQUE constraint failed: "):
        columns = text.removeprefix("UNIQUE constraint failed: ")
        if columns == "entry.case_id, entry.seq":
            return SequenceGap(text)
        return KeyTaken(columns)
    return None


def _from_postgres(cause: BaseException) -> Exception | None:
    state: str | None = getattr(cause, "sqlstate", None)
    text = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
    if state is None:
        # The connection broke, or was never made: libpq has no code for it.
        return StoreError("server_gone", text) if type(cause).__name__ in _CONNECTION else None
    if state.startswith("23"):
        rule = getattr(getattr(cause, "diag", None), "constraint_name", None) or ""
        if state == "23505":
            return SequenceGap(text) if rule == "entry_pkey" else KeyTaken(rule)
        return RuleBroken(rule, text)
    code = _POSTGRES.get(state) or _POSTGRES_CLASSES.get(state[:2])
    return StoreError(code, text) if code else None


_CONNECTION = {"OperationalError", "ConnectionTimeout", "InterfaceError"}
