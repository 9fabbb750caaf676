"""Rules for new passwords, and the errors for invalid passwords."""

import json
import unicodedata
from typing import Any

import pytest
from httpx import AsyncClient

from app.core.auth import passwords
from app.core.auth.passwords import EASY_TO_GUESS
from app.models.user import User
from tests.clients import PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeApp

URL = "/api/v1/users"
DATA = {"email": "grace@example.com", "password": PASSWORD}
CANARY = "canary-in-the-coal-mine"
PHRASE = "wrens nest over the old weir in spring, and herons under it. "


@pytest.mark.parametrize("length", [1, 14, 129])
async def test_a_password_of_invalid_length_is_rejected_and_not_echoed(
    client: AsyncClient, length: int
) -> None:
    """PWD-01, PWD-02"""
    password = "p4q8 wrens over the weir, " * 5

    response = await client.post(URL, json=DATA | {"password": password[:length]})

    assert response.status_code == 422
    assert [error["loc"] for error in problem(response)["errors"]] == [["body", "password"]]
    assert "p4q8" not in response.text


@pytest.mark.parametrize(
    "password",
    [
        "wrensoverthewei",
        "738291047583920",
        "  over  the   weir  ",
        "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆",
        "корректнаялошадь",
        *[(PHRASE * 3)[:length] for length in (64, 65, 128)],
        unicodedata.normalize("NFD", "é" * 113 + "über den Wehren"),
        "wrens\x00over the weir",
    ],
    ids=["lower", "digits", "spaces", "emoji", "cyrillic", "64", "65", "128", "parts", "NUL"],
)
async def test_a_password_may_contain_any_characters(client: AsyncClient, password: str) -> None:
    """PWD-02, PWD-04, PWD-06"""
    response = await client.post(URL, json=DATA | {"password": password})

    assert response.status_code == 201
    assert (await sign_in(client, DATA["email"], password)).status_code == 200


async def test_passwords_are_compared_after_unicode_normalization(client: AsyncClient) -> None:
    """PWD-06"""
    response = await client.post(URL, json=DATA | {"password": "caf\u00e9 over the weir"})

    assert response.status_code == 201
    signed_in = await sign_in(client, DATA["email"], "cafe\u0301 over the weir")
    assert signed_in.status_code == 200


@pytest.mark.parametrize(
    "password",
    ["passwordpassword", "1234567890123456", "a" * 15, "Grace@Example.com", "grace-1906-1992"],
)
async def test_a_password_that_is_easy_to_guess_is_rejected_with_advice(
    client: AsyncClient, password: str
) -> None:
    """PWD-05, PWD-14"""
    response = await client.post(URL, json=DATA | {"password": password})

    assert response.status_code == 422
    assert problem(response)["errors"] == [
        {"loc": ["body", "password"], "message": EASY_TO_GUESS, "type": "value_error"}
    ]
    assert password not in response.text


async def test_a_password_based_on_the_name_of_the_service_is_rejected(make_app: MakeApp) -> None:
    """PWD-05"""
    client = client_of(await make_app(app_name="Tidal Ledgers"))

    response = await client.post(URL, json=DATA | {"password": "TidalLedgers2026"})

    assert problem(response)["detail"] == EASY_TO_GUESS


async def test_the_minimum_password_length_is_configurable(make_app: MakeApp) -> None:
    """PWD-01"""
    client = client_of(await make_app(password_min_length=8))

    responses = [
        await client.post(URL, json=DATA | {"password": p}) for p in ("7signs!", "8 signs!")
    ]

    assert [response.status_code for response in responses] == [422, 201]


@pytest.mark.parametrize(
    ("password", "form_status"),
    [("w" * 129, 400), ("e\u0301" * 129, 400), ("\u0958" * 128, 400), ("w" * 200_000, 413)],
    ids=["129", "parts", "more after NFC", "200 kB"],
)
async def test_a_password_above_the_maximum_length_is_never_hashed(
    client: AsyncClient,
    user: User,
    monkeypatch: pytest.MonkeyPatch,
    password: str,
    form_status: int,
) -> None:
    """PWD-02, VAL-23"""
    for name in ("get_password_hash", "verify_password"):
        monkeypatch.setattr(passwords, name, lambda *_: pytest.fail("hashed"))

    registered = await client.post(URL, json=DATA | {"password": password})
    signed_in = await sign_in(client, user.email, password)

    assert (registered.status_code, signed_in.status_code) == (422, form_status)


BROKEN: list[Any] = [
    CANARY,
    [CANARY],
    {"password": CANARY},
    {"email": CANARY, "password": CANARY},
    DATA | {"password": [CANARY]},
    DATA | {"password": {"value": CANARY}},
    DATA | {"password": CANARY * 10},
    DATA | {"password": CANARY[:14]},
    DATA | {"password": f"{CANARY}\ud800"},
    DATA | {"password": CANARY, "email": f"{CANARY}@example.com"},
    DATA | {"passwort": CANARY},
    DATA | {"password": CANARY, "full_name": CANARY * 10},
]


@pytest.mark.parametrize("data", BROKEN)
async def test_error_responses_never_contain_the_password(
    client: AsyncClient, authenticated_client: AsyncClient, data: Any
) -> None:
    """PWD-14, ERR-02"""
    headers = {"Content-Type": "application/json"}
    content = json.dumps(data)
    change = json.dumps({"current_password": data, "new_password": data})

    registered = await client.post(URL, content=content, headers=headers)
    changed = await authenticated_client.post(f"{URL}/me/password", content=change, headers=headers)
    signed_in = await client.post("/api/v1/auth/token", content=content, headers=headers)

    assert [each.status_code for each in (registered, changed, signed_in)] == [422, 422, 400]
    for response in (registered, changed, signed_in):
        assert CANARY[:14] not in response.text
