"""Fixtures for tests of the queue and its worker."""

from collections.abc import AsyncGenerator

import pytest
from sqlalchemy import text

from app.database import Database
from app.resources import create_database
from app.worker_context import JobContext
from tests.conftest import MakeSettings
from tests.jobs.conftest import context, eager_jobs

__all__ = ["context", "eager_jobs"]  # fixtures of the project

EMPTY = text(
    "TRUNCATE pgqueuer.pgqueuer, pgqueuer.pgqueuer_log, "
    "pgqueuer.pgqueuer_schedules, pgqueuer.pgqueuer_statistics"
)


@pytest.fixture
async def committed(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """A database with an empty queue. Its transactions are committed."""
    database = create_database(make_settings(database_url=own_database))
    yield database
    async with database.begin() as session:
        await session.execute(EMPTY)
    await database.dispose()


@pytest.fixture
def committed_context(
    context: JobContext, committed: Database, make_settings: MakeSettings, own_database: str
) -> JobContext:
    """The context of tasks, with a database whose transactions are committed."""
    return JobContext(
        settings=make_settings(database_url=own_database),
        database=committed,
        clock=context.clock,
        http_client=context.http_client,
    )
