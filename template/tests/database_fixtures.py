"""Fixtures for real servers and databases."""

from collections.abc import AsyncGenerator, Iterator

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.db.engine import connect_arguments, open_engine
from app.database import Database
from app.models import Base
from app.resources import create_database
from dev.servers import postgres_server, valkey_server
from tests.conftest import MakeSettings
from tests.databases import RolledBackDatabase, execute, migrate, new_database


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The URL of a PostgreSQL server: TEST_DATABASE_URL, DATABASE_URL, or an embedded server's."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The URL of a Valkey server: REDIS_URL, or an embedded server's."""
    with valkey_server() as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[URL]:
    """A migrated database for copies. PostgreSQL copies only databases without open connections."""
    with new_database(server_url) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def shared_database(server_url: str, template: URL) -> Iterator[URL]:
    """The URL of the database in which the changes of each test are rolled back."""
    with new_database(server_url, template=template) as url:
        yield url


@pytest.fixture(scope="session")
def committed_database(server_url: str, template: URL) -> Iterator[URL]:
    with new_database(server_url, template=template) as url:
        yield url


@pytest.fixture
def own_database(committed_database: URL) -> Iterator[str]:
    """The URL of a database for committed transactions. All tables are emptied after the test."""
    yield committed_database.render_as_string(hide_password=False)
    execute(committed_database, f"TRUNCATE {', '.join(Base.metadata.tables)} CASCADE")


@pytest.fixture
async def committing_database(
    make_settings: MakeSettings, own_database: str
) -> AsyncGenerator[Database]:
    """A database that commits, for tests of concurrent requests."""
    database = create_database(
        make_settings(database_url=own_database, database_pool_timeout_seconds=30)
    )
    yield database
    await database.dispose()


@pytest.fixture(scope="session")
async def engine(shared_database: URL) -> AsyncGenerator[AsyncEngine]:
    engine = open_engine(shared_database, connect_arguments(shared_database))
    yield engine
    await engine.dispose()


@pytest.fixture
async def database(engine: AsyncEngine) -> AsyncGenerator[RolledBackDatabase]:
    """The test's database, on one connection. All changes are rolled back after the test."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        yield RolledBackDatabase(connection)
        await transaction.rollback()
