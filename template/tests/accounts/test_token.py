"""Login with a password."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import select

from app.core.auth import passwords
from app.core.auth.password_hash import get_password_hash
from app.models.user import User
from tests.clients import BCRYPT_HASH, PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeUser
from tests.databases import RolledBackDatabase
from tests.tokens import read_part

URL = "/api/v1/auth/token"
FORM = {"username": "ada@example.com", "password": PASSWORD}


async def test_login_returns_tokens_with_only_the_expected_claims(
    client: AsyncClient, user: User
) -> None:
    """TOK-10, TOK-11, TOK-15"""
    response = await sign_in(client, user.email)

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    answer = response.json()
    claims = read_part(answer.pop("access_token"), 1)
    assert len(answer.pop("refresh_token")) == 64
    assert answer == {"token_type": "bearer", "expires_in": 900}
    assert claims["exp"] - claims["iat"] == 900
    assert claims["sub"] == str(user.id)
    assert set(claims) == {"sub", "sid", "jti", "iss", "aud", "iat", "nbf", "exp"}


@pytest.mark.parametrize("username", ["ada@example.com", "ADA@example.com", "Ada@Example.COM"])
async def test_login_with_a_case_variant_of_the_address_returns_a_valid_token(
    client: AsyncClient, app: FastAPI, user: User, username: str
) -> None:
    """ENU-05"""
    token = (await sign_in(client, username)).json()["access_token"]

    assert (await client_of(app, token).get("/api/v1/users/me")).json()["id"] == str(user.id)


def told(response: Response) -> dict[str, Any]:
    """Return everything that a response reveals, without the request's id."""
    headers = {**response.headers, "x-request-id": ""}
    return {"status": response.status_code, "headers": headers} | {
        name: value for name, value in problem(response).items() if name != "request_id"
    }


async def test_all_failed_logins_get_the_same_response(
    client: AsyncClient, make_user: MakeUser, user: User
) -> None:
    """ENU-01, TOK-16"""
    inactive = await make_user("inactive@example.com", is_active=False)

    wrong = await sign_in(client, user.email, "wrongpassword12")
    unknown = await sign_in(client, "unknown@example.com")
    nobody = await sign_in(client, "no address at all")

    assert wrong.status_code == 400
    assert wrong.json()["error"] == "invalid_grant"
    assert wrong.headers["cache-control"] == "no-store"
    assert told(unknown) == told(wrong)
    assert told(nobody) == told(wrong)
    assert told(await sign_in(client, inactive.email)) == told(wrong)


async def test_logins_to_known_and_unknown_accounts_verify_equally_expensive_hashes(
    client: AsyncClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ENU-02"""
    hashes = []

    def verify(password: str | bytes, hashed_password: str) -> bool:
        hashes.append(hashed_password.rpartition("$")[0].rpartition("$")[0])
        return False

    monkeypatch.setattr(passwords, "verify_password", verify)
    for username in (user.email, "unknown@example.com"):
        await sign_in(client, username)

    assert hashes == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"username": FORM["username"]},
        {"password": PASSWORD},
        FORM | {"grant_type": "authorization_code"},
        FORM | {"scope": "admin"},
        FORM | {"remember_me": "true"},
        FORM | {"username": "ada\x00@example.com"},
        FORM | {"username": "a" * 255},
        FORM | {"password": PASSWORD * 9},
    ],
    ids=["nothing", "no password", "no name", "grant", "scope", "more", "NUL", "name", "password"],
)
async def test_an_invalid_login_form_is_rejected_and_the_password_is_not_echoed(
    client: AsyncClient, user: User, form: dict[str, str]
) -> None:
    """TOK-16, PWD-02, VAL-01"""
    response = await client.post(URL, data=form)

    assert response.status_code == 400
    assert problem(response)["error_code"] == "VALIDATION_ERROR"
    errors = {"grant_type": "unsupported_grant_type", "scope": "invalid_scope"}
    assert response.json()["error"] == errors.get(next(reversed(form), ""), "invalid_request")
    assert response.headers["cache-control"] == "no-store"
    assert PASSWORD not in response.text


async def test_credentials_are_accepted_only_in_a_form(client: AsyncClient, user: User) -> None:
    """TOK-17"""
    in_query = await client.post(URL, params=FORM)
    as_json = await client.post(URL, json=FORM)
    by_get = await client.get(URL, params=FORM)

    assert [each.status_code for each in (in_query, as_json, by_get)] == [400, 400, 405]


async def hash_of(database: RolledBackDatabase, email: str) -> str:
    row = await database.fetch_one(select(User.hashed_password).where(User.email == email), {})
    assert row
    return row[0]


async def test_a_bcrypt_hash_is_accepted_at_login_and_replaced_by_argon2(
    client: AsyncClient, make_user: MakeUser, database: RolledBackDatabase
) -> None:
    """PWD-08"""
    user = await make_user("old@example.com", hashed_password=BCRYPT_HASH)

    first = await sign_in(client, user.email)

    assert first.status_code == 200
    new_hash = await hash_of(database, user.email)
    assert new_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await sign_in(client, user.email)).status_code == 200
    assert await hash_of(database, user.email) == new_hash


@pytest.mark.parametrize("password", ["wrong", f"{PASSWORD}\x00", "é" * 72])
async def test_a_wrong_password_is_rejected_and_the_bcrypt_hash_is_not_replaced(
    client: AsyncClient, make_user: MakeUser, database: RolledBackDatabase, password: str
) -> None:
    """VAL-01"""
    user = await make_user("old@example.com", hashed_password=BCRYPT_HASH)

    response = await sign_in(client, user.email, password)

    assert response.status_code == 400
    assert await hash_of(database, user.email) == BCRYPT_HASH


@pytest.mark.parametrize("character", ["a", "é"])
async def test_passwords_are_neither_truncated_nor_trimmed_and_are_case_sensitive(
    client: AsyncClient, make_user: MakeUser, character: str
) -> None:
    """PWD-03, PWD-07"""
    password = character * 72 + "AAAA"
    user = await make_user("long@example.com", hashed_password=get_password_hash(password))
    others = [character * 72 + "BBBB", password[:-1], f"{password} ", password.lower()]

    refused = [await sign_in(client, user.email, other) for other in others]

    assert [response.status_code for response in refused] == [400] * 4
    assert (await sign_in(client, user.email, password)).status_code == 200


async def test_a_lone_surrogate_in_a_form_is_rejected(client: AsyncClient, user: User) -> None:
    """PWD-06, VAL-02"""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in FORM.items()
    ]
    body = "".join(parts).replace(PASSWORD, "\\ud800" + PASSWORD) + "--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b; charset=unicode_escape"}

    response = await client.post(URL, content=body.encode(), headers=headers)

    assert response.status_code == 400


async def test_users_can_log_in_with_the_address_that_they_registered(client: AsyncClient) -> None:
    """ENU-05"""
    for address in ("grace@xn--bcher-kva.example", "rene\u0301@example.com"):
        registered = await client.post(
            "/api/v1/users", json={"email": address, "password": PASSWORD}
        )

        assert registered.status_code == 201
        assert (await sign_in(client, address)).status_code == 200
