"""Validation and normalization of e-mail addresses."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from app.models.user import User
from tests.clients import PASSWORD, problem, sign_in

URL = "/api/v1/users"
JSON = {"Content-Type": "application/json"}
LABEL = "e" * 60
MISFITS: dict[str, Any] = {
    "none": None,
    "number": 1,
    "list": ["grace@example.com"],
    "empty": "",
    "blank": " ",
    "no @": "grace",
    "no domain": "grace@",
    "no name": "@example.com",
    "two @": "a@b@example.com",
    "two addresses": "a@example.com,b@example.com",
    "domain without a dot": "grace@localhost",
    "domain with a space": "grace@exam ple.com",
    "domain with two dots": "grace@example..com",
    "domain that begins with a dot": "grace@.example.com",
    "domain that ends with a dot": "grace@example.com.",
    "domain with an underscore": "grace@exam_ple.com",
    "domain that begins with a hyphen": "grace@-example.com",
    "IP address": "grace@127.0.0.1",
    "IP address in brackets": "grace@[127.0.0.1]",
    "name with two dots": "gr..ace@example.com",
    "name in quotes": '"gr ace"@example.com',
    "display name": "Grace <grace@example.com>",
    "angle brackets": "<grace@example.com>",
    "spaces around": " grace@example.com ",
    "header": "grace@example.com\nBcc: b@example.com",
    "NUL": "grace\x00@example.com",
    "lone surrogate": "\ud800@example.com",
    "zero-width space": "gr\u200bace@example.com",
    "right-to-left override": "\u202egrace@example.com",
    "wide @": "grace\uff20example.com",
    "name of 65": "g" * 65 + "@example.com",
    "name of 65 bytes": "é" * 32 + "g@example.com",
    "domain of one long part": "g@" + "e" * 64 + ".com",
    "255 characters": f"{'g' * 64}@{LABEL}.{LABEL}.{LABEL}.{'m' * 7}",
    "100 kB of dots": "a." * 50_000 + "@example.com",
    "100 kB of @": "@" * 100_000,
    "100 kB of brackets": "a <" * 33_000 + "grace@example.com",
    "100 kB of spaces": "grace@example.com" + " " * 100_000 + "x",
}


@pytest.mark.parametrize("misfit", MISFITS)
async def test_an_invalid_email_address_is_rejected(client: AsyncClient, misfit: str) -> None:
    """VAL-01, VAL-02, VAL-20, VAL-23"""
    content = json.dumps({"email": MISFITS[misfit], "password": PASSWORD})

    response = await client.post(URL, content=content, headers=JSON)

    assert response.status_code == 422
    assert [error["loc"] for error in problem(response)["errors"]] == [["body", "email"]]
    assert len(response.content) < 1000


async def test_an_overlong_email_address_is_rejected_before_parsing(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VAL-23. Parsing such an address could take a long time."""
    monkeypatch.setattr("pydantic.networks.validate_email", lambda _email: pytest.fail("parsed"))

    response = await client.post(
        URL, json={"email": "a." * 50_000 + "@example.com", "password": PASSWORD}
    )

    assert problem(response)["errors"][0]["message"] == "must have at most 254 characters"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Grace@EXAMPLE.com", "Grace@example.com"),
        ("grace+tag@example.com", "grace+tag@example.com"),
        ("grace@xn--bcher-kva.example", "grace@bücher.example"),
        ("rene\u0301@example.com", "rené@example.com"),
        ("g" * 64 + "@example.com", "g" * 64 + "@example.com"),
        (f"{'g' * 64}@{LABEL}.{LABEL}.{LABEL}.{'m' * 6}",) * 2,
    ],
    ids=["case", "tag", "other script", "accent", "name of 64", "254 characters"],
)
async def test_an_address_is_normalized_and_login_accepts_its_variants(
    client: AsyncClient, sent: str, stored: str
) -> None:
    """VAL-20, ENU-05"""
    registered = await client.post(URL, json={"email": sent, "password": PASSWORD})

    assert registered.status_code == 201
    assert registered.json()["email"] == stored
    for spelling in (sent, stored, sent.upper()):
        assert (await sign_in(client, spelling)).status_code == 200, spelling


async def test_login_rejects_an_address_with_a_display_name(
    client: AsyncClient, user: User
) -> None:
    """VAL-20"""
    assert (await sign_in(client, f"Ada <{user.email}>")).status_code == 400


async def test_a_change_to_an_invalid_address_is_rejected(
    authenticated_client: AsyncClient, user: User
) -> None:
    """VAL-20"""
    response = await authenticated_client.post(
        f"{URL}/me/email",
        json={"current_password": PASSWORD, "email": "Grace <grace@example.com>"},
    )

    assert response.status_code == 422
    assert (await sign_in(authenticated_client, user.email)).status_code == 200
