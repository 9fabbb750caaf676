"""Applications and administrators for tests of the API."""

from collections.abc import AsyncGenerator, Callable

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.main import create_app
from app.models.user import User
from tests.clients import client_of
from tests.conftest import MakeSettings, MakeUser


@pytest.fixture(scope="module")
async def own_app(make_settings: MakeSettings) -> AsyncGenerator[FastAPI]:
    """An application for the additional operations of a test module, with the shared database."""
    app = create_app(make_settings())
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def admin(make_user: MakeUser) -> User:
    return await make_user("root@example.com", is_superuser=True)


@pytest.fixture
def admin_client(app: FastAPI, admin: User, make_token: Callable[[User], str]) -> AsyncClient:
    """A client that is logged in as an administrator."""
    return client_of(app, make_token(admin))


@pytest.fixture
async def stranger(make_user: MakeUser) -> User:
    """A user who does not own the rows of the test."""
    return await make_user("eve@example.com")


@pytest.fixture
def stranger_client(app: FastAPI, stranger: User, make_token: Callable[[User], str]) -> AsyncClient:
    """A client that is logged in as the stranger."""
    return client_of(app, make_token(stranger))
