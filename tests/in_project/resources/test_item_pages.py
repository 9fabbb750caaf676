"""Pages of items, and access to items of other users."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from app.models.item import Item
from app.models.user import User
from tests.clients import client_of, problem, refused_parameter
from tests.conftest import MakeUser
from tests.databases import RolledBackDatabase

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3}
METHODS = ("GET", "HEAD", "PATCH", "PUT", "DELETE")


@pytest.fixture
async def stranger(
    app: FastAPI, make_user: MakeUser, make_token: Callable[[User], str]
) -> AsyncClient:
    """A client that is logged in as another user."""
    return client_of(app, make_token(await make_user("eve@example.com")))


async def create(client: AsyncClient, number: int) -> list[str]:
    """Create items; return their ids, newest first."""
    responses = [await client.post(URL, json=DATA | {"name": f"Tea {n}"}) for n in range(number)]
    return sorted((response.json()["id"] for response in responses), reverse=True)


def told(response: Response) -> dict[str, Any]:
    """Return everything that a response reveals, without the request's id and path."""
    headers = {**response.headers, "x-request-id": ""}
    body = {} if not response.content else problem(response) | {"request_id": ""}
    for text in ("instance", "detail"):
        body[text] = body.get(text, "").replace(response.request.url.path.rpartition("/")[2], "id")
    return {"status": response.status_code, "headers": headers, "body": body}


async def test_another_users_item_looks_like_a_missing_item(
    authenticated_client: AsyncClient, stranger: AsyncClient
) -> None:
    """AUZ-02"""
    [item_id] = await create(authenticated_client, 1)
    before = (await authenticated_client.get(f"{URL}/{item_id}")).json()

    for method in METHODS:
        theirs = await stranger.request(method, f"{URL}/{item_id}", json={"name": "Mine"})
        missing = await stranger.request(method, f"{URL}/{uuid4()}", json={"name": "Mine"})

        assert theirs.status_code == (405 if method == "PUT" else 404)
        assert told(theirs) == told(missing)
    assert (await authenticated_client.get(f"{URL}/{item_id}")).json() == before


async def test_lists_contain_only_the_callers_own_items(
    authenticated_client: AsyncClient, stranger: AsyncClient, user: User
) -> None:
    """AUZ-03"""
    await create(authenticated_client, 2)

    for params in ({}, {"q": "Tea"}, {"min_price": "1"}, {"sort": "name", "max_price": "99"}):
        response = await stranger.get(URL, params=params)

        assert response.status_code == 200
        assert response.json() == {"items": [], "next_cursor": None}
        assert "link" not in response.headers
    assert (
        refused_parameter(await stranger.get(URL, params={"owner_id": str(user.id)})) == "owner_id"
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_pages_contain_every_item_once_with_the_newest_first(
    authenticated_client: AsyncClient, limit: int
) -> None:
    """HTT-13"""
    ids = await create(authenticated_client, 5)
    seen, pages, url = [], 0, f"{URL}?limit={limit}"

    while url:
        response = await authenticated_client.get(url)
        page = response.json()
        seen += [item["id"] for item in page["items"]]
        pages += 1
        assert bool(page["next_cursor"]) == ("next" in response.links)
        url = response.links.get("next", {}).get("url", "")
        assert not url or url == f"{URL}?limit={limit}&cursor={page['next_cursor']}"

    assert seen == ids
    assert pages == -(-5 // limit)


async def test_the_default_page_size_is_50_items(
    authenticated_client: AsyncClient, user: User, database: RolledBackDatabase
) -> None:
    """VAL-16"""
    tea = {"name": "Tea", "price": 1, "quantity": 1, "tags": []}
    async with database.begin() as session:
        session.add_all(Item(owner_id=user.id, **tea) for _ in range(51))

    page = (await authenticated_client.get(URL)).json()

    assert len(page["items"]) == 50
    assert page["next_cursor"]


async def test_an_invalid_page_size_is_rejected(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-05, VAL-16"""
    for limit in ("0", "-1", "101", "1" + "0" * 20, "", "many", "1.5", "%00"):
        assert (
            refused_parameter(await authenticated_client.get(f"{URL}?limit={limit}")) == "limit"
        ), limit


async def test_a_malformed_cursor_is_rejected(
    authenticated_client: AsyncClient,
) -> None:
    """VAL-17"""
    for cursor in ("", "x", "A" * 21, "A" * 24, "A" * 4001, "%00", "é" * 22, "A" * 22 + "!"):
        response = await authenticated_client.get(f"{URL}?cursor={cursor}")

        assert refused_parameter(response) == "cursor", cursor
