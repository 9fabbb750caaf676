"""Fixtures of the checks. The project's own fixtures come from the plugin `tests.conftest`."""

from collections.abc import Awaitable, Callable, Mapping

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from app.database import Database
from app.models.user import User
from dev.prove.attacks.requests import Prepared, prepare
from dev.prove.operations import Operation
from tests.access.test_access import callers
from tests.clients import StoppedClock
from tests.conftest import anyio_backend

__all__ = ["anyio_backend", "callers"]

Prepare = Callable[[Operation], Awaitable[Prepared]]


@pytest.fixture
def prepared(
    callers: Mapping[str, AsyncClient], user: User, database: Database, clock: StoppedClock
) -> Prepare:
    """A function that prepares the request of an operation, whose rows belong to `user`.

    Operations of the same table share its rows, since their unique values permit only one of each.
    """
    names: dict[str, dict[str, object]] = {}

    async def prepared_once(operation: Operation) -> Prepared:
        table = operation.row.table if operation.row else ""
        return await prepare(operation, user, callers, database, clock, names.setdefault(table, {}))

    return prepared_once


@pytest.fixture
async def stranger(callers: Mapping[str, AsyncClient], database: Database) -> User:
    """The user who is the stranger."""
    email = (await callers["stranger"].get("/api/v1/users/me")).json()["email"]
    async with database.begin() as session:
        return (await session.scalars(select(User).where(User.email == email))).one()
