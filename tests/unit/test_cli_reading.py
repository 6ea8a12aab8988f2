"""What people type is read as they mean it, or refused with words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.acting import one_of, text_of
from engine.cli.failing import Failure
from engine.cli.reading import (
    assignments_of,
    date_of,
    forms_of,
    instant_of,
    person_of,
    persons_of,
    value_words,
)
from engine.core.pathway.form import FormSchema
from engine.core.vocabulary import Grade

TOKYO = ZoneInfo("Asia/Tokyo")

FORM = FormSchema(
    "intake",
    {
        "type": "object",
        "properties": {
            "channel": {
                "type": "string",
                "enum": ["visit", "phone"],
                "x-labels": {"phone": {"ja": "電話", "en": "Phone"}},
            },
            "topics": {
                "type": "array",
                "items": {"type": "string", "enum": ["housing", "debt"]},
                "x-labels": {
                    "housing": {"ja": "住まい", "en": "Housing"},
                    "debt": {"ja": "債務", "en": "Debt"},
                },
            },
            "count": {"type": "integer"},
            "income": {"type": "number"},
            "urgent": {"type": "boolean"},
            "born": {"type": "string", "format": "date"},
            "home": {"type": "object", "properties": {"rooms": {"type": "integer"}}},
        },
    },
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10:30",
        "2026-11-23 10:30",
        "2026-11-23T10:30+09:00",
        "2026-11-23T01:30Z",
        "2026-11-23T01:30+00:00",
        "令和8年11月23日 10:30",
        "令和8年11月23日10時30分",
        "R8.11.23 10:30",
        "R8.11.23　１０：３０",
        "２０２６年１１月２３日 10:30",
    ],
)
def test_one_moment_is_read_from_every_spelling(text: str) -> None:
    assert instant_of(text, TOKYO) == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def test_a_day_alone_is_the_time_of_day_that_the_command_asks_for() -> None:
    assert instant_of("R8.11.23", TOKYO, time(8, 30)) == datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "x", "2026-13-01", "2026-11-23T25:00", "R8.11.23 99:99", "令和8年", "明日", "9999-12-31"]
)
def test_what_is_no_moment_is_refused_as_wrong_usage_in_both_languages(text: str) -> None:
    with pytest.raises(Failure) as refused:
        instant_of(text, TOKYO)
    assert (refused.value.code, refused.value.status) == ("instant_unreadable", 2)
    assert refused.value.sentence("ja") != refused.value.sentence("en")


@given(st.text(max_size=40))
def test_no_text_is_read_as_a_moment_by_a_crash(text: str) -> None:
    try:
        instant_of(text, TOKYO)
    except Failure:
        return


@given(st.text(max_size=60))
def test_no_text_is_read_as_a_person_by_a_crash(text: str) -> None:
    try:
        person_of(text)
    except Failure:
        return


def test_a_person_is_read_with_a_japanese_birth_date() -> None:
    person = person_of("p1,山田花子,昭和50年4月1日,本人,女")
    assert (person.id, person.name, person.birth_on, person.relation, person.sex) == (
        "p1",
        "山田花子",
        date(1975, 4, 1),
        "本人",
        "2",
    )


def test_parts_of_a_person_may_be_left_empty_and_a_birth_of_unknown_day_is_left_out() -> None:
    assert person_of("p2,,,子").relation == "子"
    assert person_of("p3,名前,昭和50年不詳").birth_on is None


@pytest.mark.parametrize("text", ["", ",山田", "山田花子", "p1,山田,昭和99年1月1日", "p1,a,,b,c,d"])
def test_a_person_without_a_plain_id_or_with_an_impossible_date_is_refused(text: str) -> None:
    with pytest.raises(Failure, match="person_unreadable"):
        person_of(text)


def test_one_id_for_two_persons_is_refused() -> None:
    with pytest.raises(Failure, match="person_unreadable"):
        persons_of(["p1,山田", "p1,鈴木"])


def test_fields_are_typed_by_the_form_and_choices_may_be_given_by_their_label() -> None:
    typed = forms_of(
        (),
        [
            "intake.channel=電話",
            "intake.topics=住まい、Debt",
            "intake.count=３",
            "intake.income=1.5",
            "intake.urgent=はい",
            "intake.born=S50.4.1",
            "intake.home.rooms=2",
        ],
        {"intake": FORM},
    )
    assert typed == {
        "intake": {
            "channel": "phone",
            "topics": ["housing", "debt"],
            "count": 3,
            "income": 1.5,
            "urgent": True,
            "born": "1975-04-01",
            "home": {"rooms": 2},
        }
    }
    assert FORM.check(typed["intake"]) == ()


def test_what_does_not_fit_stays_text_for_the_form_to_refuse() -> None:
    typed = forms_of((), ["intake.count=たくさん", "intake.born=いつか"], {"intake": FORM})
    assert {problem.field for problem in FORM.check(typed["intake"])} == {"count", "born"}


def test_a_field_of_an_unknown_form_or_below_a_scalar_is_left_to_the_engine() -> None:
    assert forms_of((), ["other.a=b"], {"intake": FORM}) == {"other": {"a": "b"}}


def test_a_value_given_twice_in_different_depths_is_refused_and_not_a_crash() -> None:
    with pytest.raises(Failure, match="set_unreadable"):
        forms_of((), ["intake.home=x", "intake.home.rooms=2"], {"intake": FORM})


def test_a_form_file_may_be_yaml_or_json_and_single_fields_win(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("channel: visit\ncount: 1\n", encoding="utf-8")
    (tmp_path / "b.json").write_text('{"urgent": false}', encoding="utf-8")
    files = [f"intake={tmp_path / 'a.yaml'}", f"intake={tmp_path / 'b.json'}"]
    assert forms_of(files, ["intake.count=2"], {"intake": FORM})["intake"] == {
        "channel": "visit",
        "count": 2,
        "urgent": False,
    }


@pytest.mark.parametrize("content", [b"- a\n", b"a: [", b"\xff\xfe\x00", b"a: 1\na: 2\n"])
def test_a_form_file_that_cannot_be_used_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(Failure) as refused:
        forms_of([f"intake={path}"], (), {})
    assert str(path) in refused.value.sentence("ja")


def test_a_form_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="file_unreadable"):
        forms_of([f"intake={tmp_path / 'none.yaml'}"], (), {})


def test_recorded_values_are_said_in_the_words_of_their_form() -> None:
    assert value_words(FORM, "topics", ["housing", "debt"], "ja") == "住まい、債務"
    assert value_words(FORM, "topics", ["housing"], "en") == "Housing"
    assert value_words(FORM, "urgent", True, "ja") == "はい"
    assert value_words(None, "x", 3, "ja") == "3"


def test_words_may_come_from_a_file_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "長い記録".encode())
    assert text_of(f"@{path}") == "長い記録"
    assert text_of("そのまま") == "そのまま"


def test_words_from_a_file_in_another_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes("記録".encode("cp932"))
    with pytest.raises(Failure, match="file_unreadable"):
        text_of(f"@{path}")


def test_a_member_of_a_closed_set_may_be_given_by_its_code_or_either_label() -> None:
    assert {one_of(Grade, text, "--grade") for text in ("voice", "通話")} == {Grade.VOICE}
    with pytest.raises(Failure, match="bad_parameter"):
        one_of(Grade, "でんわ", "--grade")


def test_pairs_and_dates_are_read_or_refused() -> None:
    assert assignments_of(["worker=eguchi"]) == {"worker": "eguchi"}
    assert date_of("令和9年1月5日") == date(2027, 1, 5)
    for wrong in ("worker", "=x", "worker="):
        with pytest.raises(Failure, match="wrong_usage"):
            assignments_of([wrong])
    for wrong in ("令和9年", "x", "2027-02-30"):
        with pytest.raises(Failure, match="date_unreadable"):
            date_of(wrong)
