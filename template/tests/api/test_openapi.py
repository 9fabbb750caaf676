"""The API's description, and the pages that show it."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from tests.clients import client_of
from tests.conftest import MakeApp

URL = "/api/v1/openapi.json"
PAGES = ("/api/docs", "/api/redoc")


@pytest.fixture
async def with_docs(make_app: MakeApp) -> FastAPI:
    return await make_app(docs_enabled=True)


@pytest.fixture
async def description(with_docs: FastAPI) -> dict[str, Any]:
    described: dict[str, Any] = (await client_of(with_docs).get(URL)).json()
    return described


async def test_every_operation_says_that_its_errors_are_problems(
    description: dict[str, Any],
) -> None:
    """HTT-11"""
    operations = [each for path in description["paths"].values() for each in path.values()]

    assert len(operations) >= 9
    for operation in operations:
        for status in ("4XX", "5XX"):
            schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
            assert operation["responses"][status]["content"] == {"application/problem+json": schema}
        assert "422" not in operation["responses"]
    assert "HTTPValidationError" not in description["components"]["schemas"]
    assert "ValidationError" not in description["components"]["schemas"]


async def test_the_description_is_made_once(app: FastAPI) -> None:
    assert app.openapi() is app.openapi()


async def test_a_problem_is_described_as_it_is(
    description: dict[str, Any], client: AsyncClient
) -> None:
    schema = description["components"]["schemas"]["Problem"]
    problem = (await client.post("/api/v1/users", json={})).json()

    assert set(problem) == set(schema["properties"])
    assert set(schema["required"]) == set(problem) - {"errors"}


async def test_signing_in_is_described_as_the_password_flow(description: dict[str, Any]) -> None:
    scheme = {
        "type": "oauth2",
        "flows": {"password": {"scopes": {}, "tokenUrl": "/api/v1/auth/token"}},
    }

    assert description["components"]["securitySchemes"] == {"OAuth2PasswordBearer": scheme}
    me = description["paths"]["/api/v1/users/me"]
    assert all(each["security"] == [{"OAuth2PasswordBearer": []}] for each in me.values())
    assert "security" not in description["paths"]["/api/v1/users"]["post"]


async def test_the_pages_load_nothing_from_elsewhere(with_docs: FastAPI) -> None:
    client = client_of(with_docs)
    for page in PAGES:
        response = await client.get(page)

        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert URL in response.text
        loaded = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*)"', response.text)
        assert len(loaded) >= 2
        for url in loaded:
            assert url.startswith("/")
            assert (await client.get(url)).status_code == 200


async def test_the_page_for_signing_in_elsewhere_is_there(with_docs: FastAPI) -> None:
    response = await client_of(with_docs).get("/api/docs/oauth2-redirect")

    assert response.status_code == 200
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]*)"', response.text))


async def test_without_docs_there_is_none_of_it(client: AsyncClient) -> None:
    """ERR-04"""
    for url in (URL, *PAGES, "/docs", "/redoc", "/openapi.json", "/api/docs-static/favicon.png"):
        assert (await client.get(url)).status_code == 404, url


async def test_there_are_no_other_doors(client: AsyncClient) -> None:
    """ERR-05, VAL-15"""
    for path in ("/.env", "/.git/config", "/metrics", "/debug", "/../app", "/%2e%2e/.env"):
        assert (await client.get(path)).status_code == 404, path


async def test_a_slash_too_many_leads_nowhere_else(client: AsyncClient) -> None:
    """HTT-04"""
    for path in ("/health/", "//evil.example/", "/api/v1/users/me/"):
        response = await client.get(f"http://test{path}")

        assert response.status_code in {307, 404}, path
        assert response.headers.get("location", "http://test/").startswith("http://test/")
