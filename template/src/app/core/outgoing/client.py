"""The client for outgoing HTTP calls: one per process, which reuses its connections."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from structlog.contextvars import get_contextvars

from app.core.observability.telemetry import trace_headers
from app.core.outgoing.retries import RetryTransport

# Seconds without progress. To limit the total time of a call, use `asyncio.timeout`.
TIMEOUT = httpx.Timeout(connect=2, read=5, write=5, pool=2)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30)
# Errors that mean that the other service is unavailable or broken, not that the call is wrong.
UPSTREAM_ERRORS = (
    httpx.NetworkError,
    httpx.ProxyError,
    httpx.RemoteProtocolError,
    httpx.TimeoutException,
)


def create_http_client(
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> httpx.AsyncClient:
    """Create the client, for use with `async with`. Failed calls raise `httpx.TransportError`.

    The client retries idempotent requests, and adds the ids of the current request and trace to
    each call. It sends no credentials except those that the caller passes.
    """
    # Ignore HTTP_PROXY, because the proxy would see every call. To use a proxy, set `proxy=` here.
    transport = httpx.AsyncHTTPTransport(verify=_tls(), limits=LIMITS, trust_env=False)
    return httpx.AsyncClient(
        transport=RetryTransport(transport, sleep),
        timeout=TIMEOUT,
        # Only the caller may choose a call's target, so no redirect is followed (OWASP API7).
        follow_redirects=False,
        trust_env=False,
        # All users share the client: a cookie of one user must not be sent for another user.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        event_hooks={"request": [_add_ids]},
    )


async def _add_ids(request: httpx.Request) -> None:
    """Add the ids of the current request and trace, unless the call sets these headers."""
    ids = trace_headers()
    if request_id := get_contextvars().get("request_id"):
        ids["X-Request-ID"] = request_id
    for header, value in ids.items():
        request.headers.setdefault(header, value)


@lru_cache
def _tls() -> ssl.SSLContext:
    """Load the certificates once, because loading takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
