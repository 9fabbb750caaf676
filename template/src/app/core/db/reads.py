"""Reads by one statement, which need no transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVarTuple

from sqlalchemy import (
    Connection,
    Interval,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

Ts = TypeVarTuple("Ts")
AnyRow = Row[*tuple[Any, ...]]

# The execution option of a statement that may take fewer milliseconds than others.
TIMEOUT_MS = "statement_timeout_ms"
_SETTING = "statement_timeout"
_BEFORE, _WANTED = func.current_setting(_SETTING), bindparam("timeout", type_=String)
# PostgreSQL writes the setting as an interval such as "5s" or "100ms", or as "0" without a limit.
_IS_SHORTER = and_(_BEFORE != "0", cast(_BEFORE, Interval) < cast(_WANTED, Interval))
_SHORTER = case((_IS_SHORTER, _BEFORE), else_=_WANTED)
_SHORTEN_TIMEOUT = select(_BEFORE, func.set_config(_SETTING, _SHORTER, True))
_SET_TIMEOUT = select(func.set_config(_SETTING, _WANTED, True))


class Reads(Protocol):
    """Executes each statement by itself, and sees only committed data. `Database` implements it."""

    async def fetch_one(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Row[*Ts] | None:
        """Return one row or `None`. It is never read in a transaction that an event prepares."""

    async def fetch_all(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Sequence[AnyRow]:
        """Return all rows. An entity in `statement` is read as its columns."""


async def fetch_columns(
    source: AsyncSession | Reads, statement: Select[*Ts], parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    """Return all rows, in the transaction of a session or without one."""
    if isinstance(source, AsyncSession):
        return await source.run_sync(_read_columns, statement, parameters)
    return await source.fetch_all(statement, parameters)


def read_in_session(
    session: Session, statement: Select[*Ts], parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    """Return all rows, and call the event `do_orm_execute` if the statement has no entity."""
    descriptions = statement.column_descriptions
    # Tables and functions have no entity; a column of an entity has one, and is not the entity.
    if any(each["expr"] is each.get("entity") for each in descriptions):
        return _read_columns(session, statement, parameters)
    return read_entities(session, statement, parameters)


def _read_columns(
    session: Session, statement: Select[*Ts], parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    connection = session.connection()
    with time_limit(connection, statement):
        return connection.execute(statement, parameters).all()


def read_entities(
    session: Session, statement: Select[*Ts], parameters: Mapping[str, Any]
) -> Sequence[Row[*Ts]]:
    """Return all rows with their entities, in the transaction of a session."""
    with time_limit(session.connection(), statement):
        return session.execute(statement, parameters).all()


@contextmanager
def time_limit(connection: Connection, statement: Select[*Ts]) -> Iterator[None]:
    """Apply the timeout of a statement, if it has one and it is shorter than the current one."""
    timeout = statement.get_execution_options().get(TIMEOUT_MS)
    if timeout is None:
        yield
        return
    before, _ = connection.execute(_SHORTEN_TIMEOUT, {"timeout": f"{timeout}ms"}).one()
    yield
    connection.execute(_SET_TIMEOUT, {"timeout": before})
