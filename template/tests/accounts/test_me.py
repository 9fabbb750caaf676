"""The user's own account."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import problem, sign_in

URL = "/api/v1/users/me"


async def test_a_users_own_account_is_returned_without_secrets(
    authenticated_client: AsyncClient, user: User
) -> None:
    """AUZ-08"""
    response = await authenticated_client.get(URL)

    assert response.status_code == 200
    assert response.json() == {
        "id": str(user.id),
        "email": "ada@example.com",
        "full_name": None,
        "is_active": True,
        "is_superuser": False,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


async def test_users_can_change_and_remove_their_name(authenticated_client: AsyncClient) -> None:
    changes: list[dict[str, Any]] = [{"full_name": " Ada "}, {}, {"full_name": None}]

    responses = [await authenticated_client.patch(URL, json=change) for change in changes]

    assert [response.status_code for response in responses] == [200, 200, 200]
    assert [response.json()["full_name"] for response in responses] == ["Ada", "Ada", None]
    assert (await authenticated_client.get(URL)).json() == responses[-1].json()


@pytest.mark.parametrize(
    "change",
    [
        {"email": "eve@example.com"},
        {"password": "another password"},
        {"hashed_password": "another hash"},
        {"is_superuser": True},
        {"is_active": False},
        {"id": "019b0000-0000-7000-8000-000000000000"},
        {"created_at": "2020-01-01T00:00:00Z"},
        {"full_name": ""},
        {"full_name": "n" * 101},
        {"full_name": 1},
        {"full_name": "a\x00b"},
    ],
    ids=str,
)
async def test_invalid_names_and_changes_to_protected_fields_are_rejected(
    authenticated_client: AsyncClient, change: dict[str, Any]
) -> None:
    """AUZ-06, PWD-09, PWD-10, VAL-01"""
    before = (await authenticated_client.get(URL)).json()

    response = await authenticated_client.patch(URL, json=change)

    assert response.status_code == 422
    assert [error["loc"] for error in problem(response)["errors"]] == [["body", *change]]
    assert (await authenticated_client.get(URL)).json() == before


async def test_a_deleted_user_can_neither_use_a_token_nor_log_in(
    authenticated_client: AsyncClient, user: User
) -> None:
    """AUZ-11, TOK-20, HTT-09"""
    response = await authenticated_client.delete(URL)

    assert response.status_code == 204
    assert response.content == b""
    assert (await authenticated_client.get(URL)).status_code == 401
    assert (await authenticated_client.delete(URL)).status_code == 401
    assert (await sign_in(authenticated_client, user.email)).status_code == 400
