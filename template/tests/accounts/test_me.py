"""The user's own account."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import PASSWORD, problem, sign_in

URL = "/api/v1/users/me"
DELETE = f"{URL}/delete"
CONFIRMED = {"current_password": PASSWORD}


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


async def test_users_delete_their_account_with_their_password(
    authenticated_client: AsyncClient, user: User
) -> None:
    """AUZ-11, TOK-20"""
    wrong = await authenticated_client.post(DELETE, json={"current_password": "wrongpassword12"})
    none = await authenticated_client.post(DELETE, json={})
    assert [wrong.status_code, none.status_code] == [422, 422]
    for response in (wrong, none):
        assert problem(response)["errors"][0]["loc"] == ["body", "current_password"]
    assert (await authenticated_client.get(URL)).status_code == 200

    response = await authenticated_client.post(DELETE, json=CONFIRMED)

    assert (response.status_code, response.content) == (204, b"")
    assert (await authenticated_client.get(URL)).status_code == 401
    assert (await sign_in(authenticated_client, user.email)).status_code == 400


async def test_the_last_administrator_cannot_delete_the_account(admin_client: AsyncClient) -> None:
    """AUZ-07"""
    response = await admin_client.post(DELETE, json=CONFIRMED)

    assert response.status_code == 409
    assert problem(response)["error_code"] == "CONFLICT"
    assert (await admin_client.get(URL)).status_code == 200


async def test_deletion_without_the_password_is_deprecated(client: AsyncClient) -> None:
    """HTT-15"""
    response = await client.delete(URL)

    assert response.status_code == 401
    assert response.headers["deprecation"] == "@1796083200"
    assert response.headers["sunset"] == "Wed, 01 Dec 2027 00:00:00 GMT"
    assert response.headers["link"] == '</api/v1/users/me/delete>; rel="successor-version"'
