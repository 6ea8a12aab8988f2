"""The rules between the keys of one part, as JSON Schema says them.

Each stands beside a validator of the model that says the same; a property test
holds the two together.
"""

from __future__ import annotations

from typing import Any, Final

Rule = dict[str, Any]


def _either(*keys: str) -> list[Rule]:
    return [{"required": [key]} for key in keys]


ONE_TIME: Final[Rule] = {
    "oneOf": _either("after", "before"),
    "errorMessage": "after か before のどちらか一つ / exactly one of after and before",
}
AN_ACTION: Final[Rule] = {
    "anyOf": _either("remind", "notify", "hand_to", "agenda", "raise"),
    "errorMessage": "remind・notify・hand_to・agenda・raise のどれか / one of them at least",
}
RETRY_OR_DONE: Final[Rule] = {
    "not": {
        "required": ["retry"],
        "anyOf": [
            {"required": ["next"]},
            {"required": ["done"], "properties": {"done": {"const": True}}},
        ],
    },
    "errorMessage": "retry と next・done は一緒に書けない / retry cannot stand with next or done",
}
ONE_TIMING: Final[Rule] = {
    "oneOf": _either("due", "every", "at"),
    "errorMessage": "due・every・at のどれか一つ / exactly one of due, every and at",
}
FROM_EVERY: Final[Rule] = {"dependentRequired": {"from": ["every"]}}

_FINAL: Final[Rule] = {"required": ["final"], "properties": {"final": {"const": True}}}
_KINDS: Final[list[Rule]] = [*_either("states", "parallel", "history"), _FINAL]

ONE_KIND: Final[Rule] = {
    "not": {
        "anyOf": [
            {"allOf": [first, second]} for at, first in enumerate(_KINDS) for second in _KINDS[at + 1 :]
        ]
    },
    "errorMessage": "states・parallel・history・final は一つだけ / only one of them",
}
INNER: Final[Rule] = {"dependentRequired": {"initial": ["states"], "to": ["history"]}}
NOTHING_AFTER_THE_END: Final[Rule] = {
    "if": {"anyOf": [{"required": ["history"]}, _FINAL]},
    "then": {
        "properties": {
            **{key: {"maxProperties": 0} for key in ("follow_ups", "reviews", "deadlines", "on")},
            **dict.fromkeys(("always", "start"), False),
        }
    },
}
