"""Security headers and caching headers of responses."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from tests.clients import client_of
from tests.conftest import MakeApp
from tests.in_project.api.test_cors import ORIGIN, PREFLIGHT

EXPECTED = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
HSTS = "strict-transport-security"
USERS = "/api/v1/users"


def security_headers(response: Response) -> dict[str, str]:
    return {name: ", ".join(response.headers.get_list(name)) for name in EXPECTED}


async def answers(client: AsyncClient) -> dict[int, Response]:
    """Return responses of every layer of the application, by status."""
    too_large = {"Content-Length": "9999999"}
    responses = [
        await client.get("/health"),
        await client.post(USERS, json={}),
        await client.post(USERS, content=b"{", headers=too_large),
        await client.get("/nothing"),
        await client.put(USERS),
        await client.get("/health/"),
        await client.get(f"{USERS}/me"),
        await client.get(f"{USERS}/me"),
        await client.get("/nothing", headers={"Host": "evil.example"}),
        await client.get("/fail"),
    ]
    return {response.status_code: response for response in responses}


async def fail() -> None:
    raise RuntimeError


@pytest.fixture
async def app_of_all_kinds(make_app: MakeApp) -> FastAPI:
    app = await make_app(
        rate_limit_enabled=True,
        rate_limit_default="2/year",
        allowed_hosts="test",
        cors_origins=ORIGIN,
    )
    app.get("/fail")(fail)
    return app


async def test_all_responses_have_security_headers(app_of_all_kinds: FastAPI) -> None:
    """HDR-01, HDR-03, HDR-04, HDR-05, HDR-07, RTL-02"""
    found = await answers(client_of(app_of_all_kinds))

    assert sorted(found) == [200, 307, 400, 401, 404, 405, 413, 422, 429, 500]
    for status, response in found.items():
        assert security_headers(response) == EXPECTED, status
        assert HSTS not in response.headers


async def test_responses_without_content_have_no_content_type(app_of_all_kinds: FastAPI) -> None:
    """RFC 9110 8.3: the header describes the content, which a 204 does not have."""
    app_of_all_kinds.get("/empty", status_code=204)(lambda: None)
    async with client_of(app_of_all_kinds) as client:
        response = await client.get("/empty")

    assert response.status_code == 204
    assert "content-type" not in response.headers
    assert security_headers(response) == EXPECTED


async def test_preflight_responses_have_security_headers(app_of_all_kinds: FastAPI) -> None:
    """HDR-01"""
    for origin, status in ((ORIGIN, 200), ("https://evil.example", 400)):
        client = client_of(app_of_all_kinds, Origin=origin)
        response = await client.options(USERS, headers=PREFLIGHT)

        assert response.status_code == status
        assert security_headers(response) == EXPECTED


@pytest.mark.parametrize("environment", ["staging", "production"])
async def test_hsts_is_sent_in_staging_and_production(make_app: MakeApp, environment: str) -> None:
    """HDR-02"""
    app = await make_app(
        environment=environment,
        allowed_hosts="test",
        rate_limit_storage="memory",
        secret_key="B8kq0-fV2m_Zr7LxW4tYpN9cJ1hGdS6a",
        database_url="postgresql://app:unguessable@127.0.0.1:9/app",
    )

    for path in ("/health", "/nothing"):
        response = await client_of(app).get(path)

        assert response.headers.get_list(HSTS) == ["max-age=31536000; includeSubDomains"]


async def test_docs_pages_have_their_own_content_security_policy(make_app: MakeApp) -> None:
    """HDR-03"""
    client = client_of(await make_app(docs_enabled=True))

    for page in ("/api/docs", "/api/redoc", "/api/docs/oauth2-redirect"):
        headers = security_headers(await client.get(page))

        assert headers.pop("content-security-policy").startswith("default-src 'self'; script-src")
        assert headers.items() <= EXPECTED.items()


async def test_static_docs_files_can_be_cached_and_revalidated(make_app: MakeApp) -> None:
    """HDR-05"""
    client = client_of(await make_app(docs_enabled=True))
    response = await client.get("/api/docs-static/favicon.png")

    again = await client.get(
        "/api/docs-static/favicon.png", headers={"If-None-Match": response.headers["etag"]}
    )

    assert response.headers["cache-control"] == "public, no-cache"
    assert again.status_code == 304
