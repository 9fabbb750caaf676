"""Retries outgoing calls if another attempt may help and is safe."""

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

# Methods that are safe to repeat (RFC 9110 9.2.2).
IDEMPOTENT = {"DELETE", "GET", "HEAD", "OPTIONS", "PUT"}
# The connection failed or was closed. Timeouts of slow servers are not in this list, because
# retries would add load.
CONNECTION_ERRORS = (httpx.ConnectTimeout, httpx.NetworkError, httpx.RemoteProtocolError)
UNAVAILABLE = {502, 503, 504}
ATTEMPTS = 3
# No further attempt begins after this time.
TOTAL_SECONDS = 5
# The delay is random, so that clients that fail at the same time retry at different times.
BACKOFF = wait_random_exponential(multiplier=0.1, max=1)


class RetryTransport(httpx.AsyncBaseTransport):
    """Retries idempotent requests a few times, with increasing delays and a total time limit.

    To change the number of attempts of a call, set `attempts` in the request's extensions.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._transport = transport
        self._retrying = AsyncRetrying(
            retry=retry_if_exception_type(CONNECTION_ERRORS) | retry_if_result(_is_unavailable),
            wait=_wait,
            sleep=sleep,
            before_sleep=_discard,
            retry_error_callback=_last_response,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; return the response or raise the error of the last attempt."""
        send = self._transport.handle_async_request
        # The first attempt consumes a streamed body.
        if request.method not in IDEMPOTENT or not isinstance(request.stream, httpx.ByteStream):
            return await send(request)
        attempts: int = request.extensions.get("attempts", ATTEMPTS)
        stop = stop_after_attempt(attempts) | stop_before_delay(TOTAL_SECONDS)
        response: httpx.Response = await self._retrying.copy(stop=stop)(send, request)
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


def _is_unavailable(response: httpx.Response) -> bool:
    return response.status_code in UNAVAILABLE


def _wait(state: RetryCallState) -> float:
    """Return the delay: the server's `Retry-After`, if any, plus an increasing random time."""
    backoff = BACKOFF(state)
    if state.outcome is None or state.outcome.failed:
        return backoff
    response: httpx.Response = state.outcome.result()
    return backoff + _retry_after(response.headers.get("Retry-After", ""))


def _retry_after(header: str) -> float:
    """Return the delay in a `Retry-After` header in seconds, or 0 if the header is invalid.

    The header contains a number of seconds or a date (RFC 9110 10.2.3).
    """
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - utc_now()).total_seconds())


async def _discard(state: RetryCallState) -> None:
    """Return the connection to the pool before the next attempt."""
    if state.outcome is not None and not state.outcome.failed:
        await state.outcome.result().aclose()


def _last_response(state: RetryCallState) -> httpx.Response | None:
    return state.outcome.result() if state.outcome else None
