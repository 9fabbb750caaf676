"""Commits and rollbacks of requests, and the settings of database connections."""

import asyncio
import re
import threading
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text

from app.api.deps import DbSession
from app.core.auth import passwords
from app.core.exceptions import ConflictError
from app.database import Database
from app.models.user import User
from app.resources import create_database
from tests.clients import HASHED_PASSWORD, PASSWORD, client_of, sign_in
from tests.conftest import MakeApp, MakeSettings
from tests.logs import LogLines

DATA = {"email": "grace@example.com", "password": PASSWORD}
COUNT = select(func.count()).select_from(User)


@pytest.fixture
async def app(make_app: MakeApp, own_database: str) -> FastAPI:
    """An application that commits its transactions."""
    return await make_app(database_url=own_database)


@pytest.fixture
async def other(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """The same database, over other connections."""
    database = create_database(make_settings(database_url=own_database))
    yield database
    await database.dispose()


async def test_changes_are_committed_before_the_response(app: FastAPI, other: Database) -> None:
    client = client_of(app)
    for number in range(5):
        response = await client.post(
            "/api/v1/users", json=DATA | {"email": f"{number}@example.com"}
        )

        assert response.status_code == 201
        row = await other.fetch_one(select(User.email).where(User.id == response.json()["id"]), {})
        assert row == (f"{number}@example.com",)


async def test_a_write_to_a_read_only_database_returns_503_and_parameters_are_not_logged(
    app: FastAPI, log_lines: LogLines
) -> None:
    """REL-05, OBS-05"""

    @app.post("/replica")
    async def replica(session: DbSession) -> None:
        await session.execute(text("SET TRANSACTION READ ONLY"))
        session.add(User(email="canary@example.com", hashed_password=HASHED_PASSWORD))

    @app.post("/wrong")
    async def wrong(session: DbSession) -> None:
        await session.execute(text("SELECT 1 / (length(:sent) - 6)"), {"sent": sent})

    sent = "canary"
    client = client_of(app)
    assert (await client.post("/replica")).status_code == 503
    assert (await client.post("/wrong")).status_code == 500
    assert "canary" not in str(log_lines())


async def test_a_failed_request_is_rolled_back(app: FastAPI, other: Database) -> None:
    @app.post("/fail")
    async def fail(session: DbSession) -> None:
        session.add(User(email="grace@example.com", hashed_password=HASHED_PASSWORD))
        await session.flush()
        raise ConflictError("After all, no.")

    response = await client_of(app).post("/fail")

    assert response.status_code == 409
    assert await other.fetch_one(COUNT, {}) == (0,)


async def test_a_failed_commit_returns_500(app: FastAPI, other: Database) -> None:
    """CON-08"""

    @app.post("/fail")
    async def fail(session: DbSession) -> str:
        unique_later = "CREATE TEMPORARY TABLE one (id int UNIQUE INITIALLY DEFERRED)"
        await session.execute(text(unique_later))
        await session.execute(text("INSERT INTO one VALUES (1), (1)"))
        return "done"

    response = await client_of(app).post("/fail")

    assert response.status_code == 500


async def test_no_connection_is_held_while_a_password_is_hashed(
    make_app: MakeApp, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(await make_app(database_url=own_database, database_pool_size=1))
    is_hashing, may_go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hash_until_told(*_: object) -> bool:
        loop.call_soon_threadsafe(is_hashing.set)
        return may_go_on.wait(30)

    monkeypatch.setattr(passwords, "verify_password", hash_until_told)
    signing_in = asyncio.create_task(sign_in(client, "ada@example.com"))
    await is_hashing.wait()

    assert (await client.get("/ready")).status_code == 200
    may_go_on.set()
    assert (await signing_in).status_code == 400


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "2500ms"),
        ("lock_timeout", "1250ms"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("application_name", "The Service"),
    ],
)
async def test_connections_have_timeouts_and_an_application_name(
    make_settings: MakeSettings, setting: str, value: str
) -> None:
    """RES-07"""
    database = create_database(
        make_settings(database_statement_timeout_seconds=2.5, app_name="The Service")
    )

    row = await database.fetch_one(select(func.current_setting(setting)), {})

    await database.dispose()
    assert row == (value,)


async def test_prepared_statements_are_not_reused_behind_pgbouncer(
    make_settings: MakeSettings,
) -> None:
    database = create_database(make_settings(database_pgbouncer=True))

    async with database.begin() as session:
        for _ in range(2):
            assert await session.scalar(select(User.id)) is None
        names = (await session.scalars(text("SELECT name FROM pg_prepared_statements"))).all()
        timeout = await session.scalar(text("SHOW statement_timeout"))

    await database.dispose()
    assert len(names) <= 1  # the query itself
    assert [name for name in names if not re.fullmatch(r"__asyncpg_[0-9a-f-]{36}__", name)] == []
    assert timeout == "0"
