"""Retries of outgoing HTTP calls."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from app.core.outgoing import retries as http_retries
from app.core.outgoing.retries import ATTEMPTS, RetryTransport

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Outcome = httpx.Response | Exception


class Upstream:
    """A server that returns the given outcomes in order, and records the waits between calls."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = [*outcomes]
        self.waits: list[float] = []
        self.calls = 0

    async def answer(self, _: httpx.Request) -> httpx.Response:
        self.calls += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def client(self) -> httpx.AsyncClient:
        transport = RetryTransport(httpx.MockTransport(self.answer), self.sleep)
        return httpx.AsyncClient(transport=transport, base_url="http://a")


def away(**headers: str) -> httpx.Response:
    return httpx.Response(503, headers=headers, text="away")


@pytest.mark.parametrize(
    ("method", "failure"),
    [
        *((method, httpx.ConnectError("")) for method in ("HEAD", "PUT", "DELETE", "OPTIONS")),
        *(("GET", httpx.Response(status)) for status in (502, 503, 504)),
        *(("GET", error("")) for error in (httpx.ConnectTimeout, httpx.RemoteProtocolError)),
    ],
    ids=repr,
)
async def test_idempotent_requests_are_retried(method: str, failure: Outcome) -> None:
    upstream = Upstream(failure, httpx.Response(200))

    assert (await upstream.client().request(method, "/")).status_code == 200
    assert 0 <= upstream.waits[0] <= 1


@pytest.mark.parametrize(
    ("method", "failure"),
    [
        ("POST", away()),
        ("PATCH", away()),
        ("POST", httpx.ConnectError("")),
        ("GET", httpx.ReadTimeout("")),
    ]
    + [("GET", httpx.Response(status)) for status in (404, 429, 500)],
    ids=repr,
)
async def test_neither_read_timeouts_nor_other_statuses_nor_non_idempotent_requests_are_retried(
    method: str, failure: Outcome
) -> None:
    upstream = Upstream(failure)
    try:
        outcome: Outcome = await upstream.client().request(method, "/")
    except httpx.TransportError as error:
        outcome = error

    assert outcome is failure
    assert upstream.calls == 1


async def test_the_response_of_a_failed_attempt_is_closed() -> None:
    class Body(httpx.AsyncByteStream):
        is_closed = False

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"away"

        async def aclose(self) -> None:
            self.is_closed = True

    body = Body()
    upstream = Upstream(httpx.Response(503, stream=body), httpx.Response(200))

    assert (await upstream.client().get("/")).status_code == 200
    assert body.is_closed


async def test_a_request_with_a_streamed_body_is_not_retried() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    upstream = Upstream(away())

    assert (await upstream.client().put("/", content=body())).status_code == 503


async def test_the_response_or_error_of_the_last_attempt_is_returned_unchanged() -> None:
    upstream = Upstream(*[away() for _ in range(ATTEMPTS)])
    async with upstream.client().stream("GET", "/") as response:
        assert await response.aread() == b"away"
    failing = Upstream(*[httpx.ConnectError("no") for _ in range(ATTEMPTS)])
    with pytest.raises(httpx.ConnectError, match="no"):
        await failing.client().get("/")

    assert upstream.calls == failing.calls == ATTEMPTS
    assert len(upstream.waits) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("retry_after", "least"),
    [
        ("2", 2),
        (format_datetime(NOW + timedelta(seconds=3)), 3),
        ("0", 0),
        ("soon", 0),
        ("-1", 0),
    ],
)
async def test_a_retry_waits_at_least_as_long_as_retry_after(
    monkeypatch: pytest.MonkeyPatch, retry_after: str, least: float
) -> None:
    monkeypatch.setattr(http_retries, "utc_now", lambda: NOW)
    upstream = Upstream(away(**{"Retry-After": retry_after}), httpx.Response(200))

    assert (await upstream.client().get("/")).status_code == 200
    assert least <= upstream.waits[0] <= least + 1


async def test_a_response_with_a_long_retry_after_is_not_retried() -> None:
    upstream = Upstream(away(**{"Retry-After": "60"}))

    assert (await upstream.client().get("/")).text == "away"
    assert upstream.waits == []
