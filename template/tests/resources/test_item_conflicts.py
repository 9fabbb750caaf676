"""Requests for items that conflict with other rows, users or versions."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.exc import DBAPIError

from app.models.item import Item
from app.models.user import User
from tests.access.items import DATA, add_item
from tests.clients import problem
from tests.databases import RolledBackDatabase
from tests.rows import add_referring_row, stored

URL = "/api/v1/items"


@pytest.fixture
async def url(database: RolledBackDatabase, user: User) -> str:
    """The URL of an item."""
    async with database.begin() as session:
        return f"{URL}/{(await add_item(session, user)).id}"


async def test_another_users_item_looks_like_a_missing_item(
    stranger_client: AsyncClient, database: RolledBackDatabase, url: str
) -> None:
    before = await stored(database, Item)
    conditions: list[dict[str, str]] = [{}, {"If-Match": '"1"'}, {"If-None-Match": "*"}]
    for method, headers in product(("GET", "PATCH", "DELETE"), conditions):
        response = await stranger_client.request(method, url, json={}, headers=headers)

        assert response.status_code == 404
        assert problem(response)["detail"] == f"Item with id {url.rpartition('/')[2]} not found"
        assert "etag" not in response.headers
    assert await stored(database, Item) == before


async def test_a_request_for_an_item_with_a_failed_precondition_returns_412(
    authenticated_client: AsyncClient, database: RolledBackDatabase, url: str
) -> None:
    before = await stored(database, Item)
    stale, current = {"If-Match": '"2"'}, {"If-None-Match": '"1"'}
    for method, headers in product(("GET", "PATCH", "DELETE"), (stale, current)):
        response = await authenticated_client.request(
            method, url, json={"name": "Name 1"}, headers=headers
        )

        is_cached = method == "GET" and headers == current
        assert response.status_code == (304 if is_cached else 412), (method, headers)
    assert await stored(database, Item) == before


async def test_requests_for_an_item_with_the_current_version_succeed(
    authenticated_client: AsyncClient, url: str
) -> None:
    for method, headers in product(("GET", "PATCH", "DELETE"), ({"If-Match": '"1"'},)):
        response = await authenticated_client.request(method, url, json={}, headers=headers)

        assert response.status_code == {"DELETE": 204}.get(method, 200)
        assert response.headers.get("etag") == {"DELETE": None}.get(method, '"1"')


async def test_a_retry_with_the_same_idempotency_key_creates_no_second_item(
    authenticated_client: AsyncClient, database: RolledBackDatabase
) -> None:
    before = await stored(database, Item)
    headers = {"Idempotency-Key": "a1b2c3"}

    first, second = [
        await authenticated_client.post(URL, json=DATA, headers=headers) for _ in range(2)
    ]

    assert [first.status_code, second.status_code] == [201, 201]
    assert second.headers["idempotency-replayed"] == "true"
    assert first.content == second.content
    assert first.headers["location"] == second.headers["location"]
    assert len(await stored(database, Item)) == len(before) + 1


async def test_the_database_rejects_items_that_break_a_constraint(
    database: RolledBackDatabase, user: User
) -> None:
    broken: list[dict[str, Any]] = [
        {"price": Decimal("0.0000")},
        {"quantity": -1},
        {"quantity": 10001},
    ]
    for values in broken:
        with pytest.raises(DBAPIError):
            async with database.begin() as session:
                await add_item(session, user, **values)


async def test_an_item_to_which_another_row_refers_cannot_be_deleted(
    authenticated_client: AsyncClient, database: RolledBackDatabase, user: User
) -> None:
    async with database.begin() as session:
        referred = await add_item(session, user)
        await add_referring_row(session, referred)

    response = await authenticated_client.delete(f"{URL}/{referred.id}")

    assert problem(response)["status"] == 409
    assert referred.id in {row["id"] for row in await stored(database, Item)}


async def test_the_deletion_of_an_account_deletes_only_its_own_items(
    authenticated_client: AsyncClient, database: RolledBackDatabase, user: User, stranger: User
) -> None:
    async with database.begin() as session:
        await add_item(session, user)
        other = await add_item(session, stranger)

    response = await authenticated_client.delete("/api/v1/users/me")

    assert response.status_code == 204
    rows = await stored(database, Item)
    assert [row["id"] for row in rows if row["owner_id"] != user.id] == [other.id]
    assert user.id not in {row["owner_id"] for row in rows}
