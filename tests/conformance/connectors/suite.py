"""What every carrier must keep. A carrier's tests derive from `CarrierSuite` and say how to look at its far end."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from engine.services.delivery import Carrier, Count, Line, Message, Receipt

AT = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
AWKWARD = (
    "髙野﨑 \U00020bb7野家 葛\U000e0100城 ～－∥ “\\\"/” \u2028\u2029\x85\x00\x1b[2J\r\n,;=cmd|' /C'!A0 🏠"
)


def message(key: str = "a" * 40, **changes: object) -> Message:
    """Return a digest of two matters."""
    made = Message(
        key=key,
        to="yamada",
        subject_ja="【伴走】2件のお知らせ（督促 2）",
        subject_en="[bansou] 2 messages (2 × reminder)",
        lines=(
            Line(kind="reminder", about="rung.1", case="2026-00042", number=3),
            Line(kind="reminder", about="rung.2", case="2026-00043", number=1),
        ),
        created_at=AT,
        counts=(Count("reminder", 2),),
    )
    return replace(made, **changes)


class Rig(ABC):
    """A carrier with its far end in reach of the test."""

    @abstractmethod
    def carrier(self) -> Carrier:
        """Return a carrier to this far end, a new one each time, as after a restart."""

    @abstractmethod
    def received(self) -> list[Message]:
        """Return what has arrived, in order, each as often as it arrived."""

    @abstractmethod
    def broken(self) -> AbstractContextManager[None]:
        """Make the far end unable to take anything for a while."""

    @abstractmethod
    def unwelcome(self) -> Message:
        """Return a message that the far end will never take."""


class CarrierSuite(ABC):
    """The tests. `rig` is the fixture that a carrier's own tests give."""

    @abstractmethod
    def rig(self) -> Rig:
        """Return the rig; overridden by a fixture."""

    def test_the_name_is_stable_and_fit_for_a_column(self, rig: Rig) -> None:
        assert rig.carrier().name == rig.carrier().name
        assert rig.carrier().name.isidentifier()
        assert rig.carrier().name.isascii()

    def test_a_message_arrives_as_it_was(self, rig: Rig) -> None:
        assert rig.carrier().carry(message()) == Receipt(accepted=True)
        assert rig.received() == [message()]

    def test_messages_arrive_in_the_order_in_which_they_are_carried(self, rig: Rig) -> None:
        carrier = rig.carrier()
        sent = [message(f"{n:040d}") for n in range(30)]
        assert all(carrier.carry(each).accepted for each in sent)
        assert rig.received() == sent

    def test_the_same_key_twice_arrives_once_and_is_accepted_twice(self, rig: Rig) -> None:
        carrier = rig.carrier()
        assert carrier.carry(message()).accepted
        assert carrier.carry(message()).accepted
        assert rig.received() == [message()]

    def test_the_same_key_after_a_restart_arrives_once(self, rig: Rig) -> None:
        for _ in range(3):
            assert rig.carrier().carry(message()).accepted
        assert rig.received() == [message()]

    def test_two_keys_with_the_same_words_are_two_messages(self, rig: Rig) -> None:
        carrier = rig.carrier()
        assert carrier.carry(message("b")).accepted
        assert carrier.carry(message("c")).accepted
        assert [each.key for each in rig.received()] == ["b", "c"]

    def test_any_character_arrives_as_it_was(self, rig: Rig) -> None:
        sent = message(
            to="相談係",
            subject_ja=AWKWARD,
            subject_en=AWKWARD[::-1],
            lines=(Line(kind="notice", about=AWKWARD, case="令和8-1"),),
        )
        assert rig.carrier().carry(sent).accepted
        assert rig.carrier().carry(message("next")).accepted
        assert rig.received() == [sent, message("next")]

    def test_a_full_digest_arrives_whole(self, rig: Rig) -> None:
        lines = tuple(
            Line(kind="escalation", about=f"rung.{n}", case=f"2026-{n:05d}", number=n) for n in range(20)
        )
        sent = message(lines=lines, more=4_321, since=AT - timedelta(days=9))
        assert rig.carrier().carry(sent).accepted
        assert rig.received() == [sent]

    def test_what_cannot_be_taken_now_is_worth_another_try_and_then_arrives(self, rig: Rig) -> None:
        carrier = rig.carrier()
        with rig.broken():
            receipt = carrier.carry(message())
            assert not receipt.accepted
            assert not receipt.permanent
            assert receipt.code
        assert carrier.carry(message()).accepted
        assert rig.received() == [message()]

    def test_what_can_never_be_taken_is_said_so_and_does_not_stop_the_next(self, rig: Rig) -> None:
        carrier = rig.carrier()
        receipt = carrier.carry(rig.unwelcome())
        assert not receipt.accepted
        assert receipt.permanent
        assert receipt.code
        assert carrier.carry(message()).accepted
        assert rig.received() == [message()]

    def test_threads_with_the_same_key_bring_it_once(self, rig: Rig) -> None:
        shared = rig.carrier()
        keys = [f"{n:040d}" for n in range(10)]
        receipts: list[Receipt] = []
        together = threading.Barrier(4, timeout=30)

        def run(carrier: Carrier) -> None:
            together.wait()
            receipts.extend(carrier.carry(message(key)) for key in keys)

        carriers = [shared, shared, rig.carrier(), rig.carrier()]
        threads = [threading.Thread(target=run, args=(carrier,)) for carrier in carriers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert len(receipts) == 40
        assert all(each.accepted for each in receipts)
        assert sorted(each.key for each in rig.received()) == keys

    def test_neither_logs_nor_receipts_tell_whom_or_about_which_case(
        self, rig: Rig, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        carrier = rig.carrier()
        receipts = [carrier.carry(message()), carrier.carry(message()), carrier.carry(rig.unwelcome())]
        with rig.broken():
            receipts.append(carrier.carry(message("later")))
        for told in [caplog.text, *(each.code for each in receipts)]:
            for secret in ("yamada", "2026-0004", "督促", "reminder", "rung"):
                assert secret not in told
