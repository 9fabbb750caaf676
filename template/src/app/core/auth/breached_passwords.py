"""Checks new passwords with a service for breached passwords, if configured (ASVS 6.2.12).

The request contains the first five digits of the password's SHA-1 hash. The service returns all
hashes with this prefix, one or two thousand, and does not learn which of them the password has.
"""

import asyncio
import re
from collections.abc import Callable
from hashlib import sha1

import httpx
import structlog
from structlog.contextvars import bound_contextvars

from app.core.observability.telemetry import untraced

# This is short, because users wait for the check when they register or change a password.
SECONDS = 2
ATTEMPTS = 2
PREFIX_LENGTH = 5
# Ten times the size of a response of Have I Been Pwned.
MAX_BYTES = 1_000_000
# The remaining digits of a hash, and how often the password was seen. Entries with 0 are padding,
# which hides the number of real entries from observers of the connection.
ENTRY = re.compile(r"(?P<rest>[0-9A-Fa-f]{35}):(?P<times>[0-9]{1,12})")

logger = structlog.get_logger(__name__)


class BreachedPasswords:
    """Asks a service like Have I Been Pwned; accepts all passwords while it is unavailable."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._client = client
        self._url = url
        self._on_failure = on_failure

    async def has(self, password: str) -> bool:
        """Return whether `password` is in a known breach; `False` if the check fails."""
        # SHA-1 is not a protection here: it is the key by which the service finds passwords.
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(SECONDS):
                rests = await self._ask(f"{self._url}{digest[:PREFIX_LENGTH]}")
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            self._on_failure()
            # Do not log the message, which may contain the URL and thus the beginning of the hash.
            logger.warning("breached_passwords_away", error=type(error).__name__)
            return False
        return digest[PREFIX_LENGTH:] in rests

    async def _ask(self, url: str) -> set[str]:
        headers = {"Accept-Encoding": "identity", "Add-Padding": "true"}
        body = b""
        # The call has no trace and no request id, so that it cannot be linked to its request.
        with untraced(), bound_contextvars(request_id=None):
            async with self._client.stream(
                "GET", url, headers=headers, extensions={"attempts": ATTEMPTS}
            ) as response:
                response.raise_for_status()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise ValueError("The response is too long.")
        return _read(body)


def _read(body: bytes) -> set[str]:
    """Return the remaining digits of each hash; raise `ValueError` for a malformed response."""
    rests = set()
    for line in body.decode("ascii").split():
        entry = ENTRY.fullmatch(line)
        if entry is None:
            raise ValueError("The response contains something other than hashes.")
        if int(entry["times"]) > 0:
            rests.add(entry["rest"].upper())
    return rests
