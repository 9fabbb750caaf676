"""Concurrent requests for items over real connections."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select, update
from starlette.types import Message, Receive, Scope, Send

from app.database import Database
from app.models.item import Item
from app.models.user import User
from tests.clients import StoppedClock, client_of
from tests.conftest import MakeApp
from tests.in_project.api.test_races import somebody_waits
from tests.tokens import add_signed_in

URL = "/api/v1/items"
DATA = {"name": "Tea", "price": "19.99", "quantity": 3}


@pytest.fixture
async def app(make_app: MakeApp, own_database: str) -> FastAPI:
    """An application that commits, and whose requests wait long enough for a connection."""
    return await make_app(database_url=own_database, database_pool_timeout_seconds=30)


@pytest.fixture
async def owner(
    app: FastAPI, make_token: Callable[[User], str], clock: StoppedClock
) -> AsyncClient:
    return client_of(
        app,
        make_token(await add_signed_in(app.state.resources.database, "ada@example.com", clock())),
    )


async def count_items(database: Database) -> int:
    row = await database.fetch_one(select(func.count()).select_from(Item), {})
    return row[0] if row else 0


async def test_concurrent_item_creations_all_succeed(app: FastAPI, owner: AsyncClient) -> None:
    """CON-09"""
    answers = await asyncio.gather(*(owner.post(URL, json=DATA) for _ in range(120)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 120
    assert await count_items(app.state.resources.database) == 120


async def test_concurrent_requests_with_one_idempotency_key_create_one_item(
    app: FastAPI, owner: AsyncClient
) -> None:
    """CON-06, HTT-14"""
    key = {"Idempotency-Key": "a1b2c3"}

    answers = await asyncio.gather(*(owner.post(URL, json=DATA, headers=key) for _ in range(8)))

    done = [answer for answer in answers if answer.status_code == 201]
    assert [answer.status_code for answer in answers if answer not in done] == [409] * (
        8 - len(done)
    )
    assert len({answer.content for answer in done}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in done].count(None) == 1
    assert await count_items(app.state.resources.database) == 1


async def test_only_one_concurrent_update_of_a_version_succeeds(owner: AsyncClient) -> None:
    """CON-02"""
    created = await owner.post(URL, json=DATA)
    url, seen = created.headers["Location"], {"If-Match": created.headers["ETag"]}

    answers = await asyncio.gather(
        *(owner.patch(url, json={"quantity": 10 + n}, headers=seen) for n in range(8))
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    [changed] = [answer for answer in answers if answer.status_code == 200]
    assert (await owner.get(url)).json() == changed.json()


async def test_an_item_is_committed_before_the_response_to_its_creation_starts(
    app: FastAPI, owner: AsyncClient
) -> None:
    """CON-08"""
    database: Database = app.state.resources.database
    counted: list[int] = []

    async def app_that_looks(scope: Scope, receive: Receive, send: Send) -> None:
        async def look_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                counted.append(await count_items(database))
            await send(message)

        await app(scope, receive, look_and_send)

    transport = ASGITransport(app_that_looks)
    async with AsyncClient(
        transport=transport, base_url="http://test", headers=owner.headers
    ) as client:
        answers = [await client.post(URL, json=DATA) for _ in range(8)]

    assert {answer.status_code for answer in answers} == {201}
    assert counted == [*range(1, 9)]


async def test_only_one_of_several_concurrent_deletions_succeeds(owner: AsyncClient) -> None:
    """CON-03"""
    url = (await owner.post(URL, json=DATA)).headers["Location"]

    answers = await asyncio.gather(*(owner.delete(url) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 7


async def test_an_update_is_validated_against_concurrent_changes(
    app: FastAPI, owner: AsyncClient
) -> None:
    """CON-02. The price is reduced while the update of the quantity waits."""
    url = (await owner.post(URL, json=DATA | {"quantity": 0})).headers["Location"]
    database: Database = app.state.resources.database

    async with database.begin() as session:
        await session.execute(update(Item).values(price=Decimal("0.0001")))
        attempt = asyncio.create_task(owner.patch(url, json={"quantity": 1}))
        await somebody_waits(database)

    assert (await attempt).status_code == 422
    assert (await owner.get(url)).json()["quantity"] == 0


async def test_updates_concurrent_with_deletions_never_return_500(owner: AsyncClient) -> None:
    """CON-04"""
    url = (await owner.post(URL, json=DATA)).headers["Location"]

    answers = await asyncio.gather(
        *(owner.patch(url, json={"quantity": n}) for n in range(8)),
        owner.delete(url),
        *(owner.post(URL, json=DATA) for _ in range(8)),
        owner.delete("/api/v1/users/me"),
        *(owner.post(URL, json=DATA) for _ in range(8)),
    )

    assert {answer.status_code for answer in answers} <= {200, 201, 204, 401, 404}
    assert (await owner.get(URL)).status_code == 401
