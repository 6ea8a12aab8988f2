"""A process that dispatches once and is killed at a named place."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from connectors.file_notice.carrier import FileCarrier
from engine.services.delivery import Message, Receipt, dispatch
from engine.services.desk import Desk
from engine.store.opening import open_store
from engine.store.sealing import KeyRing


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Doomed:
    """The file carrier, killed before, amid or after its write."""

    name = FileCarrier.name

    def __init__(self, folder: Path, place: str) -> None:
        self.folder = folder
        self.place = place
        self.carrier = FileCarrier(folder, ZoneInfo("Asia/Tokyo"))

    def carry(self, message: Message) -> Receipt:
        if self.place == "before":
            die()
        if self.place == "amid":
            self.folder.mkdir(exist_ok=True)
            day = message.created_at.astimezone(ZoneInfo("Asia/Tokyo")).date()
            with (self.folder / f"notices-{day}.jsonl").open("ab") as file:
                file.write(msgspec.json.encode(message)[:-20])
            die()
        receipt = self.carrier.carry(message)
        if self.place == "after":
            die()
        return receipt


def main(url: str, key_path: str, folder: str, now: str, place: str) -> None:
    store = open_store(url, KeyRing.load(Path(key_path)))
    dispatch(Desk(store), [Doomed(Path(folder), place)], datetime.fromisoformat(now))


if __name__ == "__main__":
    main(*sys.argv[1:])
