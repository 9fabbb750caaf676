"""The queue of a proved service: enqueues jobs, reads their states, and waits for them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg

from app.core.jobs.queue import NAMES
from app.core.jobs.task import Task
from app.resources import create_database
from dev.errors import ServerError
from dev.prove.population import settings_of
from dev.prove.service import ProvedService

QUEUE, LOG = NAMES.qualified.queue_table, NAMES.qualified.queue_table_log
PATIENCE_SECONDS = 60
# A worker that was silent for a minute is dead, and the jobs that it took must be run by others.
SILENCE = timedelta(minutes=1)
AGE = f"UPDATE {QUEUE} SET heartbeat = heartbeat - $1::interval WHERE status = 'picked'"  # noqa: S608
JOBS = f"SELECT id, entrypoint, payload FROM {QUEUE} ORDER BY id DESC"  # noqa: S608
UNTRIED = f"""
SELECT count(*) FROM {QUEUE} WHERE id = ANY($1) AND attempts = 0 AND status <> 'failed'
"""  # noqa: S608
# A job is also kept as long as it waits for its next attempt, or for a person.
KEPT = f"""
SELECT id FROM {QUEUE} WHERE id = ANY($1)
UNION SELECT job_id FROM {LOG} WHERE job_id = ANY($1) AND status = 'successful'
"""  # noqa: S608


@asynccontextmanager
async def connected(
    service: ProvedService, database: str = "postgres"
) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection to the database of the service, or to another one of its server."""
    connection = await asyncpg.connect(service.database_url, database=database)
    try:
        yield connection
    finally:
        await connection.close()


async def enqueue(service: ProvedService, task: Task[Any], data: Iterable[object]) -> None:
    """Enqueue a job for each value."""
    database = create_database(settings_of(service))
    async with database.begin() as session:
        for each in data:
            await task.enqueue(session, each)
    await database.dispose()


async def until(connection: asyncpg.Connection, condition: str, *values: object) -> None:
    """Wait until a query returns a true value; raise `ServerError` after a time limit."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await connection.fetchval(condition, *values):
        if time.monotonic() > deadline:
            raise ServerError(f"The worker did not run its jobs within {PATIENCE_SECONDS} seconds.")
        await asyncio.sleep(0.05)
