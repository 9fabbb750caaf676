"""The request context in endpoints, logs, tasks and threads."""

import asyncio
import contextvars
from dataclasses import replace
from uuid import UUID

import pytest
import structlog
from anyio import to_thread
from fastapi import BackgroundTasks, FastAPI

from app.api.deps import CurrentUser
from app.core.http.request_context import RequestContext, current_context
from app.models.user import User
from tests.clients import StoppedClock, client_of
from tests.databases import RolledBackDatabase
from tests.logs import LogLines

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def app(own_app: FastAPI, database: RolledBackDatabase, clock: StoppedClock) -> FastAPI:
    resources = own_app.state.resources
    own_app.state.resources = replace(resources, database=database, clock=clock)
    return own_app


def test_the_context_is_empty_outside_a_request() -> None:
    assert contextvars.Context().run(current_context) == RequestContext()


async def test_the_request_context_is_available_to_endpoints_and_logged(
    app: FastAPI, test_user_token: str, user: User, log_lines: LogLines
) -> None:
    """OBS-01, OBS-03"""
    seen: list[RequestContext] = []

    @app.get("/seen")
    async def see(_: CurrentUser) -> None:
        seen.append(current_context())
        structlog.get_logger("app").info("seen")

    sent = {"X-Request-ID": "a1b2c3d4", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    await client_of(app, test_user_token).get("/seen", headers=sent)

    assert seen == [RequestContext("a1b2c3d4", "127.0.0.1", TRACE, user.id, user.id)]
    lines = [line for line in log_lines() if line["event"] in {"seen", "request"}]
    assert len(lines) == 2  # the line of the request has the user, too
    for line in lines:
        assert UUID(line["user_id"]) == UUID(line["session_id"]) == user.id
        assert (line["request_id"], line["trace_id"]) == ("a1b2c3d4", TRACE)


async def test_concurrent_requests_have_separate_contexts(app: FastAPI) -> None:
    """OBS-01"""
    everybody = asyncio.Barrier(8)

    @app.get("/seen-twice")
    async def see() -> list[str | None]:
        before = current_context()
        await everybody.wait()
        return [before.request_id, current_context().request_id]

    async def ask(request_id: str) -> list[str]:
        response = await client_of(app).get("/seen-twice", headers={"X-Request-ID": request_id})
        seen: list[str] = response.json()
        return seen

    ids = [f"request-{number}" for number in range(8)]
    assert await asyncio.gather(*map(ask, ids)) == [[each, each] for each in ids]


async def test_background_work_keeps_the_context_of_its_request(app: FastAPI) -> None:
    """OBS-01. This applies to threads, background tasks and tasks that outlive the request."""
    seen: dict[str, str | None] = {}
    may_go_on, tasks = asyncio.Event(), []

    def note(where: str) -> None:
        seen[where] = current_context().request_id

    async def note_later() -> None:
        await may_go_on.wait()
        note("task")
        await to_thread.run_sync(note, "task's thread")

    @app.get("/leave")
    async def leave(background_tasks: BackgroundTasks) -> None:
        tasks.append(asyncio.create_task(note_later()))
        background_tasks.add_task(note, "background")
        await to_thread.run_sync(note, "thread")

    await client_of(app).get("/leave", headers={"X-Request-ID": "a1b2c3d4"})
    await client_of(app).get("/health", headers={"X-Request-ID": "e5f6a7b8"})
    may_go_on.set()
    await asyncio.gather(*tasks)

    assert seen == dict.fromkeys(("thread", "background", "task", "task's thread"), "a1b2c3d4")
