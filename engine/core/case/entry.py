"""One line of a case's history: a command, who gave it, and the events it caused.

An entry is written whole or not at all, so a decision is never torn apart.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.json import Decoder, Encoder

from engine.core.case.case import NOTHING_SEALED, Sealed
from engine.core.case.commands import AnyCommand
from engine.core.case.events import AnyEvent
from engine.core.vocabulary import Instant


class Grounds(Struct, frozen=True, kw_only=True, gc=False):
    """The versions that a decision rested on, so that it can be taken again."""

    calendar: int
    directory: int


class Entry(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """Entry `seq` (from 1) of a case. `actor` is a person's id, or `clock` or `engine`."""

    case: str
    seq: int
    at: Instant
    actor: str
    command: AnyCommand
    events: tuple[AnyEvent, ...]
    grounds: Grounds
    key: str = ""


_encoder = Encoder(order="sorted")
_decoder = Decoder(Entry)
_sealed_decoder = Decoder(Sealed)


def entry_bytes(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry (RFC 8785: sorted keys, no floats in its types)."""
    return _encoder.encode(entry)


def entry_of(body: bytes) -> Entry:
    """Read an entry back. Raises msgspec.ValidationError if the bytes are not one."""
    return _decoder.decode(body)


def sealed_bytes(sealed: Sealed) -> bytes | None:
    """Return the bytes to be encrypted, or None when there is nothing personal."""
    return None if sealed.is_empty else _encoder.encode(sealed)


def sealed_of(plain: bytes | None) -> Sealed:
    """Read the personal part of an entry back."""
    return NOTHING_SEALED if plain is None else _sealed_decoder.decode(plain)
