"""The documentation pages."""

import re

import pytest
from httpx import AsyncClient

from app.api.docs import OPENAPI_URL
from app.main import create_app
from tests.clients import client_of
from tests.conftest import MakeSettings

PAGES = ("/api/docs", "/api/redoc")


@pytest.fixture(scope="module")
def with_docs(make_settings: MakeSettings) -> AsyncClient:
    """A client of a service that serves the documentation."""
    return client_of(create_app(make_settings(docs_enabled=True)))


async def test_docs_pages_load_no_external_resources(with_docs: AsyncClient) -> None:
    for page in PAGES:
        response = await with_docs.get(page)

        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert OPENAPI_URL in response.text
        loaded = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*)"', response.text)
        assert len(loaded) >= 2
        for url in loaded:
            assert url.startswith("/")
            loading = await with_docs.get(url)
            assert loading.status_code == 200
            assert b"cdn.redoc.ly" not in loading.content


async def test_the_oauth2_redirect_page_loads_no_external_resources(with_docs: AsyncClient) -> None:
    response = await with_docs.get("/api/docs/oauth2-redirect")

    assert response.status_code == 200
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', response.text))


async def test_docs_and_openapi_return_404_when_docs_are_disabled(client: AsyncClient) -> None:
    """ERR-04"""
    paths = ("/redoc", "/openapi.json", "/api/docs-static/favicon.png")
    for url in (OPENAPI_URL, *PAGES, *paths):
        assert (await client.get(url)).status_code == 404, url
