"""The timeout of a request."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select, text
from starlette.types import Receive, Scope, Send

from app.api.deps import DbSession
from app.models.user import User
from tests.clients import HASHED_PASSWORD, client_of, problem
from tests.conftest import MakeApp

SECONDS = 0.05
JSON = {"Content-Type": "application/json"}


async def wait_forever() -> None:
    await asyncio.Event().wait()


async def test_a_request_that_exceeds_the_timeout_returns_503(make_app: MakeApp) -> None:
    """RES-07"""
    app = await make_app(request_timeout_seconds=SECONDS)
    app.get("/slow")(wait_forever)

    response = await client_of(app).get("/slow")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"
    assert problem(response)["detail"] == "The request took too long. Try again later."


async def test_the_transaction_of_a_timed_out_request_is_rolled_back(
    make_app: MakeApp, own_database: str
) -> None:
    """RES-07, RES-12"""
    app = await make_app(database_url=own_database, database_pool_size=1, request_timeout_seconds=1)

    @app.post("/slow")
    async def begin(session: DbSession) -> None:
        session.add(User(email="grace@example.com", hashed_password=HASHED_PASSWORD))
        await session.flush()
        await session.execute(text("SELECT pg_sleep(60)"))

    response = await client_of(app).post("/slow")

    assert response.status_code == 503
    assert (await client_of(app).get("/ready")).status_code == 200  # over the only connection
    count = select(func.count()).select_from(User)
    assert await app.state.resources.database.fetch_one(count, {}) == (0,)


async def test_an_incomplete_body_is_rejected_with_408_after_the_timeout(make_app: MakeApp) -> None:
    """RES-06"""
    client = client_of(await make_app(request_timeout_seconds=5 * SECONDS))

    async def begin(*parts: bytes) -> AsyncIterator[bytes]:
        for part in parts:
            yield part
        await wait_forever()

    bodies = [begin(), begin(b"{"), begin(b"{", b'"email"')]
    posts = (client.post("/api/v1/users", content=body, headers=JSON) for body in bodies)
    for response in await asyncio.gather(*posts):
        assert response.status_code == 408
        assert response.headers["connection"] == "close"
        problem(response)


async def test_a_timeout_after_a_complete_body_returns_503(make_app: MakeApp) -> None:
    """RES-06"""
    app = await make_app(request_timeout_seconds=SECONDS)

    @app.post("/slow")
    async def slow(_body: dict[str, str]) -> None:
        await wait_forever()

    @app.post("/listening")
    async def listening(request: Request, _body: dict[str, str]) -> None:
        await request.receive()

    for path in ("/slow", "/listening"):
        assert (await client_of(app).post(path, json={})).status_code == 503


def add_stream(app: FastAPI) -> tuple[asyncio.Event, asyncio.Event]:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def content() -> AsyncIterator[bytes]:
        yield b"so far, "
        has_begun.set()
        await may_end.wait()
        yield b"so good"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(content())

    return has_begun, may_end


async def test_a_response_that_has_started_has_no_time_limit(make_app: MakeApp) -> None:
    app = await make_app(request_timeout_seconds=6 * SECONDS)  # enough to begin on a busy machine
    app.get("/slow")(wait_forever)
    has_begun, may_end = add_stream(app)
    client = client_of(app)

    streaming = asyncio.create_task(client.get("/stream"))
    await asyncio.wait_for(has_begun.wait(), 30)
    assert (await client.get("/slow")).status_code == 503  # after the timeout
    may_end.set()

    assert (await streaming).text == "so far, so good"


async def test_an_endpoint_that_catches_the_timeout_can_still_respond(make_app: MakeApp) -> None:
    app = await make_app(request_timeout_seconds=SECONDS)

    @app.get("/stubborn")
    async def stubborn() -> str:
        try:
            await wait_forever()
        except asyncio.CancelledError:
            return "done"
        return "never"

    response = await client_of(app).get("/stubborn")

    assert (response.status_code, response.json()) == (200, "done")


async def test_a_response_that_starts_after_the_timeout_is_aborted(make_app: MakeApp) -> None:
    app = await make_app(request_timeout_seconds=SECONDS)

    async def stubborn(_scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            await wait_forever()
        finally:
            await send({"type": "http.response.start", "status": 200})

    app.mount("/stubborn", stubborn)

    with pytest.raises(TimeoutError):
        await client_of(app).get("/stubborn/")
