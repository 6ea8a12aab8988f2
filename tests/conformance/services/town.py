"""A small town for tests of services: who is there, what is published, and short words for what is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.api import Answer, Engine, Refusal, commands
from engine.core.case.case import Case, Person, Sealed
from engine.core.case.directory import Directory, Holder
from engine.core.vocabulary import Channel, Grade, HolderKind
from engine.scheduler.clock import MovedClock
from engine.settings import Settings

MONDAY = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)  # 9:00 in Tokyo

INTAKE = """
$schema: https://json-schema.org/draft/2020-12/schema
title: 受付票
x-label: {ja: 受付票, en: Intake}
type: object
additionalProperties: false
required: [topic]
properties:
  topic: {type: string, maxLength: 100, x-label: {ja: 相談, en: Topic}}
"""

VISIT = """
$schema: https://json-schema.org/draft/2020-12/schema
title: 訪問票
x-label: {ja: 訪問票, en: Visit}
type: object
additionalProperties: false
properties:
  seen: {type: string, maxLength: 100, x-label: {ja: 様子, en: What was seen}}
"""

HOUSING = """
pathway: housing
version: 1
effective_on: 2020-04-01
title: 住まい
subject: household
max_silence: 60d
roles: {worker: {label: 相談支援員, above: lead}, lead: 主任}
forms: {intake: forms/intake.yaml}
opening: {form: intake, state: looking}
states:
  looking:
    label: 住まい探し
    follow_ups:
      look: {label: 住まい探しの連絡, by: worker, every: 14d, needs: voice, opens: 5d}
    on:
      found: {requires: [intake], approval: lead, to: housed}
  housed: {label: 入居, final: true}
"""

SUPPORT = """
pathway: support
version: 1
effective_on: 2020-04-01
title: 支援
subject: household
max_silence: 60d
roles: {worker: {label: 相談支援員, above: lead}, lead: 主任}
ladders:
  routine:
    - {after: 1bd, remind: assignee}
    - {after: 3bd, notify: lead, every: 5bd}
forms: {intake: forms/intake.yaml, visit: forms/visit.yaml}
opening: {form: intake, state: received}
states:
  received:
    label: 受け止め
    follow_ups:
      first: {label: 初回面談, by: worker, due: 3bd, needs: interview, ladder: routine}
      keep: {label: つながりの連絡, by: worker, every: 7d, needs: voice, ladder: routine}
    on:
      housing_needed: {start: {pathway: housing, as: housing}}
      ended.housing: {to: settled}
      done: {requires: [intake], approval: lead, to: closed}
  settled:
    label: 落ち着いた
    follow_ups:
      keep: {label: 見守りの連絡, by: worker, every: 30d, needs: voice, ladder: routine}
    on:
      done: {requires: [intake], approval: lead, to: closed}
  closed: {label: 終結, final: true}
"""

PEOPLE = (
    Holder(id="yamada", kind=HolderKind.PERSON, name="山田 花子", roles=("worker",), teams=("desk",)),
    Holder(id="sato", kind=HolderKind.PERSON, name="佐藤 一郎", roles=("worker",)),
    Holder(id="mori", kind=HolderKind.PERSON, name="森 恵", roles=("lead",), teams=("desk",)),
    Holder(id="desk", kind=HolderKind.TEAM, name="当番窓口"),
)


def directory(*people: Holder, version: int = 1) -> Directory:
    return Directory(version=version, duty_desk="desk", holders={held.id: held for held in people or PEOPLE})


@dataclass
class Town:
    """An engine whose clock the test moves."""

    engine: Engine
    clock: MovedClock
    settings: Settings

    def open(self, worker: str = "yamada", key: str = "", **more: Any) -> Answer:
        answer = self.engine.open_case(
            "support",
            commands.OpenCase(channel=Channel.PHONE, roles={"worker": worker}),
            Sealed(
                persons=(Person(id="p1", name="鈴木 太郎"),), forms={"intake": {"topic": "住まい"}}, **more
            ),
            actor=worker,
            key=key,
        )
        assert isinstance(answer, Answer), answer
        return answer

    def do(self, case: str, command: commands.AnyCommand, actor: str = "yamada", **sealed: Any) -> Answer:
        answer = self.engine.perform(case, command, actor=actor, sealed=Sealed(**sealed))
        assert isinstance(answer, Answer), answer
        return answer

    def refused(
        self, case: str, command: commands.AnyCommand, actor: str = "yamada", **sealed: Any
    ) -> Refusal:
        answer = self.engine.perform(case, command, actor=actor, sealed=Sealed(**sealed))
        assert isinstance(answer, Refusal), answer
        return answer

    def call(self, case: str, grade: Grade = Grade.VOICE) -> Answer:
        return self.do(
            case, commands.RecordContact(grade=grade, contacted_at=self.clock.now(), reached=("p1",))
        )

    def case(self, number: str) -> Case:
        with self.engine.reading() as reader:
            held = reader.case(number)
        assert held is not None
        return held.case

    def later(self, **by: int) -> None:
        self.clock.advance(timedelta(**by))


def make_town(url: str, folder: Path, clock: MovedClock) -> Town:
    settings = Settings(database=url, key_file=folder / "keys" / "master.key")
    Engine.init(settings, trial=True)
    engine = Engine(settings, clock=clock)
    engine.load_shipped_calendar()
    engine.load_people(directory(), actor="engine")
    for name, text in (("housing", HOUSING), ("support", SUPPORT)):
        place = folder / name
        (place / "forms").mkdir(parents=True)
        (place / "forms" / "intake.yaml").write_text(INTAKE, encoding="utf-8")
        (place / "forms" / "visit.yaml").write_text(VISIT, encoding="utf-8")
        (place / "v1.yaml").write_text(text, encoding="utf-8")
        published = engine.publish(place / "v1.yaml", actor="engine")
        assert published.done, [finding.en for finding in published.findings]
    return Town(engine, clock, settings)
