"""Logins and e-mail changes during other changes of the account."""

import asyncio
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Delete, Update, delete, func, select, update

from app.core.auth.password_hash import get_password_hash
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.user import User
from tests.clients import BCRYPT_HASH, PASSWORD, StoppedClock, client_of, sign_in
from tests.conftest import MakeApp
from tests.in_project.api.test_races import somebody_waits
from tests.tokens import add_signed_in

EMAIL = "ada@example.com"
SESSIONS = select(func.count()).select_from(UserSession)


@pytest.fixture
async def app(make_app: MakeApp, own_database: str) -> FastAPI:
    """An application that commits its transactions."""
    return await make_app(database_url=own_database)


@pytest.mark.parametrize(
    "change",
    [
        {"is_active": False},
        {"hashed_password": get_password_hash("another password")},
        {"email": "new@example.com", "normalized_email": "new@example.com"},
    ],
    ids=["deactivated", "new password", "new address"],
)
async def test_a_login_fails_if_the_account_changes_after_the_password_check(
    app: FastAPI, clock: StoppedClock, change: dict[str, object]
) -> None:
    """TOK-20, SES-06"""
    database: Database = app.state.resources.database
    user = await add_signed_in(database, EMAIL, clock())

    async with database.begin() as session:
        await session.execute(update(User).where(User.id == user.id).values(**change))
        attempt = asyncio.create_task(sign_in(client_of(app), EMAIL))
        await somebody_waits(database)

    assert (await attempt).status_code == 400
    assert await database.fetch_one(SESSIONS, {}) == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        update(User).values(is_active=False),
        update(User).values(hashed_password=get_password_hash("another password")),
        delete(UserSession),
    ],
    ids=["deactivated", "new password", "signed out"],
)
async def test_an_email_change_fails_if_the_account_changes_after_the_password_check(
    app: FastAPI, clock: StoppedClock, make_token: Callable[[User], str], statement: Update | Delete
) -> None:
    """TOK-20, SES-06, CON-05"""
    database: Database = app.state.resources.database
    user = await add_signed_in(database, EMAIL, clock())
    client = client_of(app, make_token(user))
    body = {"current_password": PASSWORD, "email": "thief@example.com"}

    async with database.begin() as session:
        await session.execute(select(User.id).with_for_update())
        attempt = asyncio.create_task(client.post("/api/v1/users/me/email", json=body))
        await somebody_waits(database)
        await session.execute(statement)

    assert (await attempt).status_code in {401, 422}
    assert await database.fetch_one(select(User.email), {}) == (EMAIL,)


async def test_concurrent_logins_that_upgrade_the_password_hash_all_succeed(
    app: FastAPI, clock: StoppedClock
) -> None:
    """PWD-08"""
    database: Database = app.state.resources.database
    await add_signed_in(database, EMAIL, clock(), hashed_password=BCRYPT_HASH)

    answers = await asyncio.gather(*(sign_in(client_of(app), EMAIL, PASSWORD) for _ in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    row = await database.fetch_one(select(User.hashed_password), {})
    assert row
    assert row[0].startswith("$argon2id$")
