"""Checks for breached passwords, which do not reveal the password."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from hashlib import sha1

import httpx
import pytest

from app.core.auth import breached_passwords
from app.core.auth.breached_passwords import ATTEMPTS, MAX_BYTES, BreachedPasswords
from app.core.outgoing.retries import RetryTransport
from tests.clients import PASSWORD
from tests.logs import LogLines

DIGEST = sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()
PREFIX, REST = DIGEST[:5], DIGEST[5:]
OTHER = "0" * 35


class Breaches:
    """A breach service that sends one response in pieces, and records requests and sent bytes."""

    def __init__(self, answer: str | bytes | Exception, status: int = 200) -> None:
        self.answer = answer
        self.status = status
        self.requests: list[httpx.Request] = []
        self.sent = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return httpx.Response(self.status, content=self._pieces(self.answer))

    async def _pieces(self, answer: str | bytes) -> AsyncIterator[bytes]:
        whole = answer.encode() if isinstance(answer, str) else answer
        for start in range(0, len(whole), 10_000):
            self.sent += len(whole[start : start + 10_000])
            yield whole[start : start + 10_000]


class Asking:
    """The breach check with the retries of outgoing calls, and with a count of failures."""

    def __init__(
        self, breaches: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
    ) -> None:
        self.failures = 0
        transport = RetryTransport(httpx.MockTransport(breaches), self._at_once)
        client = httpx.AsyncClient(transport=transport)
        self.passwords = BreachedPasswords(client, "https://b.example.com/range/", self._count)

    async def _at_once(self, seconds: float) -> None:
        """Do not wait."""

    def _count(self) -> None:
        self.failures += 1


@pytest.mark.parametrize(
    ("answer", "is_known"),
    [
        (f"{REST}:1", True),
        (f"{OTHER}:7\r\n{REST}:42\r\n{OTHER[:-1]}1:3\r\n", True),
        (f"{REST.lower()}:10", True),
        (f"{REST}:0", False),
        (f"{OTHER}:7\r\n{REST}:0\r\n", False),
        (f"{OTHER}:7", False),
        ("", False),
    ],
    ids=["alone", "among others", "lower case", "padding", "padded", "others", "none"],
)
async def test_a_password_is_breached_if_its_hash_suffix_has_a_positive_count(
    answer: str, is_known: bool
) -> None:
    """PWD-05"""
    asking = Asking(Breaches(answer))

    assert await asking.passwords.has(PASSWORD) is is_known
    assert asking.failures == 0


async def test_only_five_digits_of_the_hash_are_sent() -> None:
    """PWD-05"""
    breaches = Breaches("")

    await Asking(breaches).passwords.has(PASSWORD)

    [request] = breaches.requests
    assert (request.method, str(request.url)) == ("GET", f"https://b.example.com/range/{PREFIX}")
    assert request.content == b""
    assert request.headers["add-padding"] == "true"
    # A compressed response could expand to a thousand times the bytes that are counted.
    assert request.headers["accept-encoding"] == "identity"
    assert REST[:5] not in str(request.headers.raw).upper()


@pytest.mark.parametrize(
    "breaches",
    [
        Breaches("<html>"),
        Breaches(f"{REST}:1\nand more"),
        Breaches(f"{REST}:"),
        Breaches(f"{REST}:-1"),
        Breaches(f"{DIGEST}:1"),
        Breaches(f"{REST}:1\n\u00e9"),
        Breaches(b"\x1f\x8b\x08\x00"),
        *(Breaches(f"{REST}:1", status) for status in (301, 404, 429, 500)),
        Breaches(httpx.ReadTimeout(PREFIX)),
        Breaches(TimeoutError(PREFIX)),
    ],
    ids=lambda breaches: f"{breaches.answer!r:.20} {breaches.status}",
)
async def test_a_failed_breach_check_accepts_the_password_and_is_logged(
    breaches: Breaches, log_lines: LogLines
) -> None:
    """PWD-05, PWD-14"""
    asking = Asking(breaches)

    assert not await asking.passwords.has(PASSWORD)
    assert asking.failures == len(breaches.requests) == 1
    [line] = log_lines()
    assert (line["level"], line["event"]) == ("warning", "breached_passwords_away")
    assert [secret for secret in (PASSWORD, PREFIX, REST) if secret in str(line).upper()] == []


@pytest.mark.parametrize("answer", [httpx.ConnectError(""), Breaches("", 503)], ids=["no", "503"])
async def test_an_unavailable_breach_service_is_retried_once(
    answer: httpx.ConnectError | Breaches,
) -> None:
    """PWD-05"""
    breaches = answer if isinstance(answer, Breaches) else Breaches(answer)
    asking = Asking(breaches)

    assert not await asking.passwords.has(PASSWORD)
    assert len(breaches.requests) == ATTEMPTS == 2
    assert asking.failures == 1


async def test_an_oversized_response_is_not_read_completely() -> None:
    """PWD-05"""
    breaches = Breaches(f"{REST}:1\r\n" * 100_000)
    asking = Asking(breaches)

    assert not await asking.passwords.has(PASSWORD)
    assert asking.failures == 1
    assert MAX_BYTES < breaches.sent <= MAX_BYTES + 10_000


async def test_a_response_that_stalls_times_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PWD-05"""

    async def begin() -> AsyncIterator[bytes]:
        yield b"0"
        await asyncio.Event().wait()

    async def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=begin())

    monkeypatch.setattr(breached_passwords, "SECONDS", 0.01)
    asking = Asking(handle)

    assert not await asking.passwords.has(PASSWORD)
    assert asking.failures == 1
