"""What the application keeps for its requests."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from httpx import AsyncClient

from app.config import Settings
from app.core.auth.passwords import Passwords
from app.core.cache.cache import Cache
from app.core.limits.rate_limiter import RateLimiter
from app.core.lists.cursors import Cursors
from app.core.security import AccessTokens
from app.database import Database
from app.services.accounts.sessions import SessionLifetimes


def from_state(name: str) -> Callable[[Request], Awaitable[Any]]:
    """Make a dependency on what the application keeps under `name`."""

    async def get(request: Request) -> Any:  # noqa: ANN401 - the alias below says the type
        return getattr(request.app.state, name)

    return get


get_access_tokens = from_state("access_tokens")
get_cache = from_state("cache")
get_cursors = from_state("cursors")
get_database = from_state("database")
get_http_client = from_state("http_client")
get_is_stopping = from_state("is_stopping")
get_passwords = from_state("passwords")
get_rate_limiter = from_state("rate_limiter")
get_session_lifetimes = from_state("session_lifetimes")
get_settings = from_state("settings")


async def get_now(request: Request) -> datetime:
    """Return the time of the request."""
    now: datetime = request.app.state.clock()
    return now


AccessTokensDep = Annotated[AccessTokens, Depends(get_access_tokens)]
CacheDep = Annotated[Cache, Depends(get_cache)]
CursorsDep = Annotated[Cursors, Depends(get_cursors)]
DatabaseDep = Annotated[Database, Depends(get_database)]
HttpClient = Annotated[AsyncClient, Depends(get_http_client)]
IsStopping = Annotated[bool, Depends(get_is_stopping)]
PasswordsDep = Annotated[Passwords, Depends(get_passwords)]
RateLimiterDep = Annotated[RateLimiter, Depends(get_rate_limiter)]
Now = Annotated[datetime, Depends(get_now)]
SessionLifetimesDep = Annotated[SessionLifetimes, Depends(get_session_lifetimes)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
