"""Limits on failed logins."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import Response
from redis.asyncio import Redis

from app.models.user import User
from tests.clients import PASSWORD, client_of, problem, sign_in
from tests.conftest import MakeApp, MakeUser

WRONG = "wrongpassword12"


@pytest.fixture
async def limited(make_app: MakeApp) -> FastAPI:
    return await make_app(rate_limit_enabled=True, rate_limit_login="3/year")


class Guesser:
    """A client that uses a new IP address for each login."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._calls = 0

    async def sign_in(self, email: str, password: str) -> Response:
        self._calls += 1
        client = client_of(self._app, address=f"192.0.2.{self._calls}")
        return await sign_in(client, email, password)


@pytest.mark.parametrize("email", ["ada@example.com", "unknown@example.com"])
async def test_failed_logins_are_counted_per_account_across_client_addresses(
    limited: FastAPI, user: User, email: str
) -> None:
    """RTL-05, PWD-12, ENU-01"""
    guesser = Guesser(limited)
    spellings = [email, email.upper(), email.title(), email, email]

    answers = [await guesser.sign_in(spelling, WRONG) for spelling in spellings]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    problem(answers[-1])
    assert (await guesser.sign_in("other@example.com", WRONG)).status_code == 400


@pytest.mark.parametrize("email", ["nicki@example.com", "unknowni@example.com"])
async def test_case_variants_of_an_address_share_one_failed_login_count(
    limited: FastAPI, make_user: MakeUser, email: str
) -> None:
    """RTL-05, ENU-01, ENU-05. The database converts the Turkish İ to i, Python does not."""
    await make_user("nicki@example.com")
    guesser = Guesser(limited)

    answers = [
        await guesser.sign_in(spelling, WRONG)
        for spelling in (email, email.replace("i", "\u0130"), email.replace("ni", "n\u0130")) * 2
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 429, 429, 429]


async def test_wrong_current_passwords_are_rate_limited(
    limited: FastAPI, test_user_token: str
) -> None:
    """PWD-12"""
    client = client_of(limited, test_user_token)
    password = {"current_password": WRONG, "new_password": "correct horse battery staple"}
    email = {"current_password": WRONG, "email": "new@example.com"}

    answers = [
        await client.post(f"/api/v1/users/me/{what}", json=body)
        for what, body in (("password", password), ("email", email)) * 2
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]


async def test_failed_login_counters_contain_no_email_address(
    make_app: MakeApp, valkey_url: str
) -> None:
    """PWD-12, OBS-05"""
    app = await make_app(rate_limit_enabled=True, redis_url=valkey_url)
    name = uuid4().hex

    await sign_in(client_of(app), f"{name}@example.com", WRONG)

    async with Redis.from_url(valkey_url) as valkey:
        keys = [key.decode() async for key in valkey.scan_iter()]
    assert [key for key in keys if "account" in key]
    assert not [key for key in keys if name in key]


async def test_a_login_resets_the_failed_login_count(limited: FastAPI, user: User) -> None:
    """PWD-12. Without the reset, the failures after the first login would exceed the limit."""
    guesser = Guesser(limited)

    answers = [
        await guesser.sign_in(user.email, password)
        for password in (WRONG, WRONG, PASSWORD, WRONG, WRONG, PASSWORD)
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 200, 400, 400, 200]
