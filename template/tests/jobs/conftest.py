"""What tests of jobs may ask for."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.database import Database
from app.resources import create_database
from app.worker import TASKS
from app.worker_context import JobContext
from tests.clients import StoppedClock
from tests.conftest import MakeSettings
from tests.databases import RolledBackDatabase
from tests.jobs.eager import EagerDatabase

EMPTY = text(
    "TRUNCATE pgqueuer.pgqueuer, pgqueuer.pgqueuer_log, "
    "pgqueuer.pgqueuer_schedules, pgqueuer.pgqueuer_statistics"
)


@pytest.fixture
def context(app: FastAPI, database: RolledBackDatabase, clock: StoppedClock) -> JobContext:
    """What a task is given, on the test's database and clock."""
    return JobContext(
        settings=app.state.resources.settings,
        database=database,
        clock=clock,
        http_client=app.state.resources.http_client,
    )


@pytest.fixture
def eager_jobs(app: FastAPI, context: JobContext) -> EagerDatabase:
    """Run what requests enqueue at once, as soon as they are committed."""
    database = EagerDatabase(context, TASKS)
    app.state.resources = replace(app.state.resources, database=database)
    return database


@pytest.fixture
async def committed(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """A database that really commits, whose queue is empty."""
    database = create_database(make_settings(database_url=own_database))
    yield database
    async with database.begin() as session:
        await session.execute(EMPTY)
    await database.dispose()


@pytest.fixture
def committed_context(
    context: JobContext, committed: Database, make_settings: MakeSettings, own_database: str
) -> JobContext:
    """What a task is given by a worker, which really commits."""
    return JobContext(
        settings=make_settings(database_url=own_database),
        database=committed,
        clock=context.clock,
        http_client=context.http_client,
    )
