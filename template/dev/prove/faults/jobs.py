"""Jobs: none is lost when workers or PostgreSQL end, and none that failed counts as successful."""

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import asyncpg
from pydantic import ValidationError

from app.core.jobs.task import Task
from app.worker import TASKS
from dev.errors import ServerError
from dev.prove.faults.failing import FAILURES, failing_statements
from dev.prove.faults.job_queue import (
    AGE,
    JOBS,
    KEPT,
    LOG,
    QUEUE,
    SILENCE,
    UNTRIED,
    connected,
    enqueue,
    until,
)
from dev.prove.faults.job_worker import FAILS_ONCE, prove_job
from dev.prove.findings import Finding, Outcome, Result
from dev.prove.service import ProvedService

WORKER = "the worker"
FOLLOWED, SWALLOWED = "jobs of requests", "failing job"
KILLS, COUNT = 3, 15
TABLES = (
    "DROP TABLE IF EXISTS prove_begun, prove_ended",
    "CREATE TABLE prove_begun (number int)",
    "CREATE TABLE prove_ended (number int)",
)
INTERRUPTED = "SELECT count(*) FROM prove_begun WHERE number NOT IN (TABLE prove_ended)"
ENDED = "SELECT count(DISTINCT number) FROM prove_ended"
BEGUN = f"SELECT count(*) > $1 OR ({ENDED}) = {COUNT} FROM prove_begun"  # noqa: S608
RETRIED = f"SELECT count(*) FROM {QUEUE} WHERE entrypoint = $1 AND attempts > 0"  # noqa: S608
SUCCEEDED = f"SELECT count(*) FROM {LOG} WHERE entrypoint = $1 AND status = 'successful'"  # noqa: S608
LOCK = f"BEGIN; LOCK TABLE {QUEUE} IN ACCESS EXCLUSIVE MODE"
WAITS = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
# Returns what is wrong, or an empty text.
Check = Callable[[ProvedService, asyncpg.Connection], Coroutine[Any, Any, str]]


def prove_jobs(service: ProvedService) -> Iterator[Result]:
    """Run the jobs of requests, break workers while jobs run, and let each task fail."""
    jobs = asyncio.run(_jobs(service))
    for name in sorted(jobs):
        yield asyncio.run(_followed(service, name, [job["id"] for job in jobs[name]]))
    for check, run in CHECKS.items():
        yield asyncio.run(_checked(service, check, run))
    for task in TASKS:
        payloads = [job["payload"] for job in jobs[task.name]]
        yield asyncio.run(_swallowed(service, task, payloads[:1] or [b"null"]))


async def _jobs(service: ProvedService) -> dict[str, list[asyncpg.Record]]:
    """Return the jobs that requests have enqueued for each task, the latest first."""
    async with connected(service) as connection:
        rows = await connection.fetch(JOBS)
    names = {task.name for task in TASKS} | {row["entrypoint"] for row in rows}
    return {name: [row for row in rows if row["entrypoint"] == name] for name in names}


async def _followed(service: ProvedService, name: str, ids: list[object]) -> Finding:
    """Run the jobs that requests have enqueued: each succeeds, or waits to be retried."""
    subject, began = f"task {name}", time.monotonic()
    if not ids:
        reason = "no request of the load enqueued a job"
        return Finding("faults", FOLLOWED, subject, Outcome.UNCOVERED, reason)
    async with connected(service) as connection:
        with _worker(service), suppress(ServerError):  # the lost jobs are counted
            await until(connection, f"SELECT ({UNTRIED}) = 0", ids)
        untried = await connection.fetchval(UNTRIED, ids)
        lost = len(ids) - len(await connection.fetch(KEPT, ids)) + untried
    detail = f"{lost} of {len(ids)} jobs that requests enqueued were not run" if lost else ""
    outcome = Outcome.FAILED if lost else Outcome.PASSED
    return Finding("faults", FOLLOWED, subject, outcome, detail, time.monotonic() - began)


async def _checked(service: ProvedService, check: str, run: Check) -> Finding:
    began = time.monotonic()
    async with connected(service) as connection:
        for statement in TABLES:
            await connection.execute(statement)
        await enqueue(service, prove_job, range(COUNT))
        try:
            detail = await run(service, connection)
        except ServerError as error:
            detail = str(error)
    async with connected(service) as connection:
        await connection.execute(f"DELETE FROM {QUEUE} WHERE entrypoint = $1", prove_job.name)  # noqa: S608
    outcome = Outcome.FAILED if detail else Outcome.PASSED
    return Finding("faults", check, WORKER, outcome, detail, time.monotonic() - began)


