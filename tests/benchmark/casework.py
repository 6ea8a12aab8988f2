"""What commands cost: one a commit, many a commit, many threads, and on a case with a long history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

from engine.api import Refusal, Request, Sealed, commands
from tests.benchmark import floor
from tests.benchmark import town as towns
from tests.benchmark.bulk import FIRST, Bulk, Population
from tests.benchmark.figure import ROUNDS, Figure, median, seconds
from tests.benchmark.town import WORKER, Town

THREADS = 16
GROUP = 100


def transition(case_id: int) -> Request:
    """Move a case from receiving it to assessing it: two promises end, one begins, the state changes."""
    return Request(
        case=towns.number_of(case_id), command=commands.FireEvent(name="begin_assessment"), actor=WORKER,
        at=towns.OPENED_AT + timedelta(days=2), key=f"bench:{case_id}",
    )  # fmt: skip


def talk(case_id: int) -> Request:
    """Record a contact with its form: a promise is kept, the next is made, the facts are sealed anew."""
    at = towns.OPENED_AT + timedelta(days=2)
    command, sealed = towns.contact(at - timedelta(minutes=30))
    number = towns.number_of(case_id)
    return Request(case=number, command=command, actor=WORKER, at=at, sealed=sealed, key=f"bench:{case_id}")


def one_each(town: Town, ask: Callable[[int], Request], ids: range) -> None:
    """Give each command in a transaction of its own."""
    for case_id in ids:
        _given(town, ask(case_id))


def grouped(town: Town, ask: Callable[[int], Request], ids: range) -> None:
    """Give a hundred commands in each transaction."""
    for start in range(ids.start, ids.stop, GROUP):
        some = range(start, min(start + GROUP, ids.stop))
        answers = town.engine.desk.write(
            lambda unit, some=some: [town.engine.perform_within(unit, ask(each)) for each in some]  # type: ignore[misc]
        )
        assert not any(isinstance(each, Refusal) for each in answers), answers


def threaded(town: Town, ask: Callable[[int], Request], ids: range, threads: int = THREADS) -> None:
    """Give each command by one of many threads, as pages do."""
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda case_id: _given(town, ask(case_id)), ids))


def _given(town: Town, request: Request) -> None:
    answer = town.engine.perform(
        request.case,
        request.command,
        actor=request.actor,
        sealed=request.sealed,
        key=request.key,
        at=request.at,
    )
    assert not isinstance(answer, Refusal), answer
    assert answer.entry.events


Way = Callable[[Town, Callable[[int], Request], range], None]


def measured(
    bulk: Bulk, population: Population, way: Way, ask: Callable[[int], Request], ids: range
) -> tuple[float, float]:
    """Return the rate of a way of giving commands, and of its rows in the same commits without the engine.

    Both in turn, round by round: on a shared disk the next minute is another one.
    """
    town = bulk.copy(population)
    tracing = floor.traced(town)
    (grouped if way is threaded else way)(town, ask, ids)
    town.close()
    rates, least = [], []
    for _ in range(ROUNDS):
        town = bulk.copy(population, grouped=way is threaded)
        rates.append(len(ids) / seconds(partial(way, town, ask, ids)))
        town.close()
        fresh = bulk.copy(population)
        fresh.close()
        least.append(len(ids) / floor.sqlite_floor(fresh.file, tracing.commits))
    return median(rates), median(least)


def transitions(bulk: Bulk, count: int) -> Iterator[Figure]:
    """Durable transitions a second: one a commit, a hundred a commit, sixteen threads; and contacts kept."""
    population = bulk.sqlite(count + 1)
    alone, together = range(FIRST, FIRST + count // 4), range(FIRST, FIRST + count)
    single, raw = measured(bulk, population, one_each, transition, alone)
    yield Figure(
        "遷移、1件ごとに確定", "transitions, one a commit", single, "/s", raw, single / raw, "floor", 0.35, 0.50
    )  # fmt: skip
    for ask, ja, en in (
        (transition, "遷移", "transitions"),
        (talk, "連絡の記録(様式つき)", "contacts kept, with a form"),
    ):
        rate, raw = measured(bulk, population, grouped, ask, together)
        yield Figure(
            f"{ja}、{GROUP}件ずつ確定", f"{en}, {GROUP} a commit", rate, "/s", raw, rate / raw, "floor"
        )
    many, _ = measured(bulk, population, threaded, transition, together)
    yield Figure(
        f"遷移、{THREADS}の並行した利用者", f"transitions, {THREADS} threads through one writer", many, "/s", single,
        many / single, "one thread", 1.5, 2.0,
    )  # fmt: skip


def lived_case(town: Town, entries: int) -> str:
    """Open a case and talk to the family, with a note and a form each time, until its history is so long."""
    number = towns.open_template(town, towns.OPENED_AT, woken=False)
    at = towns.OPENED_AT
    done = 1
    while done < entries:
        some = min(GROUP, entries - done)
        requests = []
        for _ in range(some):
            at += timedelta(hours=12)
            command, sealed = towns.contact(at - timedelta(minutes=5))
            requests.append(Request(case=number, command=command, actor=WORKER, at=at, sealed=sealed))
        answers = town.engine.desk.write(
            lambda unit, requests=requests: [town.engine.perform_within(unit, each) for each in requests]  # type: ignore[misc]
        )
        assert not any(isinstance(each, Refusal) for each in answers), answers
        done += some
    return number


def long_history(bulk: Bulk, entries: int, commands_each: int) -> Iterator[Figure]:
    """Give the same command to a case of 5 entries and to one of thousands, in turn."""
    town = towns.found(bulk.folder / "long")
    short, long = lived_case(town, 5), lived_case(town, entries)
    took: dict[str, list[float]] = {short: [], long: []}
    at = towns.OPENED_AT + timedelta(hours=12 * (entries + 2))
    for place in range(commands_each):
        for number in (short, long) if place % 2 else (long, short):
            took[number].append(seconds(lambda number=number: _noted(town, number, at)))  # type: ignore[misc]
    town.close()
    first, second = median(took[short]), median(took[long])
    yield Figure(
        f"記録 {entries:,} のケースへの命令", f"a command on a case of {entries:,} entries against 5", 1000 * second, "ms",
        1000 * first, second / first, "5 entries", 1.2, 1.05, "less",
    )  # fmt: skip


def _noted(town: Town, number: str, at: object) -> None:
    answer = town.engine.perform(
        number,
        commands.AddNote(),
        actor=WORKER,
        sealed=Sealed(note="電話をもらった。"),
        at=at,  # type: ignore[arg-type]
    )
    assert not isinstance(answer, Refusal), answer
