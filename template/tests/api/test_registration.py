"""Registering, and what is refused."""

import json
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from tests.clients import PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeApp

URL = "/api/v1/users"
DATA = {"email": "grace@example.com", "password": PASSWORD}
JSON = {"Content-Type": "application/json"}
CANARY = "canary-in-the-coal-mine"


async def test_a_registration_answers_with_the_account_and_where_it_is(
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
    assert (await client_of(app, token).get(response.headers["location"])).status_code == 200


async def test_an_address_in_another_spelling_is_taken(client: AsyncClient, user: User) -> None:
    """ENU-03, ENU-05"""
    response = await client.post(URL, json=DATA | {"email": "ADA@Example.Com", "password": CANARY})

    assert response.status_code == 409
    assert problem(response)["error_code"] == "CONFLICT"
    assert (await sign_in(client, user.email, CANARY)).status_code == 400
    assert (await sign_in(client, user.email)).status_code == 200


@pytest.mark.parametrize("length", [1, 14, 129])
async def test_a_password_of_another_length_is_refused_by_name_and_not_repeated(
    client: AsyncClient, length: int
) -> None:
    """PWD-01, PWD-02"""
    password = "p4q8" * 32 + "z"

    response = await client.post(URL, json=DATA | {"password": password[:length]})

    assert response.status_code == 422
    assert [error["loc"] for error in problem(response)["errors"]] == [["body", "password"]]
    assert "p4q8" not in response.text


@pytest.mark.parametrize(
    "password",
    ["a" * 15, "0" * 64, " " * 15, "🦊" * 15, "корректнаялошадь", "p" * 128],
    ids=["lower", "digits", "spaces", "emoji", "cyrillic", "longest"],
)
async def test_a_password_may_be_of_any_characters(client: AsyncClient, password: str) -> None:
    """PWD-02, PWD-04"""
    response = await client.post(URL, json=DATA | {"password": password})

    assert response.status_code == 201
    assert (await sign_in(client, DATA["email"], password)).status_code == 200


async def test_a_password_is_the_same_however_its_accents_are_typed(client: AsyncClient) -> None:
    """PWD-06"""
    response = await client.post(URL, json=DATA | {"password": "caf\u00e9" * 4})

    assert response.status_code == 201
    assert (await sign_in(client, DATA["email"], "cafe\u0301" * 4)).status_code == 200


async def test_the_shortest_password_is_a_setting(make_app: MakeApp) -> None:
    """PWD-01"""
    client = client_of(await make_app(password_min_length=8))

    responses = [
        await client.post(URL, json=DATA | {"password": p}) for p in ("7letter", "8letters")
    ]

    assert [response.status_code for response in responses] == [422, 201]


async def test_nothing_but_the_named_members_can_be_set(client: AsyncClient) -> None:
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
    "name with half a character": ("full_name", "\ud800"),
    "number for a name": ("full_name", 1),
    "list for a name": ("full_name", ["Grace"]),
    "password with half a character": ("password", "\ud800" * 15),
    "no password": ("password", None),
    "number for a password": ("password", 123_456_789_012_345),
    "no address": ("email", None),
    "empty address": ("email", ""),
    "address without @": ("email", "grace"),
    "address without a domain": ("email", "grace@"),
    "address without a name": ("email", "@example.com"),
    "address with two @": ("email", "a@b@example.com"),
    "address with a space": ("email", "grace@exam ple.com"),
    "address with two dots": ("email", "grace@example..com"),
    "address with NUL": ("email", "grace\x00@example.com"),
    "address with a header": ("email", "grace@example.com\nBcc: b@example.com"),
    "address with half a character": ("email", "\ud800@example.com"),
    "address with a long domain": ("email", "g@" + "e" * 250 + ".com"),
    "address of 100 kB": ("email", "a." * 50_000 + "@example.com"),
}


async def test_what_does_not_fit_is_refused_by_name(client: AsyncClient) -> None:
    """VAL-01, VAL-02, VAL-04, VAL-12, VAL-20, VAL-21, VAL-23"""
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
        "جريس",
        "<b>Grace</b>",
        "'; DROP TABLE users; --",
    ],
    ids=["longest", "joined", "astral", "right to left", "markup", "sql"],
)
async def test_a_name_comes_back_as_it_was_sent(client: AsyncClient, name: str) -> None:
    """VAL-03, VAL-04"""
    response = await client.post(URL, json=DATA | {"full_name": f" {name} "})

    assert response.status_code == 201
    assert response.json()["full_name"] == name


async def test_a_password_never_comes_back(client: AsyncClient) -> None:
    """PWD-14, ERR-02"""
    broken: list[Any] = [
        {"password": CANARY},
        {"email": CANARY, "password": CANARY},
        DATA | {"password": [CANARY]},
        DATA | {"password": {"value": CANARY}},
        DATA | {"password": CANARY * 10},
        DATA | {"passwort": CANARY},
        [CANARY],
        CANARY,
    ]
    for data in broken:
        response = await client.post(URL, json=data)

        assert response.status_code == 422, data
        assert CANARY not in response.text
