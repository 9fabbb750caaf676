"""Clients that close their direction of the connection before they receive the response."""

import asyncio

import pytest
from fastapi import Request

from tests.conftest import MakeApp
from tests.in_project.raw_http import GET, HOST, read_answers, serving

POST = b"POST /length HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc"


async def half_close(port: int, sent: bytes) -> list[int]:
    """Send, close the sending direction, and return the statuses of the responses."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    writer.write_eof()
    received = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return [answer.status for answer in read_answers(received)]


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (POST, [200]),
        (GET + HOST + b"\r\n" + POST + POST, [200, 200, 200]),
        (POST + b"GET /hea", [200]),
        (POST + POST + b"\1", [200, 200]),
        (POST[:-1], []),
        (b"", []),
    ],
    ids=["one", "pipelined", "one and a half", "two and garbage", "a part of a body", "nothing"],
)
async def test_complete_requests_are_answered_after_the_client_closed_its_direction(
    make_app: MakeApp, sent: bytes, statuses: list[int]
) -> None:
    """RFC 9112 9.6. The endpoint waits, so the end of the input arrives before the response."""
    app = await make_app()

    @app.post("/length")
    async def length(request: Request) -> int:
        body = await request.body()
        await asyncio.sleep(0)
        return len(body)

    async with serving(app, timeout_keep_alive=600) as port:
        assert await half_close(port, sent) == statuses


async def test_an_endpoint_is_notified_of_a_closed_connection_and_may_still_answer(
    make_app: MakeApp,
) -> None:
    """RES-12. A closed connection and a half-closed one look the same until the service writes."""
    app = await make_app()

    @app.post("/slow")
    async def slow(request: Request) -> int:
        body = await request.body()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        return len(body)

    async with serving(app, timeout_keep_alive=600) as port:
        assert await half_close(port, POST.replace(b"/length", b"/slow")) == [200]
