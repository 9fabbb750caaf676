"""What tests may ask for: databases, an application, clients, users; all of it real."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.api.deps import get_clock, get_database
from app.config import Settings
from app.core.password_hash import get_password_hash
from app.core.security import AccessTokens
from app.main import create_app
from app.models.user import User
from app.schemas.user import UserCreate
from app.services import user as user_service
from dev.servers import postgres_server, valkey_server
from tests.databases import RolledBackDatabase, migrate, new_database

PASSWORD = "testpassword123"
HASHED_PASSWORD = get_password_hash(PASSWORD)

MakeSettings = Callable[..., Settings]
MakeUser = Callable[..., Awaitable[User]]


class StoppedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server: the one that TEST_DATABASE_URL or DATABASE_URL names, or our own."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A Valkey server: the one that REDIS_URL names, or our own."""
    with valkey_server() as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(server_url: str, valkey_url: str) -> Iterator[None]:
    """Keep the settings of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        yield


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[URL]:
    """A migrated database to copy: nobody stays connected to it."""
    with new_database(server_url) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def shared_database(server_url: str, template: URL) -> Iterator[URL]:
    """The database in which each test's transaction is rolled back."""
    with new_database(server_url, template=template) as url:
        yield url


@pytest.fixture
def own_database(server_url: str, template: URL) -> Iterator[URL]:
    """A database of the test's own, for what really commits."""
    with new_database(server_url, template=template) as url:
        yield url


@pytest.fixture(scope="session")
def make_settings(shared_database: URL) -> MakeSettings:
    """Make settings; the arguments say what differs from the usual ones."""

    def make(**changes: Any) -> Settings:
        values = {
            "environment": "test",
            "database_url": shared_database.render_as_string(hide_password=False),
            "secret_key": "only for tests: 0123456789 abcdefghijklm",
            "rate_limit_enabled": False,
            **changes,
        }
        return Settings(_env_file=None, **values)

    return make


@pytest.fixture(scope="session")
async def engine(shared_database: URL) -> AsyncGenerator[AsyncEngine]:
    engine = create_async_engine(shared_database)
    yield engine
    await engine.dispose()


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """The test's one connection; all that is written on it is rolled back."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield connection
        await transaction.rollback()


@pytest.fixture
def database(connection: AsyncConnection) -> RolledBackDatabase:
    return RolledBackDatabase(connection)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="session")
async def shared_app(make_settings: MakeSettings) -> AsyncGenerator[FastAPI]:
    app = create_app(make_settings())
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
def app(
    shared_app: FastAPI, database: RolledBackDatabase, clock: StoppedClock
) -> Iterator[FastAPI]:
    """The application, on the test's database and clock."""
    shared_app.dependency_overrides = {get_database: lambda: database, get_clock: lambda: clock}
    yield shared_app
    shared_app.dependency_overrides = {}


@pytest.fixture
async def client(app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """Somebody unknown."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def make_user(database: RolledBackDatabase) -> MakeUser:
    """Add users, all with the same password."""

    async def make(email: str, *, is_superuser: bool = False) -> User:
        data = UserCreate(email=email, password=SecretStr(PASSWORD))
        async with database.begin() as session:
            return await user_service.create_user(
                session, data, HASHED_PASSWORD, is_superuser=is_superuser
            )

    return make


@pytest.fixture
async def user(make_user: MakeUser) -> User:
    return await make_user("ada@example.com")


@pytest.fixture
def make_token(app: FastAPI, clock: StoppedClock) -> Callable[[User], str]:
    access_tokens: AccessTokens = app.state.access_tokens
    return lambda user: access_tokens.create_access_token(user.id, clock())


@pytest.fixture
def test_user_token(user: User, make_token: Callable[[User], str]) -> str:
    return make_token(user)


@pytest.fixture
async def authenticated_client(app: FastAPI, test_user_token: str) -> AsyncGenerator[AsyncClient]:
    """The user, signed in."""
    headers = {"Authorization": f"Bearer {test_user_token}"}
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client
