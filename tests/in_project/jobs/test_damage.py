"""Jobs that cannot be read or that kill their worker, and invalid schedules."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from pgqueuer import AsyncpgDriver
from pgqueuer.models import CronEntrypoint, CronExpression, CronExpressionEntrypoint
from sqlalchemy import Row, text
from structlog.contextvars import clear_contextvars

from app.core.db.engine import connect, connect_arguments
from app.core.http.request_context import current_context
from app.core.jobs.damage import WorkerQueries
from app.core.jobs.metrics import JobMetrics
from app.core.jobs.queue import BUILDERS
from app.core.jobs.task import task
from app.worker_context import JobContext
from tests.in_project.jobs.test_worker import working
from tests.logs import LogLines

ROWS = text("SELECT * FROM pgqueuer.pgqueuer ORDER BY id")
USUAL = "priority = 9; status = 'queued'; entrypoint = 'note'; payload = '1'; headers = '{}'"
DEEP = f"""jsonb_build_object('a', '{"[" * 5000}{"]" * 5000}'::jsonb)"""
LOST = (
    "status = 'picked'; heartbeat = now() - interval '1 hour'; "
    "queue_manager_id = gen_random_uuid(); attempts = "
)
TICK = CronExpressionEntrypoint(CronEntrypoint("tick"), CronExpression("* * * * *"))
HOUR = timedelta(hours=1)


class Notes:
    """A task without retries, and the data and request id of each job that has run."""

    def __init__(self, context: JobContext) -> None:
        self._noted: asyncio.Queue[tuple[int, str | None]] = asyncio.Queue()
        self._context = context

        @task(max_retries=0)
        async def note(context: JobContext, number: int) -> None:
            self._noted.put_nowait((number, current_context().request_id))

        self.task = note

    async def add(self, values: str) -> None:
        """Add a row to the queue; `values` sets columns, as `column = SQL; column = SQL`."""
        columns = dict(part.split(" = ", 1) for part in f"{USUAL}; {values}".split("; "))
        names, parts = ", ".join(columns), ", ".join(columns.values())
        statement = f"INSERT INTO pgqueuer.pgqueuer ({names}) VALUES ({parts})"  # noqa: S608
        async with self._context.database.begin() as session:
            await (await session.connection()).exec_driver_sql(statement)

    async def run(self) -> tuple[int, str | None]:
        """Run a worker until a job has run; return the data and the request id of the job."""
        async with working(self._context, self.task):
            return await self._noted.get()

    async def run_another(self) -> None:
        """Add another job to the queue, and run a worker until this job has run."""
        async with self._context.database.begin() as session:
            await self.task.enqueue(session, 2)
        assert await self.run() == (2, None)

    async def left(self) -> Row[Any]:
        """Return the only row in the queue."""
        async with self._context.database.begin() as session:
            return (await session.execute(ROWS)).one()


@pytest.fixture
async def notes(committed_context: JobContext) -> Notes:
    clear_contextvars()  # otherwise the job would get the request id of another test
    return Notes(committed_context)


@pytest.fixture
async def statements(committed_context: JobContext) -> AsyncGenerator[WorkerQueries]:
    """The statements of a worker, on a separate connection."""
    connection = await connect(**connect_arguments(committed_context.settings.sqlalchemy_url))
    yield WorkerQueries(AsyncpgDriver(connection), *BUILDERS, tasks=[], metrics=JobMetrics([]))
    await connection.close()


@pytest.mark.parametrize(
    "values",
    [
        "headers = '[1]'",
        "headers = '\"text\"'",
        f"headers = {DEEP}",
        "created = '0044-03-15 BC'",
    ],
)
async def test_an_unreadable_job_is_held_while_other_jobs_run(
    values: str, notes: Notes, log_lines: LogLines
) -> None:
    await notes.add(values)

    await notes.run_another()

    held = await notes.left()
    assert (held.status, held.queue_manager_id) == ("failed", None)
    [told] = [line for line in log_lines() if line["event"] == "job_held"]
    assert (told["level"], told["job_id"], told["task"]) == ("error", held.id, "note")


async def test_a_held_job_is_listed_and_can_be_requeued(
    notes: Notes, statements: WorkerQueries
) -> None:
    await notes.add("headers = '[1]'")
    await notes.run_another()

    [held] = await statements.list_failed_jobs()
    await statements.requeue_jobs([held.id])

    assert held.headers == {"unreadable": "[1]"}
    assert await notes.run() == (1, None)


@pytest.mark.parametrize(
    ("values", "known"),
    [
        ('headers = \'{"request_id": "0123456789abcdef"}\'', "0123456789abcdef"),
        ('headers = \'{"request_id": "a\\r\\nb", "user_id": "nobody", "session_id": [7]}\'', None),
        ("headers = jsonb_build_object('request_id', repeat('x', 1000000))", None),
        ("headers = 'null'; priority = -2147483648; attempts = -1", None),
    ],
)
async def test_a_job_with_invalid_headers_runs_without_them(
    values: str, known: str | None, notes: Notes
) -> None:
    await notes.add(values)

    assert await notes.run() == (1, known)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ("payload = 'no JSON'", "failed"),
        ("payload = '\\xff00'", "failed"),
        ("payload = NULL", "failed"),
        ("entrypoint = 'of_an_older_release'", "queued"),
        ("execute_after = 'infinity'", "queued"),
        ("status = 'picked'; heartbeat = 'infinity'", "failed"),
        ("status = 'canceled'; headers = '[]'", "canceled"),
    ],
)
async def test_a_job_that_cannot_run_stays_in_the_queue_while_other_jobs_run(
    values: str, status: str, notes: Notes
) -> None:
    await notes.add(values)

    await notes.run_another()
    await notes.run_another()

    assert (await notes.left()).status == status


@pytest.mark.parametrize(
    ("attempts", "status"),
    [(-(2**31), "queued"), (-1, "queued"), (0, "failed"), (2**31 - 1, "failed")],
)
async def test_the_death_of_a_worker_counts_as_an_attempt(
    attempts: int, status: str, notes: Notes, log_lines: LogLines
) -> None:
    await notes.add(f"{LOST}{attempts}")

    await notes.run_another()

    row = await notes.left()
    assert (row.status, row.execute_after > row.updated) == (status, True)
    held = [line["job_id"] for line in log_lines() if line["event"] == "job_held"]
    assert held == [row.id] * (status == "failed")


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("status", "NULL"),
        ("next_run", "'infinity'"),
        ("created, next_run", "'0044-03-15 BC', now() - interval '1 hour'"),
    ],
)
async def test_an_invalid_schedule_is_replaced(
    columns: str, values: str, statements: WorkerQueries
) -> None:
    await statements.driver.execute(
        f"INSERT INTO pgqueuer.pgqueuer_schedules (expression, entrypoint, {columns})"  # noqa: S608
        f" VALUES ('* * * * *', 'tick', {values})"
    )
    if "created" not in columns:
        await statements.insert_schedule({TICK: HOUR})

    assert await statements.fetch_schedule({TICK: HOUR}) == []

    [schedule] = await statements.peek_schedule()
    assert (schedule.status, schedule.next_run - schedule.created < 2 * HOUR) == ("queued", True)
