"""Tasks: functions that a worker runs in the background."""

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
# The first argument is the service's `JobContext`, which this package cannot import.
Run = Callable[[Any, Data], Awaitable[None]]

# A job stores these ids of the request that enqueued it, for its log lines.
CONTEXT_IDS = ("request_id", "trace_id", "user_id", "session_id")


@dataclass(frozen=True, kw_only=True)
class Task(Generic[Data]):
    """A function that a worker runs at least once for each job, so it must be idempotent."""

    run: Run[Data]
    data: TypeAdapter[Data]
    schedule: str | None
    max_retries: int
    timeout_seconds: float

    @property
    def name(self) -> str:
        """The task's name in the queue. A renamed task does not run jobs with its old name."""
        return self.run.__name__

    async def enqueue(
        self,
        session: AsyncSession,
        data: Data,
        *,
        delay: timedelta | None = None,
        dedupe_key: str | None = None,
    ) -> bool:
        """Add a job in the transaction of `session`; the job exists once the commit succeeds.

        Return False, and add no job, if a job with the same `dedupe_key` is waiting or running.
        """
        context = get_contextvars()
        driver = SessionDriver(session)  # type: ignore[abstract] # only `fetch` is used
        added = await queries(driver).enqueue(
            self.name,
            self.data.dump_json(data),
            execute_after=delay,
            dedupe_key=dedupe_key,
            headers={name: context[name] for name in CONTEXT_IDS if name in context},
            on_conflict="skip",
        )
        return added != [None]


def task(
    *, schedule: str | None = None, max_retries: int = 8, timeout_seconds: float = 60
) -> Callable[[Run[Data]], Task[Data]]:
    """Turn a function into a task. The function's parameters are a `JobContext` and JSON data.

    `schedule` is a cron expression in UTC: a job is enqueued at each of its times.
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
