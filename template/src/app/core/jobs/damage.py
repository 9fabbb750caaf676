"""Prevents an unreadable job, or a job that kills its worker, from blocking all other jobs.

Such a job is held, like a job that failed in its last attempt: it stays in the table until a person
requeues or deletes it.
"""

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import Job, Queries
from pgqueuer.models import (
    CronExpressionEntrypoint,
    QueueEntrypoint,
    QueueManagerId,
    Schedule,
    TracebackRecord,
)
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pydantic import ValidationError

from app.core.jobs.metrics import JobMetrics
from app.core.jobs.queue import NAMES
from app.core.jobs.task import Task

QUEUE = NAMES.qualified.queue_table
LOG = NAMES.qualified.queue_table_log
STATUS = NAMES.qualified.queue_status_type
# pgqueuer raises ValueError for an invalid row, and asyncpg raises OverflowError for a time before
# the year 1 or after 9999.
UNREADABLE = (ValueError, OverflowError)

# With this timeout, pgqueuer leaves all lost jobs to `FREE_LOST`.
NEVER = timedelta(days=10_000)
# A job is lost if its worker is dead: the heartbeat in its row is old, or far in the future.
# The death of the worker counts as an attempt, so that a job that kills its worker is not retried
# forever. As after a failure, the delay increases with every attempt. While the job that kills
# workers waits, the other lost jobs of the same worker can finish.
FREE_LOST = f"""
WITH tasks AS (
    SELECT unnest($2::text[]) AS task, unnest($3::int[]) AS max_retries
), lost AS (
    SELECT id FROM {QUEUE}
    WHERE status = 'picked' AND entrypoint = ANY($2)
    AND heartbeat NOT BETWEEN now() - $1::interval AND now() + interval '1 day'
    FOR UPDATE SKIP LOCKED
), freed AS (
    UPDATE {QUEUE} SET
        status = (CASE WHEN attempts < max_retries THEN 'queued' ELSE 'failed' END)::{STATUS},
        attempts = least(attempts, 1000000) + 1,
        execute_after = now()
            + interval '1 second' * least(2 ^ greatest(0, least(attempts, 5)), 30),
        queue_manager_id = NULL,
        updated = now()
    FROM tasks
    WHERE id IN (SELECT id FROM lost) AND entrypoint = task
    RETURNING id, entrypoint, priority, status
), logged AS (
    INSERT INTO {LOG} (job_id, status, entrypoint, priority)
    SELECT id, status, entrypoint, priority FROM freed
)
SELECT id, entrypoint AS task, status = 'failed' AS is_held FROM freed
"""  # noqa: S608 - the names are constants
# The jobs that this worker took with its last statement, which gave all of them the same time.
TAKEN = f"""
SELECT id, entrypoint AS task FROM {QUEUE}
WHERE queue_manager_id = $1 AND status = 'picked' AND updated = (
    SELECT max(updated) FROM {QUEUE} WHERE queue_manager_id = $1 AND status = 'picked'
)
ORDER BY priority DESC, id
"""  # noqa: S608
ONE = f"SELECT * FROM {QUEUE} WHERE id = $1"  # noqa: S608
# `pgq` can list and requeue a held job; its original headers are kept for inspection.
HOLD = f"""
WITH held AS (
    UPDATE {QUEUE} SET
        status = 'failed',
        queue_manager_id = NULL,
        headers = jsonb_build_object('unreadable', headers::text),
        created = CASE WHEN created > '0001-01-02' THEN created ELSE now() END,
        execute_after = now(),
        updated = now()
    WHERE id = $1
    RETURNING id, entrypoint, priority, status
)
INSERT INTO {LOG} (job_id, status, entrypoint, priority, traceback)
SELECT id, status, entrypoint, priority, $2::jsonb FROM held
"""  # noqa: S608
# The code defines each schedule, so replacing its row loses only times.
FORGET_BROKEN_SCHEDULES = f"""
DELETE FROM {NAMES.qualified.schedules_table}
WHERE entrypoint = ANY($1) AND (
    status IN ('queued', 'picked')
    AND least(created, updated, heartbeat, next_run, last_run) > '0001-01-02'
    AND greatest(created, updated, heartbeat, next_run, last_run) < '9999-12-30'
) IS NOT TRUE
RETURNING id, entrypoint AS task
"""  # noqa: S608

