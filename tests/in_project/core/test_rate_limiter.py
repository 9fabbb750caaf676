"""The rate limiter, with Valkey and in memory."""

import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import ConnectionPool

from app.core.limits.rate_limiter import RateLimiter, parse_limit
from app.core.limits.redis_pool import create_redis_pool

# Per year, so that no window ends while a test runs.
TWO = "2/year"


@pytest.fixture
async def pool(valkey_url: str) -> AsyncIterator[ConnectionPool]:
    pool = create_redis_pool(valkey_url)
    yield pool
    await pool.aclose()


async def allowed(limiter: RateLimiter, key: str, number: int) -> list[bool]:
    return [(await limiter.hit(TWO, key)).allowed for _ in range(number)]


async def test_each_key_has_its_own_rate_limit_without_valkey() -> None:
    limiter = RateLimiter(None)

    assert await allowed(limiter, "a", 3) == [True, True, False]
    assert await allowed(limiter, "b", 1) == [True]


async def test_processes_with_the_same_valkey_share_rate_limits(pool: ConnectionPool) -> None:
    """RTL-03"""
    one, other, key = RateLimiter(pool), RateLimiter(pool), uuid4().hex

    assert await allowed(one, key, 1) == [True]
    assert await allowed(other, key, 2) == [True, False]


async def test_services_with_the_same_valkey_have_separate_rate_limits(
    pool: ConnectionPool,
) -> None:
    key = uuid4().hex
    one, other = (RateLimiter(pool, namespace=f"{name}-{key}") for name in ("one", "other"))

    assert await allowed(one, key, 3) == [True, True, False]
    assert await allowed(other, key, 1) == [True]


async def test_clearing_a_rate_limit_applies_to_all_processes(pool: ConnectionPool) -> None:
    """PWD-12, RTL-03"""
    one, other, key = RateLimiter(pool), RateLimiter(pool), uuid4().hex
    await allowed(one, key, 3)

    await other.clear(TWO, key)

    assert await allowed(one, key, 3) == [True, True, False]


@pytest.mark.parametrize("limit", ["1/hour", "1/day", "1/year"])
async def test_retry_after_never_exceeds_the_window(pool: ConnectionPool, limit: str) -> None:
    """RTL-02"""
    key = uuid4().hex
    for limiter in (RateLimiter(None), RateLimiter(pool)):
        hits = [await limiter.hit(limit, key) for _ in range(2)]

        assert [hit.allowed for hit in hits] == [True, False]
        assert 1 <= hits[1].retry_after <= parse_limit(limit).get_expiry()


async def test_a_retry_is_accepted_after_the_time_in_retry_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RTL-06"""
    now = 1_800_000_012.5
    monkeypatch.setattr(time, "time", lambda: now)
    limiter = RateLimiter(None)

    hits = [await limiter.hit("3/minute", "a") for _ in range(4)]
    now += hits[-1].retry_after
    hits.append(await limiter.hit("3/minute", "a"))

    assert [hit.allowed for hit in hits] == [True, True, True, False, True]
