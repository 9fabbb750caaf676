"""Registration, with valid and invalid input."""

import json
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from app.schemas.user import UserCreate
from tests.clients import PASSWORD, client_of, problem, sign_in

URL = "/api/v1/users"
DATA = {"email": "grace@example.com", "password": PASSWORD}
JSON = {"Content-Type": "application/json"}
CANARY = "canary-in-the-coal-mine"


async def test_registration_returns_the_account_and_its_location(
    client: AsyncClient, app: FastAPI
) -> None:
    """HTT-08, AUZ-08"""
    response = await client.post(URL, json=DATA)

    assert response.status_code == 201
    account = response.json()
    assert UUID(account["id"]).version == 7
    assert account.pop("created_at").endswith("Z")
    assert account == {
        "id": account["id"],
        "email": "grace@example.com",
        "full_name": None,
        "is_active": True,
        "is_superuser": False,
    }
    token = (await sign_in(client, DATA["email"])).json()["access_token"]
    found = await client_of(app, token).get(response.headers["location"])
    assert found.status_code == 200
    assert found.json() == response.json()


async def test_the_location_of_an_account_that_a_signed_in_caller_creates_is_the_new_account(
    admin_client: AsyncClient, authenticated_client: AsyncClient
) -> None:
    """HTT-08, AUZ-10. Other users must not read the new account."""
    created = await admin_client.post(URL, json=DATA)

    location = created.headers["location"]
    assert location == f"{URL}/{created.json()['id']}"
    assert (await admin_client.get(location)).json() == created.json()
    assert (await authenticated_client.get(location)).status_code == 403


async def test_registering_a_case_variant_of_an_existing_address_returns_409(
    client: AsyncClient, user: User
) -> None:
    """ENU-03, ENU-05"""
    response = await client.post(URL, json=DATA | {"email": "ADA@Example.Com", "password": CANARY})

    assert response.status_code == 409
    assert problem(response)["error_code"] == "CONFLICT"
    assert (await sign_in(client, user.email, CANARY)).status_code == 400
    assert (await sign_in(client, user.email)).status_code == 200


async def test_registration_rejects_unknown_and_protected_fields(client: AsyncClient) -> None:
    """AUZ-05, AUZ-09"""
    for member in ("id", "is_superuser", "is_active", "role", "hashed_password", "created_at"):
        response = await client.post(URL, json=DATA | {member: True})

        assert response.status_code == 422, member
        assert [error["loc"] for error in problem(response)["errors"]] == [["body", member]]


MISFITS: dict[str, tuple[str, Any]] = {
    "empty name": ("full_name", ""),
    "blank name": ("full_name", " \t "),
    "long name": ("full_name", "n" * 101),
    "name with NUL": ("full_name", "a\x00b"),
    "name of two lines": ("full_name", "Grace\nHopper"),
    "name with an escape": ("full_name", "\x1b[31mGrace"),
    "name of zero-width characters": ("full_name", "\u200b\u2060\ufeff"),
    "name of joiners and marks": ("full_name", "\u200d\ufe0f\u0301"),
    "name of Unicode spaces": ("full_name", "\u2003\u00a0\u3000"),
    "name of invisible letters": ("full_name", "\u3164\u2800"),
    "name with a lone surrogate": ("full_name", "\ud800"),
    "number for a name": ("full_name", 1),
    "list for a name": ("full_name", ["Grace"]),
    "password with a lone surrogate": ("password", "\ud800" * 15),
    "no password": ("password", None),
    "number for a password": ("password", 123_456_789_012_345),
}


async def test_invalid_registration_fields_are_named_in_the_errors(client: AsyncClient) -> None:
    """VAL-01, VAL-02, VAL-04, VAL-12, VAL-21"""
    for misfit, (member, value) in MISFITS.items():
        content = json.dumps(DATA | {member: value})

        response = await client.post(URL, content=content, headers=JSON)

        assert response.status_code == 422, misfit
        refused = [error["loc"] for error in problem(response)["errors"]]
        assert refused == [["body", member]], misfit


@pytest.mark.parametrize(
    "name",
    [
        "n" * 100,
        "\U0001f469\u200d\U0001f467",
        "\U0001d572",
        "\U0001fae9",
        "جريس",
        "\u200fجريس\u200f",
        "Zoe\u0308",
        "<b>Grace</b>",
        "'; DROP TABLE users; --",
    ],
    ids=[
        "longest",
        "joined",
        "astral",
        "new",
        "right to left",
        "marked",
        "accent",
        "markup",
        "sql",
    ],
)
async def test_only_leading_and_trailing_spaces_of_a_name_are_removed(
    client: AsyncClient, name: str
) -> None:
    """VAL-03, VAL-04"""
    response = await client.post(URL, json=DATA | {"full_name": f" {name} "})

    assert response.status_code == 201
    assert response.json()["full_name"] == name


def test_maximum_lengths_of_the_user_schema_match_the_columns() -> None:
    """VAL-04"""
    properties = UserCreate.model_json_schema()["properties"]

    assert properties["email"]["maxLength"] == User.email.type.length
    assert properties["full_name"]["anyOf"][0]["maxLength"] == User.full_name.type.length
    assert (properties["password"]["minLength"], properties["password"]["maxLength"]) == (8, 128)
