"""Clients that disconnect before they receive a response."""

import asyncio

from fastapi import Request

from tests.conftest import MakeApp
from tests.in_project.raw_http import FORM, GET, HOST, LAST, exchange, serving
from tests.logs import LogLines

BEGUN = b" HTTP/1.1\r\n" + FORM + HOST + b"Content-Length: 100\r\n\r\na"


async def test_an_endpoint_is_notified_of_a_disconnect_while_pipelined_requests_wait(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    """RES-12. A response that is written to the closed connection would cause an error."""
    app, has_begun, is_told = await make_app(), asyncio.Event(), asyncio.Event()

    @app.get("/slow")
    async def slow(request: Request) -> None:
        has_begun.set()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        is_told.set()

    request = GET + HOST + b"\r\n" + b"GET /slow HTTP/1.1\r\n" + HOST + b"\r\n"
    async with serving(app) as port, asyncio.timeout(30):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request * 20)
        await has_begun.wait()
        writer.transport.abort()
        await is_told.wait()

    assert [line["status"] for line in log_lines() if line["event"] == "request"] == [200, 200]
    assert [line for line in log_lines() if line["level"] != "info"] == []


async def test_a_disconnect_before_the_end_of_a_body_is_not_logged_as_an_error(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    """RES-12"""
    app = await make_app()

    @app.post("/raw")
    async def raw(request: Request) -> None:
        await request.body()

    paths = ("/raw", "/api/v1/users", "/api/v1/auth/token")
    async with serving(app) as port:
        for path in paths:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST " + path.encode() + BEGUN)
            await writer.drain()
            writer.transport.abort()
            await exchange(port, GET + LAST + b"\r\n")

    lines = {line["path"]: line["status"] for line in log_lines() if line["event"] == "request"}
    assert lines == dict.fromkeys(paths, 400) | {"/health": 200}
    assert [line for line in log_lines() if line["level"] != "info"] == []
