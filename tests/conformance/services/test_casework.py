"""Commands on cases, on each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.api import Answer, Engine, NotReady, Refusal, Sealed, commands
from engine.core.case.commands import OpenCase
from engine.core.vocabulary import CaseStatus, Grade, ObligationKind
from engine.settings import Settings
from engine.store.errors import SequenceGap
from engine.store.unit import Unit
from tests.conformance.services.town import Town


def test_an_opened_case_has_a_number_of_its_fiscal_year_and_a_dated_next_step(town: Town) -> None:
    opened = town.open()
    assert opened.case.number == "2026-00001"
    assert town.open().case.number == "2026-00002"
    assert {live.key for live in town.case("2026-00001").obligations.values()} == {"first", "keep"}
    assert all(live.holder == "yamada" for live in town.case("2026-00001").obligations.values())


def test_the_same_key_twice_acts_once_and_answers_the_same(town: Town) -> None:
    first, again = town.open(key="k1"), town.open(key="k1")
    assert again.repeated
    assert not first.repeated
    assert again.entry == first.entry
    note = commands.AddNote()
    one = town.engine.perform(first.case.number, note, actor="yamada", sealed=Sealed(note="一"), key="k2")
    two = town.engine.perform(first.case.number, note, actor="yamada", sealed=Sealed(note="一"), key="k2")
    assert isinstance(one, Answer)
    assert isinstance(two, Answer)
    assert two.repeated
    assert two.entry == one.entry
    assert town.case(first.case.number).seq == 2


def test_a_key_that_was_used_for_another_command_is_refused(town: Town) -> None:
    number = town.open(key="k1").case.number
    answer = town.engine.perform(
        number, commands.AddNote(), actor="yamada", sealed=Sealed(note="x"), key="k1"
    )
    assert isinstance(answer, Refusal)
    assert answer.code == "key_reused"


def test_two_people_at_one_case_at_once_leave_one_history_without_a_gap(town: Town) -> None:
    number = town.open().case.number

    def write(index: int) -> object:
        return town.engine.perform(
            number, commands.AddNote(), actor="yamada", sealed=Sealed(note=f"記録{index}")
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(write, range(40)))
    assert all(isinstance(answer, Answer) for answer in answers)
    replayed = town.engine.replay(number)
    assert replayed is not None
    assert [entry.seq for entry, _ in replayed.entries] == list(range(1, 42))
    assert {sealed.note for _, sealed in replayed.entries[1:]} == {f"記録{index}" for index in range(40)}


def test_a_refused_command_leaves_nothing_behind(town: Town) -> None:
    number = town.open().case.number
    before = town.case(number)
    refusal = town.refused(number, commands.FireEvent(name="no_such_event"))
    assert refusal.code == "event_unknown"
    assert "housing_needed" in refusal.advice("ja")
    assert town.case(number) == before


def test_an_unknown_worker_and_an_unknown_case_are_refused_with_what_to_do(town: Town) -> None:
    number = town.open().case.number
    assert town.refused(number, commands.AddNote(), actor="nobody", note="x").code == "actor_unknown"
    assert town.refused("2026-99999", commands.AddNote(), note="x").code == "case_unknown"


def test_a_command_for_a_closed_case_is_refused_and_reopening_arms_it_again(town: Town) -> None:
    number = town.open().case.number
    town.do(number, commands.FireEvent(name="done"), note="本人も安心している")
    ref = next(asked.ref for asked in town.case(number).waiting.values())
    town.do(number, commands.AnswerRequest(ref=ref, accept=True), actor="mori")
    assert town.case(number).status is CaseStatus.CLOSED
    assert town.case(number).obligations == {}
    refusal = town.refused(number, commands.FireEvent(name="done"), note="x")
    assert refusal.code == "case_closed"
    town.do(number, commands.ReopenCase(), note="また困りごと")
    assert {live.key for live in town.case(number).obligations.values()} == {"first", "keep"}


def test_a_linked_case_opens_and_its_end_moves_the_case_that_opened_it(town: Town) -> None:
    number = town.open().case.number
    town.do(number, commands.FireEvent(name="housing_needed"))
    child = town.case(number).linked["housing"].number
    assert child == f"{number}-1"
    assert town.case(child).parent == number
    with town.engine.reading() as reader:
        held = reader.case(child)
        assert held is not None
        assert held.content.persons["p1"].name == "鈴木 太郎"
    town.do(child, commands.FireEvent(name="found"), note="入居を喜んでいる")
    [asked] = [asked for asked in town.case(child).waiting.values() if asked.kind is ObligationKind.APPROVAL]
    town.do(child, commands.AnswerRequest(ref=asked.ref, accept=True), actor="mori")
    assert not town.case(child).is_open
    assert town.case(number).linked["housing"].ended
    assert town.case(number).in_state("settled")


def test_a_linked_pathway_that_nobody_published_refuses_the_whole_command(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = town.open().case.number
    before = town.case(number)
    original = town.engine.office.in_force
    monkeypatch.setattr(
        town.engine.office,
        "in_force",
        lambda reader, name, on: None if name == "housing" else original(reader, name, on),
    )
    assert town.refused(number, commands.FireEvent(name="housing_needed")).code == "pathway_unknown"
    assert town.case(number) == before


def test_a_form_that_does_not_fit_is_refused_by_field_and_nobody_is_lost(town: Town) -> None:
    answer = town.engine.open_case(
        "support", OpenCase(), Sealed(forms={"intake": {"topic": 5}}), actor="yamada"
    )
    assert isinstance(answer, Refusal)
    assert answer.code == "form_invalid"
    assert answer.because == ("topic",)
    assert town.open().case.number == "2026-00001"


def test_personal_content_is_nowhere_in_the_clear(town: Town, tmp_path: object) -> None:
    number = town.open(note="とても私的なこと").case.number
    town.call(number, Grade.INTERVIEW)
    with town.engine.reading() as reader:
        bodies = b"".join(stored.body for stored in reader.entries(number))
        held = reader.case(number)
    assert held is not None
    for secret in ("鈴木", "とても私的", "住まい"):
        assert secret.encode() not in bodies
        assert secret not in repr(held.case)


def test_a_store_without_people_says_so(database_url: str, tmp_path: Path) -> None:
    settings = Settings(database=database_url, key_file=tmp_path / "keys" / "master.key")
    Engine.init(settings, trial=True)
    empty = Engine(settings)
    with pytest.raises(NotReady, match="directory"):
        empty.open_case("support", OpenCase(), Sealed(), actor="yamada")
    empty.close()


@pytest.mark.parametrize("accept", [True, False])
def test_a_hand_over_keeps_two_holders_until_it_is_answered(town: Town, accept: bool) -> None:
    number = town.open().case.number
    town.do(
        number, commands.HandOver(to="sato", holder="yamada"), note="避けるべき関わり方: 電話は夜にしない"
    )
    held = [live for live in town.case(number).obligations.values() if live.kind is ObligationKind.FOLLOW_UP]
    assert {(live.holder, live.co_holder) for live in held} == {("yamada", "sato")}
    ref = next(asked.ref for asked in town.case(number).waiting.values())
    assert (
        town.refused(number, commands.AnswerRequest(ref=ref, accept=True), actor="mori").code == "role_needed"
    )
    town.do(number, commands.AnswerRequest(ref=ref, accept=accept), actor="sato", note="今は受けられない")
    held = [live for live in town.case(number).obligations.values() if live.kind is ObligationKind.FOLLOW_UP]
    assert {(live.holder, live.co_holder) for live in held} == {("sato" if accept else "yamada", "")}
    assert town.case(number).roles["worker"] == ("sato" if accept else "yamada")


def test_a_command_that_loses_every_race_is_told_to_look_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = town.open().case.number

    def overtaken(self: Unit) -> None:
        raise SequenceGap("somebody else wrote first")

    with monkeypatch.context() as patch:
        patch.setattr(Unit, "flush", overtaken)
        refusal = town.refused(number, commands.AddNote(), note="x")
    assert refusal.code == "changed_meanwhile"
    assert town.case(number).seq == 1
