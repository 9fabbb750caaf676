"""The cache while Valkey is unavailable, hangs or contains invalid entries."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import ConnectionPool, Redis

from app.core.cache.cache import Cache
from app.core.limits import redis_pool
from app.core.limits.circuit_breaker import FAILURE_THRESHOLD, OPEN_SECONDS
from app.core.limits.redis_pool import create_redis_pool
from tests.in_project.core.conftest import MakeCache, Source
from tests.logs import LogLines


@pytest.fixture
async def silent() -> AsyncIterator[ConnectionPool]:
    """Connections to a server that accepts them and never responds."""

    async def say_nothing(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    pool = create_redis_pool(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    yield pool
    await pool.aclose()
    server.close()


@pytest.mark.parametrize("written", [b"cbuiltins\nexit\n(tR.", b"{", b"1", b"\xff"], ids=repr)
async def test_an_invalid_cache_entry_is_recomputed(
    make_shared: MakeCache, pool: ConnectionPool, namespace: str, source: Source, written: bytes
) -> None:
    cache = make_shared()
    await source.ask(cache)
    valkey = Redis(connection_pool=pool)
    name = f"{namespace}:cache:answer"
    kept = await valkey.get(name)
    assert isinstance(kept, bytes)
    await valkey.set(name, kept.removesuffix(b'"old"') + written)

    assert [await source.ask(cache), await source.ask(cache)] == ["old", "old"]
    assert source.reads == 2


async def test_an_unavailable_valkey_is_bypassed_and_retried_later(
    make_shared: MakeCache, source: Source, log_lines: LogLines
) -> None:
    """REL-07"""
    now = 0.0
    pool = create_redis_pool("redis://127.0.0.1:1")
    cache = Cache(pool, "app", lambda: now)
    answers = [await source.ask(cache) for _ in range(FAILURE_THRESHOLD)]
    cache._store = make_shared()._store
    still_alone = [await source.ask(cache) for _ in range(2)]
    now = OPEN_SECONDS
    back = [await source.ask(cache) for _ in range(2)]

    assert {*answers, *still_alone, *back} == {"old"}
    assert source.reads == FAILURE_THRESHOLD + 2 + 1
    assert [line["event"] for line in log_lines()] == ["cache_away"]


async def test_a_hanging_valkey_delays_only_the_first_calls(
    silent: ConnectionPool, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-07"""
    cache = Cache(silent, "app", lambda: 0.0)
    connection = silent.connection_kwargs
    monkeypatch.setitem(connection, "socket_timeout", 0.01)

    async with asyncio.timeout(5):
        answers = [await source.ask(cache) for _ in range(FAILURE_THRESHOLD + 20)]
        await cache.invalidate("source")

    assert answers == ["old"] * (FAILURE_THRESHOLD + 20)
    assert connection["socket_connect_timeout"] == redis_pool.REDIS_TIMEOUT_SECONDS == 0.25


async def test_a_lookup_succeeds_if_valkey_fails_when_the_lock_is_requested(
    make_shared: MakeCache, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-07"""

    @asynccontextmanager
    async def go_away(name: str) -> AsyncIterator[bool]:
        if name:
            raise ConnectionError
        yield True

    cache = make_shared()
    monkeypatch.setattr(cache._store, "lock", go_away)

    assert await source.ask(cache) == "old"


async def test_an_invalidation_lost_in_an_outage_is_applied_afterwards(
    make_shared: MakeCache, source: Source
) -> None:
    now = 0.0
    one, other = make_shared(), make_shared()
    cache = Cache(create_redis_pool("redis://127.0.0.1:1"), "app", lambda: now)
    await source.ask(one)
    source.value = "new"
    await cache.invalidate("source")
    cache._store = other._store

    assert await source.ask(one) == "old"
    assert [await source.ask(cache), await source.ask(one)] == ["new", "new"]
