"""Applications and administrators for tests of the API."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from tests.clients import client_of
from tests.conftest import MakeUser


@pytest.fixture
async def admin(make_user: MakeUser) -> User:
    return await make_user("root@example.com", is_superuser=True)


@pytest.fixture
def admin_client(app: FastAPI, admin: User, make_token: Callable[[User], str]) -> AsyncClient:
    """An administrator, signed in."""
    return client_of(app, make_token(admin))
