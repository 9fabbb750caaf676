"""Counting, in Valkey and without it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from redis.asyncio import ConnectionPool, Redis

from app.core.circuit_breaker import ALONE_SECONDS, PATIENCE
from app.core.rate_limit import RateLimiter, parse_limit
from app.core.redis_pool import create_redis_pool
from dev.valkey import EmbeddedValkey

# Of a year, so that none begins while a test runs.
TWO = "2/year"


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[str]:
    """A Valkey that nobody minds to be held up."""
    with EmbeddedValkey() as server:
        yield server.url


@pytest.fixture
async def pool(own_valkey: str) -> AsyncIterator[ConnectionPool]:
    pool = create_redis_pool(own_valkey)
    yield pool
    await pool.aclose()


@asynccontextmanager
async def frozen(url: str) -> AsyncIterator[None]:
    """Let nobody write meanwhile."""
    async with Redis.from_url(url) as valkey:
        await valkey.client_pause(60_000, all=False)
        yield
        await valkey.client_unpause()


async def allowed(limiter: RateLimiter, key: str, number: int) -> list[bool]:
    return [(await limiter.hit(TWO, key)).allowed for _ in range(number)]


async def test_alone_it_allows_as_many_as_the_limit_says_to_each() -> None:
    limiter = RateLimiter(None)

    assert await allowed(limiter, "a", 3) == [True, True, False]
    assert await allowed(limiter, "b", 1) == [True]


async def test_those_who_share_a_valkey_share_the_count(pool: ConnectionPool) -> None:
    """RTL-03"""
    one, other, key = RateLimiter(pool), RateLimiter(pool), uuid4().hex

    assert await allowed(one, key, 1) == [True]
    assert await allowed(other, key, 2) == [True, False]


async def test_what_one_forgets_all_forget(pool: ConnectionPool) -> None:
    """PWD-12, RTL-03"""
    one, other, key = RateLimiter(pool), RateLimiter(pool), uuid4().hex
    await allowed(one, key, 3)

    await other.clear(TWO, key)

    assert await allowed(one, key, 3) == [True, True, False]


@pytest.mark.parametrize("limit", ["1/hour", "1/day", "1/year"])
async def test_who_is_refused_may_come_back_within_the_window(
    pool: ConnectionPool, limit: str
) -> None:
    """RTL-02"""
    key = uuid4().hex
    for limiter in (RateLimiter(None), RateLimiter(pool)):
        hits = [await limiter.hit(limit, key) for _ in range(2)]

        assert [hit.allowed for hit in hits] == [True, False]
        assert 1 <= hits[1].retry_after <= parse_limit(limit).get_expiry()


async def test_who_comes_back_when_told_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """RTL-06"""
    now = 1_800_000_012.5
    monkeypatch.setattr(time, "time", lambda: now)
    limiter = RateLimiter(None)

    hits = [await limiter.hit("3/minute", "a") for _ in range(4)]
    now += hits[-1].retry_after
    hits.append(await limiter.hit("3/minute", "a"))

    assert [hit.allowed for hit in hits] == [True, True, True, False, True]


async def test_one_late_answer_is_counted_alone_and_the_next_shared(
    own_valkey: str, pool: ConnectionPool
) -> None:
    """RTL-03, RTL-12"""
    limiter = RateLimiter(pool, monotonic=lambda: 0.0)

    async with frozen(own_valkey):
        late = await allowed(limiter, "late", PATIENCE - 1)
    shared = await allowed(limiter, "next", 1) + await allowed(RateLimiter(pool), "next", 2)

    assert late == [True, True]
    assert shared == [True, True, False]


async def test_while_valkey_is_frozen_it_counts_alone_and_then_shares_again(
    own_valkey: str, pool: ConnectionPool
) -> None:
    """RTL-12, REL-07"""
    now = 0.0
    limiter = RateLimiter(pool, monotonic=lambda: now)

    async with frozen(own_valkey), asyncio.timeout(10):
        await limiter.clear(TWO, "alone")
        alone = await allowed(limiter, "alone", 3)
    now = ALONE_SECONDS - 1
    still_alone = await allowed(limiter, "alone", 1)
    now = ALONE_SECONDS
    shared = await allowed(limiter, "shared", 1) + await allowed(RateLimiter(pool), "shared", 2)

    assert alone == [True, True, False]
    assert still_alone == [False]
    assert shared == [True, True, False]
