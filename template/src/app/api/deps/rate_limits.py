"""Rate limits for clients, users and logins."""

from collections.abc import Callable
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Annotated

from fastapi import Depends, Request
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address
from slowapi.wrappers import Limit

from app.api.deps.authentication import get_claims
from app.api.deps.resources import resources_of
from app.config import Settings
from app.core.limits.rate_limiter import Hit, parse_limit

IPV6_PREFIX = 64


class RateLimit:
    """Limits the requests of a client; all routes with the same scope share one limit.

    Requests are counted per user if they have a valid token, else per client address. With
    `by_address`, they are always counted per address, so that a client cannot evade the limit with
    several accounts. This is a dependency, because slowapi's middleware skips routes of included
    routers, and its decorator blocks the event loop.
    """

    def __init__(
        self, scope: str, limit: Callable[[Settings], str], *, by_address: bool = False
    ) -> None:
        self._scope = scope
        self._limit = limit
        self._by_address = by_address

    async def __call__(self, request: Request) -> None:
        """Count the request once; raise `RateLimitExceeded` if it exceeds the limit."""
        counted: set[RateLimit] = request.scope.setdefault("state", {}).setdefault("counted", set())
        if self not in counted:
            counted.add(self)
            limit = self._limit(resources_of(request).settings)
            await _count(request, limit, self._scope, await self._key(request))

    async def _key(self, request: Request) -> str:
        claims = None if self._by_address else await get_claims(request)
        return _network(get_remote_address(request)) if claims is None else str(claims.sub)


class LoginAttempts:
    """Counts login attempts per client address, and per account since the last success.

    The form is read before the count, because a refresh has the same path but is not a login.
    Attempts for unknown accounts count too, so that the limit does not reveal which accounts exist
    (ASVS 6.3.1).
    """

    def __init__(self, request: Request) -> None:
        resources = resources_of(request)
        self._request = request
        self._limiter = resources.rate_limiter
        self._limit = resources.settings.rate_limit_login

    async def count(self, address: str) -> None:
        """Count an attempt; raise `RateLimitExceeded` if it exceeds a limit."""
        await limit_login(self._request)
        await _count(self._request, self._limit, "account", _account_key(address))

    async def forget(self, address: str) -> None:
        """Reset the count after a successful login."""
        await self._limiter.clear(self._limit, "account", _account_key(address))


LoginAttemptsDep = Annotated[LoginAttempts, Depends(LoginAttempts)]


async def _count(request: Request, limit: str, scope: str, key: str) -> None:
    resources = resources_of(request)
    if not resources.settings.rate_limit_enabled:
        return
    hit = await resources.rate_limiter.hit(limit, scope, key)
    _announce(request, limit, scope, hit)
    if not hit.allowed:
        request.state.retry_after = hit.retry_after
        raise RateLimitExceeded(_slowapi_limit(limit, scope))


def _network(address: str) -> str:
    """Return the address of an IPv4 client, or the /64 network of an IPv6 client (RFC 6177)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    if parsed.ipv4_mapped:  # a dual-stack socket reports IPv4 clients this way
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, IPV6_PREFIX), strict=False))


def _announce(request: Request, limit: str, scope: str, hit: Hit) -> None:
    """Add `RateLimit` headers to the response (draft-ietf-httpapi-ratelimit-headers-10)."""
    item = parse_limit(limit)
    headers: dict[str, str] = request.scope["state"].setdefault("response_headers", {})
    for name, value in (
        ("RateLimit-Policy", f'"{scope}";q={item.amount};w={item.get_expiry()}'),
        ("RateLimit", f'"{scope}";r={hit.remaining};t={hit.retry_after}'),
    ):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value


def _account_key(address: str) -> str:
    """Return a hash of the address, so that no e-mail address is stored with the counts."""
    return sha256(address.encode(errors="replace")).hexdigest()


def _slowapi_limit(limit: str, scope: str) -> Limit:
    return Limit(
        parse_limit(limit),
        key_func=get_remote_address,
        scope=scope,
        per_method=False,
        methods=None,
        error_message=None,
        exempt_when=None,
        cost=1,
        override_defaults=False,
    )


limit_default = RateLimit("default", lambda settings: settings.rate_limit_default)
limit_login = RateLimit("login", lambda settings: settings.rate_limit_login, by_address=True)
limit_password = RateLimit("password", lambda settings: settings.rate_limit_login)
