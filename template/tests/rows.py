"""Rows that tests add without requests, and rows as they are stored."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Column, DateTime, String, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.models import Base
from app.models.user import User

VALUES = {bool: False, date: date(2026, 1, 1), dict: {}, list: []}


async def add_row_of(session: AsyncSession, model: type[Any], owner: User, /, **values: Any) -> Any:
    """Add a row of any model; columns without a default get a value of their type.

    A table with rules that those values break needs a function of its own.
    """
    for column in model.__table__.columns:
        has_default = column.default is not None or column.server_default is not None
        if not (column.nullable or has_default or column.key in values):
            values[column.key] = await _value_of(session, column, owner)
    row = model(**values)
    session.add(row)
    await session.flush()
    return row


async def _value_of(session: AsyncSession, column: Column[Any], owner: User) -> object:
    for key in column.foreign_keys:
        if key.column.table is User.__table__:
            return owner.id
        [model] = [
            each.class_ for each in Base.registry.mappers if each.local_table is key.column.table
        ]
        return (await add_row_of(session, model, owner)).id
    if isinstance(column.type, ARRAY):
        return []
    if isinstance(column.type, DateTime):
        return datetime.now(UTC)
    if isinstance(column.type, String):
        return uuid4().hex[: column.type.length]
    kind = column.type.python_type
    return uuid4() if kind is UUID else VALUES.get(kind) if kind in VALUES else kind(1)


async def add_referring_row(session: AsyncSession, row: Any) -> None:
    """Add a table with one row, which refers to `row` and prevents its deletion."""
    await session.execute(text(f"CREATE TABLE referring (id uuid REFERENCES {row.__tablename__})"))
    await session.execute(text("INSERT INTO referring VALUES (:id)"), {"id": row.id})


async def stored(database: Database, model: type[Any]) -> list[dict[str, Any]]:
    """Return all rows of a table, in the order of their ids."""
    rows = await database.fetch_all(select(model.__table__).order_by(model.id), {})
    return [row._asdict() for row in rows]


def is_now(written: str, since: datetime | None = None) -> bool:
    """Return whether a time in a response is the current time, or a date the current date.

    A time before `since` is not.
    """
    now = datetime.now(UTC)
    if len(written) == len("2026-01-01"):
        return date.fromisoformat(written) in {now.date(), (now - timedelta(minutes=1)).date()}
    moment = datetime.fromisoformat(written)
    return abs(now - moment) < timedelta(minutes=1) and (since is None or moment >= since)
