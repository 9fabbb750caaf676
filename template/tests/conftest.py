"""Fixtures for applications, clients and users. For databases, see `database_fixtures`."""

import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import URL

from app.config import Settings
from app.core.cache.cache import Cache
from app.core.security import AccessTokens
from app.main import create_app
from app.models import Base
from app.models.user import User
from tests.clients import SECRET_KEY, StoppedClock, client_of
from tests.databases import RolledBackDatabase
from tests.logs import LogLines, captured_lines, log_to_pytest
from tests.tokens import add_signed_in

PROJECT = Path(__file__).parents[1]
PLUGINS = ("tests.application_fixtures", "tests.database_fixtures", "tests.shortcuts")

MakeSettings = Callable[..., Settings]
MakeApp = Callable[..., Awaitable[FastAPI]]
MakeUser = Callable[..., Awaitable[User]]


def pytest_configure(config: pytest.Config) -> None:
    """Require assertions, and import the modules of fixtures."""
    # The name of pytest's temporary folder contains this, and not every user has a name.
    os.environ["LOGNAME"] = str(os.geteuid())
    if sys.flags.optimize:
        raise pytest.UsageError("Unset PYTHONOPTIMIZE: with it, Python ignores `assert`.")
    # Unlike `pytest_plugins`, this also works if pytest is started in a parent folder.
    for plugin in PLUGINS:
        config.pluginmanager.import_plugin(plugin)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Run coroutines even if pytest has not found the setting `anyio_mode` in pyproject.toml."""
    collector.add_marker("anyio")


def pytest_pycollect_makeitem(obj: object) -> list[pytest.Item] | None:
    """Do not take models for classes of tests, such as `Testimonial`, whose name begins so."""
    return [] if isinstance(obj, type) and issubclass(obj, Base) else None


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(server_url: str, valkey_url: str) -> Iterator[None]:
    """Isolate the tests from the environment and the current folder, and log as in production."""
    log_to_pytest()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(PROJECT)
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setitem(Settings.model_config, "env_file", None)
        # REDIS_URL may name a server that other tests use at the same time.
        monkeypatch.setattr("app.resources.NAMESPACE", f"test-{uuid4().hex}")
        yield


@pytest.fixture(scope="session")
def make_settings(shared_database: URL) -> MakeSettings:
    """Return a function that makes settings; its arguments replace the defaults of the tests."""

    def make(**changes: Any) -> Settings:
        usual: dict[str, Any] = {
            "environment": "test",
            "database_url": shared_database.render_as_string(hide_password=False),
            "secret_key": SECRET_KEY,
            "rate_limit_enabled": False,
        }
        return Settings(**usual | changes)

    return make


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="session")
async def shared_app(make_settings: MakeSettings) -> AsyncGenerator[FastAPI]:
    app = create_app(make_settings())
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def app(shared_app: FastAPI, database: RolledBackDatabase, clock: StoppedClock) -> FastAPI:
    """The application, with the database and the clock of the test."""
    shared_app.state.resources = replace(
        shared_app.state.resources, database=database, clock=clock, cache=Cache()
    )
    return shared_app


@pytest.fixture
async def make_app(
    make_settings: MakeSettings,
    shared_app: FastAPI,
    database: RolledBackDatabase,
    clock: StoppedClock,
) -> AsyncGenerator[MakeApp]:
    """Return a function that starts an application with other settings.

    An application with its own database commits its transactions.
    """
    async with AsyncExitStack() as stack:

        async def make(**changes: Any) -> FastAPI:
            app = create_app(make_settings(**changes), clock)
            # Share routes: FastAPI takes 20 ms to build included routes at the first request.
            app.router.routes[: len(shared_app.router.routes)] = shared_app.router.routes
            await stack.enter_async_context(app.router.lifespan_context(app))
            if "database_url" not in changes:
                app.state.resources = replace(app.state.resources, database=database)
            return app

        yield make


@pytest.fixture
def client(app: FastAPI) -> AsyncClient:
    """An anonymous client."""
    return client_of(app)


@pytest.fixture
def make_user(database: RolledBackDatabase, clock: StoppedClock) -> MakeUser:
    """Return a function that adds a user with a session. All users have the same password."""

    async def make(email: str, **columns: Any) -> User:
        return await add_signed_in(database, email, clock(), **columns)

    return make


@pytest.fixture
async def user(make_user: MakeUser) -> User:
    return await make_user("ada@example.com")


@pytest.fixture
def make_token(shared_app: FastAPI, clock: StoppedClock) -> Callable[[User], str]:
    access_tokens: AccessTokens = shared_app.state.resources.access_tokens
    return lambda user: access_tokens.create_access_token(user.id, user.id, clock())


@pytest.fixture
def test_user_token(user: User, make_token: Callable[[User], str]) -> str:
    return make_token(user)


@pytest.fixture
def authenticated_client(app: FastAPI, test_user_token: str) -> AsyncClient:
    """A client that is logged in as `user`."""
    return client_of(app, test_user_token)


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """The log lines of the test, parsed from JSON."""
    with captured_lines() as lines:
        yield lines
