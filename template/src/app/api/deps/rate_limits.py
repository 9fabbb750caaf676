"""How often one may call."""

from collections.abc import Callable

from fastapi import Request
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address
from slowapi.wrappers import Limit

from app.api.deps.authentication import get_claims
from app.config import Settings
from app.core.rate_limit import parse_limit


class RateLimit:
    """Limits how often a client may call; the routes of one scope share a budget.

    A client is the user of a verified token, else the address; with `by_address` always the
    address, for what accounts must not multiply. It is a dependency, since slowapi's middleware
    overlooks routes of included routers, and its decorator blocks the event loop.
    """

    def __init__(
        self, scope: str, limit: Callable[[Settings], str], *, by_address: bool = False
    ) -> None:
        self._scope = scope
        self._limit = limit
        self._by_address = by_address

    async def __call__(self, request: Request) -> None:
        """Count the request, once; raise `RateLimitExceeded` beyond the limit."""
        settings: Settings = request.app.state.settings
        counted: set[RateLimit] = request.scope.setdefault("state", {}).setdefault("counted", set())
        if not settings.rate_limit_enabled or self in counted:
            return
        counted.add(self)
        limit = self._limit(settings)
        hit = await request.app.state.rate_limiter.hit(limit, self._scope, await self._key(request))
        if not hit.allowed:
            request.state.retry_after = hit.retry_after
            raise RateLimitExceeded(_slowapi_limit(limit, self._scope))

    async def _key(self, request: Request) -> str:
        claims = None if self._by_address else await get_claims(request)
        return get_remote_address(request) if claims is None else str(claims.sub)


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
