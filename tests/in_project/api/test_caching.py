"""Cached values, and writes that invalidate them."""

from asyncio import Event, create_task, timeout

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps import CacheDep, DbSession
from app.core.cache.decorator import cached
from app.core.db.after_commit import after_commit
from app.models.user import User
from tests.clients import HASHED_PASSWORD, client_of
from tests.conftest import MakeApp


@cached(ttl=60, tag="users")
async def count_users(session: AsyncSession) -> int:
    """Return the number of users."""
    return await session.scalar(select(func.count()).select_from(User)) or 0


@pytest.fixture(params=["shared", "alone"])
async def app(
    request: pytest.FixtureRequest, make_app: MakeApp, own_database: str, valkey_url: str
) -> FastAPI:
    """An application that caches the number of users, and can delay the commit of a new user."""
    redis_url = valkey_url if request.param == "shared" else None
    app = await make_app(database_url=own_database, redis_url=redis_url)
    await app.state.resources.cache.invalidate("users")  # of earlier tests
    app.state.is_written, app.state.may_commit = Event(), Event()

    @app.get("/users")
    async def read_count(session: DbSession, cache: CacheDep) -> int:
        return await count_users(cache, session)

    @app.post("/users")
    async def add_user(session: DbSession, cache: CacheDep, is_good: bool = True) -> None:
        session.add(User(email="a@example.com", hashed_password=HASHED_PASSWORD))
        await session.flush()
        after_commit(session, cache.invalidate, "users")
        app.state.is_written.set()
        await app.state.may_commit.wait()
        if not is_good:
            raise TimeoutError

    return app


async def test_a_concurrent_reader_does_not_cache_stale_data(app: FastAPI) -> None:
    """If a write invalidated the cache before its commit, a reader would cache the old count."""
    client = client_of(app)
    before = (await client.get("/users")).json()
    write = create_task(client.post("/users"))
    async with timeout(20):
        await app.state.is_written.wait()
    meanwhile = (await client.get("/users")).json()
    app.state.may_commit.set()
    await write

    assert [meanwhile, (await client.get("/users")).json()] == [before, before + 1]


async def test_a_rolled_back_request_does_not_invalidate_the_cache(app: FastAPI) -> None:
    client = client_of(app)
    before = (await client.get("/users")).json()
    app.state.may_commit.set()

    assert (await client.post("/users", params={"is_good": False})).status_code == 500
    assert (await client.get("/users")).json() == before
