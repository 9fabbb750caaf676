"""The log line of a request."""

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.models.user import User
from tests.clients import PASSWORD, client_of, sign_in
from tests.conftest import MakeApp
from tests.logs import LogLines


def ours(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines, except those of the test's own client."""
    return [line for line in lines if line["logger"] != "httpx"]


async def test_a_request_is_logged_as_one_line_without_its_query(
    client: AsyncClient, log_lines: LogLines
) -> None:
    """OBS-05, OBS-07"""
    response = await client.get("/health?token=secret")

    [line] = ours(log_lines())
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("duration_ms") > 0
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "app.core.http.middleware",
        "request_id": response.headers["x-request-id"],
        "method": "GET",
        "path": "/health",
        "status": 200,
        "client": "127.0.0.1",
    }


async def test_passwords_and_tokens_are_not_logged(
    client: AsyncClient, user: User, log_lines: LogLines
) -> None:
    """OBS-05"""
    token = (await sign_in(client, user.email)).json()["access_token"]
    for authorization in (f"Bearer {token}", f"Bearer {token}x"):
        await client.get("/api/v1/users/me", headers={"Authorization": authorization})
    await client.post("/api/v1/users", json={"email": PASSWORD, "password": PASSWORD})

    logged = str(ours(log_lines()))
    assert len(ours(log_lines())) == 5
    assert PASSWORD not in logged
    assert token not in logged


async def test_a_request_cannot_forge_a_log_line(client: AsyncClient, log_lines: LogLines) -> None:
    """OBS-04"""
    forged = 'x%0A{"event": "forged"}%0D%1B[31m'

    await client.get(f"/{forged}", headers={"User-Agent": "agent\\n{}"})

    [line] = ours(log_lines())
    assert line["path"] == '/x\n{"event": "forged"}\r\x1b[31m'


async def test_request_logging_can_be_disabled(make_app: MakeApp, log_lines: LogLines) -> None:
    client = client_of(await make_app(log_requests=False))

    response = await client.get("/health")

    assert response.status_code == 200
    assert ours(log_lines()) == []


async def test_a_mounted_application_is_logged_with_its_whole_path(
    make_app: MakeApp, log_lines: LogLines
) -> None:
    app = await make_app()
    app.mount("/files", FastAPI())

    await client_of(app).get("/files/one")

    [line] = ours(log_lines())
    assert line["path"] == "/files/one"


async def test_the_console_shows_a_status_as_a_number(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[dict[str, Any]] = []
    logger = SimpleNamespace(info=lambda _, **values: noted.append(values))
    monkeypatch.setattr("app.core.http.middleware.request_log.logger", logger)

    await client.get("/api/v1/users/me")

    assert repr(noted[0]["status"]) == "401"
