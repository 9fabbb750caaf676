"""The service below a path of its host, behind a proxy that removes the path or keeps it."""

import re
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI, Request, Response
from httpx import AsyncClient

from app.api.deprecation import deprecated
from app.api.deps import LinkNext
from app.api.routing import APIRouter
from app.main import create_app
from tests.clients import PASSWORD, client_of
from tests.conftest import MakeApp, MakeSettings
from tests.in_project.api.test_metrics import sample
from tests.in_project.raw_http import LAST, exchange, serving
from tests.logs import LogLines

ROOT = "/shop"
KEPT_OR_REMOVED = pytest.mark.parametrize("sent", [ROOT, ""], ids=["kept", "removed"])


def add_operations(app: FastAPI) -> None:
    """Add operations that write URLs in every way."""
    router = APIRouter()

    @router.get("/written")
    @deprecated(
        since=datetime(2026, 1, 1, tzinfo=UTC),
        documentation="https://example.com/docs",
        successor="/api/v2/written",
    )
    async def written(request: Request, response: Response, link_next: LinkNext) -> str:
        link_next("x")
        response.headers["Content-Location"] = "//other.example/api"
        return str(request.url_for("written"))

    @router.get("/location")
    async def location(response: Response, url: str) -> None:
        response.headers["Location"] = url

    app.include_router(router)


@pytest.fixture
async def app(make_app: MakeApp) -> FastAPI:
    app = await make_app(root_path=ROOT, docs_enabled=True, allowed_hosts="test")
    add_operations(app)
    return app


@pytest.fixture
def client(app: FastAPI) -> AsyncClient:
    return client_of(app)


@KEPT_OR_REMOVED
async def test_every_url_of_a_response_begins_with_the_root_path(
    client: AsyncClient, sent: str
) -> None:
    created = await client.post(
        f"{sent}/api/v1/users", json={"email": "grace@example.com", "password": PASSWORD}
    )
    written = await client.get(f"{sent}/written?a=%2F")
    unknown = await client.get(f"{sent}/nothing")

    assert created.headers["location"].startswith(f"{ROOT}/api/v1/users/")
    assert written.json() == f"http://test{ROOT}/written"
    assert written.headers.get_list("link") == [
        f'<{ROOT}/written?a=%2F&cursor=x>; rel="next"',
        f'<https://example.com/docs>; rel="deprecation", <{ROOT}/api/v2/written>; '
        'rel="successor-version"',
    ]
    assert written.headers["content-location"] == "//other.example/api"
    assert unknown.json()["instance"] == f"{ROOT}/nothing"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/api/v1/items/1", "/shop/api/v1/items/1"),
        ("/shopping", "/shop/shopping"),
        ("/", "/shop/"),
        ("/shop", "/shop"),
        ("/shop/", "/shop/"),
        ("/shop?a=b", "/shop?a=b"),
        ("/a/shop/b", "/shop/a/shop/b"),
        ("items/1", "items/1"),
        ("?cursor=x", "?cursor=x"),
        ("//other.example/a", "//other.example/a"),
        ("https://other.example/a", "https://other.example/a"),
    ],
)
async def test_the_root_path_is_added_only_to_paths_without_it(
    client: AsyncClient, url: str, expected: str
) -> None:
    response = await client.get("/location", params={"url": url})

    assert response.headers["location"] == expected


@KEPT_OR_REMOVED
async def test_openapi_and_the_docs_pages_name_only_urls_below_the_root_path(
    make_settings: MakeSettings, sent: str
) -> None:
    client = client_of(create_app(make_settings(root_path=ROOT, docs_enabled=True)))
    described = (await client.get(f"{sent}/api/v1/openapi.json")).json()
    flow = described["components"]["securitySchemes"]["OAuth2PasswordBearer"]["flows"]["password"]

    assert described["servers"] == [{"url": ROOT}]
    assert flow["tokenUrl"] == f"{ROOT}/api/v1/auth/token"
    assert "/api/v1/users" in described["paths"]
    for page in ("/api/docs", "/api/redoc"):
        response = await client.get(sent + page)
        urls = re.findall(r"""(?:src|href|url|Url)(?:=|: ).*?["']([^"']+)""", response.text)

        assert len(urls) >= 3
        for url in urls:
            assert url.startswith(f"{ROOT}/api/"), page
            for served in (url, url.removeprefix(ROOT)):
                assert (await client.get(served)).status_code == 200, served
        assert response.headers["content-security-policy"].startswith("default-src 'self'")


@KEPT_OR_REMOVED
async def test_probes_of_any_host_succeed_and_are_measured_and_logged_by_route(
    app: FastAPI, log_lines: LogLines, sent: str
) -> None:
    labels = {"method": "GET", "route": "/health", "status": "200"}
    before = sample(app, "http_requests_total", **labels) or 0

    response = await client_of(app, Host="10.0.0.1:8000").get(f"{sent}/health")

    assert response.status_code == 200
    assert sample(app, "http_requests_total", **labels) == before + 1
    assert [line["path"] for line in log_lines() if line["event"] == "request"] == ["/health"]


@KEPT_OR_REMOVED
async def test_the_allow_header_and_the_docs_files_are_found(
    client: AsyncClient, sent: str
) -> None:
    refused = await client.put(f"{sent}/api/v1/users/me")
    file = await client.put(f"{sent}/api/docs-static/favicon.png")

    assert refused.headers["allow"] == "DELETE, GET, HEAD, PATCH"
    assert (file.status_code, file.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    ["/shop/shop/health", "/shopping", "/shophealth", "/other/health"],
)
async def test_a_path_that_only_resembles_the_root_path_is_unknown(
    client: AsyncClient, path: str
) -> None:
    response = await client.get(path)

    assert response.status_code == 404


@pytest.mark.parametrize("path", ["/", "/shop/", "/docs", "/shop/docs"])
async def test_the_root_below_the_root_path_redirects_to_the_documentation(
    client: AsyncClient, path: str
) -> None:
    response = await client.get(path)

    assert (response.status_code, response.headers["location"]) == (307, f"{ROOT}/api/docs")


async def test_clients_cannot_choose_the_root_path(make_app: MakeApp, client: AsyncClient) -> None:
    """HTT-06"""
    headers = {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil", "X-Original-URI": "/evil"}
    for each, path in ((client, f"{ROOT}/health"), (client_of(await make_app()), "/health")):
        response = await each.get(f"{path}/", headers=headers)

        assert response.headers["location"] == path


@pytest.mark.parametrize(
    ("path", "location"),
    [
        (b"/health/", "/shop/health"),
        (b"/shop/health/?a=%2F&b", "/shop/health?a=%2F&b"),
        (b"//shop/health/", None),
        (b"//evil.example/", None),
        (b"/shop//evil.example/", None),
        (b"/\\evil.example/", None),
    ],
)
async def test_slash_redirects_stay_below_the_root_path(
    app: FastAPI, path: bytes, location: str | None
) -> None:
    """HTT-04"""
    async with serving(app) as port:
        [answer] = await exchange(port, b"GET %b HTTP/1.1\r\n" % path + LAST + b"\r\n")

    assert answer.status == (404 if location is None else 307)
    assert answer.headers.get("location") == location
