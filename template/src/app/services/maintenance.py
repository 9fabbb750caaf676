"""Scheduled maintenance tasks for the worker."""

from datetime import timedelta

import structlog

from app.core.jobs.queue import forget_jobs
from app.core.jobs.task import task
from app.services.purge import purge_expired
from app.worker_context import JobContext

JOB_LOG_AGE = timedelta(days=30)

logger = structlog.get_logger(__name__)


@task(schedule="30 3 * * *")
async def purge(context: JobContext, _data: None) -> None:
    """Delete expired rows, and entries of the job log that are older than `JOB_LOG_AGE`."""
    now = context.clock()
    async with context.database.begin() as session:
        number = await purge_expired(session, now)
        await forget_jobs(session, now - JOB_LOG_AGE)
    logger.info("purged", rows=number)
