"""The facts that a guard may read, and the type of each.

A fact is the latest recorded value of a form's field (`assessment.scheme_gap`)
or something the engine counts itself (`case.days_open`). Types are the few that
a guard can compare; a value of another shape is treated as not recorded, so a
case recorded under an older form can never break a newer guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from engine.core.vocabulary import Labelled

FactValue = bool | int | float | str | list[str] | list[int]
"""What a fact may hold once it fits its type."""

INT_MIN = -(2**63)
INT_MAX = 2**63 - 1


class FactType(Labelled):
    """What kind of value a fact holds. A DATE is text in the form `2027-04-01`, which sorts by time."""

    BOOL = "bool", "はい・いいえ", "yes or no"
    INT = "int", "整数", "a whole number"
    NUMBER = "number", "小数", "a decimal number"
    STRING = "string", "文字列", "text"
    DATE = "date", "日付", "a date"
    LIST_STRING = "list_string", "文字列の並び", "a list of texts"
    LIST_INT = "list_int", "整数の並び", "a list of whole numbers"


FactTypes = Mapping[str, FactType]
"""Dotted name (`assessment.scheme_gap`) to type."""


def _whole(value: object) -> int | None:
    # JSON Schema counts 42.0 as an integer, so a form may have let it through.
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and INT_MIN <= value <= INT_MAX else None


def _encodable(value: object) -> str | None:
    if type(value) is not str:
        return None
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return value


def fitted(value: object, kind: FactType) -> FactValue | None:
    """Return `value` as a fact of this type, or None when it is absent or does not fit.

    Whole decimals become integers and tuples become lists. Nothing else is
    converted: `1` is not `true`, and `"3"` is not 3. Integers beyond 64 bits and
    text with a lone surrogate do not fit.
    """
    match kind:
        case FactType.BOOL:
            return value if type(value) is bool else None
        case FactType.INT:
            return _whole(value)
        case FactType.NUMBER:
            if type(value) is float:
                return value
            whole = _whole(value)
            return None if whole is None else float(whole)
        case FactType.STRING | FactType.DATE:
            return _encodable(value)
        case FactType.LIST_STRING:
            texts = [_encodable(item) for item in value] if isinstance(value, list | tuple) else [None]
            return None if None in texts else [text for text in texts if text is not None]
        case FactType.LIST_INT:
            numbers = [_whole(item) for item in value] if isinstance(value, list | tuple) else [None]
            return None if None in numbers else [number for number in numbers if number is not None]


BUILTIN_FACTS: FactTypes = MappingProxyType(
    {
        "case.days_open": FactType.INT,
        "case.days_in_state": FactType.INT,
        "contact.missed_in_a_row": FactType.INT,
        "contact.days_since": FactType.INT,
        "contact.last_grade": FactType.STRING,
        "contact.count": FactType.INT,
        "household.size": FactType.INT,
        "household.children": FactType.INT,  # persons under 18
        "household.single": FactType.BOOL,
        "household.eldest_age": FactType.INT,
    }
)
"""Facts that the engine computes for every case, whatever the pathway."""

PERSON_FACTS: FactTypes = MappingProxyType(
    {
        "person.age": FactType.INT,
        "person.relation": FactType.STRING,
        "person.sex": FactType.STRING,
    }
)
"""Facts of one person, readable only in `for: {each: person, when: …}`."""

CONSENT_STANDINGS = ("given", "declined", "withdrawn", "not_asked")
"""The values of every `consent.KIND` fact."""

ENGINE_NAMESPACES = frozenset({"case", "consent", "household", "person", "recorded"})
"""First parts of names that belong to the engine. A form may be called `contact`, never one of these."""


def builtin_fact_types(consent_kinds: Iterable[str]) -> FactTypes:
    """Return the built-in facts and one `consent.KIND` for each kind of consent the pathway knows."""
    consents = {f"consent.{kind}": FactType.STRING for kind in consent_kinds}
    return MappingProxyType({**BUILTIN_FACTS, **consents})
