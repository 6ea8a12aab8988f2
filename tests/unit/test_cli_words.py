"""Everything that the command can say is there in both languages, and nothing that it can do is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from engine.cli import reference
from engine.cli.failing import Failure, failed, fault, meant_by, refused
from engine.cli.main import command_tree
from engine.cli.serving import waited_words
from engine.cli.words import ANSWERS, USAGE, both, chosen
from engine.core.case import events as ev
from engine.core.case.case import Content, Obligation, Person, Waiting
from engine.core.case.commands import AnyCommand, Wake
from engine.core.case.directory import Directory, Holder
from engine.core.case.entry import Entry, Grounds
from engine.core.case.refusals import CATALOGUE, Refusal
from engine.core.ledger.chain import ChainBreak, ChainFault
from engine.core.pathway.compiled import Compiled, compile_pathway
from engine.core.pathway.form import FormSchema
from engine.core.vocabulary import (
    Channel,
    ConsentStatus,
    Grade,
    HolderKind,
    HolderReason,
    MoveReason,
    ObligationKind,
    Subject,
)
from engine.loading.calendar import CalendarFileError
from engine.loading.catalogue import shipped_pathways
from engine.loading.pathway import load_pathway
from engine.services.delivery import NoticeKind
from engine.services.inbox import NoSuchWorker
from engine.services.office import NotReady
from engine.services.saying import COMMANDS, notice_words
from engine.services.telling import Telling
from engine.store.errors import WORDS, ChainBroken, KeyTaken, RuleBroken, SequenceGap, StoreError
from engine.store.ports import Notice
from tests.repo.source import ROOT

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@cache
def _pathway() -> Compiled:
    loaded = load_pathway(shipped_pathways() / "standard_four_stage" / "v1.yaml")
    assert loaded.pathway is not None
    forms = {form: FormSchema(form, schema) for form, schema in loaded.forms.items()}
    return compile_pathway(loaded.pathway, forms, loaded.digest)


def _telling(lang: str) -> Telling:
    directory = Directory(
        version=1,
        duty_desk="duty",
        holders={"eguchi": Holder(id="eguchi", kind=HolderKind.PERSON, name="江口 誠")},
    )
    content = Content(persons={"p1": Person(id="p1", name="山田花子")})
    return Telling(_pathway(), directory, content, ZoneInfo("Asia/Tokyo"), lang)


HELD = Obligation(
    number=1,
    key="keep_in_touch",
    kind=ObligationKind.FOLLOW_UP,
    holder="eguchi",
    role="worker",
    state="listening",
    held_because=HolderReason.OWN,
    scheduled_at=AT,
    due_at=AT,
    due_on=date(2026, 11, 23),
    wakes_at=AT,
    ladder="routine",
)
WAITING = Waiting(
    ref="r1",
    kind=ObligationKind.APPROVAL,
    obligation=1,
    asked_by="eguchi",
    asked_at=AT,
    event="assessed",
    to="eguchi",
)
EVENTS: list[ev.AnyEvent] = [
    ev.CaseOpened(
        pathway="standard_four_stage",
        version=1,
        subject=Subject.HOUSEHOLD,
        channel=Channel.PHONE,
        received_on=date(2026, 11, 20),
        parent="2026-00001",
    ),
    ev.PersonsChanged(persons=("p1",)),
    ev.FormRecorded(form="intake"),
    ev.ContactRecorded(grade=Grade.VOICE, contacted_at=AT, method="電話", reached=("p1",)),
    ev.NoteRecorded(),
    ev.EventFired(name="assessed"),
    ev.EventFired(name="ended.housing", told=True),
    ev.StateChanged(
        configuration=("received",),
        exited=("received",),
        entered=("listening", "received"),
        taken=("received>assessed#0", "a>always#1", "b>lost_touch@#0"),
    ),
    ev.StateChanged(configuration=(), exited=("received",)),
    ev.StateChanged(configuration=("received",), entered=("received",)),
    ev.StateChanged(configuration=()),
    ev.ObligationScheduled(obligation=HELD),
    ev.ObligationOpened(number=1, wakes_at=AT),
    ev.ObligationFellDue(number=1, wakes_at=AT),
    ev.RungClimbed(
        number=1,
        rung=0,
        next_rung=1,
        reminded=("eguchi",),
        notified=("eguchi",),
        agenda="eguchi",
        raised="assessed",
        rung_at=AT,
        wakes_at=AT,
    ),
    ev.RungClimbed(number=9, rung=0, next_rung=1, wakes_at=AT),
    ev.RetryCame(number=1, wakes_at=AT),
    ev.EscalationAnswered(number=1, until_at=AT, rung_at=AT, wakes_at=AT),
    ev.AttemptRecorded(number=1, outcome="unreachable", retry_at=AT, wakes_at=AT),
    ev.ObligationFulfilled(number=1, outcome="reached", late=True),
    ev.ObligationReplaced(number=1, because="received"),
    ev.ObligationReplaced(number=1, because="closed"),
    ev.ObligationWithdrawn(number=1, because="withdrawn", approved_by="eguchi"),
    ev.DueMoved(number=1, reason=MoveReason.DEFERRAL, due_at=AT, due_on=date(2026, 11, 23), wakes_at=AT),
    ev.HolderChanged(number=1, holder="eguchi", held_because=HolderReason.LADDER, co_holder="eguchi"),
    ev.CoHolderReleased(number=1),
    ev.RoleAssigned(role="worker", holder="eguchi"),
    ev.PriorityChanged(number=1, urgency=10),
    ev.Notified(to=("eguchi",), number=1, about="outcome.refused"),
    ev.ConsentRecorded(kind="sharing", status=ConsentStatus.GIVEN),
    ev.Asked(waiting=WAITING),
    ev.Answered(ref="r1", accepted=True),
    ev.CasePaused(until_on=date(2026, 12, 1), approved_by="eguchi", review=2),
    ev.CaseResumed(),
    ev.LinkedCaseStarted(alias="housing", number="2026-00002", pathway="standard_four_stage"),
    ev.LinkedCaseEnded(alias="housing"),
    ev.CaseClosed(state="closed"),
    ev.CaseReopened(state="received"),
]


def test_every_event_has_an_example_here() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(ev.AnyEvent))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_is_told_in_one_sentence_in_each_language(event: ev.AnyEvent) -> None:
    history = [_entry(ev.ObligationScheduled(obligation=HELD), ev.Asked(waiting=WAITING))]
    ja, en = _telling("ja"), _telling("en")
    for telling in (ja, en):
        telling.sentences(history[0])
    assert JAPANESE.search(ja.sentence(event))
    assert ja.sentence(event).endswith("。")
    assert en.sentence(event).endswith((".", "]."))
    assert ja.sentence(event) != en.sentence(event)
    for said in (ja.sentence(event), en.sentence(event)):
        assert "{" not in said
        assert "\n" not in said


def test_promises_that_become_as_pressing_at_once_are_told_together() -> None:
    entry = _entry(
        ev.PriorityChanged(number=1, urgency=10), ev.PriorityChanged(number=2, urgency=10), ev.NoteRecorded()
    )
    assert len(_telling("ja").sentences(entry)) == 2


def test_an_entry_names_the_rules_it_follows_with_their_version() -> None:
    entry = _entry(
        ev.StateChanged(
            configuration=("received",), taken=("received>assessed#0", "b>always#1", "c>lost@#0")
        ),
        ev.ObligationScheduled(obligation=HELD),
        ev.RungClimbed(number=1, rung=2, next_rung=3, wakes_at=AT),
        ev.ObligationFulfilled(number=1, outcome="reached"),
    )
    assert _telling("ja").rules(entry) == [
        "standard_four_stage v1: received.on.assessed[0]",
        "standard_four_stage v1: b.always[1]",
        "standard_four_stage v1: everywhere.on.lost[0]",
        "standard_four_stage v1: listening.follow_ups.keep_in_touch",
        "standard_four_stage v1: ladders.routine[2]",
        "standard_four_stage v1: listening.follow_ups.keep_in_touch.outcomes.reached",
    ]


def test_every_command_on_a_case_has_a_name_in_both_languages() -> None:
    assert set(COMMANDS) == set(get_args(AnyCommand))
    assert all(JAPANESE.search(ja) and not JAPANESE.search(en) for ja, en in COMMANDS.values())


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_message_is_said_in_both_languages(kind: NoticeKind) -> None:
    for about in ("rung.0", "approval.accepted", "outcome.refused", "approval", "unknown"):
        notice = Notice(
            id=1, case="2026-00001", seq=1, n=0, to_holder="a", kind=kind.value, number=3, about=about, at=AT
        )
        assert notice_words(notice, "ja").startswith(kind.ja)
        assert notice_words(notice, "en").startswith(kind.en)


@pytest.mark.parametrize("code", sorted({**ANSWERS, **USAGE}))
def test_every_answer_of_the_command_says_what_and_what_to_do_in_both_languages(code: str) -> None:
    ja, en, do_ja, do_en = {**ANSWERS, **USAGE}[code]
    if code != "calendar_file":
        assert JAPANESE.search(ja)
    assert JAPANESE.search(do_ja)
    assert not JAPANESE.search(en + do_en)
    made = failed(code)
    assert made.status == (1 if code in ANSWERS else 2)
    assert "{" not in made.sentence("ja") + made.sentence("en") + made.advice("ja") + made.advice("en")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_refusal_becomes_an_answer_in_both_languages(code: str) -> None:
    made = refused(Refusal(code=code))
    assert (made.code, made.status) == (code, 1)
    assert made.sentence("ja") != made.sentence("en")


def test_everything_that_can_be_raised_for_a_person_is_said_in_words() -> None:
    raised: list[Exception] = [
        *(StoreError(code) for code in WORDS),
        NotReady("directory"),
        NotReady("calendar"),
        NoSuchWorker("x"),
        CalendarFileError("暦の誤り", "a fault in the calendar"),
        ChainBroken("2026-00001", ChainFault(1, ChainBreak.CHANGED, "違います", "it differs")),
        SequenceGap("x"),
        KeyTaken("x"),
    ]
    for error in raised:
        made = meant_by(error)
        assert isinstance(made, Failure), error
        assert made.sentence("ja")
        assert made.sentence("ja") != made.sentence("en")
    assert meant_by(ValueError("x")) is None


def test_a_fault_is_told_by_its_type_and_its_details_keep_no_words_that_may_be_personal(
    tmp_path: Path,
) -> None:
    with pytest.raises(ValueError, match="山田") as raised:
        int("山田花子")
    made = fault(raised.value, tmp_path / "log", AT, {"command": "bansou open"})
    written = Path(made.more["log"]).read_text(encoding="utf-8")
    assert "ValueError" in made.sentence("ja")
    assert "ValueError" in written
    assert "bansou open" in written
    assert "山田花子" not in written + made.sentence("ja") + made.sentence("en")


def test_a_fault_whose_details_cannot_be_written_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file, not a folder", encoding="utf-8")
    made = fault(RuleBroken("open_case_has_live", "x"), tmp_path / "log", AT, {})
    assert made.code == "invariant"
    assert "open_case_has_live" in made.sentence("en")
    assert "log" not in made.more


def test_every_command_and_option_is_explained_in_both_languages() -> None:
    for path, ja, en in _walk("bansou", command_tree("ja"), command_tree("en")):
        assert JAPANESE.search(ja.help), path
        assert en.help
        assert not JAPANESE.search(en.help.replace("伴走", "")), path
        for mine, other in zip(ja.params, en.params, strict=True):
            assert JAPANESE.search(mine.help or ""), (path, mine.name)
            assert not JAPANESE.search(other.help or ""), (path, mine.name)


def test_every_command_prints_json_and_chooses_its_language() -> None:
    for path, ja, _ in _walk("bansou", command_tree("ja"), command_tree("en")):
        if not getattr(ja, "commands", None):
            assert {"--json", "--lang"} <= {name for each in ja.params for name in each.opts}, path


def test_the_reference_of_the_command_is_current() -> None:
    assert (ROOT / reference.PATH).read_text(encoding="utf-8") == reference.reference(), (
        "run python -m engine.cli.reference"
    )


def test_a_text_in_two_languages_gives_each_its_half() -> None:
    assert (chosen(both("あ", "a"), "ja"), chosen(both("あ", "a"), "en"), chosen("x", "en")) == (
        "あ",
        "a",
        "x",
    )


def test_how_long_something_waited_is_said_in_its_largest_unit() -> None:
    assert [waited_words(seconds, "ja") for seconds in (30, 60, 7_200, 200_000)] == [
        "",
        "1分",
        "2時間",
        "2日",
    ]
    assert [waited_words(seconds, "en") for seconds in (3_600, 172_800)] == ["1 hour", "2 days"]


def _entry(*events: ev.AnyEvent) -> Entry:
    return Entry(
        case="2026-00001",
        seq=1,
        at=AT,
        actor="eguchi",
        command=Wake(),
        events=events,
        grounds=Grounds(calendar=1, directory=1),
    )


def _walk(path: str, ja: Any, en: Any) -> Iterator[tuple[str, Any, Any]]:
    yield path, ja, en
    for name, child in getattr(ja, "commands", {}).items():
        yield from _walk(f"{path} {name}", child, en.commands[name])
