"""Append each message as one JSON line to the file of the day on which it was made.

A line is written once, whole and on disk before the message counts as
delivered, also when the machine stops in between or the disk fills up.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import Final

from msgspec import DecodeError, Struct
from msgspec.json import Decoder, Encoder

from engine.api import Message, Receipt

LINE_BYTES_MAX: Final = 64 * 1024
FILES_KNOWN_MAX: Final = 4
READ_BYTES: Final = 1 << 20

_KEY: Final = re.compile(r"[0-9a-z-]{1,64}")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Line breaks to many programs though not to JSON: written as escapes, so that a line stays one line.
_BREAKS: Final = ((b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))

_log = logging.getLogger(__name__)


class _Keyed(Struct):
    key: str


_encode = Encoder(order="sorted").encode
_key_of = Decoder(_Keyed).decode


class _Known(Struct):
    """The keys in a file up to its last whole line."""

    inode: int
    length: int
    keys: set[str]


class FileCarrier:
    """A carrier into `notices-YYYY-MM-DD.jsonl` in a folder of its own (mode 0700, files 0600).

    The day is that of `Message.created_at` in `zone`, so a message that is
    tried again on another day finds the file it may be in already. Any number
    of threads and processes on one machine may share a folder; not on a
    network file system without working locks.
    """

    name = "file_notice"

    def __init__(self, folder: Path, zone: tzinfo) -> None:
        self._folder = folder
        self._zone = zone
        self._known: dict[str, _Known] = {}

    def carry(self, message: Message) -> Receipt:
        """Append the message unless its file holds its key already.

        Refused for good: `key_malformed`, `text_unencodable`, `message_too_long`.
        Worth another try: `disk_full`, `folder_unusable`.
        """
        if not _KEY.fullmatch(message.key):
            return self._refused("key_malformed")
        try:
            line = _encode(message)
        except UnicodeEncodeError:
            return self._refused("text_unencodable")
        for written, escaped in _BREAKS:
            line = line.replace(written, escaped)
        if len(line) >= LINE_BYTES_MAX:
            return self._refused("message_too_long")
        day = message.created_at.astimezone(self._zone).date()
        try:
            with self._locked():
                self._append(f"notices-{day.isoformat()}.jsonl", message.key, line + b"\n")
        except OSError as error:
            code = "disk_full" if error.errno in _FULL else "folder_unusable"
            _log.warning("file_notice: %s (%s)", code, errno.errorcode.get(error.errno or 0, "?"))
            return Receipt(accepted=False, code=code)
        return Receipt(accepted=True)

    def _refused(self, code: str) -> Receipt:
        _log.warning("file_notice: %s", code)
        return Receipt(accepted=False, permanent=True, code=code)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep every other writer of the folder out, in this process and in others."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        lock = _open(self._folder / ".lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _append(self, name: str, key: str, line: bytes) -> None:
        file = _open(self._folder / name, os.O_RDWR | os.O_APPEND)
        try:
            known = self._read(name, file)
            if os.fstat(file).st_size > known.length:
                # Somebody was stopped while writing: half a line, never said to be delivered.
                os.ftruncate(file, known.length)
            if key not in known.keys:
                _write_whole(file, line, known.length)
                known.length += len(line)
                known.keys.add(key)
            # Also for a line that was there: who wrote it may have been stopped before it was on disk.
            os.fsync(file)
        except OSError:
            self._known.pop(name, None)
            raise
        finally:
            os.close(file)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _read(self, name: str, file: int) -> _Known:
        """Return the keys in a file, reading only what was added since the last time."""
        status = os.fstat(file)
        known = self._known.get(name)
        if known is None or known.inode != status.st_ino or known.length > status.st_size:
            known = self._known[name] = _Known(status.st_ino, 0, set())
            while len(self._known) > FILES_KNOWN_MAX:
                del self._known[next(iter(self._known))]
        rest = b""
        at = known.length
        while chunk := os.pread(file, READ_BYTES, at):
            at += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                known.length += len(line) + 1
                try:
                    known.keys.add(_key_of(line).key)
                except DecodeError:
                    continue  # somebody else's line; it names no message of ours
        return known


def _open(path: Path, flags: int) -> int:
    """Open a file of ours, made readable to nobody else. A link in its place is refused."""
    file = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(file, 0o600)
    except OSError:
        os.close(file)
        raise
    return file


def _write_whole(file: int, line: bytes, length: int) -> None:
    """Append a line; when not all of it fits, take back what did."""
    try:
        written = os.write(file, line)
    except OSError:
        os.ftruncate(file, length)
        raise
    if written < len(line):
        os.ftruncate(file, length)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
