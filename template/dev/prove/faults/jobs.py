"""Jobs: none is lost when workers or PostgreSQL end, and none that failed counts as successful."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import asyncpg
from pydantic import ValidationError

from app.core.jobs.task import Task
from app.worker import TASKS
from dev.errors import ServerError
from dev.prove.faults.failing import FAILURES, failing_statements
from dev.prove.faults.job_interruptions import prove_interruptions, worker
from dev.prove.faults.job_queue import JOBS, KEPT, LOG, QUEUE, UNTRIED, connected, enqueue, until
from dev.prove.findings import Finding, Outcome, Result
from dev.prove.service import ProvedService

FOLLOWED, SWALLOWED = "jobs of requests", "failing job"
RETRIED = f"SELECT count(*) FROM {QUEUE} WHERE entrypoint = $1 AND attempts > 0"  # noqa: S608
SUCCEEDED = f"SELECT count(*) FROM {LOG} WHERE entrypoint = $1 AND status = 'successful'"  # noqa: S608


def prove_jobs(service: ProvedService) -> Iterator[Result]:
    """Run the jobs of requests, interrupt workers while jobs run, and let each task fail."""
    jobs = asyncio.run(_jobs(service))
    for name in sorted(jobs):
        yield asyncio.run(_followed(service, name, [job["id"] for job in jobs[name]]))
    yield from prove_interruptions(service)
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
        with worker(service), suppress(ServerError):  # the lost jobs are counted
            await until(connection, f"SELECT ({UNTRIED}) = 0", ids)
        untried = await connection.fetchval(UNTRIED, ids)
        lost = len(ids) - len(await connection.fetch(KEPT, ids)) + untried
    detail = f"{lost} of {len(ids)} jobs that requests enqueued were not run" if lost else ""
    outcome = Outcome.FAILED if lost else Outcome.PASSED
    return Finding("faults", FOLLOWED, subject, outcome, detail, time.monotonic() - began)


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
        with worker(service):
            ended = f"SELECT ({RETRIED}) > 0 OR ({SUCCEEDED}) > {before}"
            await until(connection, ended, task.name)
        succeeded = await connection.fetchval(SUCCEEDED, task.name) > before
        failed = await connection.fetchval(FAILURES)
        await connection.execute(f"DELETE FROM {QUEUE} WHERE entrypoint = $1", task.name)  # noqa: S608
    swallows = succeeded and failed
    detail = "its job counts as successful although its changes failed" if swallows else ""
    outcome = Outcome.FAILED if swallows else Outcome.PASSED
    return Finding("faults", SWALLOWED, subject, outcome, detail, time.monotonic() - began)
