"""Responses while the database is unavailable, busy or too slow."""

import socket
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, func, select, text

from app.api.deps import DbSession
from app.core.auth.opaque_tokens import RefreshToken
from app.database import Database
from tests.clients import client_of, problem, sign_in
from tests.conftest import MakeApp
from tests.in_project.relay import relay_to
from tests.logs import LogLines

UNAVAILABLE = (
    "The service is overloaded, or a server that it needs is unavailable. Try again later."
)


@pytest.fixture
def frozen_port() -> Iterator[int]:
    """A port whose server never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port without a server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.mark.parametrize("port", ["closed_port", "frozen_port"])
async def test_requests_return_503_while_the_database_is_unavailable(
    make_app: MakeApp, request: pytest.FixtureRequest, port: str
) -> None:
    """REL-05, REL-06, ERR-01"""
    url = f"postgresql://somebody:secret@127.0.0.1:{request.getfixturevalue(port)}/somewhere"
    client = client_of(await make_app(database_url=url, database_pool_timeout_seconds=0.05))

    response = await sign_in(client, "ada@example.com")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert problem(response)["detail"] == UNAVAILABLE


async def test_no_token_is_accepted_while_the_database_is_unavailable(
    make_app: MakeApp, closed_port: int, test_user_token: str
) -> None:
    """SES-12"""
    url = f"postgresql://somebody:secret@127.0.0.1:{closed_port}/somewhere"
    client = client_of(await make_app(database_url=url), test_user_token)
    refresh_token = {"refresh_token": RefreshToken().encode()}

    answers = [
        await client.get("/api/v1/users/me"),
        await client.post("/api/v1/auth/refresh", json=refresh_token),
    ]

    assert [answer.status_code for answer in answers] == [503, 503]


async def test_an_ended_session_stays_invalid_without_valkey(
    make_app: MakeApp, closed_port: int, test_user_token: str
) -> None:
    """SES-12"""
    app = await make_app(rate_limit_enabled=True, redis_url=f"redis://127.0.0.1:{closed_port}")
    client = client_of(app, test_user_token)

    assert (await client.post("/api/v1/auth/logout")).status_code == 204
    assert (await client.get("/api/v1/users/me")).status_code == 401


async def test_requests_return_503_while_the_connection_pool_is_exhausted(
    make_app: MakeApp, shared_database: URL
) -> None:
    """RES-08"""
    app = await make_app(
        database_url=shared_database.render_as_string(hide_password=False),
        database_pool_size=1,
        database_pool_timeout_seconds=0.2,
    )

    async with app.state.resources.database.begin() as session:
        await session.execute(text("SELECT 1"))
        response = await sign_in(client_of(app), "ada@example.com")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert (await sign_in(client_of(app), "ada@example.com")).status_code == 400


async def test_a_statement_that_exceeds_its_timeout_returns_503(
    make_app: MakeApp, shared_database: URL
) -> None:
    """RES-07"""
    app = await make_app(
        database_url=shared_database.render_as_string(hide_password=False),
        database_statement_timeout_seconds=0.05,
    )

    @app.get("/slow")
    async def slow(session: DbSession) -> None:
        await session.execute(text("SELECT pg_sleep(60)"))

    response = await client_of(app).get("/slow")

    assert response.status_code == 503
    assert problem(response)["detail"] == UNAVAILABLE


async def test_a_connection_lost_during_a_transaction_returns_503(
    make_app: MakeApp, shared_database: URL, database: Database, log_lines: LogLines
) -> None:
    """REL-05. asyncpg then raises an error of its own, without an SQLSTATE code."""
    async with relay_to(shared_database) as relay:
        app = await make_app(database_url=relay.url)

        @app.get("/torn")
        async def torn(session: DbSession) -> None:
            pid = await session.scalar(select(func.pg_backend_pid()))
            await database.fetch_one(select(func.pg_terminate_backend(pid)), {})
            await relay.server_hung_up.wait()
            # While this query runs, the event loop notices the closed connection.
            await database.fetch_one(select(func.now()), {})
            await session.execute(text("SELECT 1"))

        response = await client_of(app).get("/torn")

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    [warning] = [line["error"] for line in log_lines() if line["event"] == "unavailable"]
    assert "InternalClientError" in warning
