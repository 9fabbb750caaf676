"""The query plans of pages that are sorted by a nullable key."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Date, Index, bindparam, event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.lists.cursors import Cursors
from app.core.lists.orders import Order
from app.core.lists.query import keyset_page
from tests.databases import RolledBackDatabase
from tests.in_project.keysets import keyed_rows, ordered, query_by

LIMIT = 20
# A quarter of the keys are null, and every other key occurs in five rows.
FILL = """
INSERT INTO things
SELECT n, CASE WHEN n % 4 > 0 THEN date '2020-01-01' + n % 1000 END, 1
FROM generate_series(100, 5099) AS n
"""
PLACES = ("null", '"2021-06-01"')


class OpenCursors(Cursors):
    """Cursors without a signature, so that a test can begin a page anywhere in a list."""

    def encode(self, last: bytes, *_bound_to: object) -> str:
        return last.decode()

    def decode(self, cursor: str, *_bound_to: object) -> bytes:
        return cursor.encode()


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a query plan and all its subplans."""
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes_of(part))]


async def explained(session: AsyncSession, statement: str, values: tuple[object, ...]) -> Any:
    connection = await session.connection()
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    [plan] = (await connection.exec_driver_sql(explain, values)).scalar_one()
    return plan["Plan"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ways", [*product(("asc", "desc"), ("nulls_first", "nulls_last"))])
async def test_a_page_sorted_by_a_nullable_key_reads_at_most_one_extra_row(
    database: RolledBackDatabase, engine: AsyncEngine, ways: Sequence[str], place: str
) -> None:
    ran: list[tuple[str, tuple[object, ...]]] = []

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_: object) -> None:
        ran.append((sql, values))

    async with keyed_rows(database, Date(), ()) as (session, table):
        order = Order(ordered(table.c.key, *ways), ordered(table.c.id, ways[0]))
        index = Index("ix_things", table.c.rank, *order.keys)
        await session.execute(text(FILL))
        await session.run_sync(lambda sync: index.create(sync.connection()))
        await session.execute(text("ANALYZE things"))
        rows = select(table.c.id).where(table.c.rank == bindparam("rank"))
        query = query_by(order)(limit=LIMIT, cursor=f'[{place}, "2500"]')
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        page = await keyset_page(session, OpenCursors([]), rows, query, rank=1)
        event.remove(engine.sync_engine, "before_cursor_execute", note)

        assert len(page.items) == LIMIT
        [(statement, values)] = ran
        limit, scan = nodes_of(await explained(session, statement, values))
        assert scan["Index Name"] == "ix_things"
        assert scan["Actual Rows"] == limit["Actual Rows"] == LIMIT + 1
        assert not scan.get("Rows Removed by Filter")
