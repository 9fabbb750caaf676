"""Metrics of requests, of the connection pool, and of Redis."""

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.observability.metrics import Metrics
from tests.clients import client_of
from tests.conftest import MakeApp

SESSION = "/api/v1/users/me/sessions/{session_id}"


def sample(app: FastAPI, name: str, **labels: str) -> float | None:
    """Return the value that Prometheus would read."""
    metrics: Metrics = app.state.resources.metrics
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/health?q=1", ("GET", "/health", "200")),
        ("HEAD", "/health", ("HEAD", "/health", "200")),
        ("POST", "/health", ("POST", "/health", "405")),
        ("HEAD", "/api/v1/users/me", ("HEAD", "/api/v1/users/me", "401")),
        ("DELETE", SESSION.format(session_id=1), ("DELETE", SESSION, "401")),
        ("GET", "/nothing", ("GET", "unmatched", "404")),
        ("GET", "/metrics", ("GET", "unmatched", "404")),
        ("BREW", "/nothing", ("other", "unmatched", "404")),
    ],
)
async def test_a_request_is_counted_with_its_route_template(
    client: AsyncClient, app: FastAPI, method: str, path: str, labels: tuple[str, str, str]
) -> None:
    """OBS-08"""
    known = dict(zip(("method", "route", "status"), labels, strict=True))
    before = sample(app, "http_requests_total", **known) or 0

    await client.request(method, path)

    assert sample(app, "http_requests_total", **known) == before + 1
    del known["status"]
    assert sample(app, "http_request_duration_seconds_sum", **known)


async def test_a_failed_request_is_counted_and_no_longer_in_progress(
    make_app: MakeApp,
) -> None:
    app = await make_app()
    in_progress = []

    @app.get("/broken")
    async def broken() -> None:
        in_progress.append(sample(app, "http_requests_in_progress"))
        raise ArithmeticError

    await client_of(app).get("/broken")

    labels = {"method": "GET", "route": "/broken", "status": "500"}
    assert sample(app, "http_requests_total", **labels) == 1
    assert in_progress == [1]
    assert sample(app, "http_requests_in_progress") == 0


async def test_the_pool_reports_connections_in_use_and_timeouts(
    make_app: MakeApp, own_database: str
) -> None:
    app = await make_app(database_url=own_database, database_pool_size=1)
    app.state.resources.database.engine.pool._timeout = 0.01
    async with app.state.resources.database.begin() as session:
        await session.execute(text("SELECT 1"))
        assert sample(app, "database_pool_connections_in_use") == 1
        with pytest.raises(PoolTimeoutError):
            await app.state.resources.database.fetch_one(select(1), {})

    assert sample(app, "database_pool_connections_max") == 1
    assert sample(app, "database_pool_connections_in_use") == 0
    assert sample(app, "database_pool_timeouts_total") == 1
    assert (sample(app, "database_pool_wait_seconds_total") or 0) > 0


async def test_redis_failures_are_counted(make_app: MakeApp) -> None:
    app = await make_app(rate_limit_enabled=True, redis_url="redis://127.0.0.1:1")

    await client_of(app).get("/api/v1/users/me")

    assert (sample(app, "rate_limit_storage_failures_total") or 0) > 0
