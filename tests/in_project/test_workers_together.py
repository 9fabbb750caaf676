"""gunicorn with its workers, in separate processes: rate limits, proxies and logs."""

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

from tests.clients import SECRET_KEY
from tests.databases import new_database
from tests.in_project.forged_tokens import GOOD_HEADER, forge, good_claims
from tests.in_project.processes import Server, gunicorn
from tests.in_project.raw_http import read_answers

BUDGET = 6
# Each call opens a connection. The client is shared, because creating it reads certificates.
CALLER = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), timeout=30)


@pytest.fixture
def proxied(server_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server with one worker, which counts in memory and trusts the tests as a proxy."""
    environ = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": server_url,
        "SECRET_KEY": SECRET_KEY,
        "WEB_CONCURRENCY": "1",
        "RATE_LIMIT_DEFAULT": f"{BUDGET}/year",
        "FORWARDED_ALLOW_IPS": "127.0.0.1,10.0.0.0/8",
    }
    with gunicorn(tmp_path, environ) as server:
        yield server


@pytest.fixture(scope="module")
def server(
    server_url: str, template: URL, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with two workers that have started."""
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
    """Call `number` times at once, over separate connections; return the sorted statuses."""
    url = f"http://127.0.0.1:{server.port}/api/v1/users/me"
    headers = {"Authorization": f"Bearer {token}"}
    with ThreadPoolExecutor(number) as threads:
        calls = [threads.submit(CALLER.get, url, headers=headers) for _ in range(number)]
    return sorted(call.result().status_code for call in calls)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Pause a worker within the context, so that the other worker serves all requests."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
def token() -> str:
    """A valid token of an unknown user, which every operation rejects."""
    return forge(GOOD_HEADER, good_claims(uuid4(), datetime.now(UTC)))


def test_concurrent_requests_above_the_limit_are_rejected(server: Server, token: str) -> None:
    """RTL-01, RTL-03"""
    statuses = call_at_once(server, token, 3 * BUDGET)

    assert statuses == [401] * BUDGET + [429] * 2 * BUDGET


def test_the_workers_share_one_rate_limit(server: Server, token: str) -> None:
    """RTL-03"""
    booted = server.read_until("Booting worker with pid:", times=2)
    one, other = [int(line["event"].rpartition(" ")[2]) for line in booted]

    with stopped(other):
        of_one = call_at_once(server, token, BUDGET - 2)
    with stopped(one):
        of_other = call_at_once(server, token, BUDGET)

    assert of_one == [401] * (BUDGET - 2)
    assert of_other == [401] * 2 + [429] * (BUDGET - 2)


def call_from(server: Server, **addresses: str) -> int:
    """Call anonymously, with headers that name an address; return the status."""
    headers = {name.replace("_", "-"): address for name, address in addresses.items()}
    return CALLER.get(
        f"http://127.0.0.1:{server.port}/api/v1/users/me", headers=headers
    ).status_code


@pytest.mark.parametrize("name", ["X_Forwarded_For", "X_Real_IP", "Forwarded", "CF_Connecting_IP"])
def test_forged_client_addresses_are_ignored(server: Server, name: str) -> None:
    """RTL-04"""
    before = "for=" if name == "Forwarded" else ""
    calls = [call_from(server, **{name: f"{before}192.0.2.{n}"}) for n in range(BUDGET + 2)]

    assert calls[BUDGET:] == [429] * 2  # other tests may have used a part of the limit


def test_the_rate_limit_uses_the_last_non_proxy_address(proxied: Server) -> None:
    """RTL-04"""

    def call(told: str, own: str) -> int:
        made_up = dict.fromkeys(("X_Real_IP", "Forwarded", "CF_Connecting_IP"), told)
        return call_from(proxied, X_Forwarded_For=f"{told}, {own}, 10.0.0.1", **made_up)

    evading = [call(f"192.0.2.{n}", "198.51.100.7") for n in range(BUDGET + 2)]
    others = [call("192.0.2.0", f"198.51.100.{n}") for n in range(8, 8 + BUDGET + 2)]

    assert evading == [401] * BUDGET + [429] * 2
    assert others == [401] * (BUDGET + 2)


def test_forwarded_hosts_from_clients_are_ignored(server: Server) -> None:
    """HTT-06"""
    url = f"http://127.0.0.1:{server.port}/health/"
    made_up = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}

    response = CALLER.get(url, headers=made_up | {"Forwarded": "host=evil.example"})

    assert response.headers["location"] == "/health"


def test_responses_do_not_reveal_the_server_software(server: Server) -> None:
    """HDR-06"""
    response = CALLER.get(f"http://127.0.0.1:{server.port}/health")

    assert response.status_code == 200
    assert "server" not in response.headers


def test_gunicorn_rejects_an_oversized_request_line(server: Server) -> None:
    """HTT-11, RES-04"""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(b"GET /" + b"a" * 100_000)
        [answer] = read_answers(connection.makefile("rb").read())

    assert answer.status == answer.body["status"] == 414


def test_all_log_lines_are_json_with_the_same_fields(server: Server) -> None:
    """OBS-07"""
    response = CALLER.get(f"http://127.0.0.1:{server.port}/health?secret")
    server.read_until("request")

    shared = {"event", "level", "logger", "timestamp"}
    assert [line for line in server.lines if not shared <= set(line)] == []
    # The log also contains audit events of earlier tests, if these have been read.
    assert {line["logger"] for line in server.lines} - {"audit"} == {
        *("gunicorn.error", "uvicorn.error", "app.core.http.middleware")
    }
    assert all(line["timestamp"].endswith("Z") for line in server.lines)
    assert response.status_code == 200
    assert "secret" not in str(server.lines)
