"""The lifetime of idempotency keys, and keys of concurrent, failed and rate-limited requests."""

import asyncio
from collections.abc import Callable

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select

from app.core.db.ids import uuid7
from app.core.exceptions import NotFoundError
from app.core.idempotency.model import IdempotencyKey
from app.core.idempotency.store import Answer, RepeatableRequest, store_answer
from app.models.user import User
from app.services.purge import purge_expired
from tests.api.test_idempotency import KEY, ORDER, URL, add_orders, app, orders, taken
from tests.clients import StoppedClock, client_of, problem
from tests.conftest import MakeApp
from tests.databases import RolledBackDatabase
from tests.in_project.api.test_races import somebody_waits
from tests.tokens import add_signed_in

__all__ = ["app", "orders", "taken"]

ME = "/api/v1/users/me"
KEPT = select(func.count()).select_from(IdempotencyKey)


async def test_an_idempotency_key_expires_after_24_hours_and_is_purged(
    authenticated_client: AsyncClient,
    database: RolledBackDatabase,
    clock: StoppedClock,
    make_token: Callable[[User], str],
    user: User,
    taken: list[str],
) -> None:
    """HTT-14, SES-14"""
    for _ in range(2):
        await authenticated_client.post(URL, json=ORDER, headers=KEY)
        clock.advance(hours=24)
        authenticated_client.headers["Authorization"] = f"Bearer {make_token(user)}"
    assert len(taken) == 2

    async with database.begin() as session:
        assert await purge_expired(session, clock()) == 1
        assert await session.scalar(KEPT) == 0


async def test_deleting_an_account_deletes_its_idempotency_keys(
    authenticated_client: AsyncClient, database: RolledBackDatabase, taken: list[str]
) -> None:
    """AUZ-11"""
    await authenticated_client.post(URL, json=ORDER, headers=KEY)
    assert taken == ["soup"]

    assert (await authenticated_client.delete(ME)).status_code == 204

    async with database.begin() as session:
        assert await session.scalar(KEPT) == 0


async def test_storing_a_response_for_a_deleted_user_raises_not_found(
    database: RolledBackDatabase,
) -> None:
    """CON-04"""
    nobody = RepeatableRequest(uuid7(), "a1b2c3", b"")
    with pytest.raises(NotFoundError):
        async with database.begin() as session:
            await store_answer(session, nobody, Answer(201, {}, b""), StoppedClock()())


async def test_replayed_requests_count_against_the_rate_limit(
    make_app: MakeApp, test_user_token: str
) -> None:
    """HTT-14, RTL-01"""
    app = await make_app(rate_limit_enabled=True, rate_limit_default="2/year")
    taken, client = add_orders(app), client_of(app, test_user_token)

    answers = [await client.post(URL, json=ORDER, headers=KEY) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert taken == ["soup"]


async def test_a_concurrent_retry_with_the_same_key_is_rejected_with_409(
    make_app: MakeApp,
    own_database: str,
    make_token: Callable[[User], str],
    clock: StoppedClock,
) -> None:
    """HTT-14, CON-06. The retry does not wait. A rolled-back request does not use up its key."""
    app = await make_app(database_url=own_database)
    user = await add_signed_in(app.state.resources.database, "ada@example.com", clock())
    taken, client = add_orders(app), client_of(app, make_token(user))

    async with app.state.resources.database.begin() as session:
        await session.execute(select(User).with_for_update())
        first = asyncio.create_task(client.post(URL, json=ORDER, headers=KEY))
        await somebody_waits(app.state.resources.database)
        again = await client.post(URL, json=ORDER, headers=KEY)
        first.cancel()
        await asyncio.wait([first])
    answers = [await client.post(URL, json=ORDER, headers=KEY) for _ in range(2)]

    assert (again.status_code, again.headers["retry-after"]) == (409, "1")
    assert "Idempotency-Key" in problem(again)["detail"]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert taken == ["soup"]
