"""Passwords that others have lost, where a service is named that knows them (ASVS 6.2.12).

It is asked for all hashes that begin as the password's does, a thousand or two of them; which of
them is meant it does not learn.
"""

import asyncio
import re
from collections.abc import Callable
from hashlib import sha1

import httpx
import structlog
from structlog.contextvars import bound_contextvars

from app.core.observability.telemetry import untraced

# Somebody who registers waits for it.
SECONDS = 2
ATTEMPTS = 2
PREFIX_LENGTH = 5
# Ten times what Have I Been Pwned answers.
MAX_BYTES = 1_000_000
# The rest of a hash, and how often it was seen; never is padding, which hides how many there are.
ENTRY = re.compile(r"(?P<rest>[0-9A-Fa-f]{35}):(?P<times>[0-9]{1,12})")

logger = structlog.get_logger(__name__)


class BreachedPasswords:
    """Asks a service like Have I Been Pwned; while that is away, it knows none."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._client = client
        self._url = url
        self._on_failure = on_failure

    async def has(self, password: str) -> bool:
        """Say whether `password` is known to others; no, where that cannot be found out in time."""
        # It protects nothing here: it is how the others have hashed what they know.
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(SECONDS):
                rests = await self._ask(f"{self._url}{digest[:PREFIX_LENGTH]}")
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            self._on_failure()
            # Not what it says, which may hold the address and so the beginning of the hash.
            logger.warning("breached_passwords_away", error=type(error).__name__)
            return False
        return digest[PREFIX_LENGTH:] in rests

    async def _ask(self, url: str) -> set[str]:
        headers = {"Accept-Encoding": "identity", "Add-Padding": "true"}
        body = b""
        # Neither a trace nor the other side is told whose request it is.
        with untraced(), bound_contextvars(request_id=None):
            async with self._client.stream(
                "GET", url, headers=headers, extensions={"attempts": ATTEMPTS}
            ) as response:
                response.raise_for_status()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise ValueError("The answer is too long.")
        return _read(body)


def _read(body: bytes) -> set[str]:
    """Return the rests of all hashes in an answer; raise `ValueError` if it is none."""
    rests = set()
    for line in body.decode("ascii").split():
        entry = ENTRY.fullmatch(line)
        if entry is None:
            raise ValueError("The answer holds something else than hashes.")
        if int(entry["times"]) > 0:
            rests.add(entry["rest"].upper())
    return rests
