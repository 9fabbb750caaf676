"""Liveness and readiness."""

import socket

import pytest
from httpx import AsyncClient

from app.api import health
from tests.clients import client_of, problem
from tests.conftest import MakeApp
from tests.logs import LogLines


async def test_the_health_probe_returns_healthy(client: AsyncClient) -> None:
    """REL-01"""
    response = await client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "healthy"}


async def test_the_service_is_ready_when_its_database_responds(client: AsyncClient) -> None:
    response = await client.get("/ready")

    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "connected"}


@pytest.mark.parametrize(("connect_seconds", "ready_seconds"), [(0.05, 60), (60, 0.05)])
async def test_a_service_without_its_database_is_healthy_but_not_ready_and_logs_no_secret(
    make_app: MakeApp,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
    connect_seconds: float,
    ready_seconds: float,
) -> None:
    """REL-01, REL-02, ERR-01"""
    monkeypatch.setattr(health, "READY_TIMEOUT_SECONDS", ready_seconds)
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        url = f"postgresql://somebody:secret@127.0.0.1:{frozen.getsockname()[1]}/somewhere"
        app = await make_app(database_url=url, database_pool_timeout_seconds=connect_seconds)
        ready = await client_of(app).get("/ready")

    assert (await client_of(app).get("/health")).status_code == 200
    assert ready.status_code == 503
    assert ready.headers["retry-after"] == "1"
    assert problem(ready)["detail"] == "The database does not respond."
    [warning] = [line for line in log_lines() if line["level"] == "warning"]
    assert warning["event"] == "not_ready"
    assert "secret" not in str(warning)
