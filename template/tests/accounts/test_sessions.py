"""Lists of login sessions, and logout."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Headers

from app.models.user import User
from app.services.accounts.sessions import MAX_SESSIONS
from tests.clients import PASSWORD, StoppedClock, client_of, problem, sign_in
from tests.conftest import MakeUser

ME = "/api/v1/users/me"
SESSIONS = "/api/v1/users/me/sessions"
LOGOUT = "/api/v1/auth/logout"


class Device:
    """A client with a login session of its own."""

    def __init__(self, app: FastAPI, tokens: dict[str, Any]) -> None:
        self.refresh_token = tokens["refresh_token"]
        self.client = client_of(app, tokens["access_token"])

    async def statuses(self) -> list[int]:
        """Return the statuses of requests with the access token and with the refresh token."""
        me = await self.client.get(ME)
        body = {"refresh_token": self.refresh_token}
        refreshed = await self.client.post("/api/v1/auth/refresh", json=body)
        return [me.status_code, refreshed.status_code]


LIVES, IS_OVER = [200, 200], [401, 400]


@pytest.fixture
async def devices(app: FastAPI, client: AsyncClient, user: User) -> list[Device]:
    return [Device(app, (await sign_in(client, user.email)).json()) for _ in range(3)]


async def test_logout_ends_the_session_of_an_access_or_refresh_token(devices: list[Device]) -> None:
    """SES-04, SES-05"""
    by_access, by_refresh, other = devices

    first = await by_access.client.post(LOGOUT)
    second = await other.client.post(LOGOUT, json={"refresh_token": by_refresh.refresh_token})

    assert [first.status_code, second.status_code] == [204, 204]
    assert first.content == b""
    assert await by_access.statuses() == IS_OVER
    assert await by_refresh.statuses() == IS_OVER


async def test_logout_with_only_a_refresh_token_ends_only_its_session(
    client: AsyncClient, devices: list[Device]
) -> None:
    """SES-04, SES-05"""
    one, _, other = devices

    response = await client.post(LOGOUT, json={"refresh_token": one.refresh_token})

    assert response.status_code == 204
    assert await one.statuses() == IS_OVER
    assert await other.statuses() == LIVES


async def test_logout_is_idempotent_and_accepts_invalid_tokens(
    client: AsyncClient, devices: list[Device]
) -> None:
    """SES-04"""
    for _ in range(2):
        assert (await devices[0].client.post(LOGOUT)).status_code == 204
    for token in ("x", "A" * 64, "é", "\x00", "." * 200):
        response = await client.post(LOGOUT, json={"refresh_token": token})
        assert response.status_code == 204
    assert (await client.post(LOGOUT)).status_code == 204
    odd: list[object] = [[], {}, "x", 1, {"refresh_token": None}, {"refresh_token": "x" * 201}]
    for body in odd:
        assert (await client.post(LOGOUT, json=body)).status_code == 422

    assert await devices[1].statuses() == LIVES


async def test_logging_out_everywhere_ends_all_sessions(devices: list[Device]) -> None:
    """SES-05"""
    response = await devices[0].client.post("/api/v1/auth/logout-all")

    assert response.status_code == 204
    assert [await device.statuses() for device in devices] == [IS_OVER] * 3


async def test_a_password_change_ends_all_other_sessions(devices: list[Device]) -> None:
    """SES-06"""
    data = {"current_password": PASSWORD, "new_password": "correct horse battery staple"}

    response = await devices[0].client.post(f"{ME}/password", json=data)

    assert response.status_code == 204
    assert [await device.statuses() for device in devices] == [LIVES, IS_OVER, IS_OVER]


async def test_users_can_list_and_end_their_own_sessions(
    devices: list[Device], user: User, clock: StoppedClock
) -> None:
    """SES-09"""
    clock.advance(minutes=1)
    await devices[1].client.post(
        "/api/v1/auth/refresh", json={"refresh_token": devices[1].refresh_token}
    )

    listed = (await devices[0].client.get(SESSIONS)).json()

    # The fixture `user` opened one session, and `devices` three. The last one used comes first.
    assert len(listed) == 4
    assert set(listed[0]) == {"id", "user_agent", "created_at", "last_used_at", "expires_at"}
    assert listed[0]["user_agent"].startswith("python-httpx/")
    assert listed[0]["last_used_at"] > listed[1]["last_used_at"]
    response = await devices[0].client.delete(f"{SESSIONS}/{listed[0]['id']}")
    assert response.status_code == 204
    assert await devices[1].statuses() == IS_OVER
    again = await devices[0].client.delete(f"{SESSIONS}/{listed[0]['id']}")
    assert again.status_code == 404
    problem(again)


async def test_users_can_neither_list_nor_end_sessions_of_other_users(
    app: FastAPI, client: AsyncClient, devices: list[Device], make_user: MakeUser
) -> None:
    """AUZ-02, SES-09"""
    stranger = await make_user("eve@example.com")
    eve = Device(app, (await sign_in(client, stranger.email)).json())
    [listed, *_] = (await devices[0].client.get(SESSIONS)).json()

    theirs = await eve.client.delete(f"{SESSIONS}/{listed['id']}")
    missing = await eve.client.delete(f"{SESSIONS}/{uuid4()}")

    assert [theirs.status_code, missing.status_code] == [404, 404]
    assert listed["id"] not in {each["id"] for each in (await eve.client.get(SESSIONS)).json()}
    assert await devices[0].statuses() == LIVES


async def test_expired_sessions_are_not_listed(
    app: FastAPI, client: AsyncClient, devices: list[Device], user: User, clock: StoppedClock
) -> None:
    clock.advance(days=15)
    device = Device(app, (await sign_in(client, user.email)).json())

    assert len((await device.client.get(SESSIONS)).json()) == 1


async def test_a_user_agent_is_truncated_and_sanitized(app: FastAPI, user: User) -> None:
    """OBS-04, VAL-04"""
    client = client_of(app)
    client.headers = Headers({b"User-Agent": b"\x1b[31m\xe9" + b"x" * 300})
    token = (await sign_in(client, user.email)).json()["access_token"]

    listed = (await client_of(app, token).get(SESSIONS)).json()

    agents = {each["user_agent"] for each in listed} - {None}
    assert len(agents) == 1
    assert agents.pop() == "[31mé" + "x" * 194


async def test_a_login_above_the_session_limit_ends_the_least_recently_used_session(
    app: FastAPI,
    client: AsyncClient,
    devices: list[Device],
    user: User,
    make_user: MakeUser,
    clock: StoppedClock,
) -> None:
    """VAL-16. Sessions of other users do not count towards the limit."""
    clock.advance(seconds=1)
    assert await devices[0].statuses() == LIVES  # used after the other devices
    for n in range(MAX_SESSIONS - 1):
        clock.advance(seconds=1)
        await make_user(f"{n}@example.com")
        last = Device(app, (await sign_in(client, user.email)).json())

    assert len((await last.client.get(SESSIONS)).json()) == MAX_SESSIONS
    assert [await device.statuses() for device in (devices[1], last)] == [IS_OVER, LIVES]
    assert (await devices[0].client.get(ME)).status_code == 200
