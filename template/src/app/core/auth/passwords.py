"""Passwords are hashed beside the event loop, a few at a time."""

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

# Each hash holds 19 MiB and a core: more at once would only wait for the CPU.
CONCURRENT_HASHES = 2
# Where cores are short, what answers other requests gets nine times as much of them: nice(1).
NICENESS = 10
BCRYPT_BYTES = 72
EASY_TO_GUESS = (
    "This password is easy to guess: choose some words that do not belong together,"
    " or let a password manager make one."
)
BREACHED = (
    "This password is known from a breach elsewhere: choose one that you have used nowhere,"
    " or let a password manager make one."
)


def _let_others_go_first() -> None:
    """Make this thread nicer; only on Linux has a thread a niceness of its own."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it: it hashes all the same
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


# The process's own, for all that hash in it: they start when they are first needed.
THREADS = ThreadPoolExecutor(CONCURRENT_HASHES, "hash", _let_others_go_first)


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
        """Prepare the hash that passwords of unknown accounts are verified against.

        `names` are the service's own, which nobody's password should be; `is_breached` is asked
        about what is neither short nor easy to guess.
        """
        # Of any password: that one matches its hash is not enough to `verify`.
        dummy_hash = await to_thread.run_sync(get_password_hash, "")
        blocklist = await to_thread.run_sync(Blocklist.read, *names)
        return cls(dummy_hash, min_length, blocklist, is_breached)

    async def hash_new(
        self, password: str, field: str = "password", *, about: Iterable[str] = ()
    ) -> str:
        """Hash a password that was just chosen; raise `ValidationError` if it is easy to guess.

        It is too where it is made of what is known `about` its owner, such as the address. Somebody
        else may be asked, so no connection of the database should be held meanwhile.
        """
        if len(canonical(password)) < self._min_length:
            detail = f"A password must have {self._min_length} characters or more."
            raise ValidationError(detail, "body", field)
        if self._blocklist.refuses(password, about):
            raise ValidationError(EASY_TO_GUESS, "body", field)
        if self._is_breached is not None and await self._is_breached(canonical(password)):
            raise ValidationError(BREACHED, "body", field)
        return await self._hash(password)

    async def verify(self, password: str, hashed_password: str | None) -> bool:
        """Say whether they match; without a hash, work as for one all the same (ASVS 6.3.8)."""
        stored = hashed_password or self._dummy_hash
        matches = await asyncio.get_running_loop().run_in_executor(
            THREADS, verify_password, _hashed_part(password, stored), stored
        )
        return matches and hashed_password is not None

    async def rehash(self, password: str, hashed_password: str) -> str | None:
        """Return a hash to store instead, if a new one would be stronger."""
        return await self._hash(password) if needs_rehash(hashed_password) else None

    async def _hash(self, password: str) -> str:
        whole = canonical(password)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(THREADS, get_password_hash, whole)


def canonical(password: str) -> str:
    """Make one of the spellings that keyboards give the same text (NIST SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


def _hashed_part(password: str, hashed_password: str) -> str | bytes:
    """Cut what an old bcrypt hash never saw; bcrypt itself refuses to."""
    whole = canonical(password)
    is_bcrypt = hashed_password.startswith("$2")
    return whole.encode()[:BCRYPT_BYTES] if is_bcrypt else whole
