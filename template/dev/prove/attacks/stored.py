"""Rows as they are stored, and copies of rows."""

import os
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError

from app.database import Database
from app.models import Base
from app.models.user import User
from dev.prove.operations import unique_groups, vary

Stored = dict[str, list[dict[str, Any]]]
USERS = User.__table__


async def all_rows(database: Database) -> Stored:
    """Return all rows of all tables, by the name of the table."""
    return {
        table.name: [row._asdict() for row in await database.fetch_all(select(table), {})]
        for table in Base.metadata.sorted_tables
    }


def changes(before: Stored, after: Stored) -> Stored:
    """Return the rows of each table that are new or have changed."""
    return {
        name: changed
        for name, rows in after.items()
        if (changed := [row for row in rows if row not in before[name]])
    }


def owner_columns(table: Table) -> list[str]:
    """Return the names of the columns that refer to users."""
    return [
        column.name
        for column in table.columns
        if any(key.column.table is USERS for key in column.foreign_keys)
    ]


def tables_of(stored: Stored, owner: UUID) -> list[tuple[Table, str, dict[str, Any]]]:
    """Return each table that has a row of a user, with the referring column and that row."""
    return [
        (table, column, row)
        for table in Base.metadata.sorted_tables
        for column in owner_columns(table)[:1]
        for row in [row for row in stored[table.name] if row[column] == owner][:1]
    ]


async def copy_row(
    database: Database, table: Table, row: Mapping[str, Any], number: int, **changed: Any
) -> list[dict[str, Any]]:
    """Insert copies of a row with new ids and other unique values; return those added."""
    unique = {name for group in unique_groups(table) for name in group}
    references = {column.name for column in table.columns if column.foreign_keys}
    fresh = (unique - references | {column.name for column in table.primary_key}) - changed.keys()
    kept = [column.name for column in table.columns if column.computed is None]
    copies = [
        {name: _fresh(row[name], each) if name in fresh else row[name] for name in kept} | changed
        for each in range(1, number + 1)
    ]
    try:
        async with database.begin() as session:
            await session.execute(insert(table), copies)
    except IntegrityError:  # the rows of this table do not permit copies
        return []
    return copies


async def copy_rows_of(
    database: Database, stored: Stored, owner: UUID, other: UUID
) -> dict[Any, Any]:
    """Copy the rows of a user for another one, together with all rows that refer to them.

    Return the new key for each key. Rows that permit no copies are left out.
    """
    keys: dict[Any, Any] = {owner: other}
    for table in Base.metadata.sorted_tables:
        references = [column.name for column in table.columns if column.foreign_keys]
        for row in stored[table.name]:
            changed = {name: keys[row[name]] for name in references if row[name] in keys}
            for copied in await copy_row(database, table, row, 1, **changed) if changed else ():
                own = [column.name for column in table.primary_key if column.name not in changed]
                keys = {row[name]: copied[name] for name in own} | keys
    return keys


def _fresh(value: Any, number: int) -> Any:
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, bytes):
        return os.urandom(max(len(value), 16))
    return vary(value, number)


def ids(rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Return the ids of the rows that have one."""
    return [row["id"] for row in rows if isinstance(row.get("id"), UUID)]
