"""Lost database connections, and servers that do not respond."""

from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import URL, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app import database as database_module
from app.core.db.engine import DatabaseUnavailableError
from app.database import Database
from app.resources import create_database
from tests.conftest import MakeSettings
from tests.in_project.relay import relay_to

PID = select(func.pg_backend_pid())


@pytest.fixture
async def other(make_settings: MakeSettings) -> AsyncGenerator[Database]:
    """The same server, over other connections."""
    database = create_database(make_settings())
    yield database
    await database.dispose()


async def driver_connection(session: AsyncSession) -> Any:
    """Return the asyncpg connection of a session."""
    return (await (await session.connection()).get_raw_connection()).driver_connection


async def test_a_connection_that_the_server_closed_is_replaced_before_use(
    make_settings: MakeSettings, other: Database
) -> None:
    """REL-05"""
    database = create_database(make_settings(database_pool_size=1))
    async with database.begin() as session:
        connection = await driver_connection(session)
        [pid] = (await session.execute(PID)).one()
    await other.fetch_one(select(func.pg_terminate_backend(pid)), {})
    while not connection.is_closed():  # the driver has not noticed it yet
        await other.fetch_one(PID, {})

    row = await database.fetch_one(PID, {})

    await database.dispose()
    assert row is not None
    assert row != (pid,)


async def test_a_connection_is_closed_without_a_rollback_if_the_server_does_not_respond(
    make_settings: MakeSettings, shared_database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-06. A rollback, or a message that ends the session, would wait once more."""
    is_open: list[bool] = []
    close = asyncpg.Connection.close

    async def note(connection: asyncpg.Connection, **options: Any) -> None:
        is_open.append(not connection.is_closed())
        await close(connection, **options)

    monkeypatch.setattr(asyncpg.Connection, "close", note)
    monkeypatch.setattr(database_module, "CLIENT_TIMEOUT_MARGIN_SECONDS", 0.1)
    async with relay_to(shared_database) as relay:
        # On a busy machine, the first statements of a connection need up to a second.
        settings = make_settings(database_url=relay.url, database_statement_timeout_seconds=1)
        database = create_database(settings)
        async with AsyncSession(database.engine) as session:
            connection = await driver_connection(session)
            relay.is_open.clear()

            with pytest.raises(DatabaseUnavailableError):
                await session.execute(PID)

            assert connection.is_closed()
            assert not any(is_open)
            relay.is_open.set()
        assert await database.fetch_one(PID, {}) is not None
        await database.dispose()
