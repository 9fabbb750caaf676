"""Statements for planned reads, and comparisons of their errors with those of SQLAlchemy."""

from typing import Any

import pytest
from sqlalchemy import Select, bindparam, func, literal, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import Boolean, Float, Integer

from app.database import Database

PID = select(func.pg_backend_pid().label("pid"))
QUOTIENT = select((literal(1, Integer) / bindparam("by", type_=Integer)).label("quotient"))
SLEEP = select(func.pg_sleep(bindparam("seconds", type_=Float)).label("pg_sleep"))
END = select(
    type_coerce(func.pg_terminate_backend(bindparam("pid", type_=Integer)), Boolean).label("ended")
)


async def plan(database: Database, statement: Select[Any], **parameters: Any) -> None:
    """Execute a statement until it is planned."""
    for _ in range(2):
        await database.fetch_all(statement, parameters)


async def error_of_sqlalchemy(
    engine: AsyncEngine, statement: Select[Any], **parameters: Any
) -> Exception:
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with pytest.raises(Exception) as raised:  # noqa: PT011 - it is compared
        async with autocommit.connect() as connection:
            await connection.execute(statement, parameters)
    return raised.value


def facts(error: Any) -> tuple[object, ...]:
    """Return what handlers read of an error."""
    driver = getattr(error, "orig", None)
    details = (type(driver), type(driver and driver.__cause__), getattr(driver, "sqlstate", None))
    return type(error), str(error), details, getattr(error, "connection_invalidated", None)
