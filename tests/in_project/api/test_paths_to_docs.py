"""The paths that lead to the documentation pages, which a project may serve itself."""

import pytest
from httpx import AsyncClient

from app.main import create_app
from tests.clients import client_of
from tests.conftest import MakeSettings

pytestmark = pytest.mark.parametrize("path", ["/", "/docs"])


async def test_the_path_redirects_to_the_documentation(
    make_settings: MakeSettings, path: str
) -> None:
    response = await client_of(create_app(make_settings(docs_enabled=True))).get(path)

    assert (response.status_code, response.headers["location"]) == (307, "/api/docs")


async def test_the_path_is_unknown_when_docs_are_disabled(client: AsyncClient, path: str) -> None:
    """ERR-04"""
    assert (await client.get(path)).status_code == 404
