"""Valid and malicious requests, sent as bytes over sockets."""

import asyncio
import re
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI

from app.core.http.middleware.request_context import REQUEST_ID
from tests.conftest import MakeApp
from tests.in_project.raw_http import GET, HOST, LAST, exchange, serving

LINE = b"GET %b HTTP/1.1\r\n"


@pytest.fixture
async def port(app: FastAPI) -> AsyncGenerator[int]:
    async with serving(app) as port:
        yield port


async def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    """HTT-07"""
    first, second = await exchange(port, GET + HOST + b"\r\n" + LINE % b"/nothing" + LAST + b"\r\n")

    assert (first.status, second.status) == (200, 404)


async def test_a_request_before_malformed_bytes_is_answered(port: int) -> None:
    [answer] = await exchange(port, GET + HOST + b"\r\n" + b"nonsense\r\n\r\n")

    assert answer.status == 200
    assert answer.headers["connection"] == "close"


async def test_a_trailer_does_not_set_the_host_or_the_request_id(port: int) -> None:
    """HTT-07, RFC 9110 6.5.1"""
    head = b"POST /nothing HTTP/1.1\r\n" + LAST + b"Transfer-Encoding: chunked\r\n\r\n"
    trailer = b"1\r\na\r\n0\r\nX-Request-ID: trailer-1\r\nHost: evil.example\r\n\r\n"

    [answer] = await exchange(port, head + trailer)

    assert answer.status == 404
    assert answer.headers["x-request-id"] != "trailer-1"


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket"])
async def test_an_upgrade_header_is_ignored_and_the_next_request_is_answered(
    port: int, protocol: bytes
) -> None:
    """HTT-07, RFC 9110 7.8"""
    upgrade = b"Connection: Upgrade\r\nUpgrade: %b\r\nContent-Length: 2\r\n\r\n{}" % protocol

    answers = await exchange(
        port, b"POST /nothing HTTP/1.1\r\n" + HOST + upgrade + GET + LAST + b"\r\n"
    )

    assert [answer.status for answer in answers] == [404, 200]
    assert "connection" not in answers[0].headers


async def test_trace_and_options_are_rejected_and_head_responses_have_no_body(port: int) -> None:
    """HTT-02, HTT-03"""
    for request, status in ((b"HEAD /health", 200), (b"HEAD /ready", 200), (b"HEAD /x", 404)):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request + b" HTTP/1.1\r\n" + LAST + b"\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()

        assert head.startswith(b"HTTP/1.1 %d" % status)
        assert body == b""
    for request, status in (
        (b"TRACE /health", 405),
        (b"OPTIONS /health", 405),
        (b"OPTIONS *", 404),
    ):
        [answer] = await exchange(
            port, request + b" HTTP/1.1\r\nX-Canary: canary\r\n" + LAST + b"\r\n"
        )

        assert answer.status == answer.body["status"] == status
        assert "canary" not in str(answer).lower()


@pytest.mark.parametrize(
    "header",
    [
        *(b'X-Request-ID: a1b2"c3d4', b"X-Request-ID: " + b"a" * 9000, b"X-Request-ID: a1b2\tc3d4"),
        *(
            b"traceparent: \xff\xfe",
            b"traceparent: 00-" + b"0" * 9000,
            b"tracestate: " + b"=" * 9000,
        ),
        *(b"baggage: ,;=\xe9", b"X-Request-ID: a1b2c3d4\r\nX-Request-ID: e5f6", b"X-Canary:"),
    ],
    ids=lambda header: str(header[:24]),
)
async def test_malformed_request_ids_and_traces_are_ignored(port: int, header: bytes) -> None:
    """OBS-02, OBS-03"""
    [answer] = await exchange(port, GET + LAST + header + b"\r\n\r\n")

    assert answer.status == 200
    assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])


@pytest.mark.parametrize(
    "path",
    [
        *(b"/health/", b"//health/", b"/health//", b"//evil.example/health/", b"/health/?u=//evil"),
        *(b"//evil.example/..", b"/\\evil.example/", b"/%5Cevil.example/", b"/health%0d%0aX:%20y/"),
        *(
            b"/health/?a=%0d%0aSet-Cookie:%20a=b",
            b"http://test/health/",
            b"/;@evil/",
        ),
    ],
)
async def test_no_redirect_leads_to_another_host(port: int, path: bytes) -> None:
    """HTT-04"""
    [answer] = await exchange(port, LINE % path + LAST + b"\r\n")

    assert answer.status in {307, 404}
    assert re.match(r"/(?![/\\])", answer.headers.get("location", "/"))
    assert {"set-cookie", "x"}.isdisjoint(answer.headers)


DOORS = (
    *("/.env", "/.git/config", "/.git/HEAD", "/.aws/credentials", "/.ssh/id_rsa", "/.htaccess"),
    *("/.DS_Store", "/.well-known/../.env", "/env", "/metrics", "/debug", "/actuator/env"),
    *("/server-status", "/phpinfo.php", "/config.json", "/../app/config.py", "/../../etc/passwd"),
    *("/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/..%5c..%5cwindows%5cwin.ini"),
    *("/%252e%252e/etc/passwd", "/....//....//etc/passwd", "/%c0%ae%c0%ae/etc/passwd"),
    *("/api/docs-static/../../../etc/passwd", "/api/docs-static/..%2f..%2f..%2fpyproject.toml"),
    *("/api/docs-static//etc/passwd", "/api/docs-static/%00", "/api/docs-static/" + "a" * 5000),
)


@pytest.mark.parametrize("docs_enabled", [False, True])
async def test_paths_that_scanners_probe_return_404(make_app: MakeApp, docs_enabled: bool) -> None:
    """ERR-04, ERR-05, VAL-15"""
    async with serving(await make_app(docs_enabled=docs_enabled)) as port:
        requests = [LINE % door.encode() + LAST + b"\r\n" for door in DOORS]
        answers = [answer for each in requests for answer in await exchange(port, each)]

    assert [answer.status for answer in answers] == [404] * len(DOORS)
