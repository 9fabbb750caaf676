"""What endpoints may ask for, each a named type."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address
from slowapi.wrappers import Limit
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.core.clock import Clock
from app.core.exceptions import ForbiddenError, UnauthorizedError
from app.core.passwords import Passwords
from app.core.rate_limit import RateLimiter, parse_limit
from app.core.security import AccessTokenClaims, AccessTokens, TokenError
from app.database import Database
from app.services import auth as auth_service
from app.services.auth import Caller

# Describes how to sign in; `get_token` reads the token.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token", auto_error=False)


def from_state(name: str) -> Callable[[Request], Awaitable[Any]]:
    """Make a dependency on what the application keeps under `name`."""

    async def get(request: Request) -> Any:  # noqa: ANN401 - the alias below says the type
        return getattr(request.app.state, name)

    return get


get_access_tokens = from_state("access_tokens")
get_clock = from_state("clock")
get_database = from_state("database")
get_passwords = from_state("passwords")
get_rate_limiter = from_state("rate_limiter")
get_settings = from_state("settings")

AccessTokensDep = Annotated[AccessTokens, Depends(get_access_tokens)]
ClockDep = Annotated[Clock, Depends(get_clock)]
DatabaseDep = Annotated[Database, Depends(get_database)]
PasswordsDep = Annotated[Passwords, Depends(get_passwords)]
RateLimiterDep = Annotated[RateLimiter, Depends(get_rate_limiter)]
SettingsDep = Annotated[Settings, Depends(get_settings)]


async def get_db(database: DatabaseDep) -> AsyncGenerator[AsyncSession]:
    """Yield the request's transaction: committed before the answer, rolled back on error."""
    async with database.begin() as session:
        yield session


# The scope is what commits before the answer is sent: a client told 201 can rely on it.
DbSession = Annotated[AsyncSession, Depends(get_db, scope="function")]


async def get_token(request: Request) -> str | None:
    """Return the bearer token of the one `Authorization` header, or none (RFC 6750 2.1)."""
    headers = request.headers.getlist("authorization")
    scheme, token = get_authorization_scheme_param(headers[0] if len(headers) == 1 else None)
    return token if scheme.lower() == "bearer" else None


Token = Annotated[str | None, Depends(get_token)]


async def get_claims(
    token: Token, access_tokens: AccessTokensDep, clock: ClockDep
) -> AccessTokenClaims | None:
    """Return what a verified token says, or none; done once a request, whoever asks."""
    try:
        return access_tokens.verify(token, clock()) if token else None
    except TokenError:
        return None


Claims = Annotated[AccessTokenClaims | None, Depends(get_claims)]


async def get_current_user(
    token: Token,
    claims: Claims,
    database: DatabaseDep,
    _scheme: Annotated[str | None, Depends(oauth2_scheme)],
) -> Caller:
    """Return who sent the token; raise `UnauthorizedError` for none, a bad one, an inactive user.

    It has no `yield`: its connection is back in the pool before the endpoint starts.
    """
    caller = None if claims is None else await auth_service.find_caller(database, claims.sub)
    if caller is None:
        detail = "Could not validate credentials." if token else "Not authenticated."
        raise UnauthorizedError(detail, token_was_sent=bool(token))
    return caller


CurrentUser = Annotated[Caller, Depends(get_current_user)]


async def get_admin_user(current_user: CurrentUser) -> Caller:
    """Return the caller if they administrate; raise `ForbiddenError` if they do not."""
    if not current_user.is_superuser:
        raise ForbiddenError("Only administrators may do this.")
    return current_user


AdminUser = Annotated[Caller, Depends(get_admin_user)]


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

    async def __call__(
        self, request: Request, settings: SettingsDep, limiter: RateLimiterDep, claims: Claims
    ) -> None:
        """Count the request; raise `RateLimitExceeded` beyond the limit."""
        if not settings.rate_limit_enabled:
            return
        limit = self._limit(settings)
        if claims is None or self._by_address:
            client = get_remote_address(request)
        else:
            client = str(claims.sub)
        hit = await limiter.hit(limit, self._scope, client)
        if not hit.allowed:
            request.state.retry_after = hit.retry_after
            raise RateLimitExceeded(_slowapi_limit(limit, self._scope))


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

PageLimit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
PageCursor = Annotated[
    str | None, Query(max_length=200, description="Where to go on: a `next_cursor`.")
]
