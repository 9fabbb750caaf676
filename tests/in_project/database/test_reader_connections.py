"""Lost, frozen and cancelled connections of planned reads, which the driver executes."""

import asyncio
from typing import Any

import asyncpg
import pytest
from sqlalchemy import URL, func, select
from sqlalchemy.exc import DBAPIError

from app import database as database_module
from app.core.db.engine import DatabaseUnavailableError
from app.core.db.pool import measured_pool
from app.core.observability.metrics import Metrics
from app.database import Database
from app.models.user import User
from app.resources import create_database
from tests.clients import HASHED_PASSWORD
from tests.conftest import MakeSettings
from tests.in_project.database.planned import END, PID, SLEEP, error_of_sqlalchemy, facts, plan
from tests.in_project.relay import relay_to


def in_use(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("database_pool_connections_in_use")


async def test_a_lost_connection_is_replaced(real: Database) -> None:
    """REL-05"""
    await plan(real, END, pid=0)
    row = await real.fetch_one(PID, {})
    assert row is not None

    with pytest.raises(DBAPIError) as raised:
        await real.fetch_one(END, {"pid": row.pid})

    expected = await error_of_sqlalchemy(
        real.engine, select(func.pg_terminate_backend(func.pg_backend_pid()).label("ended"))
    )
    assert facts(raised.value)[::2] == facts(expected)[::2]
    assert raised.value.connection_invalidated == expected.connection_invalidated  # type: ignore[attr-defined]
    found = await real.fetch_one(PID, {})
    assert found is not None
    assert found != row


async def test_a_connection_is_closed_without_a_rollback_if_the_server_does_not_respond(
    make_settings: MakeSettings, shared_database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-06"""
    closed: list[bool] = []
    close = asyncpg.Connection.close

    async def note(connection: asyncpg.Connection, **options: Any) -> None:
        closed.append(connection.is_closed())
        await close(connection, **options)

    monkeypatch.setattr(asyncpg.Connection, "close", note)
    monkeypatch.setattr(database_module, "CLIENT_TIMEOUT_MARGIN_SECONDS", 0.1)
    async with relay_to(shared_database) as relay:
        settings = make_settings(database_url=relay.url, database_statement_timeout_seconds=1)
        database = create_database(settings)
        await plan(database, PID)
        relay.is_open.clear()

        with pytest.raises(DatabaseUnavailableError):
            await database.fetch_one(PID, {})

        relay.is_open.set()
        assert all(closed)
        assert await database.fetch_one(PID, {}) is not None
        await database.dispose()


async def test_a_cancelled_read_gives_its_connection_up(
    make_settings: MakeSettings, own_database: str
) -> None:
    metrics = Metrics()
    settings = make_settings(database_url=own_database, database_pool_size=1)
    database = create_database(settings, measured_pool(metrics))
    await plan(database, SLEEP, seconds=0)
    row = await database.fetch_one(PID, {})
    reading = asyncio.create_task(database.fetch_one(SLEEP, {"seconds": 60}))
    await asyncio.wait({reading}, timeout=0.1)
    assert in_use(metrics) == 1

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert in_use(metrics) == 0
    assert await database.fetch_one(PID, {}) != row
    assert in_use(metrics) == 0
    await database.dispose()


async def test_a_transaction_after_a_read_can_be_rolled_back(real: Database) -> None:
    await plan(real, PID)
    await real.fetch_one(PID, {})
    async with real.begin() as session:
        session.add(User(email="ada@example.com", hashed_password=HASHED_PASSWORD))
        await session.flush()
        await session.rollback()

    assert await real.fetch_one(select(func.count()).select_from(User), {}) == (0,)
