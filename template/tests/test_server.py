"""The server: gunicorn and its workers, for real."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import URL

from app.server import default_workers, workers
from tests.clients import PASSWORD, SECRET_KEY
from tests.databases import new_database
from tests.processes import Server, gunicorn
from tests.tokens import GOOD_HEADER, forge, good_claims

BUDGET = 6


@pytest.fixture(scope="module")
def server(
    server_url: str, template: URL, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with two workers, both at work."""
    environ = {
        "ENVIRONMENT": "test",
        "SECRET_KEY": SECRET_KEY,
        "REDIS_URL": valkey_url,
        "WEB_CONCURRENCY": "2",
        "RATE_LIMIT_DEFAULT": f"{BUDGET}/year",
        "RATE_LIMIT_LOGIN": "1000/minute",
    }
    with new_database(server_url, template=template) as url:
        environ["DATABASE_URL"] = url.render_as_string(hide_password=False)
        with gunicorn(tmp_path_factory.mktemp("server"), environ) as server:
            server.read_until("Application startup complete.", times=2)
            yield server


def call_at_once(server: Server, token: str, number: int) -> list[int]:
    """Call so often, each time over another connection; return the statuses, sorted."""
    url = f"http://127.0.0.1:{server.port}/api/v1/users/me"
    headers = {"Authorization": f"Bearer {token}"}
    with ThreadPoolExecutor(number) as threads:
        calls = [threads.submit(httpx.get, url, headers=headers) for _ in range(number)]
    return sorted(call.result().status_code for call in calls)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let the other worker do all meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def token() -> str:
    """A good token of nobody's, whom all answers tell that they are not known."""
    return forge(GOOD_HEADER, good_claims(uuid4(), datetime.now(UTC)))


def test_of_requests_at_once_as_many_pass_as_the_limit_says(server: Server, token: str) -> None:
    """RTL-01, RTL-03"""
    statuses = call_at_once(server, token, 3 * BUDGET)

    assert statuses == [401] * BUDGET + [429] * 2 * BUDGET


def test_the_workers_share_one_count(server: Server, token: str) -> None:
    """RTL-03"""
    booted = server.read_until("Booting worker with pid:", times=2)
    one, other = [int(line["event"].rpartition(" ")[2]) for line in booted]

    with stopped(other):
        of_one = call_at_once(server, token, BUDGET - 2)
    with stopped(one):
        of_other = call_at_once(server, token, BUDGET)

    assert of_one == [401] * (BUDGET - 2)
    assert of_other == [401] * 2 + [429] * (BUDGET - 2)


def test_an_answer_does_not_tell_what_serves(server: Server) -> None:
    """HDR-06"""
    response = httpx.get(f"http://127.0.0.1:{server.port}/health")

    assert response.status_code == 200
    assert "server" not in response.headers


def test_all_lines_are_json_of_one_schema_whoever_writes_them(server: Server) -> None:
    """OBS-07"""
    response = httpx.get(f"http://127.0.0.1:{server.port}/health?secret")
    server.read_until("request")

    shared = {"event", "level", "logger", "timestamp"}
    assert [line for line in server.lines if not shared <= set(line)] == []
    assert {line["logger"] for line in server.lines} == {
        *("gunicorn.error", "uvicorn.error", "app.core.middleware")
    }
    assert all(line["timestamp"].endswith("Z") for line in server.lines)
    assert response.status_code == 200
    assert "secret" not in str(server.lines)


def begin_registration(port: int) -> tuple[socket.socket, bytes]:
    """Send all of a request but its body; return once the service waits for that."""
    body = json.dumps({"email": "grace@example.com", "password": PASSWORD}).encode()
    head = (
        "POST /api/v1/users HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(head.encode())
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    return connection, body


def test_a_server_that_is_told_to_stop_finishes_what_it_began(server: Server) -> None:
    """REL-04. The last of these tests, since it stops the server."""
    connection, body = begin_registration(server.port)
    with connection:
        server.process.terminate()
        server.read_until("Shutting down", times=2)
        connection.sendall(body)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 201 Created\r\n")
    server.read_until("Application shutdown complete.", times=2)
    assert server.process.wait(30) == 0


@pytest.mark.parametrize(("chosen", "number"), [("3", 3), ("", default_workers())])
def test_how_many_workers_there_are_can_be_said(chosen: str, number: int) -> None:
    assert workers({"WEB_CONCURRENCY": chosen}) == number


@pytest.mark.parametrize("chosen", ["0", "-1", "two", "1.5"])
def test_a_number_of_workers_that_is_none_is_refused_in_one_line(chosen: str) -> None:
    with pytest.raises(SystemExit, match="WEB_CONCURRENCY must be a number of processes"):
        workers({"WEB_CONCURRENCY": chosen})


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("max 100000", 8),
        ("400000 100000", 4),
        ("150000 100000", 1),
        ("50000 100000", 1),
        ("1600000 100000", 8),
        ("", 8),
        (None, 8),
    ],
)
def test_there_are_as_many_workers_as_the_container_has_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str | None, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    if quota is not None:
        (tmp_path / "cpu.max").write_text(f"{quota}\n")

    assert default_workers(tmp_path / "cpu.max") == cores
