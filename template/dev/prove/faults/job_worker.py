"""A worker that runs the tasks of the project, and one task whose jobs can be watched."""

import asyncio

from sqlalchemy import text

from app.config import get_settings
from app.core.jobs.task import task
from app.worker import TASKS, run
from app.worker_context import JobContext

SECONDS = 0.1
FAILS_ONCE = 5  # each fifth job fails in its first attempt
INSERT = "INSERT INTO {} VALUES (:number)"


@task()
async def prove_job(context: JobContext, number: int) -> None:
    """Record the start and the end of a job."""
    async with context.database.begin() as session:
        await session.execute(text(INSERT.format("prove_begun")), {"number": number})
        count = text("SELECT count(*) FROM prove_begun WHERE number = :number")
        attempts = (await session.execute(count, {"number": number})).scalar_one()
    await asyncio.sleep(SECONDS)
    if attempts == 1 and number % FAILS_ONCE == 0:
        raise RuntimeError("This job of `poe prove` fails once.")
    async with context.database.begin() as session:
        await session.execute(text(INSERT.format("prove_ended")), {"number": number})


if __name__ == "__main__":
    asyncio.run(run(get_settings(), [*TASKS, prove_job]))
