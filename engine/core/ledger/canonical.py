"""What a value must be like so that its stored bytes are the only ones it can have.

Sorted-key JSON equals RFC 8785 exactly when there are no floats, no integers
that a double cannot hold and no property names that sort differently in
UTF-8 and UTF-16. Money and measures are integers in their smallest unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 20


class NotCanonical(Struct, frozen=True):
    """Why a value cannot be recorded. `path` names the place, from the outermost key inward."""

    path: str
    ja: str
    en: str


def check_canonical(value: Any, path: str = "", depth: int = 0) -> NotCanonical | None:
    """Return why `value` has no single JSON form, or None when it has.

    Allowed: None, booleans, integers within ±(2^53 - 1), text that UTF-8 can
    carry, lists, and mappings with ASCII text keys, nested at most 20 deep.
    """
    if depth > DEPTH_MAX:
        return NotCanonical(
            path, f"入れ子が {DEPTH_MAX} 段を超えています。", f"Nested more than {DEPTH_MAX} deep."
        )
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _integer(value, path)
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, Mapping):
        return _mapping(value, path, depth)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        faults = (check_canonical(each, f"{path}[{place}]", depth + 1) for place, each in enumerate(value))
        return next((fault for fault in faults if fault is not None), None)
    if isinstance(value, float):
        return NotCanonical(
            path,
            "小数は記録できません。最小の単位の整数(円、グラムなど)で入れてください。",
            "A fraction cannot be recorded. Give an integer in the smallest unit (yen, grams).",
        )
    return NotCanonical(
        path,
        f"この種類の値({type(value).__name__})は記録できません。",
        f"A value of this type ({type(value).__name__}) cannot be recorded.",
    )


def _integer(value: int, path: str) -> NotCanonical | None:
    if -INTEGER_MAX <= value <= INTEGER_MAX:
        return None
    return NotCanonical(
        path,
        "数が大きすぎます。16桁以上の番号は文字として入れてください。",
        "The number is too large. Give numbers of 16 digits or more as text.",
    )


def _text(value: str, path: str) -> NotCanonical | None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return NotCanonical(
            path,
            "文字として正しくない部分があります。",
            "The text holds half a character (a lone surrogate).",
        )
    return None


def _mapping(value: Mapping[Any, Any], path: str, depth: int) -> NotCanonical | None:
    for key, each in value.items():
        where = f"{path}.{key}" if path else str(key)
        if not isinstance(key, str) or not key.isascii():
            return NotCanonical(
                where,
                "項目の名前は半角英数字にしてください。",
                "A field's name must be ASCII text.",
            )
        fault = check_canonical(each, where, depth + 1)
        if fault is not None:
            return fault
    return None
