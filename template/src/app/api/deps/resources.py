"""Dependencies for the attributes of `Resources`."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from httpx import AsyncClient

from app.clients import Clients
from app.config import Settings
from app.core.auth.passwords import Passwords
from app.core.cache.cache import Cache
from app.core.limits.rate_limiter import RateLimiter
from app.core.lists.cursors import Cursors
from app.core.security import AccessTokens
from app.database import Database
from app.resources import Resources
from app.services.accounts.sessions import SessionLifetimes


def resources_of(request: Request) -> Resources:
    """Return the resources of the application that received `request`."""
    resources: Resources = request.app.state.resources
    return resources


async def get_resources(request: Request) -> Resources:
    """Return the resources of the application."""
    return resources_of(request)


async def _access_tokens(request: Request) -> AccessTokens:
    return resources_of(request).access_tokens


async def _cache(request: Request) -> Cache:
    return resources_of(request).cache


async def _clients(request: Request) -> Clients:
    return resources_of(request).clients


async def _cursors(request: Request) -> Cursors:
    return resources_of(request).cursors


async def get_database(request: Request) -> Database:
    """Return the database of the application."""
    return resources_of(request).database


async def _http_client(request: Request) -> AsyncClient:
    return resources_of(request).http_client


async def _passwords(request: Request) -> Passwords:
    return resources_of(request).passwords


async def _rate_limiter(request: Request) -> RateLimiter:
    return resources_of(request).rate_limiter


async def _session_lifetimes(request: Request) -> SessionLifetimes:
    return resources_of(request).session_lifetimes


async def _settings(request: Request) -> Settings:
    return resources_of(request).settings


async def _is_stopping(request: Request) -> bool:
    return resources_of(request).stopping.is_set()


async def _now(request: Request) -> datetime:
    return resources_of(request).clock()


AccessTokensDep = Annotated[AccessTokens, Depends(_access_tokens)]
CacheDep = Annotated[Cache, Depends(_cache)]
ClientsDep = Annotated[Clients, Depends(_clients)]
CursorsDep = Annotated[Cursors, Depends(_cursors)]
DatabaseDep = Annotated[Database, Depends(get_database)]
HttpClient = Annotated[AsyncClient, Depends(_http_client)]
IsStopping = Annotated[bool, Depends(_is_stopping)]
Now = Annotated[datetime, Depends(_now)]
PasswordsDep = Annotated[Passwords, Depends(_passwords)]
RateLimiterDep = Annotated[RateLimiter, Depends(_rate_limiter)]
ResourcesDep = Annotated[Resources, Depends(get_resources)]
SessionLifetimesDep = Annotated[SessionLifetimes, Depends(_session_lifetimes)]
SettingsDep = Annotated[Settings, Depends(_settings)]
