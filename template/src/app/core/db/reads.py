"""Reads by one statement, which need no transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVarTuple

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

Ts = TypeVarTuple("Ts")
AnyRow = Row[*tuple[Any, ...]]


class Reads(Protocol):
    """Executes each statement by itself, and sees only committed data. `Database` implements it."""

    async def fetch_one(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Row[*Ts] | None:
        """Return one row or `None`."""

    async def fetch_all(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Sequence[AnyRow]:
        """Return all rows. An entity in `statement` is read as its columns."""


async def fetch_columns(
    source: AsyncSession | Reads, statement: Select[*Ts], parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    """Return all rows, in the transaction of a session or without one."""
    if isinstance(source, AsyncSession):
        return await source.run_sync(read_columns, statement, parameters)
    return await source.fetch_all(statement, parameters)


def read_columns(
    session: Session, statement: Select[*Ts], parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    """Return all rows, in the transaction of a session."""
    return session.connection().execute(statement, parameters).all()
