"""Prints the query plans of pages of long lists; `test_plans.py` runs this in a service."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.core.lists.cursors import Cursors
from app.core.lists.query import ListQuery
from app.services.accounts.administration import UserQuery, list_users
from app.services.item import ItemQuery, list_items
from dev.servers import postgres_server
from tests.databases import migrate, new_database

OWNER = UUID(int=1)
# A bitmap index scan reads no rows: another node reads them.
READS = re.compile(r"(?<!Bitmap Index )Scan$")
Values = Sequence[object]
# One user has 200,000 items, and all other users together have 100,000.
FILL = """
INSERT INTO users (id, email, normalized_email, hashed_password, is_active, is_superuser)
SELECT
    CASE n WHEN 1 THEN '00000000-0000-0000-0000-000000000001' ELSE uuidv7() END,
    n || '@example.com', n || '@example.com', 'x', true, false
FROM generate_series(1, 200000) AS n;
INSERT INTO items (id, owner_id, name, price, quantity, tags, created_at)
SELECT
    uuidv7(), u.id, md5(n::text), 1 + n % 1000, 1, ARRAY['a' || n % 10, 'b' || n % 50000],
    now() + n * interval '1 second'
FROM generate_series(1, 300000) AS n
JOIN users AS u ON u.email = CASE n % 3 WHEN 0 THEN n ELSE 1 END || '@example.com';
ANALYZE;
"""


class OpenCursors(Cursors):  # type: ignore[misc] # a service is not installed here
    """Cursors without a signature, so that a page can begin anywhere in a list."""

    def encode(self, last: bytes, *_bound_to: object) -> str:
        return last.decode()

    def decode(self, cursor: str, *_bound_to: object) -> bytes:
        return cursor.encode()


class Plans:
    """Explains the statements that the service executes, with the same parameters."""

    def __init__(self, session: AsyncSession, connection: asyncpg.Connection) -> None:
        self._session = session
        self._connection = connection
        self._ran: list[tuple[str, Values]] = []
        event.listen(session.bind.sync_engine, "before_cursor_execute", self._note)

    async def items(
        self, **asked: str | int | list[str] | None
    ) -> tuple[str | None, dict[str, Any]]:
        """Return the cursor after a page of items, and the query plan of the page."""
        query = ItemQuery(**asked)
        page = await list_items(self._session, OpenCursors([b""]), OWNER, query)
        return page.next_cursor, await self._explain(len(page.items))

    async def users(self, **asked: str | int | list[str] | None) -> dict[str, Any]:
        """Return the query plan of a page of users."""
        page = await list_users(self._session, UserQuery(**asked))
        return await self._explain(len(page.items))

    def _note(
        self, _connection: object, _cursor: object, statement: str, values: Values, *_: object
    ) -> None:
        self._ran.append((statement, values))

    async def _explain(self, rows: int) -> dict[str, Any]:
        [(statement, values)] = self._ran
        self._ran.clear()
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        [plan] = json.loads(await self._connection.fetchval(explain, *values))
        nodes = list(nodes_of(plan["Plan"]))
        return {
            "rows": rows,
            "nodes": [node["Node Type"] for node in nodes],
            "indexes": [node["Index Name"] for node in nodes if "Index Name" in node],
            "read": sum(rows_read(node) for node in nodes if READS.search(node["Node Type"])),
        }


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a plan that find the page, without those that count all rows."""
    yield node
    for child in node.get("Plans", ()):
        if child["Node Type"] != "Aggregate":
            yield from nodes_of(child)


def rows_read(node: dict[str, Any]) -> int:
    """Return how many rows a scan read."""
    removed = node.get("Rows Removed by Filter", 0)
    return int(node["Actual Loops"] * (node["Actual Rows"] + removed))


@asynccontextmanager
async def opened(url: URL) -> AsyncIterator[Plans]:
    """Fill the database at a URL, connect to it, and yield its plans."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection, engine = await asyncpg.connect(plain), create_async_engine(url)
    await connection.execute(FILL)
    async with AsyncSession(engine) as session:
        yield Plans(session, connection)
    await engine.dispose()
    await connection.close()


async def explain(url: URL) -> dict[str, Any]:
    """Return the plans of pages in every sort order of items and users, and by a rare tag."""
    found: dict[str, Any] = {"items": {}, "tags": {}, "users": {}}
    async with opened(url) as plans:
        for sort in orders(ItemQuery):
            _, first = await plans.items(sort=sort)
            _, deep = await plans.items(sort=sort, cursor=await before_end(plans, sort, 10, 100))
            _, last = await plans.items(sort=sort, cursor=await before_end(plans, sort, 1, 51))
            found["items"][sort] = {"first": first, "deep": deep, "last": last}
        for name in ("tag", "any_tag"):
            _, found["tags"][name] = await plans.items(**{name: ["b7"]})
        for sort in orders(UserQuery):
            found["users"][sort] = await plans.users(sort=sort)
    return found


async def before_end(plans: Plans, sort: str, pages: int, limit: int) -> str | None:
    """Return a cursor near the end of a list, which is near the start of the opposite order."""
    opposite = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
    cursor = None
    for _ in range(pages):
        cursor, _ = await plans.items(sort=opposite, limit=limit, cursor=cursor)
    return cursor


def orders(query: type[ListQuery]) -> list[str]:
    """Return the sort orders of a list that the API describes."""
    return list(query.model_json_schema()["properties"]["sort"]["enum"])


if __name__ == "__main__":
    with postgres_server() as server, new_database(server) as database:
        migrate(database)
        json.dump(asyncio.run(explain(database)), sys.stdout)
