"""Redirects to a path with or without a slash at its end."""

import pytest
from fastapi import FastAPI

from tests.conftest import MakeApp
from tests.in_project.raw_http import LAST, exchange, serving


@pytest.fixture
async def app(make_app: MakeApp) -> FastAPI:
    """An application with routes that match nearly every path."""
    app = await make_app()
    app.get("/one/{name}")(lambda name: name)
    app.get("/any/{path:path}/x")(lambda path: path)
    app.get("/{path:path}/y")(lambda path: path)
    app.get("/{path:path}/z/")(lambda path: path)
    return app


async def location(app: FastAPI, request: bytes) -> str | None:
    async with serving(app) as port:
        [answer] = await exchange(port, request + b" HTTP/1.1\r\n" + LAST + b"\r\n")
    assert answer.status == (404 if answer.headers.get("location") is None else 307)
    assert "set-cookie" not in answer.headers
    return answer.headers.get("location")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/health/", "/health"),
        ("/health//", "/health"),
        ("/any/1/x/?a=1&b=%2F%3f&c=+", "/any/1/x?a=1&b=%2F%3f&c=+"),
        ("/any/1/x/?", "/any/1/x"),
        ("/1/z?next=//evil.example/", "/1/z/?next=//evil.example/"),
        ("/any/%252e%252e/x/", "/any/%252e%252e/x"),
        ("/any/a%20b%C3%A9%3F%23/x/", "/any/a%20b%C3%A9%3F%23/x"),
        ("/one/%0d%0aSet-Cookie:%20a=b/", "/one/%0D%0ASet-Cookie%3A%20a%3Db"),
        ("http://evil.example/health/", "/health"),
        ("/nothing/", None),
        ("/", None),
        ("//", None),
    ],
)
async def test_a_redirect_names_the_path_and_the_query_but_no_host(
    app: FastAPI, target: str, expected: str | None
) -> None:
    """HTT-04"""
    assert await location(app, b"GET " + target.encode()) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("//evil.example/y/", "/%2Fevil.example/y"),
        ("///evil.example/y/", "/%2F/evil.example/y"),
        ("//evil.example/z", "/%2Fevil.example/z/"),
        ("/%2Fevil.example/y/", "/%2Fevil.example/y"),
        ("/%2F%2Fevil.example/y/", "/%2F/evil.example/y"),
        ("/\\evil.example/y/", "/%5Cevil.example/y"),
        ("/%5Cevil.example/y/", "/%5Cevil.example/y"),
        ("/%09/evil.example/y/", "/%09/evil.example/y"),
        ("http://a.example//evil.example/y/", "/%2Fevil.example/y"),
    ],
)
async def test_no_path_makes_a_redirect_to_another_host(
    app: FastAPI, target: str, expected: str
) -> None:
    """HTT-04, CWE-601. A value that begins with `//` or, in browsers, `/\\` names a host."""
    assert await location(app, b"GET " + target.encode()) == expected


async def test_a_redirect_keeps_the_method(app: FastAPI) -> None:
    assert await location(app, b"POST /api/v1/users/") == "/api/v1/users"
    assert await location(app, b"HEAD /health/") == "/health"
