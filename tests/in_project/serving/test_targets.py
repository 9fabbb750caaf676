"""Request targets in absolute form."""

import pytest
from fastapi import Request

from tests.conftest import MakeApp
from tests.in_project.raw_http import exchange, serving

OWN = b"Host: api.example.com\r\n"
OTHER = b"Host: evil.example\r\n"


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        (b"http://api.example.com/seen?a=b", OTHER, "api.example.com/seen?a=b"),
        (b"HTTP://API.example.com:8000/seen", OTHER, "API.example.com:8000/seen"),
        (b"http://evil.example/seen", OWN, None),
        (b"http://evil.example/seen/", OWN, None),
        (b"http://api.example.com@evil.example/seen", OWN, None),
        (b"http://root@api.example.com/seen", OWN, None),
        (b"http:///seen", OWN, None),
        (b"http://api.example.com/seen", b"", None),
        (b"http://api.example.com/seen", OWN + OWN, None),
        (b"http://api.example.com/seen", OTHER + b"Connection: Upgrade\r\nUpgrade: h2c\r\n", ""),
    ],
)
async def test_the_host_of_an_absolute_target_replaces_the_host_header(
    make_app: MakeApp, target: bytes, headers: bytes, expected: str | None
) -> None:
    """HTT-05, RFC 9112 3.2.2"""
    app = await make_app(allowed_hosts="api.example.com")
    app.get("/seen")(seen)
    head = b"GET " + target + b" HTTP/1.1\r\n" + headers + b"X-Last: 1\r\n"
    async with serving(app, timeout_keep_alive=600) as port:
        close = b"" if b"Upgrade" in headers else b"Connection: close\r\n"
        rest = b"GET /seen HTTP/1.1\r\n" + OWN + b"Connection: close\r\n\r\n"
        [answer, *_] = await exchange(port, head + close + b"\r\n" + (b"" if close else rest))

    if expected is None:
        assert answer.status == 400
    else:
        assert answer.body == f"http://{expected or 'api.example.com/seen'}"


@pytest.mark.parametrize(("path", "status"), [(b"", 404), (b"?a=b", 404), (b"/health?a=b", 200)])
async def test_an_absolute_target_without_a_path_is_the_root(
    make_app: MakeApp, path: bytes, status: int
) -> None:
    head = b"GET http://test" + path + b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
    async with serving(await make_app()) as port:
        [answer] = await exchange(port, head)

    assert answer.status == status
    assert status == 200 or answer.body["instance"] == "/"


async def seen(request: Request) -> str:
    return str(request.url)
