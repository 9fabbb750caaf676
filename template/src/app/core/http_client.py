"""The client for outgoing HTTP calls: one for the whole process, whose connections are reused."""

import ssl
from functools import lru_cache

import httpx

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


def create_http_client() -> httpx.AsyncClient:
    """Make the client, for `async with`; its calls raise `httpx.TransportError`."""
    return httpx.AsyncClient(
        verify=_tls(),
        timeout=TIMEOUT,
        limits=LIMITS,
        # Where a call goes is for the caller to decide, not for who answers (OWASP API7).
        follow_redirects=False,
        # A stray HTTP_PROXY would see every call. A proxy that is wanted is named here: `proxy=`.
        trust_env=False,
    )


@lru_cache
def _tls() -> ssl.SSLContext:
    """Read the certificates once: it takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
