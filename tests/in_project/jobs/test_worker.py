"""The worker, in the process of the tests and with a database that commits."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, text

from app.core.jobs.metrics import JobMetrics
from app.core.jobs.task import Task, task
from app.database import Database
from app.worker import JobWorker
from app.worker_context import JobContext
from tests.conftest import MakeSettings
from tests.databases import new_database
from tests.logs import LogLines

JOB = text("SELECT *, execute_after - updated AS delay FROM pgqueuer.pgqueuer")
TRIED_THRICE = text("UPDATE pgqueuer.pgqueuer SET attempts = 3")
MISSED = text(
    "INSERT INTO pgqueuer.pgqueuer_schedules (expression, entrypoint, next_run) "
    "VALUES ('30 3 * * *', 'tidy', now() - interval '1 hour')"
)
CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name LIKE '% worker' AND datname = current_database()"
)


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    with new_database(server_url) as url:
        yield url.render_as_string(hide_password=False)


@asynccontextmanager
async def working(context: JobContext, *tasks: Task[Any]) -> AsyncGenerator[JobWorker]:
    """Run a worker within the context; it stops at the end, as on SIGTERM."""
    metrics = JobMetrics(task.name for task in tasks)
    worker = JobWorker(context, tasks, timedelta(seconds=5), metrics)
    running = asyncio.create_task(worker.run())
    yield worker
    worker.stop()
    await running


async def job(database: Database) -> Row[Any] | None:
    async with database.begin() as session:
        return (await session.execute(JOB)).one_or_none()


async def test_a_job_gets_its_context_and_data_and_completes_while_the_worker_stops(
    committed: Database, committed_context: JobContext
) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()
    seen: list[object] = []

    @task()
    async def greet(context: JobContext, name: str) -> None:
        begun.set()
        await stopped.wait()
        seen.extend([context, name])

    async with working(committed_context, greet) as worker:
        async with committed.begin() as session:
            await greet.enqueue(session, "Ada")
        await begun.wait()
        worker.stop()
        stopped.set()

    assert seen == [committed_context, "Ada"]
    assert await job(committed) is None


async def test_a_job_interrupted_by_a_stop_returns_to_the_queue(
    committed: Database, committed_context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.GRACE_SECONDS", 0)
    begun = asyncio.Event()

    @task()
    async def wait(context: JobContext, _data: None) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with committed.begin() as session:
        await wait.enqueue(session, None)
    async with working(committed_context, wait):
        await begun.wait()

    row = await job(committed)
    assert row
    assert row.status == "queued"
    assert row.delay == timedelta(0)


@pytest.mark.parametrize(
    ("max_retries", "status", "delay"),
    [(8, "queued", timedelta(seconds=8)), (3, "failed", None)],
)
async def test_a_failed_job_is_retried_with_backoff_and_held_after_the_last_attempt(
    committed: Database,
    committed_context: JobContext,
    log_lines: LogLines,
    max_retries: int,
    status: str,
    delay: timedelta | None,
) -> None:
    failed = asyncio.Event()

    @task(max_retries=max_retries)
    async def fail(context: JobContext, _data: None) -> None:
        failed.set()
        raise ValueError("The other side says no.")

    async with committed.begin() as session:
        await fail.enqueue(session, None)
        await session.execute(TRIED_THRICE)
    async with working(committed_context, fail):
        await failed.wait()

    row = await job(committed)
    assert row
    assert row.status == status
    assert delay is None or row.delay == delay
    told = [line for line in log_lines() if "The other side says no." in line.get("exception", "")]
    assert [(line["task"], line["job_id"]) for line in told] == [("fail", row.id)]


async def test_a_job_that_exceeds_its_timeout_is_retried(
    committed_context: JobContext, committed: Database
) -> None:
    begun = asyncio.Event()

    @task(timeout_seconds=0)
    async def hang(context: JobContext, _data: None) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with committed.begin() as session:
        await hang.enqueue(session, None)
    async with working(committed_context, hang):
        await begun.wait()

    row = await job(committed)
    assert row
    assert (row.status, row.attempts) == ("queued", 1)


async def test_a_missed_scheduled_run_is_executed_when_a_worker_starts(
    committed: Database, committed_context: JobContext
) -> None:
    done = asyncio.Event()

    @task(schedule="30 3 * * *")
    async def tidy(context: JobContext, _data: None) -> None:
        done.set()

    async with committed.begin() as session:
        await session.execute(MISSED)
    async with working(committed_context, tidy):
        await done.wait()


async def test_the_worker_reconnects_after_its_connection_is_lost(
    committed: Database, committed_context: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.RECONNECT_SECONDS", 0)
    done: asyncio.Queue[int] = asyncio.Queue()

    @task()
    async def count(context: JobContext, number: int) -> None:
        done.put_nowait(number)

    async with working(committed_context, count):
        for number in range(2):
            async with committed.begin() as session:
                await count.enqueue(session, number)
            assert await done.get() == number
            async with committed.begin() as session:
                await session.execute(CUT)


async def test_the_worker_exits_with_advice_if_its_tables_are_missing(
    context: JobContext, make_settings: MakeSettings, empty_database: str
) -> None:
    settings = make_settings(database_url=empty_database)
    context = replace(context, settings=settings)
    worker = JobWorker(context, [], timedelta(seconds=5), JobMetrics([]))

    with pytest.raises(SystemExit, match="Run `app migrate` first"):
        await worker.run()
