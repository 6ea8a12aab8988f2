"""The chain is over exact bytes, bound to its case, and names the first place where it breaks."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest

from engine.core.ledger.canonical import DEPTH_MAX, INTEGER_MAX, check_canonical
from engine.core.ledger.chain import ChainBreak, Link, genesis, link, verify

BODIES = [(b'{"a":1}', None), (b'{"a":2}', b"sealed"), (b'{"a":3}', b"")]


def chain(case: str = "R8-1") -> list[Link]:
    before, links = genesis(case), []
    for seq, (body, sealed) in enumerate(BODIES, 1):
        before = link(before, body, sealed)
        links.append(Link(seq, body, sealed, before))
    return links


def test_the_digests_are_what_they_were_when_the_format_was_released() -> None:
    # Frozen: a change here would make every history ever written look tampered with.
    assert genesis("R8-1") == sha256(b"bansou case 1\0R8-1").digest()
    first = sha256(
        b"bansou entry 1\0" + genesis("R8-1") + (7).to_bytes(8, "big") + b'{"a":1}' + b"\0"
    ).digest()
    assert chain()[0].digest == first
    assert chain()[2].digest.hex() == "5e887ca6b0e0278590ca65445ff86a8e40de14569731562a3a699b8081c8dff1"


def test_a_whole_history_holds_together() -> None:
    assert verify("R8-1", chain()) is None
    assert verify("R8-1", chain(), chain()[-1].digest) is None
    assert verify("R8-1", []) is None


def test_a_history_does_not_pass_for_that_of_another_case() -> None:
    fault = verify("R8-2", chain())
    assert fault is not None
    assert (fault.seq, fault.kind) == (1, ChainBreak.CHANGED)


def test_a_lost_entry_shows() -> None:
    first, _, third = chain()
    fault = verify("R8-1", [first, third])
    assert fault is not None
    assert (fault.seq, fault.kind) == (2, ChainBreak.GAP)
    fault = verify("R8-1", chain()[:2], third.digest)
    assert fault is not None
    assert (fault.seq, fault.kind) == (3, ChainBreak.HEAD)


def test_another_order_shows() -> None:
    first, second, third = chain()
    for links, seq, kind in (
        ([first, third, second], 2, ChainBreak.GAP),
        ([first, second, second], 3, ChainBreak.REORDERED),
        ([first, Link(2, third.body, third.sealed, third.digest)], 2, ChainBreak.CHANGED),
    ):
        fault = verify("R8-1", links)
        assert fault is not None
        assert (fault.seq, fault.kind) == (seq, kind)
        assert fault.ja
        assert fault.en


def test_nothing_sealed_is_not_the_same_as_sealed_nothing() -> None:
    assert link(genesis("a"), b"x", None) != link(genesis("a"), b"x", b"")
    assert link(genesis("a"), b"xy", b"") != link(genesis("a"), b"x", b"y")


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -INTEGER_MAX, "見本", [], {"a": [1, {"b": None}]}, {"yen": 12_000}, "a\u2028b"],
)
def test_values_with_one_form_are_recorded(value: object) -> None:
    assert check_canonical(value) is None


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.5, ""),
        (1.0, ""),
        (float("nan"), ""),
        (INTEGER_MAX + 1, ""),
        ({"weight": {"kg": 2.5}}, "weight.kg"),
        ({"list": [1, 2, -(2**60)]}, "list[2]"),
        ({"体重": 1}, "体重"),
        ({1: 1}, "1"),
        ("\ud800", ""),
        (b"bytes", ""),
        (date(2026, 4, 1), ""),
        ({"a"}, ""),
    ],
)
def test_values_with_more_than_one_form_are_refused_by_their_place(value: object, path: str) -> None:
    fault = check_canonical(value)
    assert fault is not None
    assert fault.path == path
    assert fault.ja
    assert fault.en


def test_nesting_has_a_limit() -> None:
    value: object = 1
    for _ in range(DEPTH_MAX):
        value = [value]
    assert check_canonical(value) is None
    assert check_canonical([value]) is not None
