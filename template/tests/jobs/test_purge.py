"""The job that purges expired rows."""

from datetime import timedelta

from sqlalchemy import text

from app.models.user import User
from app.worker import TASKS
from app.worker_context import JobContext
from tests.clients import StoppedClock
from tests.jobs.eager import EagerDatabase
from tests.logs import LogLines

LOG = text(
    "INSERT INTO pgqueuer.pgqueuer_log (created, job_id, status, priority, entrypoint) "
    "VALUES (:created, :job_id, 'successful', 0, 'purge')"
)
LOGGED = text("SELECT job_id FROM pgqueuer.pgqueuer_log WHERE status = 'successful'")


async def test_the_purge_job_deletes_expired_rows_and_old_job_logs(
    eager_jobs: EagerDatabase,
    context: JobContext,
    user: User,
    clock: StoppedClock,
    log_lines: LogLines,
) -> None:
    [purge] = [task for task in TASKS if task.name == "purge"]
    clock.advance(days=100)
    async with context.database.begin() as session:
        for job_id, days in [(1, 31), (2, 29)]:
            created = clock() - timedelta(days=days)
            await session.execute(LOG, {"created": created, "job_id": job_id})

    async with eager_jobs.begin() as session:
        await purge.enqueue(session, None)

    async with context.database.begin() as session:
        assert (await session.scalars(LOGGED)).all() == [2]
    [line] = [line for line in log_lines() if line["event"] == "purged"]
    assert line["rows"] == 1
    assert purge.schedule == "30 3 * * *"
