"""Changes of the e-mail address of an account."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from tests.clients import PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeUser

ME = "/api/v1/users/me"
URL = f"{ME}/email"
DATA = {"current_password": PASSWORD, "email": "lovelace@example.com"}


async def test_login_accepts_only_the_new_address_after_an_email_change(
    authenticated_client: AsyncClient, user: User
) -> None:
    """PWD-10"""
    before = (await authenticated_client.get("/api/v1/users/me")).json()

    response = await authenticated_client.post(URL, json=DATA)

    assert response.status_code == 200
    assert response.json() == before | {"email": "lovelace@example.com"}
    assert (await sign_in(authenticated_client, "lovelace@example.com")).status_code == 200
    assert (await sign_in(authenticated_client, "ada@example.com")).status_code == 400


async def test_an_email_change_ends_other_sessions_and_unused_reset_codes(
    app: FastAPI,
    client: AsyncClient,
    authenticated_client: AsyncClient,
    admin_client: AsyncClient,
    user: User,
) -> None:
    """SES-06, PWD-10, PWD-13. Both may be in the hands of the owner of the old address."""
    other = (await sign_in(client, user.email)).json()
    issued = await admin_client.post(f"/api/v1/users/{user.id}/password-reset")

    changed = await authenticated_client.post(URL, json=DATA)

    assert changed.status_code == 200
    assert (await authenticated_client.get(ME)).status_code == 200
    assert (await client_of(app, other["access_token"]).get(ME)).status_code == 401
    refreshed = await client.post(
        "/api/v1/auth/refresh", json={"refresh_token": other["refresh_token"]}
    )
    reset = {"code": issued.json()["code"], "new_password": "correct horse battery staple"}
    used = await client.post("/api/v1/auth/password-reset", json=reset)
    assert [refreshed.status_code, used.status_code] == [400, 400]


async def test_users_can_change_the_letter_case_of_their_own_address(
    authenticated_client: AsyncClient,
) -> None:
    response = await authenticated_client.post(URL, json=DATA | {"email": "Ada@example.com"})

    assert response.status_code == 200
    assert response.json()["email"] == "Ada@example.com"


async def test_a_case_variant_of_another_users_address_is_rejected(
    authenticated_client: AsyncClient, make_user: MakeUser
) -> None:
    """ENU-05"""
    await make_user("lovelace@example.com")

    response = await authenticated_client.post(URL, json=DATA | {"email": "LoveLace@example.com"})

    assert response.status_code == 409
    assert problem(response)["error_code"] == "CONFLICT"
    assert (await sign_in(authenticated_client, "ada@example.com")).status_code == 200


@pytest.mark.parametrize(
    ("member", "value"),
    [("current_password", "wrongpassword12"), ("email", "lovelace"), ("email", None)],
)
async def test_a_rejected_email_change_names_the_field_and_has_no_effect(
    authenticated_client: AsyncClient, member: str, value: str | None
) -> None:
    """PWD-10"""
    response = await authenticated_client.post(URL, json=DATA | {member: value})

    assert response.status_code == 422
    assert [error["loc"] for error in problem(response)["errors"]] == [["body", member]]
    assert (await sign_in(authenticated_client, "ada@example.com")).status_code == 200
