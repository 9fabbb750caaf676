"""Administration of accounts."""

from uuid import uuid4

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import problem, sign_in
from tests.conftest import MakeUser

USERS = "/api/v1/users"


async def test_a_deactivated_user_is_logged_out_and_must_log_in_again_after_reactivation(
    admin_client: AsyncClient, authenticated_client: AsyncClient, client: AsyncClient, user: User
) -> None:
    """TOK-20"""
    tokens = (await sign_in(client, user.email)).json()
    url = f"{USERS}/{user.id}"

    deactivated = await admin_client.patch(url, json={"is_active": False})

    body = {"refresh_token": tokens["refresh_token"]}
    assert deactivated.json()["is_active"] is False
    assert (await authenticated_client.get(f"{USERS}/me")).status_code == 401
    assert (await client.post("/api/v1/auth/refresh", json=body)).status_code == 400
    assert (await sign_in(client, user.email)).status_code == 400
    await admin_client.patch(url, json={"is_active": True})
    assert (await authenticated_client.get(f"{USERS}/me")).status_code == 401
    assert (await sign_in(client, user.email)).status_code == 200


async def test_granted_and_revoked_administrator_rights_take_effect_immediately(
    admin_client: AsyncClient, authenticated_client: AsyncClient, user: User
) -> None:
    """TOK-20, AUZ-04"""
    url = f"{USERS}/{user.id}"

    await admin_client.patch(url, json={"is_superuser": True})
    assert (await authenticated_client.get(USERS)).status_code == 200

    await admin_client.patch(url, json={"is_superuser": False})
    assert (await authenticated_client.get(USERS)).status_code == 403


async def test_an_administrator_can_end_all_sessions_of_a_user(
    admin_client: AsyncClient, authenticated_client: AsyncClient, user: User
) -> None:
    """SES-13"""
    response = await admin_client.delete(f"{USERS}/{user.id}/sessions")

    assert response.status_code == 204
    assert (await authenticated_client.get(f"{USERS}/me")).status_code == 401
    assert (await admin_client.get(USERS)).status_code == 200


@pytest.mark.parametrize("user_id", ["1", "no-uuid", "%00"])
async def test_an_invalid_user_id_is_reported_only_to_administrators(
    client: AsyncClient, admin_client: AsyncClient, user_id: str
) -> None:
    """AUZ-01"""
    for method, path in [("GET", ""), ("PATCH", ""), ("DELETE", "/sessions")]:
        url = f"{USERS}/{user_id}{path}"

        assert (await client.request(method, url)).status_code == 401
        response = await admin_client.request(method, url, json={} if method == "PATCH" else None)
        assert problem(response)["errors"][0]["loc"] == ["path", "user_id"]


async def test_the_last_active_administrator_cannot_be_removed(
    admin_client: AsyncClient, admin: User, make_user: MakeUser
) -> None:
    """AUZ-06"""
    await make_user("inactive@example.com", is_superuser=True, is_active=False)
    url = f"{USERS}/{admin.id}"

    refused = [
        await admin_client.patch(url, json={"is_active": False}),
        await admin_client.patch(url, json={"is_superuser": False}),
        await admin_client.delete(f"{USERS}/me"),
    ]

    assert [response.status_code for response in refused] == [409, 409, 409]
    assert {problem(response)["error_code"] for response in refused} == {"CONFLICT"}
    assert (await admin_client.get(url)).json()["is_superuser"] is True
    await make_user("other@example.com", is_superuser=True)
    assert (await admin_client.delete(f"{USERS}/me")).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {"email": "x@example.com"},
        {"is_active": None},
        {"is_active": 0},
        {"is_superuser": "true"},
        {"hashed_password": "x"},
        {"id": "01a20a5f-4751-77cf-9f4d-776ac82c38b1"},
        [],
    ],
    ids=str,
)
async def test_administrators_cannot_set_protected_fields_or_invalid_values(
    admin_client: AsyncClient, user: User, body: object
) -> None:
    """AUZ-09, VAL-12"""
    before = (await admin_client.get(f"{USERS}/{user.id}")).json()

    response = await admin_client.patch(f"{USERS}/{user.id}", json=body)

    assert response.status_code == 422
    problem(response)
    assert (await admin_client.get(f"{USERS}/{user.id}")).json() == before


async def test_an_invalid_is_active_field_returns_one_error(
    admin_client: AsyncClient, user: User
) -> None:
    """VAL-01. The error does not reveal how the schema is composed."""
    for value in (None, "yes"):
        response = await admin_client.patch(f"{USERS}/{user.id}", json={"is_active": value})

        (error,) = problem(response)["errors"]
        assert error["loc"] in (["body"], ["body", "is_active"])


async def test_operations_on_an_unknown_user_return_404(admin_client: AsyncClient) -> None:
    user_id = uuid4()
    url = f"{USERS}/{user_id}"

    answers = [
        await admin_client.get(url),
        await admin_client.patch(url, json={"is_active": False}),
        await admin_client.delete(f"{url}/sessions"),
        await admin_client.post(f"{url}/password-reset"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    details = {problem(answer)["detail"] for answer in answers}
    assert details == {f"User with id {user_id} not found"}


@pytest.mark.parametrize(
    "user_id", ["0", "me2", "9" * 5000, "%00", "%FF", "..%2F..", "{id}", "'--"]
)
async def test_an_invalid_user_id_is_rejected(admin_client: AsyncClient, user_id: str) -> None:
    """VAL-01, VAL-05, VAL-13"""
    response = await admin_client.get(f"{USERS}/{user_id}")

    assert response.status_code in {404, 422}
    problem(response)
