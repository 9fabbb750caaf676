"""Applications for tests of the platform."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI

from app.main import create_app
from tests.conftest import MakeSettings


@pytest.fixture(scope="module")
async def own_app(make_settings: MakeSettings) -> AsyncGenerator[FastAPI]:
    """An application for the operations that a module of tests adds; its database is the test's."""
    app = create_app(make_settings())
    async with app.router.lifespan_context(app):
        yield app
