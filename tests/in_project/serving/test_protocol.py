"""Malformed and malicious requests, sent as bytes over sockets."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from app.core.serving.protocol import MAX_HEAD_BYTES, MAX_TARGET_BYTES
from tests.conftest import MakeApp
from tests.in_project.api.test_security_headers import EXPECTED, HSTS
from tests.in_project.raw_http import END, FORM, GET, HOST, LAST, exchange, serving
from tests.logs import LogLines

POST = b"POST /api/v1/auth/token HTTP/1.1\r\n" + FORM + LAST
LENGTH = b"Content-Length: %b\r\n"
CODING = b"Transfer-Encoding: %b\r\n"
CHUNKED = POST + CODING % b"chunked" + b"\r\n"


@pytest.fixture
async def port(app: FastAPI) -> AsyncGenerator[int]:
    async with serving(app) as port:
        yield port


MALFORMED = {
    "nonsense": b"nonsense\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3": b"GET /health HTTP/3.0\r\n" + HOST + b"\r\n",
    "another method": b"BREW /health HTTP/1.1\r\n" + HOST + b"\r\n",
    "a lower-case method": b"get /health HTTP/1.1\r\n" + HOST + b"\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "no path": b"GET health HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the path": b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path that is not ASCII": b"GET /\xe9 HTTP/1.1\r\n" + HOST + b"\r\n",
    "no host": GET + b"Connection: close\r\n\r\n",
    "two hosts": GET + LAST + HOST + b"\r\n",
    "only line feeds": b"GET /health HTTP/1.1\nHost: test\n\n",
    "no colon": GET + HOST + b"canary\r\n\r\n",
    "a space before the colon": GET + HOST + b"X-Canary : b\r\n\r\n",
    "a folded line": GET + HOST + b"X-Canary: b\r\n c\r\n\r\n",
    "a carriage return": GET + HOST + b"X-Request-ID: a1b2c3d4\rX-Canary: b\r\n\r\n",
    "an escape": GET + HOST + b"X-Request-ID: \x1b[31ma1b2c3d4\r\n\r\n",
    "NUL in a header": GET + HOST + b"X-Canary: b\x00\r\n\r\n",
    "length and chunks": POST + LAST + LENGTH % b"5" + CODING % b"chunked" + b"\r\n" + END,
    "chunks and length": POST + LAST + CODING % b"chunked" + b"Content-Length: 5\r\n\r\n" + END,
    "two lengths": POST + LENGTH % b"3" + LENGTH % b"4" + b"\r\na=1",
    "one length twice": POST + (LENGTH % b"3") * 2 + b"\r\na=1",
    "a list of lengths": POST + LENGTH % b"3, 3" + b"\r\na=1",
    "a length with a sign": POST + LENGTH % b"+3" + b"\r\na=1",
    "a length below zero": POST + LENGTH % b"-3" + b"\r\na=1",
    "a length in hexadecimal": POST + LENGTH % b"0x3" + b"\r\na=1",
    "no length": POST + LENGTH % b"" + b"\r\na=1",
    "an unknown coding": POST + CODING % b"xchunked" + b"\r\n" + END,
    "chunks not last": POST + CODING % b"chunked, gzip" + b"\r\n" + END,
    "a hidden coding": POST + CODING % b"\x0bchunked" + b"\r\n" + END,
    "chunked twice": POST + (CODING % b"chunked") * 2 + b"\r\n" + END,
    "an invalid size of a chunk": CHUNKED + b"zz\r\n",
    "a chunk below zero": CHUNKED + b"-1\r\n",
    "a huge chunk": CHUNKED + b"f" * 20 + b"\r\n",
    "a chunk longer than said": CHUNKED + b"1\r\nab\r\n" + END,
}


@pytest.mark.parametrize("kind", MALFORMED)
async def test_malformed_requests_get_a_400_problem_response(port: int, kind: str) -> None:
    """HTT-02, HTT-05, HTT-07, HTT-11, OBS-02, ERR-03"""
    [answer] = await exchange(port, MALFORMED[kind])

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.body["request_id"]
    assert EXPECTED.items() <= answer.headers.items()
    assert "canary" not in str(answer).lower()
    assert [each.status for each in await exchange(port, GET + LAST + b"\r\n")] == [200]


async def test_a_rejected_malformed_request_is_logged(port: int, log_lines: LogLines) -> None:
    """OBS-01, HDR-02"""
    [answer] = await exchange(port, MALFORMED["nonsense"])

    [line] = [line for line in log_lines() if line["event"] == "refused"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["status"] == 400
    assert HSTS in answer.headers
    assert answer.headers["connection"] == "close"


LONG = b"a" * 1_000_000


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * MAX_TARGET_BYTES + b" HTTP/1.1\r\n" + LAST + b"\r\n", 414),
        (b"GET /" + LONG + b" HTTP/1.1\r\n" + LAST + b"\r\n", 414),
        (b"GET /" + LONG, 414),
        (b"GET /" + LONG * 20, 414),
        (GET + LAST + b"X-Long: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
        (GET + LAST + b"X-Long: " + LONG, 431),
        (GET + LAST + LONG, 431),
        (GET + LAST + b"X-Many: a\r\n" * 5000 + b"\r\n", 431),
        (GET + LAST + b"a:\r\n" * 9000 + b"\r\n", 431),
        (b"\r\n" * 100_000, 431),
        (LONG, 400),
        (CHUNKED + b"1\r\na\r\n0\r\nX-Long: " + LONG, 431),
        (CHUNKED + b"1;" + LONG, 431),
    ],
    ids=lambda value: str(value)[-30:],
)
async def test_an_oversized_head_is_rejected(port: int, request_: bytes, status: int) -> None:
    """RES-04"""
    [answer] = await exchange(port, request_)

    assert answer.status == answer.body["status"] == status
    assert [each.status for each in await exchange(port, GET + LAST + b"\r\n")] == [200]


async def test_a_body_may_exceed_the_size_limit_of_a_head(port: int) -> None:
    """RES-04"""
    head = b"POST /api/v1/users HTTP/1.1\r\nContent-Type: application/json\r\n" + LAST
    sent = [head + LENGTH % b"900000" + b"\r\n", b" " * 900_000]

    [answer] = await exchange(port, *sent)

    assert answer.status == 422


async def test_a_client_that_sends_a_long_form_receives_the_413(port: int) -> None:
    """RES-05. The connection is closed after the response, not while the client is sending."""
    sent = [POST + LENGTH % b"900000" + b"\r\n", b"a" * 900_000]

    [answer] = await exchange(port, *sent)

    assert answer.status == 413


async def test_an_error_is_not_sent_within_the_response_to_another_request(app: FastAPI) -> None:
    """HTT-07"""
    first = b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n"
    # With this timeout, only the rejection closes the connection.
    async with serving(app, timeout_keep_alive=600) as port:
        answered = await exchange(port, first + MALFORMED["nonsense"])
        dropped = await exchange(port, first + MALFORMED["an invalid size of a chunk"])

    assert [answer.status for answer in answered] == [404]
    assert dropped == []


async def test_an_error_is_not_sent_after_a_response_has_started(make_app: MakeApp) -> None:
    """HTT-07"""
    app = await make_app()

    async def content() -> AsyncGenerator[bytes]:
        yield b"begun"
        await asyncio.Event().wait()

    app.post("/stream")(lambda: StreamingResponse(content()))
    head = b"POST /stream HTTP/1.1\r\n" + LAST + CODING % b"chunked" + b"\r\n"
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        await reader.readuntil(b"begun")
        writer.write(b"zz\r\n")
        rest = await asyncio.wait_for(reader.read(), 30)
        writer.close()

    assert rest.strip() == b""


async def test_a_trailer_is_not_treated_as_a_request_header(make_app: MakeApp) -> None:
    """HTT-07, RFC 9110 6.5.1"""
    app = await make_app()

    @app.post("/late")
    async def late(request: Request) -> str | None:
        await request.body()
        return request.headers.get("x-late")

    head = b"POST /late HTTP/1.1\r\n" + LAST + CODING % b"chunked" + b"\r\n"
    async with serving(app) as port:
        [answer] = await exchange(port, head + b"1\r\na\r\n0\r\nX-Late: 1\r\n\r\n")

    assert (answer.status, answer.body) == (200, None)


async def test_a_compressed_transfer_encoding_is_rejected_with_415(port: int) -> None:
    """RES-03"""
    [answer] = await exchange(port, POST + CODING % b"gzip, chunked" + b"\r\n" + END)

    assert answer.status == answer.body["status"] == 415
