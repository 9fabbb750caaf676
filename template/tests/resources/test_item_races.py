"""Concurrent requests for items, which commit."""

import asyncio

import pytest
from httpx import AsyncClient
from sqlalchemy import delete, select, text

from app.database import Database
from app.models.item import Item
from app.models.user import User
from tests.access.items import DATA, add_item
from tests.databases import wait_until_blocked
from tests.rows import stored

URL = "/api/v1/items"


@pytest.fixture
def database(committing_database: Database) -> Database:
    return committing_database


@pytest.fixture
async def url(database: Database, user: User) -> str:
    """The URL of an item."""
    async with database.begin() as session:
        return f"{URL}/{(await add_item(session, user)).id}"


async def test_concurrent_requests_with_one_idempotency_key_create_one_item(
    authenticated_client: AsyncClient, database: Database
) -> None:
    before = await stored(database, Item)
    headers = {"Idempotency-Key": "a1b2c3"}
    async with database.begin() as session:
        await session.execute(text("LOCK TABLE items IN SHARE MODE"))  # reads continue
        requests = [
            asyncio.create_task(authenticated_client.post(URL, json=DATA, headers=headers))
            for _ in range(2)
        ]
        await wait_until_blocked(database, *requests)
        ended = [each.result() for each in requests if each.done()]

    assert sorted([(await request).status_code for request in requests]) == [201, 409]
    assert len(await stored(database, Item)) == len(before) + 1
    # The second request does not wait for the first one: the client must send it again.
    assert [each.headers["retry-after"] for each in ended] == ["1"]


async def test_only_one_of_two_concurrent_changes_of_a_version_of_an_item_succeeds(
    authenticated_client: AsyncClient, database: Database, url: str
) -> None:
    headers = {"If-Match": '"1"'}
    async with database.begin() as session:
        await session.execute(select(Item).with_for_update())
        changes = [
            asyncio.create_task(
                authenticated_client.patch(url, json={"name": "Name 1"}, headers=headers)
            )
            for _ in range(2)
        ]
        await wait_until_blocked(database, *changes)

    assert sorted([(await change).status_code for change in changes]) == [200, 412]


async def test_requests_for_an_item_during_its_deletion_return_404(
    authenticated_client: AsyncClient, database: Database, url: str
) -> None:
    async with database.begin() as session:
        await session.execute(delete(Item))
        requests = [
            asyncio.create_task(authenticated_client.request(method, url, json={}))
            for method in ("PATCH", "DELETE")
        ]
        await wait_until_blocked(database, *requests)

    assert {(await request).status_code for request in requests} == {404}
