"""How personal content is kept: encrypted under a key of its case, which the master key wraps.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce before each
ciphertext. What is authenticated besides is where the bytes belong, so that a
sealed part cannot be moved to another case, place or purpose unnoticed. To
destroy the wrapped key of a case is to redact it; nothing else is rewritten.
"""

from __future__ import annotations

import hmac
import os
import stat
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections import OrderedDict
from pathlib import Path
from shlex import quote
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.store.errors import StoreError

KEY_BYTES = 32
NONCE_BYTES = 12
OPEN_KEYS_MAX = 10_000
_MARK = "bansou-key-1 "


class CaseKey:
    """The key of one case, unwrapped. Lives in memory only."""

    __slots__ = ("_cipher", "case", "wrapped")

    def __init__(self, case: str, plain: bytes, wrapped: bytes) -> None:
        self.case = case
        self.wrapped = wrapped
        self._cipher = AESGCM(plain)

    def seal_entry(self, seq: int, plain: bytes) -> bytes:
        """Encrypt the personal part of entry `seq`."""
        return self._seal(plain, f"entry {seq}")

    def open_entry(self, seq: int, sealed: bytes) -> bytes:
        """Decrypt the personal part of entry `seq`. Raises StoreError `seal_broken`."""
        return self._open(sealed, f"entry {seq}")

    def seal_content(self, plain: bytes) -> bytes:
        """Encrypt what is personal about the case as it stands."""
        return self._seal(plain, "content")

    def open_content(self, sealed: bytes) -> bytes:
        """Decrypt what is personal about the case as it stands. Raises StoreError `seal_broken`."""
        return self._open(sealed, "content")

    def _seal(self, plain: bytes, place: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, _place(self.case, place))

    def _open(self, sealed: bytes, place: str) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _place(self.case, place))
        except (InvalidTag, ValueError):
            raise StoreError("seal_broken", f"{self.case}, {place}") from None


class KeyRing:
    """The master key, and the keys of the cases lately looked at. Safe to share between threads."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise StoreError("key_malformed")
        self._master = AESGCM(master)
        self._check = hmac.digest(master, b"bansou key check 1", "sha256").hex()
        self._open: OrderedDict[bytes, CaseKey] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def create(cls, path: Path) -> KeyRing:
        """Draw a master key and write it to a new file (0600) in a folder made for it (0700).

        An existing folder keeps its mode. Raises StoreError `key_exists`,
        `folder_absent` or `read_only`.
        """
        master = os.urandom(KEY_BYTES)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise StoreError("key_exists", str(path)) from None
        except PermissionError:
            raise StoreError("read_only", str(path)) from None
        except OSError as error:
            raise StoreError("folder_absent", f"{path}: {error.strerror}") from None
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(_MARK + b64encode(master).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return cls(master)

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """Read the master key. Raises StoreError `key_absent`, `key_open` or `key_malformed`."""
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise StoreError("key_open", f"{path}: {mode:04o}", do=f"chmod 600 {quote(str(path))}")
            text = path.read_text(encoding="ascii").strip()
            return cls(b64decode(text.removeprefix(_MARK), validate=True))
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError("key_absent", str(path)) from None
        except (NotBase64, ValueError, IsADirectoryError):
            raise StoreError("key_malformed", str(path)) from None
        except PermissionError:
            raise StoreError("key_absent", str(path)) from None

    @property
    def check_value(self) -> str:
        """What a store keeps to recognise its master key by; says nothing about the key itself."""
        return self._check

    def new_key(self, case: str) -> CaseKey:
        """Draw the key of a new case and wrap it."""
        plain = AESGCM.generate_key(256)
        nonce = os.urandom(NONCE_BYTES)
        wrapped = nonce + self._master.encrypt(nonce, plain, _place(case, "key"))
        return self._keep(CaseKey(case, plain, wrapped))

    def key_of(self, case: str, wrapped: bytes) -> CaseKey:
        """Return the key of a case. Raises StoreError `seal_broken` if it was wrapped for another case."""
        with self._lock:
            known = self._open.get(wrapped)
            if known is not None and known.case == case:
                self._open.move_to_end(wrapped)
                return known
        try:
            plain = self._master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _place(case, "key"))
        except (InvalidTag, ValueError):
            raise StoreError("seal_broken", f"{case}, key") from None
        return self._keep(CaseKey(case, plain, wrapped))

    def forget(self, wrapped: bytes) -> None:
        """Drop a key from memory, because its case was redacted."""
        with self._lock:
            self._open.pop(wrapped, None)

    def _keep(self, key: CaseKey) -> CaseKey:
        with self._lock:
            self._open[key.wrapped] = key
            if len(self._open) > OPEN_KEYS_MAX:
                self._open.popitem(last=False)
        return key


def _place(case: str, place: str) -> bytes:
    # A case number holds no NUL, so that two places never read the same.
    return f"bansou seal 1\0{case}\0{place}".encode()
