"""The queue: pgqueuer's tables, in a PostgreSQL schema of their own."""

from datetime import datetime
from typing import Any

from pgqueuer import AsyncpgDriver, Queries
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver, NotifyCallback
from pydantic_settings import PydanticBaseSettingsSource
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

SCHEMA = "pgqueuer"


class QueueNames(DBSettings):
    """The names of pgqueuer's tables, whatever variables the environment has."""

    @classmethod
    def settings_customise_sources(  # type: ignore[override] # the others are not looked at
        cls, *_: object, init_settings: PydanticBaseSettingsSource, **__: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is said here and nothing else."""
        return (init_settings,)


NAMES = QueueNames(db_schema=SCHEMA)
# They write pgqueuer's statements, with these names.
BUILDERS = (
    QueryBuilderEnvironment(NAMES),
    QueryQueueBuilder(NAMES),
    QuerySchedulerBuilder(NAMES),
)
# A line for each step of each job, and their sums: the queue's past, which only grows.
FORGET = tuple(
    text(f"DELETE FROM {table} WHERE created < :before").bindparams(bindparam("before"))  # noqa: S608
    for table in (NAMES.qualified.queue_table_log, NAMES.qualified.statistics_table)
)


class SessionDriver(Driver):
    """Lets pgqueuer write by statements of a session, which are part of its transaction.

    SQLAlchemy begins that transaction with its first statement. What reached asyncpg past it
    before would be committed at once, whatever became of the request.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        """Run a statement and return its rows."""
        connection = await self._session.connection()
        result = await connection.exec_driver_sql(query, args)
        return [dict(row) for row in result.mappings()]


class ListeningDriver(AsyncpgDriver):
    """Reads the notifications of a database of any locale."""

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Listen; pgqueuer's trigger has lower("INSERT"), which in Turkish has no dot."""

        def receive(payload: str | bytes | bytearray) -> None:
            callback(str(payload).replace("\u0131nsert", "insert"))

        await super().add_listener(channel, receive)


def queries(driver: Driver) -> Queries:
    """Return pgqueuer's statements on its tables, run by `driver`."""
    return Queries(driver, *BUILDERS)


async def forget_jobs(session: AsyncSession, before: datetime) -> None:
    """Delete what is logged of jobs before a time; no job itself."""
    for statement in FORGET:
        await session.execute(statement, {"before": before})
