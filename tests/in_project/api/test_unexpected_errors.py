"""Unexpected errors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from socket import gaierror

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy import URL, Integer, bindparam, cast, func, select

from app.api.deps import DbSession
from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.logs import LogLines

ORIGIN = "https://app.example.com"
SLEEP = select(func.pg_sleep(0.05))


async def fail() -> None:
    raise RuntimeError("the secret of the house")


async def fail_late() -> StreamingResponse:
    async def content() -> AsyncIterator[bytes]:
        yield b"so far so good"
        await fail()

    return StreamingResponse(content())


def add_failures(app: FastAPI) -> FastAPI:
    app.get("/fail")(fail)
    app.get("/fail-late")(fail_late)
    return app


async def test_an_unexpected_error_is_logged_once_and_hidden_from_the_client(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    """ERR-01, ERR-03"""
    client = client_of(add_failures(await make_app(cors_origins=ORIGIN)), Origin=ORIGIN)

    response = await client.get("/fail")

    assert response.status_code == 500
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert problem(response)["detail"] == "An unexpected error occurred and was logged."
    assert "secret" not in response.text
    [line] = [line for line in log_lines() if line["level"] == "error"]
    assert line["event"] == "unexpected_error"
    assert line["request_id"] == response.headers["x-request-id"]
    assert line["exception"].endswith("RuntimeError: the secret of the house")


async def test_an_unexpected_error_is_shown_in_debug_mode(make_app: MakeApp) -> None:
    client = client_of(add_failures(await make_app(debug=True)))

    response = await client.get("/fail")

    assert response.status_code == 500
    assert problem(response)["detail"] == "RuntimeError('the secret of the house')"


async def test_a_streaming_response_that_fails_is_aborted_and_logged(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    client = client_of(add_failures(await make_app()))

    with pytest.raises(RuntimeError, match="the secret of the house"):
        await client.get("/fail-late")

    assert [line["event"] for line in log_lines() if line["level"] == "error"] == [
        "unexpected_error"
    ]


async def time_out() -> None:
    async with asyncio.timeout(0):
        await asyncio.Event().wait()


async def resolve_nothing() -> None:
    raise gaierror("no such host")


async def lose_the_peer() -> None:
    raise BrokenPipeError("the other side left")


async def refuse() -> None:
    raise ConnectionError("refused")


async def find_no_file() -> None:
    raise FileNotFoundError("report.txt")


async def share_one_session(session: DbSession) -> None:
    """Commit in one task while another one still reads."""
    await session.execute(SLEEP)
    await asyncio.gather(session.execute(SLEEP), session.commit())


async def send_a_wrong_argument(session: DbSession) -> None:
    statement = select(cast(bindparam("number"), Integer))
    await session.execute(statement, {"number": "one"})


OWN_ERRORS = [
    *(time_out, resolve_nothing, lose_the_peer, refuse, find_no_file),
    *(share_one_session, send_a_wrong_argument),
]


@pytest.mark.parametrize("endpoint", OWN_ERRORS)
async def test_an_error_in_application_code_returns_500_and_logs_its_traceback(
    make_app: MakeApp,
    shared_database: URL,
    log_lines: LogLines,
    endpoint: Callable[..., Awaitable[None]],
) -> None:
    """ERR-01. It must not look like an outage of a server that the service needs."""
    app = await make_app(database_url=shared_database.render_as_string(hide_password=False))
    app.get("/fail")(endpoint)

    response = await client_of(app).get("/fail")

    assert response.status_code == 500
    assert problem(response)["error_code"] == "INTERNAL_SERVER_ERROR"
    assert "retry-after" not in response.headers
    [line] = [line for line in log_lines() if line["event"] == "unexpected_error"]
    assert f"in {endpoint.__name__}" in line["exception"]


@pytest.mark.parametrize("error", [RedisConnectionError("away"), RedisTimeoutError("slow")])
async def test_an_uncaught_redis_error_returns_503(make_app: MakeApp, error: RedisError) -> None:
    """REL-05. Rate limits and the cache catch errors of Redis themselves; endpoints need not."""
    app = await make_app()

    @app.get("/count")
    async def count() -> None:
        raise error

    response = await client_of(app).get("/count")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
