"""Tasks: functions that a worker runs, later."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import get_contextvars

from app.core.jobs.queue import SessionDriver, queries

Data = TypeVar("Data")
# The first argument is the `JobContext` of the service, which is made beyond this room.
Run = Callable[[Any, Data], Awaitable[None]]

# What a job knows of the request that enqueued it, and its log lines say.
CARRIED = ("request_id", "trace_id", "user_id", "session_id")


@dataclass(frozen=True, kw_only=True)
class Task(Generic[Data]):
    """What a worker runs at least once for each job, so that twice must do no harm."""

    run: Run[Data]
    data: TypeAdapter[Data]
    schedule: str | None
    max_retries: int
    timeout_seconds: float

    @property
    def name(self) -> str:
        """The task's name in the queue: jobs that wait under an old one are never run."""
        return self.run.__name__

    async def enqueue(
        self,
        session: AsyncSession,
        data: Data,
        *,
        delay: timedelta | None = None,
        dedupe_key: str | None = None,
    ) -> bool:
        """Add a job to the transaction: it exists if that is committed, and only then.

        Return False, and add none, while a job with the same `dedupe_key` waits or runs.
        """
        carried = get_contextvars()
        driver = SessionDriver(session)  # type: ignore[abstract] # nothing else is asked of it
        added = await queries(driver).enqueue(
            self.name,
            self.data.dump_json(data),
            execute_after=delay,
            dedupe_key=dedupe_key,
            headers={name: carried[name] for name in CARRIED if name in carried},
            on_conflict="skip",
        )
        return added != [None]


def task(
    *, schedule: str | None = None, max_retries: int = 8, timeout_seconds: float = 60
) -> Callable[[Run[Data]], Task[Data]]:
    """Make a task of a function, which takes a `JobContext` and anything that fits into JSON.

    `schedule` is when a job of it is enqueued by itself, as cron says it, in UTC.
    """

    def decorate(run: Run[Data]) -> Task[Data]:
        _, data = inspect.signature(run, eval_str=True).parameters.values()
        return Task(
            run=run,
            data=TypeAdapter(data.annotation),
            schedule=schedule,
            max_retries=max_retries,
            timeout_seconds=timeout_seconds,
        )

    return decorate
