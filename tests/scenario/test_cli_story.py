"""The command, run for real on a store in a folder: a consultation from its reception to its audit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import command_tree, main
from engine.cli.output import Output
from engine.cli.serving import _say_trouble
from engine.cli.session import Session
from engine.settings import Settings
from engine.store.errors import StoreError
from tests.repo.source import ROOT

OPEN = (
    "open",
    "standard_four_stage",
    "--person",
    "p1,山田花子,昭和50年4月1日,本人,女",
    "--person",
    "p2,山田太郎,H25.5.6,子,男",
    "--household",
    "山田家",
    "--channel",
    "電話",
    "--set",
    "intake.channel=電話",
    "--set",
    "intake.topics=住まい、子育て",
    "--note",
    "家賃を二か月払えていない",
)
OCTOBER = "令和8年10月1日 10:00"
CASE = "2026-00001"


@dataclass
class Ran:
    """What one run of the command came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trial store in which calendar, people and pathways are in force."""
    folder = tmp_path_factory.mktemp("prepared")
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert main(["init", "--trial", "--json"]) == 0
        assert main(["up", "--once", "--json"]) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command runs in, with no setting given."""
    for field in (*Settings.model_fields, "actor"):
        monkeypatch.delenv(f"BANSOU_{field.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in an empty folder."""

    def ran(*argv: str) -> Ran:
        capsys.readouterr()
        status = main(list(argv))
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ran(status, said.out, said.err)

    return ran


@pytest.fixture
def town(prepared: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on a trial store that is ready, as the worker `eguchi`."""
    shutil.copytree(prepared / "var", folder / "var")
    monkeypatch.setenv("BANSOU_ACTOR", "eguchi")
    return run


# --- one consultation


def test_a_consultation_is_received_worked_on_escalated_and_replayed(town: Run) -> None:
    opened = town(*OPEN, "--now", OCTOBER, "--json")
    assert opened.status == 0
    assert opened.json["case"] == CASE
    assert {item["work"] for item in opened.json["obligations"]} >= {
        "受付の返答",
        "初回面談",
        "つながりの連絡",
    }
    holder = opened.json["entry"]["events"][-1]
    assert holder

    shown = town("case", CASE, "--now", OCTOBER)
    assert "山田家" in shown.out
    assert "山田太郎" in shown.out
    assert "bansou fire" in shown.out

    swept = town("sweep", "--now", "2026-10-08T09:00", "--json")
    assert swept.json["cases"] == 1
    late = town("escalations", "--now", "2026-10-08T09:00", "--json").json["escalations"]
    assert {each["item"]["work"] for each in late} == {"受付の返答", "初回面談"}
    worker = town("case", CASE, "--now", OCTOBER, "--json").json["case"]["roles"]["worker"]
    groups = town("inbox", worker, "--now", "2026-10-08T09:00", "--json").json["groups"]
    assert len(groups["overdue"]) == 2
    assert len(groups["today"]) == 1

    told = town("replay", CASE, "--verify", "--now", "2026-10-08T09:00")
    assert told.status == 0
    for words in (
        "江口 誠",
        "家賃を二か月払えていない",
        "規則: standard_four_stage v1",
        "ladders.routine[0]",
        "すべて同じでした",
    ):
        assert words in told.out


def test_a_replay_to_an_instant_shows_the_holders_and_facts_of_then(town: Run) -> None:
    town(*OPEN, "--now", OCTOBER)
    town("sweep", "--now", "2026-10-08T09:00")
    then = town("replay", CASE, "--at", "R8.10.1", "--json").json
    assert [entry["seq"] for entry in then["history"]] == [1]
    assert not any(item["group"] == "overdue" for item in then["obligations"] if item["number"] == 3)
    assert "子育て" in town("replay", CASE, "--at", "R8.10.1").out
    before = town("replay", CASE, "--at", "R8.9.30", "--json")
    assert (before.status, before.json["error"]["code"]) == (1, "case_not_yet")


def test_a_contact_is_recorded_with_its_form_and_what_is_missing_is_said(town: Run) -> None:
    town(*OPEN, "--now", OCTOBER)
    refused = town("record", CASE, "--grade", "通話", "--for", "1", "--now", "2026-10-05T11:00", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "form_missing")
    assert "--set" in refused.json["error"]["advice"]
    assert refused.json["error"]["because"] == ["contact"]
    wrong = town(
        "record",
        CASE,
        "--grade",
        "voice",
        "--now",
        "2026-10-05T11:00",
        "--set",
        "contact.danger=まっかな",
        "--json",
    )
    assert (wrong.status, wrong.json["error"]["code"]) == (1, "form_invalid")
    assert wrong.json["error"]["problems"]


def test_the_same_key_twice_acts_once_and_answers_the_same(town: Run) -> None:
    first = town(*OPEN, "--now", OCTOBER, "--key", "k1", "--json").json
    again = town(*OPEN, "--now", OCTOBER, "--key", "k1", "--json").json
    assert (first["case"], first["entry"]) == (again["case"], again["entry"])
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert town("cases", "--json").json["count"] == {"open": 1}
    other = town("note", CASE, "別の操作", "--key", "k1", "--json")
    assert (other.status, other.json["error"]["code"]) == (1, "key_reused")


def test_messages_are_read_once(town: Run) -> None:
    town(*OPEN, "--now", OCTOBER)
    town("sweep", "--now", "2026-10-08T09:00")
    worker = town("case", CASE, "--json").json["case"]["roles"]["worker"]
    assert town("inbox", worker, "--read", "--now", "2026-10-08T09:00", "--json").json["unread"]
    assert town("inbox", worker, "--now", "2026-10-08T09:00", "--json").json["unread"] == []


def test_a_hand_over_is_offered_and_accepted_by_the_one_who_takes_over(town: Run) -> None:
    town(*OPEN, "--now", OCTOBER, "--role", "worker=eguchi")
    offered = town(
        "hand-over", CASE, "--to", "takano", "--note", "異動のため", "--now", "2026-10-02T09:00", "--json"
    )
    assert offered.status == 0
    [waiting] = offered.json["waiting"]
    mine = town("answer", CASE, waiting["ref"], "--accept", "--now", "2026-10-02T10:00", "--json")
    assert (mine.status, mine.json["error"]["code"]) == (1, "role_needed")
    taken = town(
        "answer", CASE, waiting["ref"], "--accept", "--actor", "takano", "--now", "2026-10-02T10:00", "--json"
    )
    assert taken.status == 0
    assert taken.json["waiting"] == []
    held = {item["work"]: item["holder"] for item in taken.json["obligations"]}
    assert held["初回面談"] == "髙野 美咲"


def test_consent_referral_and_notes_go_into_the_history_in_words(town: Run) -> None:
    town(*OPEN, "--now", OCTOBER)
    day = ("--now", "2026-10-02T09:00")
    refused = town("refer", CASE, "--to", "anchor", *day, "--json")
    assert refused.json["error"]["code"] in ("consent_missing", "agency_unknown")
    assert town("consent", "ask", CASE, "sharing", *day).status == 0
    assert town("consent", "record", CASE, "sharing", "同意あり", *day).status == 0
    assert town("note", CASE, "電話の声は落ち着いていた", *day).status == 0
    assert town("assign", CASE, "worker", "takano", *day).status == 0
    told = town("replay", CASE).out
    assert "同意「情報共有」: 同意あり。" in told
    assert "電話の声は落ち着いていた" in told
    assert "髙野 美咲" in told
    assert town("replay", CASE, "--verify").status == 0


def test_a_history_changed_from_outside_is_found_and_not_told(town: Run, folder: Path) -> None:
    town(*OPEN, "--now", OCTOBER)
    with sqlite3.connect(folder / "var" / "bansou.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'eguchi', 'okubo0') AS BLOB)")
    db.close()
    found = town("replay", CASE, "--verify", "--json")
    assert found.status == 1
    assert found.json["verification"]["sound"] is False
    plain = town("replay", CASE, "--json")
    assert (plain.status, plain.json["error"]["code"]) == (1, "chain_broken")


# --- the clock of a trial


def test_the_clock_of_a_real_store_cannot_be_moved(run: Run) -> None:
    assert run("init").status == 0
    moved = run("sweep", "--now", "2030-01-01", "--json")
    assert (moved.status, moved.json["error"]["code"]) == (1, "not_a_trial")


def test_a_pass_of_the_clock_with_a_limit_says_what_it_left(town: Run) -> None:
    for _ in range(3):
        town(*OPEN, "--now", OCTOBER)
    swept = town("sweep", "--now", "2026-10-08T09:00", "--max", "2", "--json").json
    assert (swept["cases"], swept["left"]) == (2, True)
    assert town("sweep", "--now", "2026-10-08T09:00", "--json").json["cases"] == 1


# --- the installation


def test_init_says_where_the_key_lies_and_that_a_copy_must_be_kept(run: Run, folder: Path) -> None:
    made = run("init")
    assert made.status == 0
    assert "master.key" in made.out
    assert "控え" in made.out
    assert (folder / "var" / "keys" / "master.key").stat().st_mode & 0o777 == 0o600
    again = run("init")
    assert again.status == 1
    assert "すでに保存先があります" in again.err


def test_up_once_makes_everything_and_a_second_time_changes_nothing(run: Run) -> None:
    first = run("up", "--once", "--json").json
    assert (first["made"], first["sample_people"]) == (True, True)
    assert {each["pathway"] for each in first["pathways"]} >= {
        "standard_four_stage",
        "outreach_without_consent",
        "child_abuse_report",
    }
    second = run("up", "--once", "--json").json
    assert (second["made"], second["sample_people"], second["cases_redated"]) == (False, False, 0)
    assert all(each["unchanged"] for each in second["pathways"])
    assert run("doctor", "--json").json["well"] is True


def test_up_says_that_the_people_are_a_sample_and_how_to_replace_them(run: Run) -> None:
    said = run("up", "--once").out
    assert "見本の町" in said
    assert "bansou people load" in said
    assert "次にできること" in said


def test_up_runs_until_it_is_told_to_stop_and_stops_cleanly(prepared: Path, folder: Path) -> None:
    shutil.copytree(prepared / "var", folder / "var")
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli.main", "up"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if "時計が動いています" in line:
            break
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "止まりました" in out
    assert "Traceback" not in err


def test_doctor_finds_a_key_that_others_can_read_and_an_empty_installation(run: Run, folder: Path) -> None:
    run("init")
    empty = run("doctor", "--json")
    assert empty.status == 1
    assert {each["code"] for each in empty.json["checks"] if not each["well"]} == {
        "directory",
        "pathways",
        "calendar",
    }
    (folder / "var" / "keys" / "master.key").chmod(0o644)
    open_key = run("doctor", "--json")
    assert (open_key.status, open_key.json["error"]["code"]) == (1, "store_key_open")


def test_people_and_calendar_are_loaded_from_files(town: Run, folder: Path) -> None:
    sample = ROOT / "connectors" / "csv_intake" / "sample" / "people.yaml"
    assert town("people", "load", str(sample), "--json").status == 0
    assert "江口 誠" in town("people").out
    assert town("people", "--json").json["duty_desk"] == "duty"
    broken = folder / "people.yaml"
    broken.write_text("duty_desk: nowhere\nstaff: []\n", encoding="utf-8")
    refused = town("people", "load", str(broken), "--json")
    assert refused.status == 1
    assert refused.json["findings"]
    assert town("calendar", "load", "--json").json["moved"] == 0
    wrong = town("calendar", "load", str(broken), "--json")
    assert (wrong.status, wrong.json["error"]["code"]) == (1, "calendar_file")


def test_somebody_who_still_holds_work_cannot_leave(town: Run, folder: Path) -> None:
    town(*OPEN, "--now", OCTOBER, "--role", "worker=eguchi")
    sample = (ROOT / "connectors" / "csv_intake" / "sample" / "people.yaml").read_text(encoding="utf-8")
    leaving = folder / "people.yaml"
    leaving.write_text(
        sample.replace(
            "name: 江口 誠, roles: [worker, deputy], teams: [duty], contact: 内線 125}",
            "name: 江口 誠, left: true}",
        ).replace("cover: eguchi", "cover: aoyama"),
        encoding="utf-8",
    )
    refused = town("people", "load", str(leaving), "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "still_held")
    assert "江口 誠" in refused.json["error"]["message"]


# --- authors


def test_a_sound_pathway_passes_and_a_broken_one_is_refused_with_its_places(run: Run, folder: Path) -> None:
    shipped = ROOT / "pathways" / "standard_four_stage" / "v1.yaml"
    assert run("check", str(shipped)).status == 0
    broken = folder / "v1.yaml"
    broken.write_text("pathway: x\nversion: 1\nversion: 2\n", encoding="utf-8")
    found = run("check", str(shipped), str(broken), "--json")
    assert found.status == 1
    assert [each["sound"] for each in found.json["files"]] == [True, False]
    assert found.json["files"][1]["findings"][0]["line"] == 3
    assert f"{broken}:3:1" in run("check", str(broken)).out


def test_a_shipped_scenario_passes_and_a_false_expectation_fails_at_its_line(run: Run, folder: Path) -> None:
    shipped = ROOT / "pathways" / "standard_four_stage" / "scenarios" / "year_end.yaml"
    assert run("scenario", str(shipped)).status == 0
    wrong = folder / "wrong.yaml"
    wrong.write_text(
        "scenario: まちがい\npathway: standard_four_stage\nstart: 2026-12-25T10:00+09:00\nsteps:\n"
        "  - open: {intake: {channel: phone}}\n  - expect: {in: closed}\n",
        encoding="utf-8",
    )
    found = run("scenario", str(wrong), "--json")
    assert found.status == 1
    assert [step["ok"] for step in found.json["scenarios"][0]["steps"]] == [True, False]
    assert f"{wrong}:6" in run("scenario", str(wrong)).out
    lost = folder / "lost.yaml"
    lost.write_text(
        "scenario: x\npathway: nowhere\nstart: 2026-12-25\nsteps: [{advance: 1d}]\n", encoding="utf-8"
    )
    assert run("scenario", str(lost), "--json").status == 1


def test_a_published_version_never_changes(town: Run, folder: Path) -> None:
    source = ROOT / "pathways" / "standard_four_stage"
    shutil.copytree(source, folder / "standard_four_stage")
    copy = folder / "standard_four_stage" / "v1.yaml"
    assert town("publish", str(copy), "--json").json["unchanged"] is True
    copy.write_text(copy.read_text(encoding="utf-8") + "# もう一行\n", encoding="utf-8")
    changed = town("publish", str(copy), "--json")
    assert changed.status == 1
    assert "C401" in {each["code"] for each in changed.json["findings"]}
    assert len(town("pathways", "--json").json["pathways"]) == 3


def test_the_schemas_are_printed_and_written(run: Run, folder: Path) -> None:
    assert run("schema", "--json").json["$schema"]
    assert json.loads(run("schema", "form").out)["$schema"]
    assert run("schema", "--write", str(folder / "s")).status == 0
    assert (folder / "s" / "pathway.json").read_text(encoding="utf-8") == (
        ROOT / "docs" / "schema" / "pathway.json"
    ).read_text(encoding="utf-8")
    assert run("schema", "nothing", "--json").status == 2


# --- taking a ledger in


def test_a_ledger_is_taken_in_once_and_rows_that_cannot_be_read_are_kept(town: Run, folder: Path) -> None:
    sample = ROOT / "connectors" / "csv_intake" / "sample" / "ledger.csv"
    lines = sample.read_bytes().splitlines(keepends=True)[:40]
    ledger = folder / "ledger.csv"
    ledger.write_bytes(b"".join(lines) + "壊れた行,,,\r\n".encode("cp932"))
    first = town("intake", str(ledger), "--now", "2026-04-10", "--json")
    assert first.status == (1 if first.json["rejected"] else 0)
    assert first.json["opened"] > 20
    assert first.json["rejected"] >= 1
    assert Path(first.json["rejects"]).exists()
    second = town("intake", str(ledger), "--now", "2026-04-10", "--json").json
    assert (second["opened"], second["known"]) == (0, first.json["opened"])
    missing = town("intake", str(folder / "none.csv"), "--json")
    assert (missing.status, missing.json["error"]["code"]) == (1, "file_unusable")


# --- wrong usage, wrong surroundings


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["opne"], "no_such_command"),
        (["cases", "--nope"], "no_such_option"),
        (["case"], "missing_parameter"),
        (["case", "1", "2"], "too_many_arguments"),
        (["cases", "--limit", "many"], "bad_parameter"),
        (["cases", "--limit", "0"], "bad_parameter"),
        (["cases", "--status", "x"], "bad_parameter"),
        (["cases", "--lang", "fr"], "bad_parameter"),
        (["note", "2026-00001"], "missing_parameter"),
        (["note", "2026-00001", "x"], "actor_missing"),
        (["open", "x", "--person", "?", "--actor", "a"], "person_unreadable"),
        (["replay", "2026-00001", "--at", "いつか"], "instant_unreadable"),
        (["answer", "2026-00001", "r1", "--actor", "a"], "missing_parameter"),
        (["consent", "record", "1", "sharing", "maybe", "--actor", "a"], "bad_parameter"),
    ],
)
def test_wrong_usage_is_said_in_words_with_status_2(
    prepared: Path, run: Run, folder: Path, argv: list[str], code: str
) -> None:
    shutil.copytree(prepared / "var", folder / "var")
    asked = run(*argv, "--json")
    assert (asked.status, asked.json["error"]["code"]) == (2, code)
    plain = run(*argv)
    assert plain.out == ""
    assert plain.err.startswith(("できません", "Not done"))


def test_each_language_can_be_asked_for_by_option_or_setting(
    town: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no case" in town("case", "x", "--lang", "en").err
    assert "There is no case" in town("--lang", "en", "case", "x").err
    assert "Usage:" in town("--lang", "en", "case", "--help").out
    monkeypatch.setenv("BANSOU_LANG", "en")
    assert "There is no case" in town("case", "x").err
    assert "ありません" in town("case", "x", "--lang", "ja").err
    monkeypatch.setenv("BANSOU_LANG", "de")
    refused = town("cases", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (1, "settings_invalid")
    assert "BANSOU_LANG" in refused.json["error"]["message"]


def test_a_settings_file_that_is_no_toml_is_said(run: Run, folder: Path) -> None:
    (folder / "bansou.toml").write_text("lang = [", encoding="utf-8")
    assert run("cases", "--json").json["error"]["code"] == "settings_file"


def test_a_worker_a_case_or_an_actor_that_is_not_there_is_said(town: Run) -> None:
    town(*OPEN, "--now", OCTOBER)
    for argv, code in (
        (["inbox", "nobody"], "worker_unknown"),
        (["case", "2026-99999"], "case_unknown"),
        (["replay", "2026-99999", "--verify"], "case_unknown"),
        (["note", CASE, "x", "--actor", "nobody"], "actor_unknown"),
        (["note", CASE, "x", "--actor", "kume"], "actor_left"),
        (["fire", CASE, "nothing"], "event_unknown"),
        (["ack", CASE, "99"], "obligation_unknown"),
        (["open", "nowhere"], "pathway_unknown"),
    ):
        asked = town(*argv, "--json")
        assert (asked.status, asked.json["error"]["code"]) == (1, code)


def test_a_store_that_cannot_be_used_is_said(
    town: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, code in (
        ("sqlite:///elsewhere/x.db", "store_absent"),
        ("nonsense", "store_url_unknown"),
        ("sqlite:///broken.db", "store_not_bansou"),
    ):
        (folder / "broken.db").write_bytes(b"not a database at all" * 100)
        monkeypatch.setenv("BANSOU_DATABASE", url)
        asked = town("cases", "--json")
        assert (asked.status, asked.json["error"]["code"]) == (1, code)
    monkeypatch.delenv("BANSOU_DATABASE")
    (folder / "var" / "keys" / "master.key").unlink()
    assert town("cases", "--json").json["error"]["code"] == "store_key_absent"


def test_a_fault_of_bansou_is_said_and_its_details_kept_without_words(
    town: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("山田花子")

    monkeypatch.setattr("engine.services.inbox.item_of", breaks)
    monkeypatch.setattr("engine.cli.casefile.item_of", breaks)
    town(*OPEN, "--now", OCTOBER)
    asked = town("case", CASE, "--json")
    assert (asked.status, asked.json["error"]["code"]) == (1, "fault")
    kept = Path(asked.json["error"]["log"])
    assert kept.is_relative_to("var/log")
    assert "ZeroDivisionError" in kept.read_text(encoding="utf-8")
    assert "山田花子" not in kept.read_text(encoding="utf-8")


def test_an_interruption_is_said_and_not_a_crash(town: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.services.sweeping.Sweep.run", interrupted)
    asked = town("sweep", "--json")
    assert (asked.status, asked.json["error"]["code"]) == (1, "interrupted")


def test_a_reader_who_goes_away_leaves_no_traceback(prepared: Path, folder: Path) -> None:
    shutil.copytree(prepared / "var", folder / "var")
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.cli.main", "schema"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert err == b""


# --- every command

_DUMMY = {"PATHWAY": "standard_four_stage", "CASE": CASE, "NUMBER": "1", "WORKER": "eguchi"}


def _commands(path: tuple[str, ...], tree: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, child in tree.commands.items():
        if getattr(child, "commands", None):
            yield from _commands((*path, name), child)
        else:
            yield (*path, name), child


COMMANDS = [(path, each) for path, each in _commands((), command_tree("ja")) if path != ("demo",)]


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=lambda value: "-".join(value) if isinstance(value, tuple) else ""
)
@pytest.mark.parametrize("ready", [False, True], ids=["no-store", "ready"])
def test_every_command_answers_with_one_document_and_never_with_a_fault(
    prepared: Path,
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: tuple[str, ...],
    command: Any,
    ready: bool,
) -> None:
    monkeypatch.setenv("BANSOU_ACTOR", "eguchi")
    if ready:
        shutil.copytree(prepared / "var", folder / "var")
    argv = list(path)
    for each in command.params:
        if each.param_type_name == "argument" and each.required:
            argv.append(_DUMMY.get(each.metavar, "x"))
        elif each.param_type_name == "option" and each.required:
            argv += [each.opts[0], "2027-01-05" if each.metavar == "DATE" else "voice"]
    argv += ["--once"] if path == ("up",) else []
    asked = run(*argv, "--json")
    assert asked.status in (0, 1, 2)
    assert asked.err == ""
    assert asked.json.get("error", {}).get("code") not in ("fault", "invariant")
    assert (asked.status == 0) == (
        "error" not in asked.json
        and asked.json.get("ok", True)
        and asked.json.get("sound", True)
        and asked.json.get("done", True)
    )
    assert run(*path, "--help").status == 0


def test_a_rejects_file_that_cannot_be_written_is_said(town: Run, folder: Path) -> None:
    sample = ROOT / "connectors" / "csv_intake" / "sample" / "ledger.csv"
    asked = town(
        "intake", str(sample), "--rejects", str(folder / "none" / "r.csv"), "--now", "2026-04-10", "--json"
    )
    assert (asked.status, asked.json["error"]["code"]) == (1, "file_error")


def test_trouble_of_the_running_clock_is_said_once_until_it_is_another(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, troubles = Session(Output("ja", as_json=False)), set[str]()
    for error in (StoreError("disk_full"), StoreError("disk_full"), ValueError("山田花子"), ValueError("x")):
        _say_trouble(session, error, troubles)
    said = capsys.readouterr().err
    assert said.count("ディスクがいっぱい") == 1
    assert said.count("ValueError") == 1
    assert "山田花子" not in said
