"""Jobs without a worker: each runs after the commit of the transaction that enqueued it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pgqueuer import Job
from sqlalchemy import Row, Select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.jobs.metrics import JobMetrics
from app.core.jobs.runner import JobRunner
from app.core.jobs.task import Task
from app.database import Database, Ts
from app.worker_context import JobContext

TAKE = text(
    "DELETE FROM pgqueuer.pgqueuer WHERE id = (SELECT min(id) FROM pgqueuer.pgqueuer) RETURNING *"
)


class EagerDatabase(Database):
    """The test's database, which runs the enqueued jobs after each transaction.

    Jobs run without their delay. A failed job raises its error and is not retried.
    """

    def __init__(self, context: JobContext, tasks: Sequence[Task[Any]]) -> None:
        self._database = context.database
        self._tasks = {task.name: task for task in tasks}
        self._runner = JobRunner(context, JobMetrics(self._tasks))

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction; after its commit, run the jobs that it enqueued."""
        async with self._database.begin() as session:
            yield session
        while job := await self._take():
            # In a separate asyncio task, a job cannot change the context variables of the request.
            await asyncio.create_task(self._runner.run(self._tasks[job.entrypoint], job))

    async def fetch_one(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Row[*Ts] | None:
        """Read one row."""
        return await self._database.fetch_one(statement, parameters)

    async def _take(self) -> Job | None:
        async with self._database.begin() as session:
            row = (await session.execute(TAKE)).mappings().one_or_none()
        return Job.model_validate(dict(row)) if row else None
