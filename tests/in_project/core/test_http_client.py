"""Outgoing HTTP calls."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from app.api.deps import HttpClient
from app.core.outgoing.client import create_http_client
from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.logs import LogLines

FOUND = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"


class Upstream:
    """A server that sends the same response to all requests.

    It closes the connection if the response is empty, and hangs if the response is `None`.
    """

    def __init__(self) -> None:
        self.answer: bytes | None = FOUND
        self.connections = 0
        self.heads = [b""]

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        async for line in reader:
            self.heads[-1] += line.lower()
            if line == b"\r\n" and self.answer is not None:
                self.heads.append(b"")
                writer.write(self.answer)
                if not self.answer:
                    break
        writer.close()


async def at_once(seconds: float) -> None:
    """Do not wait."""


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
async def url(upstream: Upstream) -> AsyncGenerator[str]:
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/?secret"
    server.close()


@pytest.fixture
async def asking(url: str, make_app: MakeApp) -> FastAPI:
    """An application that calls another service."""
    app = await make_app()

    @app.get("/ask")
    async def ask(http_client: HttpClient) -> int:
        return (await http_client.get(url)).status_code

    return app


@pytest.fixture
async def app(asking: FastAPI) -> AsyncGenerator[FastAPI]:
    """The same application, with retries that do not wait."""
    async with create_http_client(sleep=at_once) as client:
        asking.state.resources = replace(asking.state.resources, http_client=client)
        yield asking


async def test_calls_share_a_connection_follow_no_redirects_and_log_no_secrets(
    app: FastAPI, upstream: Upstream, log_lines: LogLines
) -> None:
    """OBS-05"""
    answers = [(await client_of(app).get("/ask")).json() for _ in range(3)]

    assert answers == [302, 302, 302]
    assert upstream.connections == 1
    assert "secret" not in str(log_lines())


async def test_a_call_forwards_request_id_and_trace_but_no_credentials(
    asking: FastAPI, upstream: Upstream
) -> None:
    """OBS-03. A cookie that the other service sets for one caller is not sent for the next one."""
    upstream.answer = FOUND.replace(b"\r\n\r\n", b"\r\nSet-Cookie: session=1\r\n\r\n")
    trace = "00-0af7651916cd43dd8448eb211c80319c-"
    mine = {"Authorization": "Bearer mine", "Cookie": "mine=1", "X-Request-ID": "request-1"}
    await client_of(asking, **mine, traceparent=f"{trace}b7ad6b7169203331-01").get("/ask")
    await client_of(asking, traceparent="00-nonsense").get("/ask")
    first, second, _ = upstream.heads

    assert b"x-request-id: request-1" in first
    assert f"traceparent: {trace}".encode() in first
    assert b"x-request-id: " in second
    assert b"request-1" not in second
    assert b"00-nonsense" not in second
    assert trace.encode() not in second
    assert not any(b"authorization" in head or b"cookie" in head for head in (first, second))


@pytest.mark.parametrize("answer", [None, b"", b"nonsense\r\n\r\n"], ids=repr)
async def test_a_missing_or_invalid_upstream_response_causes_a_503(
    app: FastAPI, upstream: Upstream, answer: bytes | None
) -> None:
    """ERR-01"""
    upstream.answer = answer
    app.state.resources.http_client.timeout = 0.05 if answer is None else 30

    response = await client_of(app).get("/ask")

    assert upstream.connections == (1 if answer is None else 3)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert problem(response)["detail"].endswith(
        "a server that it needs is unavailable. Try again later."
    )


@pytest.mark.parametrize(
    ("url", "status"), [("http://127.0.0.1:1/", 503), ("ftp://127.0.0.1/", 500)]
)
async def test_an_unreachable_upstream_causes_a_503_and_an_unsupported_url_a_500(
    app: FastAPI, status: int
) -> None:
    assert (await client_of(app).get("/ask")).status_code == status


async def test_the_http_client_ignores_proxy_variables_and_has_timeouts(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    async with create_http_client() as client:
        assert (await client.get(url)).status_code == 302
        assert all(client.timeout.as_dict().values())
