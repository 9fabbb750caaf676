"""Authentication with an access token."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Headers
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.security import key_id
from app.models.user import User
from tests.clients import SECRET_KEY, StoppedClock, client_of, problem
from tests.conftest import MakeApp
from tests.databases import RolledBackDatabase, counted_statements
from tests.tokens import read_part

URL = "/api/v1/users/me"
NEW_KEY = "a new key, made for these tests: ABCDEFGHIJKLMNOP 9876543210"


async def test_authentication_takes_one_sql_statement(
    authenticated_client: AsyncClient, engine: AsyncEngine
) -> None:
    with counted_statements(engine) as statements:
        response = await authenticated_client.get(URL)

    assert response.status_code == 200
    assert len(statements) == 1


async def test_a_token_is_accepted_for_thirty_seconds_after_it_expires(
    authenticated_client: AsyncClient, clock: StoppedClock
) -> None:
    """TOK-05"""
    clock.advance(minutes=15, seconds=29)
    assert (await authenticated_client.get(URL)).status_code == 200

    clock.advance(seconds=2)
    assert (await authenticated_client.get(URL)).status_code == 401


async def test_a_token_issued_more_than_thirty_seconds_in_the_future_is_rejected(
    authenticated_client: AsyncClient, clock: StoppedClock
) -> None:
    """TOK-06"""
    clock.advance(seconds=-29)
    assert (await authenticated_client.get(URL)).status_code == 200

    clock.advance(seconds=-2)
    assert (await authenticated_client.get(URL)).status_code == 401


async def test_a_token_of_a_deactivated_user_is_rejected(
    authenticated_client: AsyncClient, user: User, database: RolledBackDatabase
) -> None:
    """TOK-20"""
    before = await authenticated_client.get(URL)

    async with database.begin() as session:
        (await session.merge(user)).is_active = False

    assert before.status_code == 200
    assert (await authenticated_client.get(URL)).status_code == 401


@pytest.mark.parametrize(("previous", "status"), [(SECRET_KEY, 200), ("", 401)])
async def test_a_token_signed_with_a_previous_key_is_valid_while_the_key_is_configured(
    make_app: MakeApp, test_user_token: str, previous: str, status: int
) -> None:
    """TOK-09, TOK-19"""
    app = await make_app(secret_key=NEW_KEY, previous_secret_keys=previous)

    response = await client_of(app, test_user_token).get(URL)

    assert response.status_code == status
    signed = app.state.resources.access_tokens.create_access_token(
        uuid4(), uuid4(), datetime.now(UTC)
    )
    assert read_part(signed, 0) == {"alg": "HS256", "typ": "at+jwt", "kid": key_id(NEW_KEY)}
    assert key_id(NEW_KEY) not in NEW_KEY


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_authentication_scheme_is_case_insensitive(
    client: AsyncClient, test_user_token: str, scheme: str
) -> None:
    """TOK-14"""
    response = await client.get(URL, headers={"Authorization": f"{scheme} {test_user_token}"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic YWRhOnNlY3JldA==", "Bearer: x", "Token x"]
)
async def test_a_request_without_a_bearer_token_is_rejected_with_401(
    client: AsyncClient, user: User, authorization: str
) -> None:
    """TOK-13, TOK-14"""
    response = await client.get(URL, headers={"Authorization": authorization})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert problem(response)["detail"] == "Not authenticated."


async def test_a_request_with_two_tokens_is_rejected_with_401(
    client: AsyncClient, test_user_token: str
) -> None:
    """TOK-14"""
    header = ("Authorization", f"Bearer {test_user_token}")

    response = await client.get(URL, headers=Headers([header, header]))

    assert response.status_code == 401
    assert problem(response)["error_code"] == "UNAUTHORIZED"


async def test_an_access_token_outside_the_authorization_header_is_not_accepted(
    app: FastAPI, test_user_token: str
) -> None:
    """TOK-12"""
    token = {"access_token": test_user_token, "token": test_user_token}
    cookie = "; ".join(f"{name}={value}" for name, value in token.items())
    client = client_of(app, Cookie=cookie)

    as_json = await client.request("GET", URL, params=token, json=token)
    as_form = await client.request("GET", URL, params=token, data=token)

    assert [as_json.status_code, as_form.status_code] == [401, 401]
