"""Idle timeout and absolute lifetime of sessions."""

import asyncio
from collections.abc import Callable

from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select

from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.accounts.password_reset import PasswordReset
from app.models.user import User
from app.services.accounts.passwords import issue_code
from app.services.purge import purge_expired
from tests.accounts.test_refresh import ME, refresh, status_of, tokens_of
from tests.clients import StoppedClock, client_of
from tests.conftest import MakeApp
from tests.logs import LogLines
from tests.tokens import add_signed_in


async def test_a_session_expires_after_14_days_without_use(
    client: AsyncClient, user: User, clock: StoppedClock
) -> None:
    """SES-07"""
    tokens = await tokens_of(client, user)
    clock.advance(days=14, seconds=-1)
    tokens = (await refresh(client, tokens["refresh_token"])).json()

    clock.advance(days=14)

    assert (await refresh(client, tokens["refresh_token"])).status_code == 400


async def test_a_session_expires_after_90_days_even_if_it_is_used(
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


async def test_tokens_are_invalid_from_the_moment_their_session_expires(
    app: FastAPI,
    user: User,
    client: AsyncClient,
    make_token: Callable[[User], str],
    clock: StoppedClock,
) -> None:
    """SES-07"""
    tokens = await tokens_of(client, user)

    clock.advance(days=14)

    assert (await client_of(app, make_token(user)).get(ME)).status_code == 401
    assert (await refresh(client, tokens["refresh_token"])).status_code == 400


async def test_the_purge_skips_locked_rows_and_deletes_them_later(
    make_app: MakeApp, own_database: str, clock: StoppedClock
) -> None:
    """SES-14"""
    app = await make_app(database_url=own_database)
    database: Database = app.state.resources.database
    user = await add_signed_in(database, "ada@example.com", clock())
    async with database.begin() as session:
        await issue_code(session, user.id, clock())
    clock.advance(days=15)

    async with database.begin() as session, asyncio.timeout(30):
        for model in (UserSession, PasswordReset):
            await session.execute(select(model).with_for_update())
        async with database.begin() as purging:
            assert await purge_expired(purging, clock()) == 0

    async with database.begin() as purging:
        assert await purge_expired(purging, clock()) == 2


async def test_the_absolute_session_lifetime_can_be_configured(
    make_app: MakeApp, user: User, clock: StoppedClock
) -> None:
    """SES-07"""
    client = client_of(await make_app(session_idle_days=5, session_absolute_days=1))
    tokens = await tokens_of(client, user)

    clock.advance(days=1)

    assert (await refresh(client, tokens["refresh_token"])).status_code == 400
