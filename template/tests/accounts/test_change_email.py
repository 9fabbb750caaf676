"""Changes of the e-mail address of an account."""

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import PASSWORD, problem, sign_in
from tests.conftest import MakeUser

URL = "/api/v1/users/me/email"
DATA = {"current_password": PASSWORD, "email": "lovelace@example.com"}


async def test_the_new_address_lets_in_and_the_old_one_no_more(
    authenticated_client: AsyncClient, user: User
) -> None:
    """PWD-10"""
    before = (await authenticated_client.get("/api/v1/users/me")).json()

    response = await authenticated_client.post(URL, json=DATA)

    assert response.status_code == 200
    assert response.json() == before | {"email": "lovelace@example.com"}
    assert (await sign_in(authenticated_client, "lovelace@example.com")).status_code == 200
    assert (await sign_in(authenticated_client, "ada@example.com")).status_code == 400


async def test_another_spelling_of_ones_own_address_is_free(
    authenticated_client: AsyncClient,
) -> None:
    response = await authenticated_client.post(URL, json=DATA | {"email": "Ada@example.com"})

    assert response.status_code == 200
    assert response.json()["email"] == "Ada@example.com"


async def test_anothers_address_is_taken_in_any_spelling(
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
async def test_a_change_that_is_refused_names_the_field_and_changes_nothing(
    authenticated_client: AsyncClient, member: str, value: str | None
) -> None:
    """PWD-10"""
    response = await authenticated_client.post(URL, json=DATA | {member: value})

    assert response.status_code == 422
    assert [error["loc"] for error in problem(response)["errors"]] == [["body", member]]
    assert (await sign_in(authenticated_client, "ada@example.com")).status_code == 200
