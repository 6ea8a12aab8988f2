"""Sealed content opens with its own key, in its own place, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.store import sealing
from engine.store.errors import StoreError
from engine.store.sealing import KeyRing


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.create(tmp_path / "keys" / "master.key")


def refused(code: str, attempt: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        attempt()
    assert caught.value.code == code
    return caught.value


def test_a_new_key_file_is_for_its_owner_alone(tmp_path: Path, keys: KeyRing) -> None:
    path = tmp_path / "keys" / "master.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert KeyRing.load(path).check_value == keys.check_value
    refused("key_exists", lambda: KeyRing.create(path))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610])
def test_a_key_file_that_others_can_read_is_not_used_and_the_cure_is_named(
    tmp_path: Path, keys: KeyRing, mode: int
) -> None:
    path = tmp_path / "keys" / "master.key"
    path.chmod(mode)
    error = refused("key_open", lambda: KeyRing.load(path))
    assert error.do_ja == error.do_en == f"chmod 600 {path}"


@pytest.mark.parametrize(
    "content", ["", "bansou-key-1 ", "bansou-key-1 AAAA", "bansou-key-1 ###", "鍵", "x" * 44]
)
def test_a_file_that_holds_no_key_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.key"
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
    refused("key_malformed", lambda: KeyRing.load(path))


def test_a_key_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    refused("key_absent", lambda: KeyRing.load(tmp_path / "nowhere" / "master.key"))


def test_what_is_sealed_opens_in_its_place(keys: KeyRing) -> None:
    key = keys.new_key("R8-1")
    again = keys.key_of("R8-1", key.wrapped)
    assert again.open_entry(3, key.seal_entry(3, "秘密".encode())) == "秘密".encode()
    assert again.open_content(key.seal_content(b"")) == b""


def test_the_same_words_never_look_the_same(keys: KeyRing) -> None:
    key = keys.new_key("R8-1")
    assert key.seal_content(b"same") != key.seal_content(b"same")
    assert b"same" not in key.seal_content(b"same")


def test_what_is_sealed_does_not_open_in_another_place(keys: KeyRing) -> None:
    key, other = keys.new_key("R8-1"), keys.new_key("R8-2")
    sealed = key.seal_entry(3, b"secret")
    refused("seal_broken", lambda: key.open_entry(4, sealed))
    refused("seal_broken", lambda: key.open_content(sealed))
    refused("seal_broken", lambda: other.open_entry(3, sealed))
    refused("seal_broken", lambda: keys.key_of("R8-2", key.wrapped))


def test_a_single_changed_bit_is_seen(keys: KeyRing) -> None:
    key = keys.new_key("R8-1")
    sealed = key.seal_entry(1, b"secret")
    for place in range(len(sealed)):
        broken = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        refused("seal_broken", lambda broken=broken: key.open_entry(1, broken))  # type: ignore[misc]
    for cut in (b"", sealed[:5], sealed[:-1]):
        refused("seal_broken", lambda cut=cut: key.open_entry(1, cut))  # type: ignore[misc]


def test_another_master_key_opens_nothing(keys: KeyRing, tmp_path: Path) -> None:
    other = KeyRing.create(tmp_path / "other.key")
    assert other.check_value != keys.check_value
    refused("seal_broken", lambda: other.key_of("R8-1", keys.new_key("R8-1").wrapped))


def test_the_keys_in_memory_are_bounded_and_the_oldest_goes_first(
    keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "OPEN_KEYS_MAX", 3)
    made = [keys.new_key(f"R8-{n}") for n in range(5)]
    assert len(keys._open) == 3
    assert keys.key_of("R8-4", made[4].wrapped) is made[4]
    again = keys.key_of("R8-0", made[0].wrapped)
    assert again is not made[0]
    assert again.open_content(made[0].seal_content(b"x")) == b"x"


def test_a_forgotten_key_is_gone_from_memory(keys: KeyRing) -> None:
    key = keys.new_key("R8-1")
    keys.forget(key.wrapped)
    keys.forget(key.wrapped)
    assert keys._open == {}
