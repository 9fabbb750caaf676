"""What callers are told whose account goes while they change it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, delete, func, literal_column, select, table

from app.database import Database
from app.models.user import User
from tests.clients import PASSWORD, StoppedClock, client_of
from tests.conftest import MakeApp
from tests.tokens import add_signed_in

ME = "/api/v1/users/me"
WAITING: Select[int] = (
    select(func.count())
    .select_from(table("pg_stat_activity"))
    .where(literal_column("datname") == func.current_database())
    .where(literal_column("wait_event_type") == "Lock")
)


async def somebody_waits(database: Database) -> None:
    """Return once a connection waits for a lock of another's."""
    async with asyncio.timeout(30):
        while await database.fetch_one(WAITING, {}) == (0,):
            pass


@pytest.mark.parametrize(
    ("method", "url", "data"),
    [
        ("PATCH", ME, {"full_name": "Grace"}),
        ("POST", f"{ME}/email", {"current_password": PASSWORD, "email": "hopper@example.com"}),
    ],
)
async def test_a_change_that_meets_the_deletion_of_its_account_finds_nobody(
    make_app: MakeApp,
    own_database: str,
    make_token: Callable[[User], str],
    clock: StoppedClock,
    method: str,
    url: str,
    data: dict[str, Any],
) -> None:
    """ERR-03, CON-04"""
    app = await make_app(database_url=own_database)
    database: Database = app.state.database
    user = await add_signed_in(database, "grace@example.com", clock())
    client = client_of(app, make_token(user))

    async with database.begin() as session:
        await session.execute(delete(User))
        change = asyncio.create_task(client.request(method, url, json=data))
        await somebody_waits(database)
    response = await change

    assert response.status_code == 404
    assert (await client.get(ME)).status_code == 401
