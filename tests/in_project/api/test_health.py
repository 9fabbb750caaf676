"""Readiness while the database does not respond."""

import asyncio

import pytest
from sqlalchemy import URL

from app.api import health
from tests.clients import client_of
from tests.conftest import MakeApp
from tests.in_project.relay import relay_to


async def test_readiness_times_out_while_the_database_hangs_and_then_recovers(
    make_app: MakeApp, shared_database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-02, REL-06"""
    assert health.READY_TIMEOUT_SECONDS <= 2
    async with relay_to(shared_database) as relay:
        app = await make_app(database_url=relay.url, database_statement_timeout_seconds=60)
        client = client_of(app)
        assert (await client.get("/ready")).status_code == 200

        relay.is_open.clear()
        with monkeypatch.context() as patch:
            patch.setattr(health, "READY_TIMEOUT_SECONDS", 0.2)
            async with asyncio.timeout(5):
                assert (await client.get("/ready")).status_code == 503
        relay.is_open.set()

        assert (await client.get("/ready")).status_code == 200
