"""Who may do what."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from tests.clients import client_of, problem
from tests.databases import RolledBackDatabase

PUBLIC = {
    ("get", "/health"),
    ("get", "/ready"),
    ("post", "/api/v1/auth/logout"),
    ("post", "/api/v1/auth/password-reset"),
    ("post", "/api/v1/auth/refresh"),
    ("post", "/api/v1/auth/token"),
    ("post", "/api/v1/users"),
}

MakeToken = Callable[[User], str]


async def test_all_but_the_named_operations_need_a_token(app: FastAPI, client: AsyncClient) -> None:
    """AUZ-01, TOK-13"""
    operations = {
        (method, path) for path, item in app.openapi()["paths"].items() for method in item
    }

    assert operations >= PUBLIC
    for method, path in operations - PUBLIC:
        url = re.sub(r"\{\w+\}", str(uuid4()), path)
        response = await client.request(method, url, json={"not": "looked at"})

        assert (method, path, response.status_code) == (method, path, 401)
        assert response.headers["www-authenticate"] == "Bearer"
        assert problem(response)["error_code"] == "UNAUTHORIZED"


async def test_an_administrator_reads_any_account(
    app: FastAPI, admin: User, user: User, make_token: MakeToken
) -> None:
    response = await client_of(app, make_token(admin)).get(f"/api/v1/users/{user.id}")

    assert response.status_code == 200
    assert response.json()["email"] == "ada@example.com"


async def test_an_account_that_does_not_exist_is_not_found(
    app: FastAPI, admin: User, make_token: MakeToken
) -> None:
    user_id = uuid4()

    response = await client_of(app, make_token(admin)).get(f"/api/v1/users/{user_id}")

    assert response.status_code == 404
    assert problem(response)["detail"] == f"User with id {user_id} not found"


@pytest.mark.parametrize(
    "user_id", ["0", "me2", "9" * 5000, "%00", "%FF", "..%2F..", "{id}", "'--"]
)
async def test_an_id_that_is_none_is_refused(
    app: FastAPI, admin: User, make_token: MakeToken, user_id: str
) -> None:
    """VAL-01, VAL-05, VAL-13"""
    response = await client_of(app, make_token(admin)).get(f"/api/v1/users/{user_id}")

    assert response.status_code in {404, 422}
    problem(response)


async def test_a_user_reads_no_other_account(
    authenticated_client: AsyncClient, admin: User, user: User
) -> None:
    """AUZ-04, AUZ-10"""
    responses = [
        await authenticated_client.get(f"/api/v1/users/{user_id}")
        for user_id in (admin.id, user.id, uuid4())
    ]

    assert [response.status_code for response in responses] == [403, 403, 403]
    assert {problem(response)["error_code"] for response in responses} == {"FORBIDDEN"}


async def test_one_who_is_administrator_no_more_loses_access_at_the_next_request(
    app: FastAPI, admin: User, database: RolledBackDatabase, make_token: MakeToken
) -> None:
    """TOK-20"""
    client = client_of(app, make_token(admin))
    before = await client.get(f"/api/v1/users/{admin.id}")

    async with database.begin() as session:
        (await session.merge(admin)).is_superuser = False

    assert before.status_code == 200
    assert (await client.get(f"/api/v1/users/{admin.id}")).status_code == 403
