"""Clients that are slow or that disconnect."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.api.deps import DbSession
from app.core.serving import protocol
from tests.conftest import MakeApp
from tests.in_project.raw_http import FORM, GET, HOST, LAST, exchange, read_answers, serving
from tests.logs import LogLines

SLOW = b"GET /slow HTTP/1.1\r\n"
BODY = b"POST /api/v1/auth/token HTTP/1.1\r\n" + FORM + HOST + b"Content-Length: 100\r\n\r\n"
SECONDS = 0.2


@pytest.fixture
async def port(app: FastAPI) -> AsyncGenerator[int]:
    async with serving(app) as port:
        yield port


async def test_an_incomplete_request_head_times_out_with_408(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RES-06"""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 5 * SECONDS)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    for part in (HOST, b"\r\n"):
        await exchange(port, GET + LAST + b"\r\n")
        writer.write(part)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")

    begun = [exchange(port, begun) for begun in (b"G", b"\r\n", GET, GET + LAST)]
    answers = [answer for each in await asyncio.gather(*begun) for answer in each]

    assert [answer.status for answer in answers] == [408] * 4
    writer.write(GET + HOST + b"\r\n")  # an idle connection has as much time
    await exchange(port, GET + LAST + b"\r\n")
    writer.write(GET)
    rest = await reader.read()
    writer.close()
    assert [rest.count(b"HTTP/1.1 %d" % status) for status in (200, 408)] == [1, 1]


async def test_bytes_after_a_408_response_are_ignored(
    port: int, monkeypatch: pytest.MonkeyPatch, log_lines: LogLines
) -> None:
    """RES-06, HTT-07"""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", SECONDS)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(SLOW)
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")

    writer.write(LAST + b"\r\n")
    [answer] = await exchange(port, GET + LAST + b"\r\n")
    writer.close()

    assert answer.status == 200
    assert "/slow" not in {line.get("path") for line in log_lines()}


async def test_bytes_after_a_head_that_is_too_large_are_ignored(
    port: int, log_lines: LogLines
) -> None:
    """RES-04, HTT-07"""
    large = GET + HOST + b"X-Long: " + b"a" * protocol.MAX_HEAD_BYTES + b"\r\n\r\n"

    answers = await exchange(port, large + SLOW + LAST + b"\r\n")
    await exchange(port, GET + LAST + b"\r\n")

    assert [answer.status for answer in answers] == [431]
    assert "/slow" not in {line.get("path") for line in log_lines()}


async def test_the_time_to_send_the_rest_of_a_body_after_the_response_is_limited(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RES-01, RES-06"""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", SECONDS)
    head = b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: 5000000000\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")

    writer.write(b"a")

    await asyncio.wait_for(reader.read(), 30)
    writer.close()


async def test_a_body_that_arrives_after_the_response_does_not_cause_a_408(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RES-06. The connection is then idle, as between any two requests."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 5 * SECONDS)  # enough on a busy machine
    head = b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    assert (await reader.readline()).startswith(b"HTTP/1.1 404")
    writer.write(b"{}")

    await exchange(port, GET)  # waits for a timeout of the same length

    writer.write(GET + LAST + b"\r\n")
    rest = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    assert [rest.count(b"HTTP/1.1 %d" % status) for status in (200, 408)] == [1, 0]


async def test_an_idle_connection_is_closed(app: FastAPI) -> None:
    """RES-06"""
    async with serving(app, timeout_keep_alive=0) as port:
        assert await exchange(port) == []


async def open_slow_bodies(port: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
    for _, writer in slow:
        writer.write(BODY + b"a")
    return slow


async def test_slow_bodies_time_out_without_blocking_other_requests(
    app: FastAPI, make_app: MakeApp
) -> None:
    """RES-06"""
    async with serving(app) as port:  # the default time limit is long enough for a busy machine
        slow = await open_slow_bodies(port)
        [answer] = await exchange(port, GET + LAST + b"\r\n")
        assert not any(reader.at_eof() for reader, _ in slow)
        for _, writer in slow:
            writer.transport.abort()
    async with serving(await make_app(request_timeout_seconds=SECONDS)) as port:
        slow = await open_slow_bodies(port)
        cut = [read_answers(await reader.read()) for reader, _ in slow]
        for _, writer in slow:
            writer.close()

    assert answer.status == 200
    assert [answer.status for [answer] in cut] == [408] * 40


async def test_an_early_disconnect_leaks_no_database_connection(
    make_app: MakeApp, own_database: str
) -> None:
    """RES-12"""
    app = await make_app(database_url=own_database, database_pool_size=2)

    @app.get("/slow")
    async def slow(session: DbSession) -> None:
        await session.execute(text("SELECT pg_sleep(0.01)"))

    async with serving(app) as port:
        for begun in (GET, BODY, BODY + b"a", SLOW + HOST + b"\r\n") * 15:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begun)
            await writer.drain()
            writer.transport.abort()
        answers = [await exchange(port, SLOW + LAST + b"\r\n") for _ in range(4)]

    assert [answer.status for [answer] in answers] == [200] * 4
    assert app.state.resources.database._engine.pool.checkedout() == 0


async def test_an_operation_sends_no_response_after_a_malformed_body_is_rejected(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    """HTT-07"""
    app, may_end = await make_app(), asyncio.Event()

    @app.post("/slow")
    async def slow() -> None:
        await may_end.wait()

    head = b"POST /slow HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with serving(app) as port:
        [answer] = await exchange(port, head, b"zz\r\n")
        may_end.set()

    assert answer.status == 400
    assert [line for line in log_lines() if line["level"] == "error"] == []
