"""The rate limiter while Valkey does not respond. Each test waits for several timeouts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import ConnectionPool, Redis

from app.core.limits.circuit_breaker import FAILURE_THRESHOLD, OPEN_SECONDS
from app.core.limits.rate_limiter import RateLimiter
from app.core.limits.redis_pool import create_redis_pool
from dev.valkey import EmbeddedValkey
from tests.in_project.core.test_rate_limiter import TWO, allowed


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[str]:
    """A separate Valkey, which a test can freeze."""
    with EmbeddedValkey() as server:
        yield server.url


@pytest.fixture
async def pool(own_valkey: str) -> AsyncIterator[ConnectionPool]:
    pool = create_redis_pool(own_valkey)
    yield pool
    await pool.aclose()


@asynccontextmanager
async def frozen(url: str) -> AsyncIterator[None]:
    """Block all writes within the context."""
    async with Redis.from_url(url) as valkey:
        await valkey.client_pause(60_000, all=False)
        yield
        await valkey.client_unpause()


async def test_rate_limits_are_shared_again_after_timeouts_below_the_threshold(
    own_valkey: str, pool: ConnectionPool
) -> None:
    """RTL-03, RTL-12"""
    limiter = RateLimiter(pool, monotonic=lambda: 0.0)

    async with frozen(own_valkey):
        late = await allowed(limiter, "late", FAILURE_THRESHOLD - 1)
    shared = await allowed(limiter, "next", 1) + await allowed(RateLimiter(pool), "next", 2)

    assert late == [True, True]
    assert shared == [True, True, False]


async def test_rate_limits_are_local_while_valkey_is_frozen_and_shared_afterwards(
    own_valkey: str, pool: ConnectionPool
) -> None:
    """RTL-12, REL-07"""
    now = 0.0
    limiter = RateLimiter(pool, monotonic=lambda: now)

    async with frozen(own_valkey), asyncio.timeout(10):
        await limiter.clear(TWO, "alone")
        alone = await allowed(limiter, "alone", 3)
    now = OPEN_SECONDS - 1
    still_alone = await allowed(limiter, "alone", 1)
    now = OPEN_SECONDS
    shared = await allowed(limiter, "shared", 1) + await allowed(RateLimiter(pool), "shared", 2)

    assert alone == [True, True, False]
    assert still_alone == [False]
    assert shared == [True, True, False]
