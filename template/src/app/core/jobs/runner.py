"""Runs jobs, with logs, metrics and a timeout."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from pgqueuer import DatabaseRetryEntrypointExecutor, Job, PgQueuer, RetryRequested
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.core.http.middleware.request_context import REQUEST_ID
from app.core.http.request_context import CONTEXT
from app.core.jobs.metrics import JobMetrics
from app.core.jobs.task import CONTEXT_IDS, Task

FIRST_DELAY = timedelta(seconds=1)  # doubled for each retry
LONGEST_DELAY = timedelta(hours=1)

logger = structlog.get_logger(__name__)


class Transactions(Protocol):
    """Opens transactions, as `Database` does."""

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open a transaction: committed on success, rolled back on error."""


class Context(Protocol):
    """The part of `JobContext` that this package needs."""

    @property
    def database(self) -> Transactions:
        """The database of the jobs."""


class JobRunner:
    """Runs jobs with the service's context, and returns interrupted jobs to the queue."""

    def __init__(self, context: Context, metrics: JobMetrics) -> None:
        self._context = context
        self._metrics = metrics
        self._running: set[asyncio.Task[Any]] = set()

    def add(self, task: Task[Any], queuer: PgQueuer) -> None:
        """Make `queuer` run the jobs of a task, and enqueue jobs by the task's schedule."""
        executor = partial(
            DatabaseRetryEntrypointExecutor,
            max_attempts=task.max_retries,
            initial_delay=FIRST_DELAY,
            max_delay=LONGEST_DELAY,
        )
        # A job that failed in its last attempt is held until a person requeues or deletes it.
        add = queuer.entrypoint(task.name, on_failure="hold", executor_factory=executor)
        add(partial(self.run, task))
        if task.schedule:
            queuer.schedule(task.name, task.schedule)(partial(self._enqueue, task))

    async def run(self, task: Task[Any], job: Job) -> None:
        """Run one job; log its failure or its duration."""
        _bind(job)
        is_last = job.attempts >= task.max_retries
        started = time.perf_counter()
        try:
            with self._metrics.measure(task.name, is_last=is_last):
                await self._run(task, job)
        except Exception:
            # pgqueuer logs the last failure, as an error.
            if not is_last:
                logger.warning("job_failed", attempt=job.attempts + 1, exc_info=True)
            raise
        duration_ms = round((time.perf_counter() - started) * 1000, 2)
        logger.info("job_done", attempt=job.attempts + 1, duration_ms=duration_ms)

    def give_back(self) -> None:
        """Cancel the running jobs, so that another worker runs them."""
        for running in self._running:
            running.cancel()

    async def _run(self, task: Task[Any], job: Job) -> None:
        running = asyncio.current_task()
        assert running  # noqa: S101 - this is a coroutine
        self._running.add(running)
        try:
            async with asyncio.timeout(task.timeout_seconds):
                await task.run(self._context, task.data.validate_json(job.payload or b"null"))
        except asyncio.CancelledError:
            # pgqueuer would treat a cancellation as requested by a person, and delete the job.
            running.uncancel()
            raise RetryRequested(reason="The worker stopped.") from None
        finally:
            self._running.discard(running)

    async def _enqueue(self, task: Task[Any], _schedule: object) -> None:
        async with self._context.database.begin() as session:
            await task.enqueue(session, None, dedupe_key=task.name)


def _bind(job: Job) -> None:
    """Add the ids of the job and of its request to the log lines of the job."""
    clear_contextvars()
    bind_contextvars(job_id=job.id, task=job.entrypoint, **_context_ids(job.headers or {}))


def _context_ids(headers: Mapping[str, object]) -> dict[str, str]:
    """Return the valid ids of the request from the headers of a job."""
    ids: dict[str, str] = {}
    for name in CONTEXT_IDS:
        value = headers.get(name)
        if isinstance(value, str) and REQUEST_ID.fullmatch(value):
            with suppress(ValidationError):
                CONTEXT.validate_python({name: value})
                ids[name] = value
    return ids
