"""Refresh of tokens."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import func, select

from app.core.auth.opaque_tokens import RefreshToken
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.user import User
from tests.clients import PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeApp
from tests.databases import RolledBackDatabase, execute
from tests.logs import LogLines
from tests.tokens import read_part

ME = "/api/v1/users/me"


async def refresh(client: AsyncClient, token: str) -> Response:
    return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


async def tokens_of(client: AsyncClient, user: User) -> dict[str, Any]:
    tokens: dict[str, Any] = (await sign_in(client, user.email)).json()
    return tokens


async def status_of(app: FastAPI, tokens: dict[str, Any]) -> int:
    return (await client_of(app, tokens["access_token"]).get(ME)).status_code


async def test_a_refresh_token_is_exchanged_for_new_tokens_of_the_same_session(
    app: FastAPI, client: AsyncClient, user: User
) -> None:
    """SES-01, TOK-15"""
    first = await tokens_of(client, user)

    response = await refresh(client, first["refresh_token"])

    assert response.status_code == 200
    second = response.json()
    assert second["refresh_token"] != first["refresh_token"]
    claims = [read_part(tokens["access_token"], 1) for tokens in (first, second)]
    assert claims[0]["sid"] == claims[1]["sid"]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert await status_of(app, second) == 200


async def test_each_login_creates_a_new_session(client: AsyncClient, user: User) -> None:
    """SES-10"""
    tokens = [await tokens_of(client, user) for _ in range(2)]

    assert len({read_part(each["access_token"], 1)["sid"] for each in tokens}) == 2


async def test_reuse_of_a_refresh_token_ends_only_its_session_and_is_logged(
    app: FastAPI, client: AsyncClient, user: User, log_lines: LogLines
) -> None:
    """SES-02, OBS-06"""
    first, other = await tokens_of(client, user), await tokens_of(client, user)
    second = (await refresh(client, first["refresh_token"])).json()

    again = await refresh(client, first["refresh_token"])

    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert (await refresh(client, second["refresh_token"])).status_code == 400
    assert [await status_of(app, each) for each in (first, second, other)] == [401, 401, 200]
    [event] = [line for line in log_lines() if line["event"] == "refresh_token_reused"]
    assert event["subject"] == str(user.id)
    assert event["request_id"] == again.headers["x-request-id"]


async def test_reuse_of_a_refresh_token_commits_the_deletion_of_its_session(
    make_app: MakeApp, own_database: str
) -> None:
    """SES-02"""
    app = await make_app(database_url=own_database)
    client = client_of(app)
    await client.post("/api/v1/users", json={"email": "ada@example.com", "password": PASSWORD})
    first = (await sign_in(client, "ada@example.com")).json()["refresh_token"]
    await refresh(client, first)

    await refresh(client, first)

    database: Database = app.state.resources.database
    assert await database.fetch_one(select(func.count()).select_from(UserSession), {}) == (0,)


async def test_only_one_concurrent_refresh_succeeds(make_app: MakeApp, own_database: str) -> None:
    """SES-03"""
    client = client_of(await make_app(database_url=own_database))
    await client.post("/api/v1/users", json={"email": "ada@example.com", "password": PASSWORD})
    token = (await sign_in(client, "ada@example.com")).json()["refresh_token"]

    answers = await asyncio.gather(*(refresh(client, token) for _ in range(12)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 11


@pytest.mark.parametrize(
    "change", ["", "x", "A" * 63, "A" * 64, "A" * 65, "é" * 64, "\x00" * 64, "=" * 64, "A" * 200]
)
async def test_an_invalid_refresh_token_is_rejected_and_ends_no_session(
    app: FastAPI, client: AsyncClient, user: User, change: str
) -> None:
    """SES-08, TOK-09"""
    tokens = await tokens_of(client, user)

    response = await refresh(client, change)

    assert response.status_code == (400 if change else 422)
    problem(response)
    assert await status_of(app, tokens) == 200


async def test_access_and_refresh_tokens_are_not_interchangeable(
    client: AsyncClient, app: FastAPI, user: User
) -> None:
    """TOK-09"""
    tokens = await tokens_of(client, user)

    as_access = await client_of(app, tokens["refresh_token"]).get(ME)
    as_refresh = await refresh(client, tokens["access_token"])

    assert as_access.status_code == 401
    assert as_refresh.status_code in {400, 422}
    assert await status_of(app, tokens) == 200


async def test_altered_and_unknown_refresh_tokens_are_rejected_and_end_no_session(
    client: AsyncClient, app: FastAPI, user: User
) -> None:
    """SES-08. Knowledge of a part of the token is not sufficient to end its session."""
    tokens = await tokens_of(client, user)

    token = tokens["refresh_token"]
    for other in (RefreshToken().encode(), token[:-4], f"{token}AAAA", f"!{token}"):
        assert (await refresh(client, other)).status_code == 400
    assert await status_of(app, tokens) == 200


async def test_a_refresh_token_combined_from_two_tokens_is_rejected(
    client: AsyncClient, user: User
) -> None:
    """SES-08"""
    tokens = [(await tokens_of(client, user))["refresh_token"] for _ in range(2)]
    one, other = (RefreshToken.parse(token) for token in tokens)

    response = await refresh(client, RefreshToken(one.family, other.secret).encode())

    assert response.status_code == 400
    assert (await refresh(client, tokens[1])).status_code == 200


async def test_a_deactivated_user_cannot_refresh_tokens(
    client: AsyncClient, user: User, database: RolledBackDatabase
) -> None:
    """TOK-20"""
    tokens = await tokens_of(client, user)

    async with database.begin() as session:
        (await session.merge(user)).is_active = False

    assert (await refresh(client, tokens["refresh_token"])).status_code == 400


async def test_only_the_hash_of_a_refresh_token_is_stored(
    make_app: MakeApp, own_database: str
) -> None:
    """SES-08"""
    client = client_of(await make_app(database_url=own_database))
    await client.post("/api/v1/users", json={"email": "ada@example.com", "password": PASSWORD})
    token = (await sign_in(client, "ada@example.com")).json()["refresh_token"]

    rows = await asyncio.to_thread(execute, own_database, "SELECT * FROM sessions")

    parsed = RefreshToken.parse(token)
    assert str(parsed.secret) not in repr(parsed)
    assert len(rows) == 1
    assert parsed.token_hash in rows[0].values()
    assert not {token, token.encode(), parsed.family, parsed.secret} & set(rows[0].values())
