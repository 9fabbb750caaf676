"""Fixtures for tests of the cache."""

from asyncio import Event
from collections.abc import AsyncIterator, Callable
from functools import partial
from uuid import uuid4

import pytest
from pydantic import TypeAdapter
from redis.asyncio import ConnectionPool

from app.core.cache import cache
from app.core.cache.cache import Cache
from app.core.limits import redis_pool
from app.core.limits.redis_pool import create_redis_pool

MakeCache = Callable[[], Cache]

TEXT = TypeAdapter(str)


class Source:
    """The source of a cached value. A test can delay its reads."""

    def __init__(self, value: str = "old") -> None:
        self.value = value
        self.reads = 0
        self.is_read = Event()
        self.goes_on = Event()
        self.goes_on.set()

    async def read(self) -> str:
        value = self.value
        self.reads += 1
        self.is_read.set()
        await self.goes_on.wait()
        return value

    async def ask(self, cache: Cache, name: str = "answer", ttl: float = 60) -> str:
        return await cache.get_or_compute(name, self.read, TEXT, tags=("source",), ttl=ttl)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
async def pool(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ConnectionPool]:
    """A connection pool whose timeouts are long enough for a busy machine."""
    for module in (cache, redis_pool):
        monkeypatch.setattr(module, "REDIS_TIMEOUT_SECONDS", 20)
    pool = create_redis_pool(valkey_url)
    yield pool
    await pool.aclose()


@pytest.fixture
def namespace() -> str:
    return uuid4().hex


@pytest.fixture
def make_shared(pool: ConnectionPool, namespace: str) -> MakeCache:
    """Return a function that makes caches that share Valkey, like those of several processes."""
    return partial(Cache, pool, namespace)
