"""Hashes and verifies passwords in a small thread pool."""

import asyncio
import os
import sys
import threading
import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self

from anyio import to_thread

from app.core.auth.blocklist import Blocklist
from app.core.auth.password_hash import get_password_hash, needs_rehash, verify_password
from app.core.exceptions import ValidationError

# Each hash needs 19 MiB and one core; more threads would only compete for the CPU.
CONCURRENT_HASHES = 2
# On a busy CPU, other threads get nine times as much time as these threads (see nice(1)).
NICENESS = 10
BCRYPT_BYTES = 72
EASY_TO_GUESS = (
    "This password is easy to guess. Choose several unrelated words,"
    " or let a password manager generate one."
)
BREACHED = (
    "This password appears in a known data breach. Choose one that you use nowhere else,"
    " or let a password manager generate one."
)


def _lower_priority() -> None:
    """Lower the priority of this thread; only Linux has a priority per thread."""
    if sys.platform == "linux":
        # Only root can raise a priority, and must not raise a lower one here.
        niceness = max(os.getpriority(os.PRIO_PROCESS, 0), NICENESS)
        with suppress(OSError):  # a sandbox may forbid it; hashing works without it
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


# One pool for the whole process; the threads start on first use.
THREADS = ThreadPoolExecutor(CONCURRENT_HASHES, "hash", _lower_priority)


class Passwords:
    """Hashes and verifies passwords, never on the event loop (ASVS 11.4.2)."""

    def __init__(
        self,
        dummy_hash: str,
        min_length: int,
        blocklist: Blocklist,
        is_breached: Callable[[str], Awaitable[bool]] | None,
    ) -> None:
        self._dummy_hash = dummy_hash
        self._min_length = min_length
        self._blocklist = blocklist
        self._is_breached = is_breached

    @classmethod
    async def create(
        cls,
        min_length: int,
        *names: str,
        is_breached: Callable[[str], Awaitable[bool]] | None = None,
    ) -> Self:
        """Compute the dummy hash that is verified for unknown accounts.

        `names` are names of the service: a new password that is one of them, apart from padding
        such as digits, is rejected. `is_breached` is called with new passwords that pass the other
        checks.
        """
        # The password of the dummy hash does not matter: `verify` never accepts it.
        dummy_hash = await to_thread.run_sync(get_password_hash, "")
        return cls(dummy_hash, min_length, Blocklist.read(*names), is_breached)

    async def hash_new(
        self, password: str, field: str = "password", *, about: Iterable[str] = ()
    ) -> str:
        """Check a new password against the policy and hash it.

        Raise `ValidationError` if the password is too short, easy to guess or breached. `about`
        holds texts about the user, such as the e-mail address, which are rejected like names of the
        service. The check may call an external service, so the caller must not hold a database
        connection.
        """
        if len(canonical(password)) < self._min_length:
            detail = f"A password must have at least {self._min_length} characters."
            raise ValidationError(detail, "body", field)
        if self._blocklist.refuses(password, about):
            raise ValidationError(EASY_TO_GUESS, "body", field)
        if self._is_breached is not None and await self._is_breached(canonical(password)):
            raise ValidationError(BREACHED, "body", field)
        return await self._hash(password)

    async def verify(self, password: str, hashed_password: str | None) -> bool:
        """Return whether a password matches a hash; check a dummy if it is `None` (ASVS 6.3.8)."""
        stored = hashed_password or self._dummy_hash
        matches = await asyncio.get_running_loop().run_in_executor(
            THREADS, verify_password, _hashed_part(password, stored), stored
        )
        return matches and hashed_password is not None

    async def rehash(self, password: str, hashed_password: str) -> str | None:
        """Return a new hash to store if the current one is outdated, else `None`."""
        return await self._hash(password) if needs_rehash(hashed_password) else None

    async def _hash(self, password: str) -> str:
        whole = canonical(password)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(THREADS, get_password_hash, whole)


def canonical(password: str) -> str:
    """Return the normalized form of a password (NIST SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


def _hashed_part(password: str, hashed_password: str) -> str | bytes:
    """Return the password, cut to 72 bytes for an old bcrypt hash: bcrypt rejects more."""
    whole = canonical(password)
    is_bcrypt = hashed_password.startswith("$2")
    return whole.encode()[:BCRYPT_BYTES] if is_bcrypt else whole
