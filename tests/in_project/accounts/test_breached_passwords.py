"""Checks of new passwords with the service in BREACHED_PASSWORDS_URL."""

from collections.abc import AsyncIterator
from hashlib import sha1
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.core.auth.passwords import BREACHED
from app.services.accounts.passwords import issue_code
from tests.clients import PASSWORD, StoppedClock, client_of, problem, sign_in
from tests.conftest import MakeApp
from tests.logs import LogLines

USERS = "/api/v1/users"
ADA = {"email": "ada@example.com", "password": PASSWORD}
LOST = "wrens over the lost weir"
DIGEST = sha1(LOST.encode(), usedforsecurity=False).hexdigest().upper()


class Breaches:
    """A breach service that knows one password.

    It records the requests, and the number of database connections in use at each of them.
    """

    def __init__(self) -> None:
        self.app: FastAPI | None = None
        self.is_away = False
        self.requests: list[httpx.Request] = []
        self.connections: list[int] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.app:
            self.connections.append(self.app.state.resources.database.engine.pool.checkedout())
        return httpx.Response(500 if self.is_away else 200, content=self._lines())

    async def _lines(self) -> AsyncIterator[bytes]:
        yield f"{DIGEST[5:]}:3".encode()


@pytest.fixture
def breaches(monkeypatch: pytest.MonkeyPatch) -> Breaches:
    """The breach service, which responds to all outgoing HTTP requests."""
    breaches = Breaches()

    async def handle(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return await breaches.answer(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    return breaches


@pytest.fixture
async def app(make_app: MakeApp, own_database: str, breaches: Breaches) -> FastAPI:
    """An application that uses the breach service, and has its own connection pool."""
    url = "https://breaches.example.com/range"
    breaches.app = await make_app(database_url=own_database, breached_passwords_url=url)
    return breaches.app


@pytest.fixture
async def ada(app: FastAPI, breaches: Breaches) -> UUID:
    """A registered user."""
    registered = await client_of(app).post(USERS, json=ADA)
    breaches.requests.clear()
    return UUID(registered.json()["id"])


async def test_a_breached_password_is_rejected_without_revealing_its_user(
    client: AsyncClient, breaches: Breaches
) -> None:
    """PWD-05, PWD-14"""
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}

    response = await client.post(USERS, json=ADA | {"password": LOST}, headers=trace)

    assert response.status_code == 422
    assert problem(response)["errors"] == [
        {"loc": ["body", "password"], "message": BREACHED, "type": "value_error"}
    ]
    assert LOST not in response.text
    [request] = breaches.requests
    assert str(request.url) == f"https://breaches.example.com/range/{DIGEST[:5]}"
    assert {"traceparent", "x-request-id", "cookie", "authorization"}.isdisjoint(request.headers)


async def test_a_breached_password_is_rejected_by_a_password_change_or_reset(
    app: FastAPI, ada: UUID, breaches: Breaches, clock: StoppedClock
) -> None:
    """PWD-05, PWD-09. No database connection is held during the call."""
    client = client_of(app, (await sign_in(client_of(app), ADA["email"])).json()["access_token"])
    async with app.state.resources.database.begin() as session:
        code = (await issue_code(session, ada, clock())).code
    change = {"current_password": PASSWORD, "new_password": LOST}

    changed = await client.post(f"{USERS}/me/password", json=change)
    reset = {"code": code, "new_password": LOST}
    refused = await client.post("/api/v1/auth/password-reset", json=reset)

    for response in (changed, refused):
        assert problem(response)["errors"][0] == {
            "loc": ["body", "new_password"],
            "message": BREACHED,
            "type": "value_error",
        }
    assert len(breaches.requests) == 2
    assert breaches.connections == [0, 0, 0]
    assert (await sign_in(client, ADA["email"])).status_code == 200


async def test_login_passwords_and_invalid_new_passwords_are_not_checked_for_breaches(
    client: AsyncClient, ada: UUID, breaches: Breaches
) -> None:
    """PWD-05"""
    signed_in = [await sign_in(client, ADA["email"], password) for password in (PASSWORD, LOST)]
    refused = [
        await client.post(USERS, json=ADA | {"password": password})
        for password in ("short", "passwordpassword", ADA["email"])
    ]

    assert [response.status_code for response in signed_in] == [200, 400]
    assert [response.status_code for response in refused] == [422] * 3
    assert breaches.requests == []


async def test_registration_succeeds_while_the_breach_service_is_unavailable(
    app: FastAPI, client: AsyncClient, breaches: Breaches, log_lines: LogLines
) -> None:
    """PWD-05"""
    breaches.is_away = True

    response = await client.post(USERS, json=ADA | {"password": LOST})

    assert response.status_code == 201
    counted = app.state.resources.metrics.registry.get_sample_value(
        "breached_password_failures_total"
    )
    assert counted == len(breaches.requests) == 1
    warnings = [line["event"] for line in log_lines() if line["level"] == "warning"]
    assert warnings == ["breached_passwords_away"]


async def test_passwords_are_not_checked_for_breaches_without_a_breach_service(
    make_app: MakeApp, breaches: Breaches
) -> None:
    """PWD-05"""
    response = await client_of(await make_app()).post(USERS, json=ADA | {"password": LOST})

    assert response.status_code == 201
    assert breaches.requests == []
