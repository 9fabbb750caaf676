"""Concurrent changes by administrators."""

import asyncio
from collections.abc import Callable

from fastapi import FastAPI

from app.database import Database
from app.models.user import User
from app.schemas.accounts.administration import UserAdministration
from app.services.accounts.administration import update_user_as_admin
from tests.clients import PASSWORD, StoppedClock, client_of, sign_in
from tests.conftest import MakeApp
from tests.databases import execute
from tests.in_project.api.test_races import somebody_waits
from tests.tokens import add_signed_in

USERS = "/api/v1/users"


async def test_only_one_of_two_administrators_who_demote_each_other_succeeds(
    make_app: MakeApp, own_database: str
) -> None:
    """AUZ-06, CON-04"""
    app: FastAPI = await make_app(database_url=own_database)
    names = ["a@example.com", "b@example.com"]
    for email in names:
        await client_of(app).post("/api/v1/users", json={"email": email, "password": PASSWORD})
    await asyncio.to_thread(execute, own_database, "UPDATE users SET is_superuser = true")
    admins = [
        client_of(app, (await sign_in(client_of(app), email)).json()["access_token"])
        for email in names
    ]
    ids = [(await client.get(f"{USERS}/me")).json()["id"] for client in admins]

    answers = await asyncio.gather(
        admins[0].patch(f"{USERS}/{ids[1]}", json={"is_superuser": False}),
        admins[1].patch(f"{USERS}/{ids[0]}", json={"is_superuser": False}),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 403]
    left = await asyncio.to_thread(
        execute, own_database, "SELECT count(*) FROM users WHERE is_superuser"
    )
    assert left[0]["count"] == 1


async def test_an_administrator_who_is_being_demoted_cannot_demote_others(
    make_app: MakeApp, own_database: str, make_token: Callable[[User], str], clock: StoppedClock
) -> None:
    """AUZ-06, CON-04"""
    app = await make_app(database_url=own_database)
    database: Database = app.state.resources.database
    one, other = [
        await add_signed_in(database, f"{name}@example.com", clock(), is_superuser=True)
        for name in "ab"
    ]
    client = client_of(app, make_token(other))

    async with database.begin() as session:
        await update_user_as_admin(session, other.id, UserAdministration(is_superuser=False))
        attempt = asyncio.create_task(
            client.patch(f"{USERS}/{one.id}", json={"is_superuser": False})
        )
        await somebody_waits(database)

    assert (await attempt).status_code == 403
