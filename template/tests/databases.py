"""Databases that tests create and drop. Other databases of the server stay unchanged."""

import asyncio
from asyncio import Task
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Row, Select, event, func, literal_column, select, table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker

from app.core.db import revisions
from app.core.db.database_url import read_database_url
from app.core.db.engine import connect, connect_arguments
from app.core.db.reads import AnyRow
from app.database import Database, Ts

WAITING: Select[int] = (
    select(func.count())
    .select_from(table("pg_stat_activity"))
    .where(literal_column("datname") == func.current_database())
    .where(literal_column("wait_event_type") == "Lock")
)


class RolledBackDatabase(Database):
    """A database on one connection. The caller rolls back all changes after the test."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )

    async def fetch_one(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Row[*Ts] | None:
        """Read one row, including uncommitted changes of the test."""
        return (await self._connection.execute(statement, parameters)).one_or_none()

    async def fetch_all(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Sequence[AnyRow]:
        """Read all rows, including uncommitted changes of the test."""
        return (await self._connection.execute(statement, parameters)).all()

    @asynccontextmanager
    async def undone(self) -> AsyncGenerator[None]:
        """Undo the changes that are made within the context, but no earlier changes."""
        savepoint = await self._connection.begin_nested()
        yield
        await savepoint.rollback()


@contextmanager
def new_database(server_url: str, *, template: URL | None = None) -> Iterator[URL]:
    """Create an empty database, or a copy of `template`; yield its URL, and drop it at the end."""
    url = read_database_url(server_url).set(database=f"test_{uuid4().hex}")
    # Remove a given application name, since tests look for the name that the service sets.
    url = url.difference_update_query(["application_name"])
    source = "template1" if template is None else template.database
    # For small databases, `file_copy` is the fastest strategy.
    execute(server_url, f'CREATE DATABASE "{url.database}" TEMPLATE "{source}" STRATEGY file_copy')
    try:
        yield url
    finally:
        execute(server_url, f'DROP DATABASE "{url.database}" WITH (FORCE)')


def alembic_config(url: URL, file: str | Path = "alembic.ini") -> Config:
    """Return the project's configuration of Alembic for the database at `url`."""
    config = revisions.read_config(Path(file))
    config.attributes["url"] = url
    return config


def migrate(url: URL) -> None:
    """Migrate the database at `url` to the newest revision."""
    command.upgrade(alembic_config(url), "head")


def execute(url: str | URL, statement: str) -> list[asyncpg.Record]:
    """Run a statement outside of a transaction, and return its rows."""

    async def run() -> list[asyncpg.Record]:
        connection = await connect(**connect_arguments(url))
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()

    return asyncio.run(run())


async def wait_until_blocked(database: Database, *requests: Task[Any]) -> None:
    """Wait until each request has ended, or waits for a lock that another connection holds."""
    async with asyncio.timeout(30):
        while waiting := [each for each in requests if not each.done()]:
            if await database.fetch_one(WAITING, {}) == (len(waiting),):
                return


@contextmanager
def counted_statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """Yield a list to which every statement that the engine executes is appended."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
