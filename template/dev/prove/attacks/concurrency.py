"""Requests that run at once: all have read before any of them writes.

They run while all tables are locked against changes. Then the locks are released.
"""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from httpx import Response
from sqlalchemy import text

from app.database import Database
from app.models import Base
from dev.prove.attacks.checks import ERRORS, SERVER_ERRORS
from dev.prove.attacks.requests import Prepared
from dev.prove.attacks.stored import Stored
from tests.databases import WAITING

SECONDS_UNTIL_BLOCKED = 2
COMPARED = (bool, int, Decimal)
Requests = Sequence["asyncio.Task[Response]"]


async def at_once(database: Database, *requests: "asyncio.Task[Response]") -> list[Response]:
    """Let requests read, then let all of them write; return their responses."""
    tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    async with database.begin() as session:
        await session.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
        await wait_until_blocked(database, requests)
    return [await request for request in requests]


async def wait_until_blocked(database: Database, requests: Requests) -> None:
    """Wait until each request has ended, or waits for a lock; some wait for something else."""
    try:
        async with asyncio.timeout(SECONDS_UNTIL_BLOCKED):
            while waiting := [each for each in requests if not each.done()]:
                if await database.fetch_one(WAITING, {}) == (len(waiting),):
                    return
                await asyncio.sleep(0.002)
    except TimeoutError:
        return


def twice(request: Prepared, **changed: Any) -> list["asyncio.Task[Response]"]:
    return [asyncio.ensure_future(request.send(**changed)) for _ in range(2)]


def successes(responses: Sequence[Response]) -> int:
    return sum(response.status_code < ERRORS for response in responses)


def server_errors(responses: Sequence[Response]) -> list[str]:
    statuses = {each.status_code for each in responses if each.status_code >= SERVER_ERRORS}
    return [f"one of two requests at once is answered with {status}" for status in statuses]


def state(rows: Stored) -> Mapping[str, list[list[Any]]]:
    """Return the numbers of all rows. Ids, times and secrets differ between runs."""
    return {
        table: sorted(
            [repr(each) for each in row.values() if isinstance(each, COMPARED)] for row in found
        )
        for table, found in rows.items()
    }


async def restore(database: Database, rows: Stored) -> None:
    """Replace all rows."""
    tables = Base.metadata.sorted_tables
    async with database.begin() as session:
        names = ", ".join(f'"{table.name}"' for table in tables)
        await session.execute(text(f"TRUNCATE {names} CASCADE"))
        for table in tables:
            kept = {column.name for column in table.columns if column.computed is None}
            for row in rows[table.name]:
                values = {name: value for name, value in row.items() if name in kept}
                await session.execute(table.insert().values(values))
