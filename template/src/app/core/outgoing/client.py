"""The client for outgoing HTTP calls: one for the whole process, whose connections are reused."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from structlog.contextvars import get_contextvars

from app.core.observability.telemetry import trace_headers
from app.core.outgoing.retries import RetryTransport

# Seconds without any progress. An answer that trickles has no limit but `asyncio.timeout`.
TIMEOUT = httpx.Timeout(connect=2, read=5, write=5, pool=2)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30)
# What a call ends with where the other side is away or broken, and not the call itself wrong.
UPSTREAM_ERRORS = (
    httpx.NetworkError,
    httpx.ProxyError,
    httpx.RemoteProtocolError,
    httpx.TimeoutException,
)


def create_http_client(
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> httpx.AsyncClient:
    """Make the client, for `async with`; its calls raise `httpx.TransportError`.

    It repeats what may be repeated, and sends on which request and trace a call belongs to. It
    sends no credentials but those that the call names.
    """
    # A stray HTTP_PROXY would see every call. A proxy that is wanted is named here: `proxy=`.
    transport = httpx.AsyncHTTPTransport(verify=_tls(), limits=LIMITS, trust_env=False)
    return httpx.AsyncClient(
        transport=RetryTransport(transport, sleep),
        timeout=TIMEOUT,
        # Where a call goes is for the caller to decide, not for who answers (OWASP API7).
        follow_redirects=False,
        trust_env=False,
        # It calls for all users: what one was given must not be sent for another.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        event_hooks={"request": [_name_the_request]},
    )


async def _name_the_request(request: httpx.Request) -> None:
    """Say to which request and trace a call belongs, unless it says so itself."""
    names = trace_headers()
    if request_id := get_contextvars().get("request_id"):
        names["X-Request-ID"] = request_id
    for header, value in names.items():
        request.headers.setdefault(header, value)


@lru_cache
def _tls() -> ssl.SSLContext:
    """Read the certificates once: it takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
