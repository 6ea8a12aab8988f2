"""Every carrier keeps the contract; the suite itself is held against one that is right and one that is not."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from connectors.file_notice.carrier import LINE_BYTES_MAX, FileCarrier
from engine.services.delivery import Carrier, Message, Receipt
from tests.conformance.connectors.suite import AT, CarrierSuite, Rig, message

TOKYO = ZoneInfo("Asia/Tokyo")


class FileRig(Rig):
    """A folder; broken is a folder in whose place a file lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def carrier(self) -> FileCarrier:
        return FileCarrier(self.folder, TOKYO)

    def received(self) -> list[Message]:
        lines = [
            line
            for path in sorted(self.folder.glob("notices-*.jsonl"))
            for line in path.read_text(encoding="utf-8").splitlines()
        ]
        return [msgspec.json.decode(line, type=Message) for line in lines]

    @contextmanager
    def broken(self) -> Iterator[None]:
        aside = self.folder.with_name("aside")
        is_there = self.folder.exists()
        if is_there:
            self.folder.rename(aside)
        self.folder.write_text("")
        yield
        self.folder.unlink()
        if is_there:
            aside.rename(self.folder)

    def unwelcome(self) -> Message:
        return message("b", subject_ja="督" * LINE_BYTES_MAX)


class PaperRig(Rig):
    """The smallest carrier that is right: a list with a lock."""

    def __init__(self, *, forgets: bool = False) -> None:
        self.sheets: list[Message] = []
        self.keys: set[str] = set()
        self.lock = threading.Lock()
        self.is_broken = False
        self.forgets = forgets

    def carrier(self) -> Carrier:
        return Paper(self)

    def received(self) -> list[Message]:
        return list(self.sheets)

    @contextmanager
    def broken(self) -> Iterator[None]:
        self.is_broken = True
        yield
        self.is_broken = False

    def unwelcome(self) -> Message:
        return message("b", to="")


class Paper:
    name = "paper"

    def __init__(self, rig: PaperRig) -> None:
        self.rig = rig

    def carry(self, message: Message) -> Receipt:
        if not message.to:
            return Receipt(accepted=False, permanent=True, code="nobody")
        with self.rig.lock:
            if self.rig.is_broken:
                return Receipt(accepted=False, code="broken")
            if self.rig.forgets or message.key not in self.rig.keys:
                self.rig.keys.add(message.key)
                self.rig.sheets.append(message)
        return Receipt(accepted=True)


class TestPaper(CarrierSuite):
    @pytest.fixture
    def rig(self) -> Rig:
        return PaperRig()


def test_the_suite_notices_a_carrier_that_repeats_itself() -> None:
    with pytest.raises(AssertionError):
        TestPaper().test_the_same_key_twice_arrives_once_and_is_accepted_twice(PaperRig(forgets=True))


class TestFileCarrier(CarrierSuite):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> FileRig:
        return FileRig(tmp_path / "notices")

    def test_nobody_else_can_read_the_folder_or_its_files(self, rig: FileRig) -> None:
        rig.folder.mkdir(mode=0o755)
        rig.carrier().carry(message())
        assert rig.folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in rig.folder.iterdir()} == {0o600}

    def test_the_file_is_named_after_the_day_in_the_office_on_which_the_message_was_made(
        self, rig: FileRig
    ) -> None:
        rig.carrier().carry(message(created_at=AT.replace(hour=14, minute=59)))
        rig.carrier().carry(message("b", created_at=AT.replace(hour=15)))
        names = sorted(path.name for path in rig.folder.glob("*.jsonl"))
        assert names == ["notices-2026-12-01.jsonl", "notices-2026-12-02.jsonl"]

    def test_half_a_line_left_by_a_stop_is_cut_off_before_the_next(self, rig: FileRig) -> None:
        carrier = rig.carrier()
        carrier.carry(message("a"))
        path = rig.folder / "notices-2026-12-01.jsonl"
        whole = path.read_bytes()
        for cut in (1, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole + whole.replace(b'"key":"a"', b'"key":"b"')[:cut])
            assert (carrier if cut == 1 else rig.carrier()).carry(message("b")).accepted
            assert rig.received() == [message("a"), message("b")]
            path.write_bytes(whole)

    def test_a_full_disk_leaves_no_half_line_and_the_message_comes_later(self, rig: FileRig) -> None:
        carrier = rig.carrier()
        carrier.carry(message("a"))
        path = rig.folder / "notices-2026-12-01.jsonl"
        before = path.read_bytes()
        _, hard = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        for room in (0, 10):
            try:
                resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, hard))
                receipt = carrier.carry(message("b"))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            assert receipt == Receipt(accepted=False, permanent=False, code="disk_full")
            assert path.read_bytes() == before
        assert carrier.carry(message("b")).accepted
        assert rig.received() == [message("a"), message("b")]

    def test_a_link_in_the_place_of_a_file_is_not_followed(self, rig: FileRig, tmp_path: Path) -> None:
        rig.folder.mkdir()
        target = tmp_path / "elsewhere"
        target.write_text("mine\n")
        (rig.folder / "notices-2026-12-01.jsonl").symlink_to(target)
        assert rig.carrier().carry(message()) == Receipt(accepted=False, code="folder_unusable")
        assert target.read_text() == "mine\n"

    def test_a_file_that_was_taken_away_is_begun_anew(self, rig: FileRig) -> None:
        carrier = rig.carrier()
        carrier.carry(message("a"))
        (rig.folder / "notices-2026-12-01.jsonl").unlink()
        assert carrier.carry(message("b")).accepted
        assert [each.key for each in rig.received()] == ["b"]

    def test_lines_of_others_are_left_as_they_are(self, rig: FileRig) -> None:
        rig.folder.mkdir()
        path = rig.folder / "notices-2026-12-01.jsonl"
        path.write_text('# memo\n{"key": 3}\n')
        assert rig.carrier().carry(message()).accepted
        assert path.read_text().startswith('# memo\n{"key": 3}\n{')

    @pytest.mark.parametrize(
        ("unfit", "code"),
        [
            (message(""), "key_malformed"),
            (message("a\nb"), "key_malformed"),
            (message("x" * 65), "key_malformed"),
            (message(to="\ud800"), "text_unencodable"),
            (message(subject_en="x" * LINE_BYTES_MAX), "message_too_long"),
        ],
    )
    def test_what_no_line_can_hold_is_refused_for_good(self, rig: FileRig, unfit: Message, code: str) -> None:
        assert rig.carrier().carry(unfit) == Receipt(accepted=False, permanent=True, code=code)
        assert rig.received() == []

    def test_a_message_of_long_ago_finds_the_file_it_is_in(self, rig: FileRig) -> None:
        carrier = rig.carrier()
        carrier.carry(message("a"))
        for day in range(1, 9):
            carrier.carry(message("b", created_at=AT + timedelta(days=day)))
        assert carrier.carry(message("a")).accepted
        assert [each.key for each in rig.received()].count("a") == 1
