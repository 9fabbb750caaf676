"""For how long one stays signed in."""

from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from tests.api.test_refresh import refresh, status_of, tokens_of
from tests.clients import StoppedClock, client_of
from tests.conftest import MakeApp
from tests.logs import LogLines


async def test_a_session_that_is_not_used_ends(
    client: AsyncClient, user: User, clock: StoppedClock
) -> None:
    """SES-07"""
    tokens = await tokens_of(client, user)
    clock.advance(days=14, seconds=-1)
    tokens = (await refresh(client, tokens["refresh_token"])).json()

    clock.advance(days=14)

    assert (await refresh(client, tokens["refresh_token"])).status_code == 400


async def test_a_session_ends_however_often_it_is_used(
    app: FastAPI, client: AsyncClient, user: User, clock: StoppedClock, log_lines: LogLines
) -> None:
    """SES-07"""
    tokens = await tokens_of(client, user)
    for _ in range(9):
        clock.advance(days=9.999)
        tokens = (await refresh(client, tokens["refresh_token"])).json()
    assert await status_of(app, tokens) == 200

    clock.advance(days=0.01)

    assert await status_of(app, tokens) == 401
    assert (await refresh(client, tokens["refresh_token"])).status_code == 400
    assert "refresh_token_reused" not in {line["event"] for line in log_lines()}


async def test_lifetimes_can_be_said(make_app: MakeApp, user: User, clock: StoppedClock) -> None:
    """SES-07"""
    client = client_of(await make_app(session_idle_days=5, session_absolute_days=1))
    tokens = await tokens_of(client, user)

    clock.advance(days=1)

    assert (await refresh(client, tokens["refresh_token"])).status_code == 400
