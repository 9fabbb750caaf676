"""Transactions of cancelled requests, and transactions that cannot begin."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import event, insert, literal, select

from app.core.db.after_commit import after_commit
from app.core.db.engine import DatabaseUnavailableError
from app.core.db.pool import measured_pool
from app.core.observability.metrics import Metrics
from app.database import Database
from app.models.user import User
from app.resources import create_database
from tests.clients import HASHED_PASSWORD
from tests.conftest import MakeSettings

PING = select(literal(1))
ADD = insert(User).values(email="grace@example.com", hashed_password=HASHED_PASSWORD)


@pytest.fixture
async def real(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """A database whose transactions are committed."""
    database = create_database(make_settings(database_url=own_database))
    yield database
    await database.dispose()


async def test_a_commit_is_completed_even_if_its_request_is_cancelled(
    real: Database,
) -> None:
    """Functions that wait for the commit also run, so that no cache keeps stale data."""
    done: list[str] = []

    async def note() -> None:
        done.append("done")

    async def add() -> None:
        request = asyncio.current_task()
        assert request is not None
        async with real.begin() as session:
            event.listen(session.sync_session, "before_commit", lambda _: request.cancel())
            await session.execute(ADD)
            after_commit(session, note)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(add())

    assert await real.fetch_one(select(User.email), {}) == ("grace@example.com",)
    assert done == ["done"]


async def test_requests_that_wait_for_a_connection_fail_immediately_if_connecting_fails(
    make_settings: MakeSettings,
) -> None:
    """REL-05"""
    settings = make_settings(
        database_url="postgresql://app:none@127.0.0.1:1/app",
        database_pool_size=1,
        database_pool_timeout_seconds=60,
    )
    database = create_database(settings, measured_pool(Metrics()))
    reads = [database.fetch_one(PING, {}) for _ in range(3)]

    found = await asyncio.wait_for(asyncio.gather(*reads, return_exceptions=True), 10)
    await database.dispose()

    assert [type(each) for each in found] == [DatabaseUnavailableError] * 3
