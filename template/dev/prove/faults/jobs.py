"""Jobs: none is lost when workers are killed, and none that failed counts as successful."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg
from pydantic import ValidationError

from app.core.jobs.queue import NAMES
from app.core.jobs.task import Task
from app.resources import create_database
from app.worker import TASKS
from dev.errors import ServerError
from dev.prove.faults.failing import FAILURES, failing_statements
from dev.prove.faults.job_worker import prove_job
from dev.prove.findings import Finding, Outcome, Result
from dev.prove.population import settings_of
from dev.prove.service import ProvedService

KILLED, SWALLOWED = "job worker killed", "failing job"
KILLS, JOBS = 3, 15
PATIENCE_SECONDS = 40
TABLES = (
    "DROP TABLE IF EXISTS prove_begun, prove_ended",
    "CREATE TABLE prove_begun (number int)",
    "CREATE TABLE prove_ended (number int)",
)
QUEUE, LOG = NAMES.qualified.queue_table, NAMES.qualified.queue_table_log
WAITING = f"SELECT count(*) FROM {QUEUE} WHERE entrypoint = $1 AND status <> 'failed'"  # noqa: S608
BEGUN = "SELECT count(*) FROM prove_begun"
ENDED = "SELECT count(DISTINCT number) FROM prove_ended"
RETRIED = f"SELECT count(*) FROM {QUEUE} WHERE entrypoint = $1 AND attempts > 0"  # noqa: S608
SUCCEEDED = f"SELECT count(*) FROM {LOG} WHERE entrypoint = $1 AND status = 'successful'"  # noqa: S608


def prove_jobs(service: ProvedService) -> Iterator[Result]:
    """Kill workers while jobs run, and let the statements of each task fail."""
    yield asyncio.run(_killed(service))
    for task in TASKS:
        yield asyncio.run(_swallowed(service, task))


async def _killed(service: ProvedService) -> Finding:
    began = time.monotonic()
    async with _connected(service) as connection:
        for statement in TABLES:
            await connection.execute(statement)
        await _enqueue(service, prove_job, *range(JOBS))
        for _ in range(KILLS):
            begun = await connection.fetchval(BEGUN)
            with _worker(service):
                await _until(connection, "SELECT count(*) > $1 FROM prove_begun", begun)
        with _worker(service), suppress(ServerError):  # the lost jobs are counted below
            await _until(connection, WAITING.replace("count(*)", "count(*) = 0"), prove_job.name)
        lost = JOBS - await connection.fetchval(ENDED)
    outcome = Outcome.FAILED if lost else Outcome.PASSED
    detail = f"{lost} of {JOBS} jobs never ended" if lost else ""
    return Finding("faults", KILLED, "the worker", outcome, detail, time.monotonic() - began)


async def _swallowed(service: ProvedService, task: Task[Any]) -> Finding:
    """Let all changes fail while a job runs, which must then be retried."""
    subject, began = f"task {task.name}", time.monotonic()
    try:
        task.data.validate_python(None)
    except ValidationError:
        reason = "its jobs need data"
        return Finding("faults", SWALLOWED, subject, Outcome.UNCOVERED, reason)
    async with _connected(service) as connection, failing_statements(connection):
        await _enqueue(service, task, None)
        before = await connection.fetchval(SUCCEEDED, task.name)
        with _worker(service):
            ended = f"SELECT ({RETRIED}) > 0 OR ({SUCCEEDED}) > {before}"
            await _until(connection, ended, task.name)
        succeeded = await connection.fetchval(SUCCEEDED, task.name) > before
        failed = await connection.fetchval(FAILURES)
        await connection.execute(f"DELETE FROM {QUEUE} WHERE entrypoint = $1", task.name)  # noqa: S608
    swallows = succeeded and failed
    detail = "its job counts as successful although its changes failed" if swallows else ""
    outcome = Outcome.FAILED if swallows else Outcome.PASSED
    return Finding("faults", SWALLOWED, subject, outcome, detail, time.monotonic() - began)


async def _enqueue(service: ProvedService, task: Task[Any], *data: object) -> None:
    database = create_database(settings_of(service))
    async with database.begin() as session:
        for each in data:
            await task.enqueue(session, each)
    await database.dispose()


@asynccontextmanager
async def _connected(service: ProvedService) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(service.database_url)
    try:
        yield connection
    finally:
        await connection.close()


@contextmanager
def _worker(service: ProvedService) -> Iterator[None]:
    """Run a worker, and kill it at the end of the context."""
    service.processes["worker"] = service.run(
        "python", "-m", "dev.prove.faults.job_worker", PYTHONPATH="src:."
    )
    try:
        yield
    finally:
        service.stop("worker", signal.SIGKILL)


async def _until(connection: asyncpg.Connection, condition: str, *values: object) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await connection.fetchval(condition, *values):
        if time.monotonic() > deadline:
            raise ServerError(f"The worker did not run its jobs within {PATIENCE_SECONDS} seconds.")
        await asyncio.sleep(0.05)
