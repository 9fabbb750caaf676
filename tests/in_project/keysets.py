"""Tables with sort keys of any type, and reads of all pages of their rows."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from sqlalchemy import Column, Integer, MetaData, Select, Table, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from app.core.lists.cursors import Cursors
from app.core.lists.orders import Order, Orders
from app.core.lists.query import KeysetQuery, keyset_page
from tests.databases import RolledBackDatabase

CURSORS = Cursors(["a key"])


@asynccontextmanager
async def keyed_rows(
    database: RolledBackDatabase, type_: TypeEngine[Any], values: Sequence[str]
) -> AsyncIterator[tuple[AsyncSession, Table]]:
    """Create a table in which each value is the key of two rows, and two more keys are null."""
    columns = Column("id", Integer, primary_key=True), Column("key", type_), Column("rank", Integer)
    table = Table("things", MetaData(), *columns)
    async with database.begin() as session:
        await session.run_sync(lambda sync: table.create(sync.connection()))
        name = table.c.key.type.compile(session.get_bind().dialect).partition(" COLLATE")[0]
        insert = f"INSERT INTO things VALUES (:id, CAST(CAST(:key AS text) AS {name}), :rank)"  # noqa: S608
        keys = enumerate([*values, None, None, *values])
        rows = [{"id": id_, "key": key, "rank": (None, 1, 2)[id_ % 3]} for id_, key in keys]
        await session.execute(text(insert), rows)
        yield session, table


def ordered(column: Any, *ways: str) -> Any:
    """Return a sort key, such as `column.asc().nulls_last()`."""
    for way in ways:
        column = getattr(column, way)()
    return column


def query_by(order: Order) -> Callable[..., KeysetQuery]:
    """Return the query class of a list with one sort order."""

    class ThingQuery(KeysetQuery):
        sort: Annotated[str, Orders({"it": order})] = "it"

    return ThingQuery


async def walk(
    session: AsyncSession,
    rows: Select[Any],
    order: Order,
    limit: int,
    between: Callable[[], Awaitable[None]] | None = None,
) -> list[int]:
    """Return the ids on all pages in order; call `between` after each page except the last."""
    ids: list[int] = []
    cursor: str | None = None
    query = query_by(order)
    while True:
        page = await keyset_page(session, CURSORS, rows, query(limit=limit, cursor=cursor))
        ids += [row["id"] for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return ids
        assert len(page.items) == limit
        if between:
            await between()
