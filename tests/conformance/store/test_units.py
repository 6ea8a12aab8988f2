"""A unit of work is written whole or not at all, and what is read is what was written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.case.fold import fold
from engine.core.case.case import EMPTY_CONTENT
from engine.store.errors import KeyTaken, RuleBroken, SequenceGap
from engine.store.opening import Store
from engine.store.ports import NoticeRow
from tests.conformance.store.sample import (
    FAMILY,
    START,
    fall_due,
    follow,
    note,
    obligation,
    open_case,
    replace_obligation,
    settle,
    step,
)


def test_what_is_appended_can_be_read_back(store: Store) -> None:
    with store.writing() as unit:
        written = open_case(unit)
    with store.reading() as reader:
        held = reader.case("R8-1")
        history = reader.history("R8-1")
    assert held is not None
    assert held.case == written.case
    assert held.content == written.content
    assert held.content.persons["p1"].name == "見本 花子"
    assert held.head == written.head
    assert fold(None, EMPTY_CONTENT, history) == (held.case, held.content)
    assert history[0][1] == FAMILY
