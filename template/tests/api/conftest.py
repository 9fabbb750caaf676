"""What the tests of the API share."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.core import passwords
from app.models.user import User
from tests.clients import client_of
from tests.conftest import MakeUser


@pytest.fixture(scope="session", autouse=True)
def _each_password_is_hashed_once() -> Iterator[None]:
    """Remember what was hashed and verified: it takes a core 25 ms each time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("get_password_hash", "verify_password"):
            patch.setattr(passwords, name, cache(getattr(passwords, name)))
        yield


@pytest.fixture
async def admin(make_user: MakeUser) -> User:
    return await make_user("root@example.com", is_superuser=True)


@pytest.fixture
def admin_client(app: FastAPI, admin: User, make_token: Callable[[User], str]) -> AsyncClient:
    """An administrator, signed in."""
    return client_of(app, make_token(admin))
