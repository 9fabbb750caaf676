"""Hashing passwords in a small thread pool."""

import asyncio
import os
import sys
import threading

import pytest

from app.core.auth import passwords
from app.core.auth.password_hash import needs_rehash, verify_password
from app.core.auth.passwords import CONCURRENT_HASHES, NICENESS, Passwords
from app.core.exceptions import ValidationError
from tests.clients import BCRYPT_HASH, HASHED_PASSWORD, PASSWORD

# A hash with the minimum of memory and time.
WEAK_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$8yZWYnRTPi08ZdSACeX9nQPC2IqABgR0oB79ukKzuaE"
)


@pytest.fixture(scope="module")
async def hasher() -> Passwords:
    return await Passwords.create(min_length=15)


async def test_only_the_correct_password_matches_a_hash(hasher: Passwords) -> None:
    hashed = await hasher.hash_new(PASSWORD)

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashed != HASHED_PASSWORD
    assert await hasher.verify(PASSWORD, hashed)
    assert not await hasher.verify(PASSWORD.upper(), hashed)
    assert not await hasher.verify(PASSWORD.replace("1", "\uff11"), hashed)
    assert not await hasher.verify(PASSWORD, None)


async def test_a_short_password_is_rejected_with_the_name_of_its_field(hasher: Passwords) -> None:
    """PWD-01"""
    with pytest.raises(ValidationError) as caught:
        await hasher.hash_new("e\u0301" * 14, "new_password")

    assert caught.value.extensions["errors"] == [
        {
            "loc": ["body", "new_password"],
            "message": "A password must have at least 15 characters.",
            "type": "value_error",
        }
    ]


async def test_only_outdated_hashes_are_replaced(hasher: Passwords) -> None:
    """PWD-08"""
    assert await hasher.rehash(PASSWORD, HASHED_PASSWORD) is None
    for weak in (BCRYPT_HASH, WEAK_HASH):
        assert await hasher.verify(PASSWORD, weak)
        stronger = await hasher.rehash(PASSWORD, weak)
        assert stronger
        assert not needs_rehash(stronger)


async def test_a_new_password_is_hashed_in_another_thread(
    hasher: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PWD-08"""
    monkeypatch.setattr(passwords, "get_password_hash", lambda _: str(threading.get_ident()))

    assert await hasher.hash_new(PASSWORD) != str(threading.get_ident())


async def test_hashing_threads_have_a_lower_priority(
    hasher: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PWD-08. Cheap requests must not wait for hashing, which occupies a core for a long time."""
    own = os.getpriority(os.PRIO_PROCESS, 0)

    def niceness(_password: str | bytes) -> str:
        return str(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    monkeypatch.setattr(passwords, "get_password_hash", niceness)
    expected = max(own, NICENESS) if sys.platform == "linux" else own
    assert int(await hasher.hash_new(PASSWORD)) == expected


@pytest.mark.parametrize("hashed", ["", "plain", "$md5$abc", "!", "$argon2id$", "$2b$"])
async def test_an_invalid_hash_matches_no_password(hashed: str) -> None:
    assert not verify_password(PASSWORD, hashed)


async def test_concurrent_hashes_are_limited_and_do_not_block_the_event_loop(
    hasher: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PWD-08"""
    hashing = threading.Semaphore(0)
    go_on = threading.Event()
    threads: set[int] = set()

    def verify(_password: str | bytes, _hashed_password: str) -> bool:
        threads.add(threading.get_ident())
        hashing.release()
        return go_on.wait(30)

    monkeypatch.setattr(passwords, "verify_password", verify)
    tasks = [asyncio.create_task(hasher.verify(PASSWORD, HASHED_PASSWORD)) for _ in range(6)]
    for _ in range(CONCURRENT_HASHES):
        assert await asyncio.to_thread(hashing.acquire, timeout=30)
    others_wait = not hashing.acquire(blocking=False)
    go_on.set()

    assert await asyncio.gather(*tasks) == [True] * 6
    assert others_wait
    assert threading.get_ident() not in threads
