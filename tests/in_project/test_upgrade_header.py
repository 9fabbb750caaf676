"""Requests to upgrade to another protocol are served as if they had no `Upgrade` header."""

import json
import os
import socket
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI

from app.core.serving.protocol import MAX_HEAD_BYTES
from app.models.user import User
from tests.clients import PASSWORD, SECRET_KEY, client_of, sign_in
from tests.conftest import MakeApp
from tests.in_project.dev.processes import eventually, free_port, is_served
from tests.in_project.processes import PROJECT, started
from tests.in_project.raw_http import END, FORM, GET, HOST, LAST, exchange, read_answers, serving
from tests.in_project.wire import answers

LENGTH = b"Content-Length: 3\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
POST = b"POST /%b HTTP/1.1\r\n" + HOST
# The headers that the HTTP client of the JDK sends by default.
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"
UPGRADES = {
    "h2c": H2C,
    "websocket": b"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n",
    "TLS": b"upgrade: TLS/1.0\r\nconnection: upgrade\r\n",
    "several": H2C + b"Upgrade: TLS/1.2, websocket\r\nConnection: x, upgrade\r\n",
}
REQUESTS = {
    "a length": POST % b"length" + b"%b" + LENGTH + b"\r\nabc",
    "chunks": POST % b"chunks" + b"%b" + CHUNKED + b"\r\n" + CHUNKS,
    "no body": POST % b"none" + b"%b\r\n",
    "an empty body": POST % b"empty" + b"%bContent-Length: 0\r\n\r\n",
    "GET": GET + HOST + b"%b\r\n",
    "HEAD": b"HEAD / HTTP/1.1\r\n" + HOST + b"%b\r\n",
    "OPTIONS": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"%b\r\n",
    "Expect": POST % b"expect" + b"%bExpect: 100-continue\r\n" + LENGTH + b"\r\nabc",
    "the last": POST % b"last" + b"%bConnection: close\r\n" + LENGTH + b"\r\nabc",
    "HTTP/1.0": b"POST /old HTTP/1.0\r\n%b" + LENGTH + b"\r\nabc",
    "a request as a body": POST % b"in" + b"%bContent-Length: 36\r\n\r\n" + GET + HOST + b"\r\n",
    "a bad chunk": POST % b"bad" + b"%b" + CHUNKED + b"\r\nzz\r\n",
    "two lengths": POST % b"two" + b"%bContent-Length: 4\r\n" + LENGTH + b"\r\nabc",
    "a length and chunks": POST % b"both" + b"%b" + LENGTH + CHUNKED + b"\r\n" + END,
    "no colon": POST % b"colon" + b"%bcanary\r\n\r\n",
}
BEFORE, AFTER = GET + HOST + b"\r\n", POST % b"after" + b"%b" + LENGTH + b"\r\nxyz"


@pytest.mark.parametrize("upgrade", UPGRADES)
@pytest.mark.parametrize("kind", REQUESTS)
async def test_an_upgrade_header_does_not_change_the_response(kind: str, upgrade: str) -> None:
    """HTT-07, RFC 9110 7.8"""
    plain, asked = (
        BEFORE + REQUESTS[kind] % each + AFTER % each for each in (b"", UPGRADES[upgrade])
    )
    expected = await answers(plain)

    assert await answers(asked) == expected
    assert await answers(*[bytes([byte]) for byte in asked]) == expected


@pytest.mark.parametrize("kind", REQUESTS)
async def test_responses_do_not_depend_on_where_the_bytes_are_split(kind: str) -> None:
    """HTT-07"""
    asked = REQUESTS[kind] % H2C + AFTER % H2C
    expected = await answers(asked)

    split = [await answers(asked[:at], asked[at:]) for at in range(1, len(asked))]

    assert set(split) == {expected}


@pytest.mark.parametrize("target", [b"evil.example:443", b"/health", b"*", b"http://test/health"])
async def test_connect_is_rejected_and_the_next_request_is_not_read(target: bytes) -> None:
    """HTT-07, RFC 9110 9.3.6"""
    connect = b"CONNECT " + target + b" HTTP/1.1\r\n" + HOST + H2C + b"\r\n"

    written = await answers(connect + BEFORE, BEFORE)

    assert [answer.status for answer in read_answers(written)] == [400]


async def test_a_login_with_an_upgrade_header_returns_tokens(app: FastAPI, user: User) -> None:
    """HTT-07"""
    body = urlencode({"username": user.email, "password": PASSWORD}).encode()
    head = b"POST /api/v1/auth/token HTTP/1.1\r\n" + HOST + FORM + H2C
    whole = b"Content-Length: %d\r\n\r\n" % len(body) + body
    chunked = CHUNKED + b"\r\n%x\r\n" % len(body) + body + b"\r\n" + END
    async with serving(app) as port:
        received = await exchange(port, head + whole + head + chunked, GET + LAST + b"\r\n")

    assert [answer.status for answer in received] == [200] * 3
    assert received[0].body["access_token"]
    assert "upgrade" not in received[0].headers


@pytest.mark.parametrize("upgrade", [H2C, UPGRADES["websocket"]])
async def test_a_logout_with_an_upgrade_header_ends_the_session(
    app: FastAPI, user: User, upgrade: bytes
) -> None:
    """SES-04"""
    client = client_of(app)
    tokens = (await sign_in(client, user.email)).json()
    refresh = {"refresh_token": tokens["refresh_token"]}
    body = json.dumps(refresh).encode()
    head = b"POST /api/v1/auth/logout HTTP/1.1\r\n" + HOST + upgrade
    length = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with serving(app) as port:
        [answer, _] = await exchange(port, head + length + body, GET + LAST + b"\r\n")

    assert answer.status == 204
    assert (await client.post("/api/v1/auth/refresh", json=refresh)).status_code == 400
    signed_in = client_of(app, tokens["access_token"])
    assert (await signed_in.get("/api/v1/users/me")).status_code == 401


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        (b"X-Long: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
        (CHUNKED + b"\r\n1;" + b"a" * 1_000_000, 431),
        (b"Content-Length: 5000000000\r\n\r\n", 413),
        (b"Content-Length: 100\r\n\r\na", 408),
    ],
)
async def test_limits_apply_to_requests_with_an_upgrade_header(
    make_app: MakeApp, rest: bytes, status: int
) -> None:
    """RES-04, RES-06"""
    head = b"POST /api/v1/auth/token HTTP/1.1\r\n" + LAST + FORM + H2C
    async with serving(await make_app(request_timeout_seconds=0.2)) as port:
        [answer] = await exchange(port, head + rest)

    assert answer.status == status


def test_the_development_server_reads_bodies_despite_an_upgrade_header(server_url: str) -> None:
    """HTT-07"""
    environ = {"ENVIRONMENT": "test", "SECRET_KEY": SECRET_KEY, "DATABASE_URL": server_url}
    body = b"username=ada%40example.com"
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    request = b"POST /api/v1/auth/token HTTP/1.1\r\n" + HOST + FORM + H2C + length + body
    (theirs, ours), port = os.pipe(), free_port()
    command = ("-m", "dev.webserver", "127.0.0.1", str(port), str(theirs))
    with started(*command, folder=PROJECT, environ=environ, fds=(theirs,)):
        os.close(theirs)
        assert eventually(lambda: is_served(port))
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(request + GET + LAST + b"\r\n")
            received = read_answers(connection.makefile("rb").read())
        os.close(ours)

    assert [answer.status for answer in received] == [400, 200]
    assert [error["loc"] for error in received[0].body["errors"]] == [["body", "password"]]
