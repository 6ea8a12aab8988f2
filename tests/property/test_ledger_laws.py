"""Laws of the ledger: the stored bytes are RFC 8785's, and no single change goes unseen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from engine.core.case.case import Person, Sealed
from engine.core.case.commands import AnyCommand
from engine.core.case.entry import Entry, Grounds, entry_bytes, entry_of, sealed_bytes, sealed_of
from engine.core.case.events import AnyEvent
from engine.core.ledger.canonical import INTEGER_MAX, check_canonical
from engine.core.ledger.chain import Link, genesis, link, verify

INSTANTS = st.integers(0, 2**32).map(lambda at: datetime.fromtimestamp(at, UTC))
DATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1))
# Cs: lone surrogates have no UTF-8 and never come through a request.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGERS = st.integers(-INTEGER_MAX, INTEGER_MAX)
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)

PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT, int: INTEGERS, bool: st.booleans(), datetime: INSTANTS, date: DATES, type(None): st.none(),
}  # fmt: skip


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a field's type; nothing is registered for other tests to trip over."""
    if hint in PLAIN:
        return PLAIN[hint]
    arguments = get_args(hint)
    origin = get_origin(hint)
    if origin is tuple:
        return st.lists(of(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXT, of(arguments[1]), max_size=3)
    if arguments:
        return st.one_of([of(each) for each in arguments])
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    hints = get_type_hints(hint)
    return st.builds(hint, **{name: of(hints[name]) for name in hint.__struct_fields__})


ENTRIES = st.builds(
    Entry,
    case=TEXT,
    seq=st.integers(1, INTEGER_MAX),
    at=INSTANTS,
    actor=TEXT,
    command=st.one_of([of(kind) for kind in AnyCommand.__args__]),
    events=st.lists(st.one_of([of(kind) for kind in AnyEvent.__args__]), max_size=3).map(tuple),
    grounds=st.builds(Grounds, calendar=INTEGERS, directory=INTEGERS),
    key=TEXT,
)
SEALED = st.builds(
    Sealed,
    persons=st.lists(st.builds(Person, id=TEXT, name=TEXT, birth_on=st.none() | DATES), max_size=2).map(
        tuple
    ),
    forms=st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=2),
    note=TEXT,
)


@given(ENTRIES)
def test_the_bytes_of_every_entry_are_those_of_rfc_8785(entry: Entry) -> None:
    body = entry_bytes(entry)
    assert body == rfc8785.dumps(json.decode(body))
    assert entry_of(body) == entry
    assert entry_bytes(entry_of(body)) == body


@given(SEALED)
def test_the_bytes_of_form_values_that_pass_the_check_are_those_of_rfc_8785(sealed: Sealed) -> None:
    assert check_canonical(sealed.forms) is None
    plain = sealed_bytes(sealed)
    if plain is not None:
        assert plain == rfc8785.dumps(json.decode(plain))
    assert sealed_of(plain) == sealed


@given(ANYTHING)
def test_what_the_check_lets_through_has_the_one_form_of_rfc_8785(value: object) -> None:
    if check_canonical(value) is None:
        assert json.encode(value, order="sorted") == rfc8785.dumps(value)  # type: ignore[arg-type]


@st.composite
def chains(draw: st.DrawFn) -> list[Link]:
    parts = draw(
        st.lists(st.tuples(st.binary(max_size=12), st.none() | st.binary(max_size=6)), min_size=1, max_size=6)
    )
    before, links = genesis("R8-1"), []
    for seq, (body, sealed) in enumerate(parts, 1):
        before = link(before, body, sealed)
        links.append(Link(seq, body, sealed, before))
    return links


@given(chains(), st.data())
def test_no_single_change_loss_or_exchange_goes_unseen(links: list[Link], data: st.DataObject) -> None:
    head = links[-1].digest
    assert verify("R8-1", links, head) is None
    place = data.draw(st.integers(0, len(links) - 1))
    found = links[place]
    how = data.draw(st.sampled_from(["body", "sealed", "digest", "lose", "exchange", "repeat"]))
    changed = list(links)
    if how == "body":
        changed[place] = Link(found.seq, data.draw(st.binary(max_size=12)), found.sealed, found.digest)
    elif how == "sealed":
        other = data.draw(st.none() | st.binary(max_size=6))
        changed[place] = Link(found.seq, found.body, other, found.digest)
    elif how == "digest":
        changed[place] = Link(
            found.seq, found.body, found.sealed, data.draw(st.binary(min_size=32, max_size=32))
        )
    elif how == "lose":
        del changed[place]
    elif how == "exchange":
        other_place = data.draw(st.integers(0, len(links) - 1))
        changed[place], changed[other_place] = changed[other_place], changed[place]
    else:
        changed.insert(place, found)
    fault = verify("R8-1", changed, head)
    assert (fault is None) == (changed == links)
    if fault is not None and how in {"body", "sealed", "digest", "lose"}:
        assert fault.seq == place + 1
