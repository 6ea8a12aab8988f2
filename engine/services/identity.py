"""The one maker of ids that nobody can guess."""

from __future__ import annotations

from uuid import uuid4


def new_key() -> str:
    """Return a new idempotency key."""
    return uuid4().hex
