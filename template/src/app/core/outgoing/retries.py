"""Repeating outgoing calls where another try may help, and can do no harm."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    retry_if_result,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from app.core.clock import utc_now

# Twice is as good as once (RFC 9110 9.2.2).
IDEMPOTENT = {"DELETE", "GET", "HEAD", "OPTIONS", "PUT"}
# The other side was not reached, or hung up. One that is slow is not helped by more calls.
UNREACHED = (httpx.ConnectTimeout, httpx.NetworkError, httpx.RemoteProtocolError)
AWAY = {502, 503, 504}
ATTEMPTS = 3
# After which no further attempt begins.
TOTAL_SECONDS = 5
# At random, so that those who failed together do not come back together.
BACKOFF = wait_random_exponential(multiplier=0.1, max=1)


class RetryTransport(httpx.AsyncBaseTransport):
    """Sends idempotent requests again, a few times, later each time, and not for long.

    A call with less patience names its `attempts` among the request's extensions.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._transport = transport
        self._retrying = AsyncRetrying(
            retry=retry_if_exception_type(UNREACHED) | retry_if_result(_is_away),
            wait=_wait,
            sleep=sleep,
            before_sleep=_discard,
            retry_error_callback=_last,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return or raise what the last attempt gave."""
        send = self._transport.handle_async_request
        # A body that is a stream is gone after the first attempt.
        if request.method not in IDEMPOTENT or not isinstance(request.stream, httpx.ByteStream):
            return await send(request)
        attempts: int = request.extensions.get("attempts", ATTEMPTS)
        stop = stop_after_attempt(attempts) | stop_before_delay(TOTAL_SECONDS)
        response: httpx.Response = await self._retrying.copy(stop=stop)(send, request)
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


def _is_away(response: httpx.Response) -> bool:
    return response.status_code in AWAY


def _wait(state: RetryCallState) -> float:
    """Wait as long as the other side asks for, and a little more each time."""
    backoff = BACKOFF(state)
    if state.outcome is None or state.outcome.failed:
        return backoff
    response: httpx.Response = state.outcome.result()
    return backoff + _retry_after(response.headers.get("Retry-After", ""))


def _retry_after(header: str) -> float:
    """Read seconds or a date (RFC 9110 10.2.3); what is neither asks for nothing."""
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - utc_now()).total_seconds())


async def _discard(state: RetryCallState) -> None:
    """Give the connection back before the next attempt."""
    if state.outcome is not None and not state.outcome.failed:
        await state.outcome.result().aclose()


def _last(state: RetryCallState) -> httpx.Response | None:
    return state.outcome.result() if state.outcome else None
