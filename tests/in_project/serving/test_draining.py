"""Draining: a stopping worker continues to serve for some time, and drops no request."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from uvicorn import Config

from app.core.serving import gunicorn_worker as server
from app.core.serving.gunicorn_worker import DrainingServer, GunicornWorker
from tests.clients import client_of, problem
from tests.conftest import MakeApp, MakeSettings
from tests.in_project.raw_http import GET, HOST, LAST, exchange, read_answers

ASK = GET + HOST + b"\r\n"
PATIENCE_SECONDS = 60


@dataclass
class Leaving:
    """A worker's server in this event loop. Its drain period is longer than any test."""

    server: DrainingServer
    listener: socket.socket
    main_loop: asyncio.Task[None]
    was_told: asyncio.Event
    has_enough: asyncio.Event

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def connect(self) -> socket.socket:
        """Open a connection; the kernel accepts it even if the worker does not."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setblocking(False)
        return connection

    async def hurry(self) -> None:
        """End the drain period early, as SIGQUIT does."""
        self.server.handle_exit(signal.SIGQUIT, None)
        await self.main_loop


@asynccontextmanager
async def leaving(app: FastAPI, **options: int) -> AsyncGenerator[Leaving]:
    """Serve `app` within the context."""
    was_told, has_enough = asyncio.Event(), asyncio.Event()
    usual = GunicornWorker.CONFIG_KWARGS | {"lifespan": "off"}
    config = Config(app, log_config=None, **usual | options)
    config.load()
    draining = DrainingServer(
        config, PATIENCE_SECONDS, on_max_requests=has_enough.set, on_stop=was_told.set
    )
    draining.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        await draining.startup([listener])
        main_loop = asyncio.create_task(draining.main_loop())
        yield Leaving(draining, listener, main_loop, was_told, has_enough)
        await draining.shutdown([listener])


@pytest.fixture(autouse=True)
def _short_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TICK_SECONDS", 0.01)


async def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Return the received bytes up to `end`, or until the worker disconnects."""
    loop, received = asyncio.get_running_loop(), b""
    while not received.endswith(end) and (more := await loop.sock_recv(connection, 10_000)):
        received += more
    return received


async def test_a_stopping_worker_asks_clients_to_reconnect(app: FastAPI) -> None:
    """REL-04"""
    async with leaving(app) as worker:
        reader, writer = await asyncio.open_connection("127.0.0.1", worker.port)
        writer.write(ASK)
        assert b"connection: close" not in await reader.readuntil(b"\r\n\r\n")
        worker.server.should_exit = True
        await worker.was_told.wait()

        [late] = await exchange(worker.port, ASK)
        writer.write(ASK)
        rest = await reader.read()

        writer.close()
        await worker.hurry()
    assert (late.status, late.headers["connection"]) == (200, "close")
    assert b"HTTP/1.1 200 OK" in rest
    assert b"connection: close" in rest


async def test_requests_that_arrive_during_the_shutdown_are_answered(app: FastAPI) -> None:
    """REL-04"""
    async with leaving(app) as worker:
        asking, resting = worker.connect(), worker.connect()
        for client in (asking, resting):
            client.sendall(ASK)
            await read_until(client, b"}")
        worker.server.should_exit = True
        await worker.was_told.wait()
        await worker.hurry()
        # The event loop does not run until the worker closes, so these requests stay unread.
        asking.sendall(ASK)
        for connection in list(worker.server.server_state.connections):
            connection.shutdown()
        late, later = worker.connect(), worker.connect()
        late.sendall(ASK)
        closing = asyncio.create_task(worker.server.shutdown([worker.listener]))

        of_resting = await read_until(resting, b"nothing")
        later.sendall(ASK)
        rest = [await read_until(client, b"nothing") for client in (asking, late, later)]
        await closing
    for client in (asking, resting, late, later):
        client.close()
    assert of_resting == b""
    assert [len(read_answers(each)) for each in rest] == [1, 1, 1]


async def test_a_worker_reports_that_it_has_reached_max_requests_and_continues(
    app: FastAPI,
) -> None:
    """REL-11"""
    async with leaving(app, limit_max_requests=1) as worker:
        await exchange(worker.port, GET + LAST + b"\r\n")
        await worker.has_enough.wait()
        [answer] = await exchange(worker.port, GET + LAST + b"\r\n")

        assert answer.status == 200
        assert not worker.was_told.is_set()
        await worker.hurry()


async def test_a_stopping_service_is_healthy_but_not_ready(make_app: MakeApp) -> None:
    """REL-02, REL-04"""
    app = await make_app()
    app.state.resources.stopping.set()
    client = client_of(app)

    ready = await client.get("/ready")

    assert (await client.get("/health")).status_code == 200
    assert ready.status_code == 503
    assert ready.headers["retry-after"] == "1"
    assert problem(ready)["detail"] == "The service is stopping."


@pytest.mark.parametrize(
    ("environment", "seconds", "period"),
    [("test", None, 0), ("test", 3, 3), ("staging", None, 5), ("staging", 0, 0)],
)
def test_the_drain_period_depends_on_the_environment_unless_configured(
    make_settings: MakeSettings, environment: str, seconds: float | None, period: float
) -> None:
    settings = make_settings().model_copy(
        update={"environment": environment, "drain_seconds": seconds}
    )

    assert settings.drain_period == period
