"""Reset of forgotten passwords."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from app.core.auth.opaque_tokens import hash_code
from app.models.user import User
from tests.clients import PASSWORD, StoppedClock, client_of, problem, sign_in
from tests.conftest import MakeApp
from tests.databases import RolledBackDatabase, execute

NEW = "correct horse battery staple"


async def issue(admin_client: AsyncClient, user: User) -> dict[str, Any]:
    response = await admin_client.post(f"/api/v1/users/{user.id}/password-reset")
    assert response.status_code == 201
    issued: dict[str, Any] = response.json()
    return issued


async def use(client: AsyncClient, code: str, password: str = NEW) -> Response:
    body = {"code": code, "new_password": password}
    return await client.post("/api/v1/auth/password-reset", json=body)


async def test_a_reset_code_changes_the_password_once_and_ends_all_sessions(
    client: AsyncClient,
    authenticated_client: AsyncClient,
    admin_client: AsyncClient,
    admin: User,
    user: User,
) -> None:
    """PWD-13, SES-06. The passwords of other users do not change."""
    code = (await issue(admin_client, user))["code"]

    response = await use(client, code)

    assert response.status_code == 204
    assert (await sign_in(client, user.email, NEW)).status_code == 200
    assert (await sign_in(client, user.email)).status_code == 400
    assert (await authenticated_client.get("/api/v1/users/me")).status_code == 401
    assert (await use(client, code, f"{NEW} again")).status_code == 400
    assert (await sign_in(client, admin.email)).status_code == 200


async def test_a_reset_code_expires_after_one_hour(
    client: AsyncClient, admin_client: AsyncClient, user: User, clock: StoppedClock
) -> None:
    """PWD-13"""
    issued = await issue(admin_client, user)
    assert (datetime.fromisoformat(issued["expires_at"]) - clock()).total_seconds() == 3600

    assert len(issued["code"]) == 32

    clock.advance(minutes=60)

    assert (await use(client, issued["code"])).status_code == 400


async def test_a_new_reset_code_replaces_the_previous_code(
    client: AsyncClient, admin_client: AsyncClient, user: User, clock: StoppedClock
) -> None:
    """PWD-13"""
    first = (await issue(admin_client, user))["code"]
    clock.advance(minutes=14)
    second = (await issue(admin_client, user))["code"]
    clock.advance(minutes=50)

    assert (await use(client, first)).status_code == 400
    assert (await use(client, second)).status_code == 204


async def test_a_password_change_invalidates_only_the_users_own_reset_code(
    client: AsyncClient,
    authenticated_client: AsyncClient,
    admin_client: AsyncClient,
    admin: User,
    user: User,
) -> None:
    """PWD-13"""
    code, other = [(await issue(admin_client, each))["code"] for each in (user, admin)]
    data = {"current_password": PASSWORD, "new_password": NEW}

    changed = await authenticated_client.post("/api/v1/users/me/password", json=data)

    assert changed.status_code == 204
    assert (await use(client, code, f"{NEW} again")).status_code == 400
    assert (await use(client, other)).status_code == 204


async def test_an_inactive_users_reset_code_gets_the_same_error_as_an_invalid_code(
    client: AsyncClient,
    admin_client: AsyncClient,
    user: User,
    database: RolledBackDatabase,
    clock: StoppedClock,
) -> None:
    """PWD-13, ENU-04"""
    code = (await issue(admin_client, user))["code"]
    async with database.begin() as session:
        (await session.merge(user)).is_active = False

    answers = [await use(client, each) for each in (code, "unknown", "é\x00", "x" * 200)]

    assert {answer.status_code for answer in answers} == {400}
    assert {problem(answer)["detail"] for answer in answers} == {
        "The code is wrong, used or expired. Ask for a new one."
    }


@pytest.mark.parametrize("password", ["short", "n" * 129, "ada@example.com"])
async def test_a_rejected_password_does_not_use_up_the_reset_code(
    client: AsyncClient, admin_client: AsyncClient, user: User, password: str
) -> None:
    """PWD-01, PWD-02, PWD-13"""
    code = (await issue(admin_client, user))["code"]

    response = await use(client, code, password)

    assert response.status_code == 422
    assert [error["loc"] for error in problem(response)["errors"]] == [["body", "new_password"]]
    assert (await use(client, code)).status_code == 204


async def test_a_reset_code_is_stored_only_as_a_hash_and_only_one_concurrent_use_succeeds(
    make_app: MakeApp, own_database: str
) -> None:
    """PWD-13, SES-08"""
    app: FastAPI = await make_app(database_url=own_database)
    client = client_of(app)
    for email in ("root@example.com", "ada@example.com"):
        await client.post("/api/v1/users", json={"email": email, "password": PASSWORD})
    await asyncio.to_thread(
        execute, own_database, "UPDATE users SET is_superuser = true WHERE email LIKE 'root%'"
    )
    token = (await sign_in(client, "root@example.com")).json()["access_token"]
    admin = client_of(app, token)
    listed = (await admin.get("/api/v1/users", params={"q": "ada"})).json()["items"]
    code = (await issue(admin, User(id=listed[0]["id"])))["code"]
    [row] = await asyncio.to_thread(execute, own_database, "SELECT * FROM password_resets")

    answers = await asyncio.gather(*(use(client, code, f"{NEW} {n}") for n in range(4)))

    assert sorted(answer.status_code for answer in answers) == [204, 400, 400, 400]
    assert hash_code(code) in row.values()
    assert not {code, code.encode()} & set(row.values())
