"""Idempotent requests: a retry gets the stored response."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Response
from httpx import AsyncClient

from app.api.deps import CurrentUser, DbSession, accept_idempotency_key
from app.api.routing import GuardedRoute
from app.core.exceptions import ConflictError
from app.models.user import User
from tests.clients import StoppedClock, client_of, problem
from tests.conftest import MakeUser
from tests.databases import RolledBackDatabase

URL = "/api/v1/orders"
ORDER = {"dish": "soup"}
KEY = {"Idempotency-Key": "a1b2c3"}
ODD = (
    *("", " ", '"', '""', '"a', 'a"', 'a"b', "a\\b", "a b", "a\tb", "a\x00", "a" * 256),
    *('"' + "a" * 256 + '"', '"a";b', '"a", "b"', "é", "\x7f"),
)


def add_orders(app: FastAPI) -> list[str]:
    """Add an idempotent operation; return a list, to which the operation adds each order."""
    taken: list[str] = []
    router = APIRouter(route_class=GuardedRoute, dependencies=[Depends(accept_idempotency_key)])

    @router.post(URL, status_code=201)
    @router.put(URL, status_code=201)
    async def take(
        order: dict[str, str], user: CurrentUser, session: DbSession, response: Response
    ) -> dict[str, Any]:
        (await session.get_one(User, user.id)).full_name = order["dish"]
        await session.flush()
        taken.append(order["dish"])
        if order["dish"] == "nothing":
            raise ConflictError("Nothing cannot be ordered.")
        if order["dish"] == "tea":
            response.status_code = HTTPStatus.IM_A_TEAPOT
        response.headers["ETag"] = f'"{len(taken)}"'
        return {"order": len(taken)}

    app.include_router(router)
    return taken


@pytest.fixture(scope="module")
def orders(own_app: FastAPI) -> list[str]:
    return add_orders(own_app)


@pytest.fixture
def taken(orders: list[str]) -> list[str]:
    """The orders that the operation has processed in the test."""
    orders.clear()
    return orders


@pytest.fixture
def app(own_app: FastAPI, database: RolledBackDatabase, clock: StoppedClock) -> FastAPI:
    resources = own_app.state.resources
    own_app.state.resources = replace(resources, database=database, clock=clock)
    return own_app


async def test_a_retried_request_is_processed_once_and_its_response_is_replayed(
    authenticated_client: AsyncClient, taken: list[str]
) -> None:
    """HTT-14. Quotes are optional: the IETF draft requires them, but most clients omit them."""
    answers = [
        await authenticated_client.post(URL, json=ORDER, headers={"Idempotency-Key": key})
        for key in ("a1b2c3", "a1b2c3", '"a1b2c3"')
    ]

    assert taken == ["soup"]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert [answer.content for answer in answers] == [b'{"order":1}'] * 3
    for name in ("etag", "content-type", "content-length"):
        assert len({answer.headers[name] for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed") for answer in answers] == [
        *(None, "true", "true")
    ]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


async def test_requests_without_a_key_or_with_different_keys_are_all_processed(
    authenticated_client: AsyncClient, taken: list[str]
) -> None:
    """HTT-14"""
    for headers in ({}, {}, KEY, {"Idempotency-Key": "A1B2C3"}):
        await authenticated_client.post(URL, json=ORDER, headers=headers)

    assert len(taken) == 4


async def test_idempotency_keys_are_scoped_to_their_user(
    app: FastAPI,
    authenticated_client: AsyncClient,
    make_user: MakeUser,
    make_token: Callable[[User], str],
    taken: list[str],
) -> None:
    """HTT-14"""
    other = client_of(app, make_token(await make_user("eve@example.com")))

    answers = [
        await client.post(URL, json=ORDER, headers=KEY) for client in (authenticated_client, other)
    ]

    assert [answer.json() for answer in answers] == [{"order": 1}, {"order": 2}]
    assert len(taken) == 2


@pytest.mark.parametrize(
    ("method", "target", "order"),
    [
        ("POST", URL, {"dish": "stew"}),
        ("POST", URL, {"dish": "soup", "salt": "no"}),
        ("POST", URL, {"dish": 1}),
        ("POST", f"{URL}?salt=no", ORDER),
        ("PUT", URL, ORDER),
    ],
)
async def test_an_idempotency_key_reused_for_a_different_request_is_rejected(
    authenticated_client: AsyncClient,
    taken: list[str],
    method: str,
    target: str,
    order: dict[str, Any],
) -> None:
    """HTT-14"""
    await authenticated_client.post(URL, json=ORDER, headers=KEY)

    response = await authenticated_client.request(method, target, json=order, headers=KEY)

    assert response.status_code == 422
    [error] = problem(response)["errors"]
    assert error["loc"] == ["header", "Idempotency-Key"]
    assert error["message"] == "must not be used for another request. Send a new key."
    assert taken == ["soup"]


@pytest.mark.parametrize(("dish", "status"), [("nothing", 409), ("tea", 418)])
async def test_only_successful_responses_are_stored_for_replay(
    authenticated_client: AsyncClient, taken: list[str], dish: str, status: int
) -> None:
    """HTT-14"""
    refused = [
        await authenticated_client.post(URL, json={"dish": dish}, headers=KEY) for _ in range(2)
    ]
    accepted = await authenticated_client.post(URL, json=ORDER, headers=KEY)

    assert [response.status_code for response in (*refused, accepted)] == [status, status, 201]
    assert taken == [dish, dish, "soup"]


async def test_an_invalid_or_repeated_idempotency_key_is_rejected(
    authenticated_client: AsyncClient, taken: list[str]
) -> None:
    """HTT-14"""
    sent: list[list[tuple[bytes, bytes]]] = [
        *([(b"Idempotency-Key", odd.encode("latin-1"))] for odd in ODD),
        [(b"Idempotency-Key", b"a"), (b"Idempotency-Key", b"a")],
    ]
    for headers in sent:
        response = await authenticated_client.post(URL, json=ORDER, headers=headers)

        assert response.status_code == 422, headers
        [error] = problem(response)["errors"]
        assert error["loc"] == ["header", "Idempotency-Key"]
        assert error["message"] in {
            "must be 1 to 255 visible ASCII characters except quotes and backslashes",
            "must be sent only once",
        }
    assert taken == []
