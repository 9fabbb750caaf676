"""The queue: pgqueuer's tables, in their own PostgreSQL schema."""

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
    """The names of pgqueuer's tables, independent of environment variables."""

    @classmethod
    def settings_customise_sources(  # type: ignore[override] # ignores the other sources
        cls, *_: object, init_settings: PydanticBaseSettingsSource, **__: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use only the arguments of the constructor."""
        return (init_settings,)


NAMES = QueueNames(db_schema=SCHEMA)
# Builders of pgqueuer's statements on these tables.
BUILDERS = (
    QueryBuilderEnvironment(NAMES),
    QueryQueueBuilder(NAMES),
    QuerySchedulerBuilder(NAMES),
)
# The queue's log has a row for each step of a job. pgqueuer never deletes rows from the log or the
# statistics.
FORGET = tuple(
    text(f"DELETE FROM {table} WHERE created < :before").bindparams(bindparam("before"))  # noqa: S608
    for table in (NAMES.qualified.queue_table_log, NAMES.qualified.statistics_table)
)


class SessionDriver(Driver):
    """Lets pgqueuer write through a session, as part of its transaction.

    SQLAlchemy begins the transaction with its first statement. A statement sent directly to asyncpg
    before that would be committed immediately, even if the request fails later.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        connection = await self._session.connection()
        result = await connection.exec_driver_sql(query, args)
        return [dict(row) for row in result.mappings()]


class ListeningDriver(AsyncpgDriver):
    """Receives notifications from a database with any locale."""

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Listen, and replace the dotless i that pgqueuer's trigger sends in Turkish locales."""

        def receive(payload: str | bytes | bytearray) -> None:
            callback(str(payload).replace("\u0131nsert", "insert"))

        await super().add_listener(channel, receive)


def queries(driver: Driver) -> Queries:
    """Return pgqueuer's statements on its tables, run by `driver`."""
    return Queries(driver, *BUILDERS)


async def forget_jobs(session: AsyncSession, before: datetime) -> None:
    """Delete entries of the queue's log and statistics from before a time; keep all jobs."""
    for statement in FORGET:
        await session.execute(statement, {"before": before})
