"""Concurrent requests over real connections."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import delete, func, select

from app.core.auth.opaque_tokens import hash_code, new_code
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.accounts.password_reset import PasswordReset
from app.models.user import User
from tests.clients import PASSWORD, StoppedClock, client_of, sign_in
from tests.conftest import MakeApp
from tests.databases import WAITING
from tests.logs import LogLines
from tests.tokens import add_signed_in, read_part

ME = "/api/v1/users/me"
NAME = "grace.hopper@example.com"
NEW = "a lamp beside the river"
CODE = new_code()
CURRENT = {"current_password": PASSWORD}
Sent = dict[str, dict[str, str]]


async def somebody_waits(database: Database) -> None:
    """Wait until a connection waits for a lock that another connection holds."""
    async with asyncio.timeout(30):
        while await database.fetch_one(WAITING, {}) == (0,):
            pass


@pytest.fixture
async def app(make_app: MakeApp, own_database: str) -> FastAPI:
    """An application that commits, and whose requests wait long enough for a connection."""
    return await make_app(database_url=own_database, database_pool_timeout_seconds=30)


async def count(app: FastAPI, model: type[Any]) -> int:
    database: Database = app.state.resources.database
    row = await database.fetch_one(select(func.count()).select_from(model), {})
    return row[0] if row else 0


async def test_only_one_concurrent_registration_of_an_address_succeeds(app: FastAPI) -> None:
    """CON-01, ENU-05"""
    client = client_of(app)
    bodies = [{"email": NAME[:n].upper() + NAME[n:], "password": PASSWORD} for n in range(12)]

    answers = await asyncio.gather(*(client.post("/api/v1/users", json=body) for body in bodies))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
    assert await count(app, User) == 1


async def test_concurrent_logins_open_separate_sessions(app: FastAPI, clock: StoppedClock) -> None:
    """CON-09, SES-10"""
    await add_signed_in(app.state.resources.database, NAME, clock())

    answers = await asyncio.gather(*(sign_in(client_of(app), NAME) for _ in range(40)))

    assert {answer.status_code for answer in answers} == {200}
    claims = [read_part(answer.json()["access_token"], 1) for answer in answers]
    assert len({each["sid"] for each in claims}) == 40
    assert await count(app, UserSession) == 41


async def test_only_one_concurrent_deletion_of_a_session_succeeds(
    app: FastAPI, make_token: Callable[[User], str], clock: StoppedClock
) -> None:
    """CON-03"""
    client = client_of(
        app, make_token(await add_signed_in(app.state.resources.database, NAME, clock()))
    )
    session = (await sign_in(client, NAME)).json()
    url = f"{ME}/sessions/{UUID(read_part(session['access_token'], 1)['sid'])}"

    answers = await asyncio.gather(*(client.delete(url) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [204] + [404] * 7


async def test_only_one_concurrent_deletion_of_an_account_succeeds(
    app: FastAPI, make_token: Callable[[User], str], clock: StoppedClock, log_lines: LogLines
) -> None:
    """CON-03, OBS-06"""
    client = client_of(
        app, make_token(await add_signed_in(app.state.resources.database, NAME, clock()))
    )

    answers = await asyncio.gather(*(client.delete(ME) for _ in range(8)))

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 401, 404}
    assert [line["event"] for line in log_lines()].count("account_deleted") == 1


def all_changes(user: AsyncClient, admin: AsyncClient, account: str, sent: Sent) -> list[Any]:
    """Return a coroutine for each request that changes an account."""
    return [
        user.patch(ME, json={"full_name": "Grace"}),
        user.post(f"{ME}/email", json=CURRENT | {"email": "hopper@example.com"}),
        user.post(f"{ME}/password", json=CURRENT | {"new_password": NEW}),
        user.post("/api/v1/auth/refresh", json=sent["refresh"]),
        user.post("/api/v1/auth/logout-all"),
        user.post("/api/v1/auth/password-reset", json=sent["reset"]),
        sign_in(user, NAME),
        admin.patch(account, json={"is_active": False}),
        admin.patch(account, json={"is_active": True, "is_superuser": True}),
        admin.post(f"{account}/password-reset"),
        admin.delete(f"{account}/sessions"),
        user.delete(ME),
    ]


async def test_concurrent_changes_of_an_account_cause_no_server_error(
    app: FastAPI, make_token: Callable[[User], str], clock: StoppedClock
) -> None:
    """CON-04, ERR-03. No deadlock occurs."""
    database: Database = app.state.resources.database
    user = await add_signed_in(database, NAME, clock())
    root = await add_signed_in(database, "root@example.com", clock(), is_superuser=True)
    client, admin = client_of(app, make_token(user)), client_of(app, make_token(root))
    account = f"/api/v1/users/{user.id}"
    code = (await admin.post(f"{account}/password-reset")).json()["code"]
    token = (await sign_in(client, NAME)).json()["refresh_token"]
    sent = {"refresh": {"refresh_token": token}, "reset": {"code": code, "new_password": NEW}}

    changes = [all_changes(client, admin, account, sent) for _ in range(3)]
    answers: list[Response] = await asyncio.gather(*chain(*changes))

    assert {answer.status_code for answer in answers} <= {
        200,
        201,
        204,
        400,
        401,
        403,
        404,
        409,
        422,
    }


@pytest.mark.parametrize(
    ("method", "url", "sent", "status"),
    [
        ("PATCH", ME, {"json": {"full_name": "Grace"}}, 404),
        ("POST", f"{ME}/email", {"json": CURRENT | {"email": "hopper@example.com"}}, 401),
        ("POST", f"{ME}/password", {"json": CURRENT | {"new_password": NEW}}, 401),
        ("POST", "/api/v1/auth/token", {"data": {"username": NAME, "password": PASSWORD}}, 400),
        ("POST", "/api/v1/auth/password-reset", {"json": {"code": CODE, "new_password": NEW}}, 400),
    ],
)
async def test_a_change_of_an_account_during_its_deletion_is_rejected(
    app: FastAPI,
    make_token: Callable[[User], str],
    clock: StoppedClock,
    method: str,
    url: str,
    sent: dict[str, Any],
    status: int,
) -> None:
    """ERR-03, CON-04. The waiting change holds no lock that the deletion needs."""
    database: Database = app.state.resources.database
    user = await add_signed_in(database, NAME, clock())
    client = client_of(app, make_token(user))
    until = clock() + timedelta(hours=1)

    async with database.begin() as session:
        session.add(PasswordReset(user_id=user.id, code_hash=hash_code(CODE), expires_at=until))
    async with database.begin() as session:
        await session.execute(select(User.id).with_for_update())
        change = asyncio.create_task(client.request(method, url, **sent))
        await somebody_waits(database)
        await session.execute(delete(User))
    response = await change

    assert response.status_code == status
    assert (await client.get(ME)).status_code == 401
