"""What waits in an inbox is carried out once, and never lost in silence, on every database."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.file_notice.carrier import FileCarrier
from engine.core.case.commands import AddNote
from engine.core.case.events import NoteRecorded
from engine.services.delivery import (
    CASES_NAMED_MAX,
    DEAD,
    LATE_AFTER,
    REFUSALS_IN_A_ROW_MAX,
    TRIES_MAX,
    WAIT_MAX,
    Count,
    Dispatched,
    Message,
    Receipt,
    compose,
    dispatch,
    wait_after,
)
from engine.services.desk import Desk
from engine.store.notifying import put_notice
from engine.store.opening import init_store, open_store
from engine.store.ports import Notice, NoticeRow, OutboxRow
from engine.store.sealing import KeyRing
from tests.conformance.store.sample import START, open_case, settle, step

ROOT = Path(__file__).parents[3]
NOW = START + timedelta(hours=1)
DESK = "desk"


class Scripted:
    """A carrier that answers as told, then accepts, and keeps what it was given."""

    def __init__(
        self, *answers: Receipt | Exception, name: str = "post", always: Receipt | None = None
    ) -> None:
        self.name = name
        self.answers = list(answers)
        self.always = always or Receipt(accepted=True)
        self.given: list[Message] = []

    def carry(self, message: Message) -> Receipt:
        self.given.append(message)
        answer = self.answers.pop(0) if self.answers else self.always
        if isinstance(answer, Exception):
            raise answer
        return answer


LATER = Receipt(accepted=False, code="busy")
NEVER = Receipt(accepted=False, permanent=True, code="no_address")


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    made: list[Desk] = []

    def make(url: str, *, grouped: bool = False) -> Desk:
        key_path = tmp_path / "master.key"
        init_store(url, key_path, trial=True)
        store = open_store(url, KeyRing.load(key_path))
        settle(store)
        made.append(Desk(store, grouped=grouped))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[[str], Desk], database_url: str) -> Desk:
    return make_desk(database_url)


def tell(desk: Desk, *rows: NoticeRow, case: str = "R8-1", at: datetime = NOW) -> None:
    """Put messages into inboxes, as an entry of a case brings them."""
    with desk.store.writing() as unit:
        if unit.case(case) is None:
            open_case(unit, case)
        step(unit, case, AddNote(), NoteRecorded(), at=at, notices=rows)


def reminder(to: str = "sato", rung: int = 1) -> NoticeRow:
    return NoticeRow(to, "reminder", 1, f"rung.{rung}")


def rows(desk: Desk, status: str | None = None) -> list[OutboxRow]:
    with desk.reading() as reader:
        return reader.outbox_rows(status=status)


def inbox(desk: Desk, holder: str) -> list[Notice]:
    with desk.reading() as reader:
        return reader.notices([holder])


def test_without_a_carrier_the_inbox_still_shows_everything_and_nothing_is_marked(desk: Desk) -> None:
    tell(desk, reminder())
    assert dispatch(desk, [], NOW) == Dispatched()
    [notice] = inbox(desk, "sato")
    assert (notice.about, notice.digest_id) == ("rung.1", None)
    assert rows(desk) == []


def test_one_message_is_itself_and_many_are_one_digest(desk: Desk) -> None:
    tell(
        desk,
        reminder(),
        reminder("suzuki"),
        reminder("suzuki", 2),
        NoticeRow("suzuki", "escalation", 1, "rung.3"),
    )
    post = Scripted()
    assert dispatch(desk, [post], NOW) == Dispatched(bundled=4, delivered=2)
    by_holder = {each.to: each for each in post.given}
    assert by_holder["sato"].subject_ja == "【伴走】督促 R8-1"
    assert by_holder["sato"].counts == ()
    assert by_holder["suzuki"].subject_ja == "【伴走】3件のお知らせ（期限超過の報告 1、督促 2）"
    assert by_holder["suzuki"].counts == (Count("escalation", 1), Count("reminder", 2))
    assert len(inbox(desk, "suzuki")) == 3


def test_a_second_pass_finds_nothing_to_carry(desk: Desk) -> None:
    tell(desk, reminder())
    post = Scripted()
    dispatch(desk, [post], NOW)
    assert dispatch(desk, [post], NOW + timedelta(hours=3)) == Dispatched()
    assert len(post.given) == 1
    tell(desk, reminder(rung=2), at=NOW + timedelta(hours=4))
    assert dispatch(desk, [post], NOW + timedelta(hours=4)).delivered == 1
    assert [each.lines[0].about for each in post.given] == ["rung.1", "rung.2"]


def test_what_was_read_before_the_pass_is_not_carried(desk: Desk) -> None:
    tell(desk, reminder())
    with desk.store.writing() as unit:
        unit.mark_read([each.id for each in unit.notices(["sato"])], NOW)
    assert dispatch(desk, [Scripted()], NOW) == Dispatched()


def test_every_carrier_gets_every_message_under_a_key_of_its_own(desk: Desk) -> None:
    tell(desk, reminder())
    post, paper = Scripted(), Scripted(name="paper")
    assert dispatch(desk, [post, paper], NOW).delivered == 2
    assert post.given[0].key != paper.given[0].key
    with pytest.raises(ValueError, match="one name"):
        dispatch(desk, [post, Scripted()], NOW)


def test_a_message_that_cannot_go_waits_longer_each_time_and_keeps_its_words_and_key(desk: Desk) -> None:
    tell(desk, reminder())
    post = Scripted(LATER, LATER)
    assert dispatch(desk, [post], NOW).retried == 1
    assert dispatch(desk, [post], NOW + timedelta(seconds=59)) == Dispatched()
    assert dispatch(desk, [post], NOW + timedelta(seconds=60)).retried == 1
    assert dispatch(desk, [post], NOW + timedelta(seconds=179)) == Dispatched()
    assert dispatch(desk, [post], NOW + timedelta(seconds=180)).delivered == 1
    assert post.given[0] == post.given[1] == post.given[2]


def test_after_twelve_tries_a_message_is_dead_and_the_duty_desk_hears_of_it(desk: Desk) -> None:
    tell(desk, reminder())
    post = Scripted(always=LATER)
    at = NOW
    for tries in range(1, TRIES_MAX + 1):
        done = dispatch(desk, [post], at)
        assert (done.retried, done.dead) == ((1, 0) if tries < TRIES_MAX else (0, 1))
        at += wait_after(tries)
    assert dispatch(desk, [post], at + timedelta(days=30)) == Dispatched()
    [row] = rows(desk, "dead")
    assert (row.attempts, row.last_error) == (TRIES_MAX, "busy")
    [notice] = inbox(desk, DESK)
    assert (notice.about, notice.kind, notice.case) == (DEAD, "notice", "R8-1")


def test_what_is_refused_for_good_is_dead_at_once_and_does_not_breed_messages(desk: Desk) -> None:
    post = Scripted(always=NEVER)
    for minute in range(5):
        tell(desk, reminder(rung=minute), case=f"R8-{minute}", at=NOW)
        assert dispatch(desk, [post], NOW + timedelta(minutes=minute)).dead == 1
    assert len(post.given) == 5
    assert len(inbox(desk, DESK)) == 1
    with desk.store.writing() as unit:
        unit.mark_read([each.id for each in unit.notices([DESK])], NOW)
    tell(desk, reminder(rung=9), case="R8-0", at=NOW)
    assert dispatch(desk, [post], NOW + timedelta(hours=1)).dead == 1
    assert len(inbox(desk, DESK)) == 1


def test_a_carrier_that_raises_is_tried_again_and_keeps_nobody_else_waiting(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tell(desk, reminder())
    wrong, right = Scripted(RuntimeError("山田 花子 090-0000-0000")), Scripted(name="right")
    done = dispatch(desk, [wrong, right], NOW)
    assert (done.delivered, done.retried) == (1, 1)
    [row] = rows(desk, "pending")
    assert row.last_error == "raised.RuntimeError"
    assert "山田" not in caplog.text
    assert "sato" not in caplog.text
    assert "R8-1" not in caplog.text


def test_a_carrier_that_fails_in_a_row_is_left_alone_until_the_next_pass(desk: Desk) -> None:
    holders = ["sato", "suzuki", "desk", "clinic", "a", "b", "c"]
    tell(desk, *(reminder(each) for each in holders))
    down, well = Scripted(always=LATER), Scripted(name="well")
    done = dispatch(desk, [down, well], NOW)
    assert len(down.given) == REFUSALS_IN_A_ROW_MAX
    assert (done.delivered, done.retried, done.left) == (7, 3, 4)
    down.always = Receipt(accepted=True)
    assert dispatch(desk, [down, well], NOW + timedelta(minutes=1)).delivered == 7


def test_a_pass_carries_at_most_its_limit_and_says_what_it_left(desk: Desk) -> None:
    tell(desk, *(reminder(each) for each in "abcde"))
    post = Scripted()
    assert dispatch(desk, [post], NOW, limit=2) == Dispatched(bundled=5, delivered=2, left=3)
    assert dispatch(desk, [post], NOW, limit=2) == Dispatched(delivered=2, left=1)
    assert dispatch(desk, [post], NOW, limit=2) == Dispatched(delivered=1)
    assert sorted(each.to for each in post.given) == list("abcde")


def test_messages_of_a_carrier_that_is_gone_wait_for_it(desk: Desk) -> None:
    tell(desk, reminder())
    dispatch(desk, [Scripted(LATER)], NOW)
    other = Scripted(name="other")
    assert dispatch(desk, [other], NOW + timedelta(hours=1)) == Dispatched(left=1)
    assert dispatch(desk, [Scripted(), other], NOW + timedelta(days=9)).delivered == 1


def test_a_body_that_cannot_be_read_is_dead_and_the_next_goes_on(desk: Desk) -> None:
    with desk.store.writing() as unit:
        unit.put_outbox("post", "k", b"{", at=NOW, due_at=NOW)
    tell(desk, reminder())
    assert dispatch(desk, [Scripted()], NOW + timedelta(minutes=1)) == Dispatched(
        bundled=1, delivered=1, dead=1
    )


def test_an_outage_of_a_week_makes_one_late_digest_for_each_holder(desk: Desk) -> None:
    for day in range(7):
        tell(desk, reminder(), reminder("suzuki"), case=f"R8-{day}", at=START + timedelta(days=day))
    post = Scripted()
    back = START + timedelta(days=7)
    assert dispatch(desk, [post], back) == Dispatched(bundled=14, delivered=2)
    for each in post.given:
        assert each.since == START
        assert "遅れて" in each.subject_ja
        assert "late" in each.subject_en
        assert len(each.lines) == 7


def test_fresh_messages_of_a_late_pass_say_that_they_are_late(desk: Desk) -> None:
    tell(desk, reminder())
    post = Scripted()
    dispatch(desk, [post], NOW, late_since=START)
    assert post.given[0].since == START
    assert "遅れて" in post.given[0].subject_ja


def test_many_pages_of_messages_are_bundled_and_not_read_again_once_settled(desk: Desk) -> None:
    for batch in range(3):
        tell(desk, *(reminder(f"holder{n:04d}", batch) for n in range(700)), case=f"R8-{batch}", at=START)
    post = Scripted()
    done = dispatch(desk, [post], START + timedelta(hours=2), limit=10_000)
    assert (done.bundled, done.delivered) == (2100, 700)
    tell(desk, reminder(), at=START + timedelta(hours=2))
    assert dispatch(desk, [post], START + timedelta(hours=2)).delivered == 1
    with desk.reading() as reader:
        assert int(reader.setting("delivery.bundled_upto") or 0) >= 2100


def test_a_grouped_desk_carries_as_well(make_desk: Callable[..., Desk], sqlite_url: str) -> None:
    desk = make_desk(sqlite_url, grouped=True)
    tell(desk, reminder())
    assert dispatch(desk, [Scripted(LATER)], NOW).retried == 1
    assert dispatch(desk, [Scripted()], NOW + timedelta(minutes=1)).delivered == 1


def test_a_message_from_outside_a_history_comes_beside_those_of_its_entries(desk: Desk) -> None:
    tell(desk, reminder(DESK))
    with desk.store.writing() as unit:
        put_notice(unit, "R8-1", NoticeRow(DESK, "notice", 0, "one"), NOW)
        put_notice(unit, "R8-1", NoticeRow(DESK, "notice", 0, "two"), NOW)
        put_notice(unit, "unknown", NoticeRow(DESK, "notice", 0, "three"), NOW)
    assert [(each.seq, each.n, each.about) for each in sorted(inbox(desk, DESK), key=lambda n: n.id)] == [
        (2, 0, "rung.1"), (0, 0, "one"), (0, 1, "two"),
    ]  # fmt: skip


@pytest.mark.crash
@pytest.mark.parametrize("place", ["before", "amid", "after"])
def test_kill_around_the_write_of_a_line_brings_it_once(
    place: str, make_desk: Callable[..., Desk], sqlite_url: str, tmp_path: Path
) -> None:
    desk = make_desk(sqlite_url)
    tell(desk, reminder(), reminder("suzuki"))
    folder = tmp_path / "notices"
    command = [
        sys.executable, "-m", "tests.conformance.connectors.crashing", sqlite_url,
        str(tmp_path / "master.key"), str(folder), NOW.isoformat(), place,
    ]  # fmt: skip
    for _ in range(2):
        killed = subprocess.run(command, cwd=ROOT, check=False, timeout=120, capture_output=True)
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert {row.status for row in rows(desk)} == {"pending"}
    carrier = FileCarrier(folder, ZoneInfo("Asia/Tokyo"))
    assert dispatch(desk, [carrier], NOW).delivered == 2
    assert {row.status for row in rows(desk)} == {"delivered"}
    [path] = folder.glob("notices-*.jsonl")
    received = [msgspec.json.decode(line, type=Message) for line in path.read_bytes().splitlines()]
    assert sorted(each.to for each in received) == ["sato", "suzuki"]


@given(st.integers(1, 10_000))
def test_waits_double_from_a_minute_and_never_pass_six_hours(tries: int) -> None:
    wait = wait_after(tries)
    assert timedelta(minutes=1) <= wait <= WAIT_MAX
    assert wait_after(tries + 1) == min(wait * 2, WAIT_MAX)


_NOTICES = st.lists(
    st.builds(
        lambda case, kind, minutes: (f"R8-{case}", kind, minutes),
        st.integers(1, 40),
        st.sampled_from(["reminder", "escalation", "agenda", "notice", "handed", "request", "unheard_of"]),
        st.integers(0, 60),
    ),
    min_size=1,
    max_size=80,
)


@given(_NOTICES)
def test_a_digest_counts_every_message_and_names_every_case_or_says_how_many_more(
    made: list[tuple[str, str, int]],
) -> None:
    now = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
    notices = [
        Notice(
            id=n, case=case, seq=n, n=0, to_holder="sato", kind=kind, number=1, about="rung.1",
            at=now - timedelta(minutes=minutes),
        )
        for n, (case, kind, minutes) in enumerate(made, 1)
    ]  # fmt: skip
    composed = compose(notices, "sato", now)
    cases = {each.case for each in notices}
    assert len({line.case for line in composed.lines}) == len(composed.lines) <= CASES_NAMED_MAX
    assert len(composed.lines) + composed.more == len(cases)
    if len(notices) > 1:
        assert sum(each.count for each in composed.counts) == len(notices)
        assert str(len(notices)) in composed.subject_ja
    oldest = min(each.at for each in notices)
    assert composed.since == (oldest if now - oldest > LATE_AFTER else None)
    assert compose(list(reversed(notices)), "sato", now) == composed


def test_an_empty_message_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        compose([], "sato", NOW)