async def _killed(service: ProvedService, connection: asyncpg.Connection) -> str:
    """Kill workers while jobs run; others run these jobs after a minute, which passes at once."""
    for _ in range(KILLS):
        begun = await connection.fetchval("SELECT count(*) FROM prove_begun")
        with _worker(service):
            await until(connection, BEGUN, begun)
        await connection.execute(AGE, SILENCE)
    with _worker(service):
        return await _lost(connection)


async def _stopped(service: ProvedService, connection: asyncpg.Connection) -> str:
    """Stop a worker by SIGTERM while jobs run: it ends these jobs first."""
    with _worker(service):
        await until(connection, BEGUN, 0)
        code = service.stop("worker", signal.SIGTERM)
    interrupted = await connection.fetchval(INTERRUPTED + " AND number % $1 > 0", FAILS_ONCE)
    if code:
        return f"it exited with {code} after SIGTERM, in the middle of its jobs"
    return f"after SIGTERM, it interrupted {interrupted} jobs" if interrupted else ""


async def _disconnected(service: ProvedService, connection: asyncpg.Connection) -> str:
    """Restart PostgreSQL while a statement of the worker runs: it connects again."""
    with _worker(service):
        await until(connection, BEGUN, 0)
        async with connected(service) as another:
            await another.execute(LOCK)
            await until(connection, WAITS)
            service.stop("postgres", signal.SIGINT)
        service.start_postgres()
        service.heal()
        async with connected(service) as another:
            await another.execute(AGE, SILENCE)
            lost = await _lost(another)
        code = service.processes["worker"].poll()
    return f"it exited with {code} when PostgreSQL restarted" if code is not None else lost


CHECKS: dict[str, Check] = {
    "job worker killed": _killed,
    "job worker stopped": _stopped,
    "job worker without PostgreSQL": _disconnected,
}


async def _lost(connection: asyncpg.Connection) -> str:
    """Return how many jobs do not end."""
    with suppress(ServerError):  # the lost jobs are counted
        await until(connection, f"SELECT ({ENDED}) = {COUNT}")
    lost = COUNT - await connection.fetchval(ENDED)
    return f"{lost} of {COUNT} jobs never ended" if lost else ""


async def _swallowed(service: ProvedService, task: Task[Any], payloads: list[bytes]) -> Finding:
    """Let all changes fail while a job runs, which must then be retried."""
    subject, began = f"task {task.name}", time.monotonic()
    try:
        data = [task.data.validate_json(payload) for payload in payloads]
    except ValidationError:
        reason = "its jobs need data, and no request of the load enqueued one"
        return Finding("faults", SWALLOWED, subject, Outcome.UNCOVERED, reason)
    async with connected(service) as connection, failing_statements(connection):
        await connection.execute(f"DELETE FROM {QUEUE} WHERE entrypoint = $1", task.name)  # noqa: S608
        await enqueue(service, task, data)
        before = await connection.fetchval(SUCCEEDED, task.name)
        with _worker(service):
            ended = f"SELECT ({RETRIED}) > 0 OR ({SUCCEEDED}) > {before}"
            await until(connection, ended, task.name)
        succeeded = await connection.fetchval(SUCCEEDED, task.name) > before
        failed = await connection.fetchval(FAILURES)
        await connection.execute(f"DELETE FROM {QUEUE} WHERE entrypoint = $1", task.name)  # noqa: S608
    swallows = succeeded and failed
    detail = "its job counts as successful although its changes failed" if swallows else ""
    outcome = Outcome.FAILED if swallows else Outcome.PASSED
    return Finding("faults", SWALLOWED, subject, outcome, detail, time.monotonic() - began)


@contextmanager
def _worker(service: ProvedService) -> Iterator[None]:
    """Run a worker, and kill it at the end of the context."""
    service.processes["worker"] = service.run(
        "python", "-m", "dev.prove.faults.job_worker", PYTHONPATH="src:."
    )
    try:
        yield
    finally:
        service.kill("worker")
