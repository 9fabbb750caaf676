"""Requests whose caller loses permissions while the request waits for a lock."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import Delete, Select, Update, delete, select, update

from app.core.auth.opaque_tokens import hash_code, new_code
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.accounts.password_reset import PasswordReset
from app.models.item import Item
from app.models.user import User
from app.services.user import LOCK_ADMINISTRATION
from tests.access.test_access import DIGESTS
from tests.clients import PASSWORD, StoppedClock, client_of
from tests.conftest import MakeApp
from tests.databases import WAITING
from tests.in_project.api.test_races import somebody_waits
from tests.tokens import add_signed_in

Change = tuple[str, str, dict[str, Any]]
Revocation = tuple[Update | Delete, int]

ME = "/api/v1/users/me"
OTHER = "/api/v1/users/{other}"
CURRENT = {"current_password": PASSWORD}
CALLER = "caller@example.com"
SECOND = UUID(int=2)

PROMOTION: Change = ("PATCH", OTHER, {"json": {"is_superuser": True}})
OF_ADMINISTRATORS: list[Change] = [
    PROMOTION,
    ("PATCH", OTHER, {"json": {"is_superuser": False}}),
    ("PATCH", OTHER, {"json": {"is_active": False}}),
    ("PATCH", OTHER, {"json": {"is_active": True}}),
    ("DELETE", f"{OTHER}/sessions", {}),
    ("POST", f"{OTHER}/password-reset", {}),
]
DELETION: Change = ("DELETE", ME, {})
OF_THE_CALLER: list[Change] = [
    DELETION,
    ("PATCH", ME, {"json": {"full_name": "Grace"}}),
    ("POST", f"{ME}/email", {"json": CURRENT | {"email": "new@example.com"}}),
    ("POST", f"{ME}/password", {"json": CURRENT | {"new_password": "a lamp beside the river"}}),
    ("DELETE", f"{ME}/sessions/{SECOND}", {}),
    ("POST", "/api/v1/auth/logout-all", {}),
    ("PATCH", "/api/v1/items/{item}", {"json": {"quantity": 2}}),
    ("DELETE", "/api/v1/items/{item}", {}),
]

OF_CALLER = User.email == CALLER
DISMISSED: Revocation = (update(User).where(OF_CALLER).values(is_superuser=False), 403)
DEACTIVATED: Revocation = (update(User).where(OF_CALLER).values(is_active=False), 401)
# In tests, the first session of a user has the user's id.
SIGNED_OUT: Revocation = (delete(UserSession).where(UserSession.id == UserSession.user_id), 401)

# The rows of the caller and of the caller's item.
ROWS = select(User.id, Item.id).join(Item, Item.owner_id == User.id).with_for_update()

CASES = [
    *(
        (each, LOCK_ADMINISTRATION, lost)
        for each in OF_ADMINISTRATORS
        for lost in (DISMISSED, DEACTIVATED, SIGNED_OUT)
    ),
    *((each, ROWS, SIGNED_OUT) for each in OF_ADMINISTRATORS),
    *((each, ROWS, lost) for each in OF_THE_CALLER for lost in (DEACTIVATED, SIGNED_OUT)),
    *((DELETION, LOCK_ADMINISTRATION, lost) for lost in (DEACTIVATED, SIGNED_OUT)),
]


@pytest.fixture
async def app(make_app: MakeApp, own_database: str) -> FastAPI:
    """An application that commits, and whose requests wait long enough for a connection."""
    return await make_app(database_url=own_database, database_pool_timeout_seconds=30)


@pytest.fixture
async def caller(app: FastAPI, clock: StoppedClock) -> User:
    """An administrator with a second session and an item."""
    database: Database = app.state.resources.database
    caller = await add_signed_in(database, CALLER, clock(), is_superuser=True)
    async with database.begin() as session:
        first = await session.get_one(UserSession, caller.id)
        columns = {each.key: getattr(first, each.key) for each in UserSession.__table__.columns}
        session.add(UserSession(**columns | {"id": SECOND, "family_hash": b"second"}))
        session.add(Item(owner_id=caller.id, name="Tea", price=1, quantity=3, tags=[]))
    return caller


@pytest.fixture
async def other(app: FastAPI, caller: User, clock: StoppedClock) -> User:
    """Another administrator, with a password reset code. A third administrator exists, too."""
    database: Database = app.state.resources.database
    other = await add_signed_in(database, "other@example.com", clock(), is_superuser=True)
    await add_signed_in(database, "third@example.com", clock(), is_superuser=True)
    until = clock() + timedelta(hours=1)
    code = PasswordReset(user_id=other.id, code_hash=hash_code(new_code()), expires_at=until)
    async with database.begin() as session:
        session.add(code)
    return other


@pytest.mark.parametrize(("change", "lock", "lost"), CASES)
async def test_a_waiting_change_is_rejected_if_the_caller_loses_permission(
    app: FastAPI,
    caller: User,
    other: User,
    make_token: Callable[[User], str],
    change: Change,
    lock: Select[Any],
    lost: Revocation,
) -> None:
    """AUZ-04, AUZ-06, TOK-20, CON-04"""
    database: Database = app.state.resources.database
    revocation, status = lost
    item = await database.fetch_one(select(Item.id), {})
    assert item
    method, url, sent = change
    url = url.format(other=other.id, item=item[0])

    async with database.begin() as session:
        await session.execute(lock)
        client = client_of(app, make_token(caller))
        attempt = asyncio.create_task(client.request(method, url, **sent))
        await somebody_waits(database)
        await session.execute(revocation)
        expected = (await session.execute(DIGESTS)).one()
    response = await attempt

    assert response.status_code == status
    assert await database.fetch_one(DIGESTS, {}) == expected


async def test_a_logout_waits_for_concurrent_changes_by_its_session(
    app: FastAPI, caller: User, other: User, make_token: Callable[[User], str]
) -> None:
    """SES-04. After the response to a logout, the session makes no more changes."""
    database: Database = app.state.resources.database
    client = client_of(app, make_token(caller))
    method, url, sent = PROMOTION

    async with database.begin() as session:
        await session.execute(select(User.id).where(User.id == other.id).with_for_update())
        change = asyncio.create_task(client.request(method, url.format(other=other.id), **sent))
        await somebody_waits(database)
        logout = asyncio.create_task(client.post("/api/v1/auth/logout"))
        async with asyncio.timeout(30):
            while await database.fetch_one(WAITING, {}) != (2,):
                pass

    assert ((await change).status_code, (await logout).status_code) == (200, 204)


async def test_creating_an_item_does_not_wait_for_the_deactivation_of_its_owner(
    app: FastAPI, caller: User, make_token: Callable[[User], str]
) -> None:
    """TOK-20. The item exists before the response to the deactivation, or is never created."""
    database: Database = app.state.resources.database
    body = {"name": "Tea", "price": "4.50", "quantity": 3}

    async with database.begin() as session:
        await session.execute(DEACTIVATED[0])
        answer = await client_of(app, make_token(caller)).post("/api/v1/items", json=body)

    assert answer.status_code == 201
