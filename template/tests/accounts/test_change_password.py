"""Changes of a password."""

import asyncio
import json

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeApp

NEW = "correct horse battery staple"


async def change(client: AsyncClient, current: str, new: str) -> tuple[int, list[list[str]]]:
    """Request a password change; return the status and the rejected fields."""
    data = {"current_password": current, "new_password": new}
    response = await client.post(
        "/api/v1/users/me/password",
        content=json.dumps(data),
        headers={"Content-Type": "application/json"},
    )
    if response.status_code == 204:
        return 204, []
    return response.status_code, [error["loc"] for error in problem(response)["errors"]]


async def test_login_accepts_only_the_new_password_after_a_password_change(
    authenticated_client: AsyncClient, user: User
) -> None:
    """PWD-09"""
    assert await change(authenticated_client, PASSWORD, NEW) == (204, [])

    assert (await sign_in(authenticated_client, user.email, NEW)).status_code == 200
    assert (await sign_in(authenticated_client, user.email)).status_code == 400


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrongpassword12", NEW, "current_password"),
        ("", NEW, "current_password"),
        (PASSWORD, "n" * 14, "new_password"),
        (PASSWORD, "n" * 129, "new_password"),
        (PASSWORD, "passwordpassword", "new_password"),
        (PASSWORD, "ada@example.com", "new_password"),
        (PASSWORD, "\ud800" * 15, "new_password"),
    ],
    ids=["wrong", "none", "short", "long", "common", "address", "lone surrogates"],
)
async def test_a_rejected_password_change_names_the_field_and_has_no_effect(
    authenticated_client: AsyncClient, user: User, current: str, new: str, field: str
) -> None:
    """PWD-01, PWD-02, PWD-05, PWD-09"""
    assert await change(authenticated_client, current, new) == (422, [["body", field]])

    assert (await sign_in(authenticated_client, user.email)).status_code == 200


async def test_only_one_of_several_concurrent_password_changes_succeeds(
    make_app: MakeApp, own_database: str
) -> None:
    """CON-05"""
    app = await make_app(database_url=own_database)
    client = client_of(app)
    await client.post("/api/v1/users", json={"email": "ada@example.com", "password": PASSWORD})
    token = (await sign_in(client, "ada@example.com")).json()["access_token"]
    signed_in = client_of(app, token)

    news = [f"{NEW} {number}" for number in range(6)]
    changes = await asyncio.gather(*(change(signed_in, PASSWORD, new) for new in news))

    assert sorted(status for status, _ in changes) == [204] + [422] * 5
    winner = news[[status for status, _ in changes].index(204)]
    assert (await sign_in(client, "ada@example.com", winner)).status_code == 200
