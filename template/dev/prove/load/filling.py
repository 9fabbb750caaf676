"""Fills tables with copies of a row by SQL that is derived from the models."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import asyncpg
from sqlalchemy import ARRAY, Column, Date, DateTime, Integer, Numeric, String, Table, Uuid

from app.models import Base
from dev.prove.operations import unique_groups

DIGITS = 7
COPY = """
INSERT INTO {table} ({columns})
SELECT {values} FROM {table} AS seed, generate_series(1, {rows}) AS n WHERE seed.{key} = $1
"""


async def table_of(connection: asyncpg.Connection, id: UUID) -> Table | None:  # noqa: A002
    """Return the table that contains a row with an id."""
    for table in Base.metadata.sorted_tables:
        if "id" in table.columns and isinstance(table.columns["id"].type, Uuid):
            query = f"SELECT 1 FROM {name_of(table)} WHERE id = $1"  # noqa: S608 - a table's name
            if await connection.fetchval(query, id):
                return table
    return None


async def fill(connection: asyncpg.Connection, table: Table, id: UUID, rows: int) -> None:  # noqa: A002
    """Add copies of a row; raise `asyncpg.PostgresError` if a rule of the table prevents it."""
    columns = [column for column in table.columns if not (column.computed or column.identity)]
    values = _values(table)
    statement = COPY.format(
        table=name_of(table),
        columns=", ".join(f'"{column.name}"' for column in columns),
        values=", ".join(values.get(column.name, f'seed."{column.name}"') for column in columns),
        rows=rows,
        key='"id"',
    )
    await connection.execute(statement, id)


def name_of(table: Table) -> str:
    """Return the quoted name of a table."""
    return f'"{table.schema or "public"}"."{table.name}"'


def _values(table: Table) -> Mapping[str, str]:
    """Return the expressions of the columns that differ between the copies."""
    values = {"id": "gen_random_uuid()"}
    if isinstance(table.columns.get("created_at", Column()).type, DateTime):
        values["created_at"] = "seed.created_at - n * interval '1 second'"
    for column in _unique(table):
        values.setdefault(column.name, _another(column))
    return values


def _unique(table: Table) -> Iterator[Column[object]]:
    """Yield a column of each group whose values must differ; references keep their values."""
    for group in unique_groups(table):
        own = [table.columns[name] for name in group if not table.columns[name].foreign_keys]
        yield from sorted(own, key=lambda column: isinstance(column.type, Integer))[:1]


def _another(column: Column[object]) -> str:
    """Return an expression for the n-th other value of a column."""
    name, kind = f'seed."{column.name}"', column.type
    if isinstance(kind, Uuid):
        return "gen_random_uuid()"
    if isinstance(kind, Integer | Numeric):
        return f"{name} + n"
    if isinstance(kind, DateTime):
        return f"{name} + n * interval '1 second'"
    if isinstance(kind, Date):
        return f"{name} + n"
    if isinstance(kind, ARRAY) or not isinstance(kind, String):
        return name
    length = (kind.length or 200) - DIGITS
    return f"lpad(n::text, {DIGITS}, '0') || left({name}, {length})"