logger = structlog.get_logger(__name__)


@dataclasses.dataclass
class WorkerQueries(Queries):
    """pgqueuer's statements, with repairs of unreadable and lost rows."""

    tasks: Sequence[Task[Any]] = dataclasses.field(kw_only=True)
    metrics: JobMetrics = dataclasses.field(kw_only=True)
    _next_repair: float = dataclasses.field(default=0, init=False)

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[Job]:
        """Take jobs from the queue; hold those that are unreadable."""
        now = asyncio.get_running_loop().time()
        if now >= self._next_repair:
            self._next_repair = now + heartbeat_timeout.total_seconds() / 4
            await self._free_lost(heartbeat_timeout)
        try:
            return await super().dequeue(
                batch_size, entrypoints, queue_manager_id, global_concurrency_limit, NEVER
            )
        except UNREADABLE:
            taken = await self.driver.fetch(TAKEN, queue_manager_id)
            jobs = [await self._read(row["id"], row["task"]) for row in taken]
            return [job for job in jobs if job is not None]

    async def next_deferred_eta(self, entrypoints: list[QueueEntrypoint]) -> timedelta | None:
        """Return the time until the next job, or None if that time cannot be read."""
        try:
            return await super().next_deferred_eta(entrypoints)
        except (*UNREADABLE, asyncpg.DataError):  # depending on the version of PostgreSQL
            return None

    async def insert_schedule(self, schedules: dict[CronExpressionEntrypoint, timedelta]) -> None:
        """Add missing schedules; replace unreadable ones."""
        names = [schedule.entrypoint for schedule in schedules]
        for row in await self.driver.fetch(FORGET_BROKEN_SCHEDULES, names):
            logger.error("schedule_replaced", task=row["task"], schedule_id=row["id"])
        await super().insert_schedule(schedules)

    async def fetch_schedule(
        self, entrypoints: dict[CronExpressionEntrypoint, timedelta]
    ) -> list[Schedule]:
        """Return the due schedules; repair unreadable ones."""
        try:
            return await super().fetch_schedule(entrypoints)
        except UNREADABLE:
            await self.insert_schedule(entrypoints)
            return []

    async def _free_lost(self, heartbeat_timeout: timedelta) -> None:
        names = [task.name for task in self.tasks]
        retries = [task.max_retries for task in self.tasks]
        for row in await self.driver.fetch(FREE_LOST, heartbeat_timeout, names, retries):
            logger.warning("job_lost", job_id=row["id"], task=row["task"])
            if row["is_held"]:
                self._report_held(row["id"], row["task"], "Its worker died in the last attempt.")

    async def _read(self, job_id: Any, task: Any) -> Job | None:  # noqa: ANN401 - from a row
        try:
            [row] = await self.driver.fetch(ONE, job_id)
            return Job.model_validate(row)
        except UNREADABLE as error:
            reason = _reason(error)
        record = TracebackRecord.from_exception(ValueError(reason), job_id)
        await self.driver.fetch(HOLD, job_id, record.model_dump_json())
        self._report_held(job_id, task, reason)
        return None

    def _report_held(self, job_id: Any, task: Any, reason: str) -> None:  # noqa: ANN401
        self.metrics.jobs.labels(task, "held").inc()
        logger.error("job_held", job_id=job_id, task=task, reason=reason)


def _reason(error: Exception) -> str:
    """Describe an error without its values, which may be secret."""
    if not isinstance(error, ValidationError):
        return str(error)
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{detail['loc'][0]}: {detail['msg']}" for detail in details)
