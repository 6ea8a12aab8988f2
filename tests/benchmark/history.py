"""What reading a history costs: chain checked, personal parts decrypted, folded; and every decision taken again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec.json import Decoder

from engine.core.case.case import Sealed
from engine.core.case.entry import Entry
from engine.store.sealing import _place
from tests.benchmark import town as towns
from tests.benchmark.bulk import Bulk
from tests.benchmark.casework import lived_case
from tests.benchmark.figure import ROUNDS, Figure, median, seconds
from tests.benchmark.town import Town


def replay(bulk: Bulk, lengths: tuple[int, ...], repeats: int) -> Iterator[Figure]:
    """Replay and verify one case of each length."""
    town = towns.found(bulk.folder / "history")
    numbers = [lived_case(town, length) for length in lengths]
    for number, length in zip(numbers, lengths, strict=True):
        turns = max(1, repeats // length)
        read = town.engine.replay(number)
        assert read is not None
        events = sum(len(entry.events) for entry, _ in read.entries)
        assert len(read.entries) == length
        took, raw, again = [], [], []
        for _ in range(ROUNDS):
            for _ in range(turns):
                took.append(seconds(partial(town.engine.replay, number)))
                raw.append(_raw(town, number))
            again.append(seconds(lambda number=number: _verified(town, number)))  # type: ignore[misc]
        rate, least = events / median(took), events / median(raw)
        yield Figure(
            f"再生: 記録 {length:,}(出来事 {events:,})", f"replay of {length:,} entries, chain checked, decrypted", rate,
            "events/s", least, rate / least, "floor", 0.4, 0.6,
        )  # fmt: skip
        yield Figure(
            "同、1ケースの時間", "the same, one case", 1000 * median(took), "ms", 1000 * median(raw), None, "", None, None,
            "less",
        )  # fmt: skip
        if length == lengths[0]:
            yield Figure(
                "再生の速さ(目標)",
                "replay against the goal of 100,000",
                rate,
                "events/s",
                None,
                None,
                "",
                1e5,
                1e5,
            )
        yield Figure(
            "検証: すべての判断をやり直す", f"every decision of {length:,} entries taken again", events / median(again),
            "events/s",
        )  # fmt: skip
    town.close()


def _verified(town: Town, number: str) -> None:
    verified = town.engine.verify(number)
    assert verified is not None
    assert verified.sound, verified


def _raw(town: Town, number: str) -> float:
    """The floor: fetch, hash, decrypt and decode the same rows, and nothing else."""
    entry_of, sealed_of = Decoder(Entry).decode, Decoder(Sealed).decode
    with closing(sqlite3.connect(town.file)) as connection:
        case_id, wrapped = connection.execute(
            "SELECT id, wrapped_key FROM case_ WHERE number = ?", (number,)
        ).fetchone()
        keys = town.engine.desk.store.keys
        cipher = AESGCM(keys._master.decrypt(wrapped[:12], wrapped[12:], _place(number, "key")))

        def work() -> None:
            digest, entries = b"", []
            for seq, body, sealed in connection.execute(
                "SELECT seq, body, sealed FROM entry WHERE case_id = ? ORDER BY seq", (case_id,)
            ):
                digest = sha256(digest + body + (sealed or b"")).digest()
                plain = (
                    None
                    if sealed is None
                    else cipher.decrypt(sealed[:12], sealed[12:], _place(number, f"entry {seq}"))
                )
                entries.append((entry_of(body), None if plain is None else sealed_of(plain)))

        return seconds(work)
