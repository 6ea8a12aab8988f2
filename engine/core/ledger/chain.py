"""The hash chain of one case: any change, loss or reordering of its entries shows.

The digest is taken over the stored bytes, never over something serialised
again, and over the sealed part as it is stored, encrypted: destroying a key
after the retention period removes the person and leaves the proof whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

_ENTRY = b"bansou entry 1\x00"
_GENESIS = b"bansou case 1\x00"


class ChainBreak(StrEnum):
    """In which way a history does not hold together."""

    GAP = "gap"
    REORDERED = "reordered"
    CHANGED = "changed"
    HEAD = "head"


class ChainFault(Struct, frozen=True):
    """The first place at which a history does not hold together. `seq` counts from 1."""

    seq: int
    kind: ChainBreak
    ja: str
    en: str


class Link(Struct, frozen=True, array_like=True):
    """One stored entry, as the chain sees it: `body` and `sealed` are the stored bytes."""

    seq: int
    body: bytes
    sealed: bytes | None
    digest: bytes


def genesis(case: str) -> bytes:
    """Return the 32 bytes before the first entry; they bind a history to its case number."""
    return sha256(_GENESIS + case.encode()).digest()


def link(before: bytes, body: bytes, sealed: bytes | None) -> bytes:
    """Return the digest of an entry that follows the digest `before`.

    SHA-256 over a fixed prefix, `before`, the length of `body` in 8 bytes,
    `body`, and the sealed part behind a byte that says whether there is one:
    no two different entries give the same input.
    """
    tail = b"\x00" if sealed is None else b"\x01" + sealed
    return sha256(b"".join((_ENTRY, before, len(body).to_bytes(8, "big"), body, tail))).digest()


def verify(case: str, links: Iterable[Link], head: bytes | None = None) -> ChainFault | None:
    """Return the first fault of a case's history, or None when it holds together.

    `head` is the digest that the case's row carries; with it, entries lost
    from the end show too. Costs about 1 µs an entry.
    """
    before = genesis(case)
    expected = 1
    for found in links:
        if found.seq != expected:
            return _fault(
                expected, ChainBreak.GAP if found.seq > expected else ChainBreak.REORDERED, found.seq
            )
        if link(before, found.body, found.sealed) != found.digest:
            return _fault(expected, ChainBreak.CHANGED, found.seq)
        before = found.digest
        expected += 1
    if head is not None and head != before:
        return _fault(expected, ChainBreak.HEAD, expected)
    return None


def _fault(expected: int, kind: ChainBreak, found: int) -> ChainFault:
    ja, en = {
        ChainBreak.GAP: (
            f"記録 {expected} がなく、次に {found} があります。",
            f"Entry {expected} is missing; {found} comes next.",
        ),
        ChainBreak.REORDERED: (
            f"記録 {expected} の位置に {found} があります。順序が変わっています。",
            f"Entry {found} stands where {expected} belongs: the order was changed.",
        ),
        ChainBreak.CHANGED: (
            f"記録 {expected} の内容が、書かれた時の指紋と合いません。",
            f"Entry {expected} is not what its digest says was written, or follows another entry.",
        ),
        ChainBreak.HEAD: (
            f"記録 {expected - 1} で終わっていますが、ケースの指紋と合いません。末尾が失われた疑いがあります。",
            f"The history ends with entry {expected - 1}, which is not what the case says came last.",
        ),
    }[kind]
    return ChainFault(expected, kind, ja, en)
