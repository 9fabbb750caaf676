"""Jobs that requests enqueue."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter
from pgqueuer import AsyncpgDriver
from sqlalchemy import text

from app.api.deps import DbSession
from app.core.exceptions import NotFoundError
from app.core.http.request_context import current_context
from app.core.jobs.queue import queries
from app.core.jobs.task import Task, task
from app.database import Database
from app.worker_context import JobContext
from tests.clients import client_of
from tests.conftest import MakeApp
from tests.jobs.eager import EagerDatabase
from tests.logs import LogLines

JOBS = text("SELECT * FROM pgqueuer.pgqueuer ORDER BY id")


@task()
async def greet(context: JobContext, name: str) -> None:
    raise NotImplementedError


async def names(database: Database) -> list[bytes]:
    async with database.begin() as session:
        return [row.payload for row in await session.execute(JOBS)]


async def test_a_job_is_enqueued_on_commit(committed: Database) -> None:
    async with committed.begin() as session:
        assert await greet.enqueue(session, "Ada")

    assert await names(committed) == [b'"Ada"']


async def test_a_rollback_discards_a_job_enqueued_by_the_first_statement(
    committed: Database,
) -> None:
    async with committed.begin() as session:
        await greet.enqueue(session, "Ada")
        await session.rollback()

    assert await names(committed) == []


async def test_a_job_enqueued_outside_the_session_survives_rollback(committed: Database) -> None:
    """SQLAlchemy begins a transaction at its first statement, so `SessionDriver` is necessary."""
    async with committed.begin() as session:
        connection = await (await session.connection()).get_raw_connection()
        await queries(AsyncpgDriver(connection.driver_connection)).enqueue("greet", b'"Ada"')
        await session.rollback()

    assert await names(committed) == [b'"Ada"']


async def test_a_duplicate_job_with_the_same_key_is_not_enqueued(database: Database) -> None:
    async with database.begin() as session:
        added = [
            await greet.enqueue(session, name, dedupe_key=key)
            for name, key in [("Ada", "a"), ("Ada", "a"), ("Grace", "b"), ("Ada", None)]
        ]

    assert added == [True, False, True, True]


async def test_a_job_can_be_delayed(database: Database) -> None:
    async with database.begin() as session:
        await greet.enqueue(session, "Ada", delay=timedelta(hours=1))
        [row] = await session.execute(JOBS)

    assert row.execute_after - row.created == timedelta(hours=1)


async def test_a_job_is_enqueued_only_by_a_successful_request_and_logs_its_request_id(
    make_app: MakeApp, context: JobContext, log_lines: LogLines
) -> None:
    """ASVS 16.2.1"""
    greeted: list[tuple[str, str | None]] = []

    @task()
    async def welcome(context: JobContext, name: str) -> None:
        greeted.append((name, current_context().request_id))

    app = await make_app()
    app.include_router(router_of(welcome))
    database = EagerDatabase(context, [welcome])
    app.state.resources = replace(app.state.resources, database=database)
    client = client_of(app)
    succeeded = await client.post("/welcome/Ada", headers={"X-Request-ID": "request-of-ada"})
    failed = await client.post("/welcome/Nobody")

    assert (succeeded.status_code, failed.status_code) == (200, 404)
    assert greeted == [("Ada", "request-of-ada")]
    [line] = [line for line in log_lines() if line["event"] == "job_done"]
    assert line["task"] == "welcome"
    assert line["request_id"] == "request-of-ada"
    assert line["job_id"]
    assert [line for line in log_lines() if line["event"] == "request" and "job_id" in line] == []


def router_of(welcome: Task[str]) -> APIRouter:
    router = APIRouter()

    @router.post("/welcome/{name}")
    async def post(name: str, session: DbSession) -> None:
        await welcome.enqueue(session, name)
        if name == "Nobody":
            raise NotFoundError("User", UUID(int=1))

    return router
