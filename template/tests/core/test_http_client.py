"""Outgoing HTTP calls, to somebody who may answer."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI

from app.api.deps import HttpClient
from app.core.http_client import create_http_client
from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.logs import LogLines

FOUND = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"


class Upstream:
    """Answers everybody alike: with nothing it hangs up, with none it stays silent."""

    def __init__(self) -> None:
        self.answer: bytes | None = FOUND
        self.connections = 0

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        async for line in reader:
            if line == b"\r\n" and self.answer is not None:
                writer.write(self.answer)
                if not self.answer:
                    break
        writer.close()


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
async def url(upstream: Upstream) -> AsyncGenerator[str]:
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/?secret"
    server.close()


@pytest.fixture
async def app(url: str, make_app: MakeApp) -> FastAPI:
    """An application that asks somebody else."""
    app = await make_app()

    @app.get("/ask")
    async def ask(http_client: HttpClient) -> int:
        return (await http_client.get(url)).status_code

    return app


async def test_calls_share_one_client_follow_nobody_elsewhere_and_are_not_logged(
    app: FastAPI, upstream: Upstream, log_lines: LogLines
) -> None:
    """OBS-05"""
    answers = [(await client_of(app).get("/ask")).json() for _ in range(3)]

    assert answers == [302, 302, 302]
    assert upstream.connections == 1
    assert "secret" not in str(log_lines())


@pytest.mark.parametrize("answer", [None, b"", b"nonsense\r\n\r\n"], ids=repr)
async def test_without_an_answer_the_service_asks_to_come_back(
    app: FastAPI, upstream: Upstream, answer: bytes | None
) -> None:
    """ERR-01"""
    upstream.answer = answer
    app.state.http_client.timeout = 0.05 if answer is None else 30

    response = await client_of(app).get("/ask")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert problem(response)["detail"] == "Something that the service needs is away or busy."


@pytest.mark.parametrize(
    ("url", "status"), [("http://127.0.0.1:1/", 503), ("ftp://127.0.0.1/", 500)]
)
async def test_a_call_that_cannot_be_made_is_told_from_one_that_is_wrong(
    app: FastAPI, status: int
) -> None:
    assert (await client_of(app).get("/ask")).status_code == status


async def test_no_proxy_of_the_environment_is_asked_and_nothing_waited_for_without_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    async with create_http_client() as client:
        assert (await client.get(url)).status_code == 302
        assert all(client.timeout.as_dict().values())
