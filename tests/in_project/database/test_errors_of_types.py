"""Errors that a column type of the owner raises: the database is available."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import (
    URL,
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps import DbSession
from app.database import Database
from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.logs import LogLines

PID = select(func.pg_backend_pid())


class Sealed(TypeDecorator[str]):
    """A type that calls another system, which fails."""

    impl = Text
    cache_ok = True

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self.error = error

    def process_bind_param(self, value: Any, _dialect: object) -> Any:
        return self._fail("write", value)

    def process_result_value(self, value: Any, _dialect: object) -> Any:
        return self._fail("read", value)

    def _fail(self, action: str, value: Any) -> Any:
        if value == action:
            raise self.error("the other system")
        return value


async def write(session: AsyncSession, sealed: Sealed) -> None:
    await session.execute(select(literal("write", sealed)))


async def read(session: AsyncSession, sealed: Sealed) -> None:
    await session.scalar(select(literal("read", sealed)))


async def read_a_default(session: AsyncSession, sealed: Sealed) -> None:
    """Insert a row; SQLAlchemy reads the defaults while it executes the statement."""
    letters = Table(
        *("letters", MetaData(), Column("id", Integer, primary_key=True)),
        Column("text", sealed, server_default="read"),
    )
    await (await session.connection()).run_sync(letters.create)
    await session.execute(insert(letters).values(id=1).return_defaults(letters.c.text))


@pytest.mark.parametrize("error", [OSError, TimeoutError])
@pytest.mark.parametrize("use", [write, read, read_a_default])
async def test_an_error_in_a_custom_column_type_returns_500_and_keeps_the_connection(
    make_app: MakeApp,
    shared_database: URL,
    log_lines: LogLines,
    use: Callable[[AsyncSession, Sealed], Awaitable[None]],
    error: type[Exception],
) -> None:
    """ERR-01, REL-05"""
    url = shared_database.render_as_string(hide_password=False)
    app = await make_app(database_url=url, database_pool_size=1)
    database: Database = app.state.resources.database
    pid = await database.fetch_one(PID, {})

    @app.get("/letters")
    async def read_letters(session: DbSession) -> None:
        await use(session, Sealed(error))

    response = await client_of(app).get("/letters")

    assert response.status_code == 500
    assert problem(response)["error_code"] == "INTERNAL_SERVER_ERROR"
    [line] = [line for line in log_lines() if line["event"] == "unexpected_error"]
    assert f"{error.__name__}: the other system" in line["exception"]
    assert "in _fail" in line["exception"]
    assert await database.fetch_one(PID, {}) == pid
