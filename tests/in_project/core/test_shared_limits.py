"""The counts of rate limits in Valkey, compared with those of the library `limits`."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool, Redis

from app.core.limits.rate_limiter import Hit, RateLimiter, parse_limit
from app.core.limits.redis_pool import create_redis_pool

# A long window, so that the time that a test takes changes no count.
TEN = "10/year"
YEAR = parse_limit(TEN).get_expiry()


class Counts:
    """One key of a limit, counted by the service and by the library."""

    def __init__(self, pool: ConnectionPool, url: str) -> None:
        self.redis = Redis(connection_pool=pool)
        self.limiter = RateLimiter(pool, namespace="compared")
        storage = RedisStorage(
            f"async+{url}", implementation="redispy", key_prefix="compared:limits"
        )
        self.library = SlidingWindowCounterRateLimiter(storage)
        self.item: RateLimitItem = parse_limit(TEN)
        self.key = uuid4().hex
        self.name = f"compared:limits:{{{self.item.key_for(self.key)}}}"

    async def hit(self, times: int = 1) -> list[Hit]:
        return [await self.limiter.hit(TEN, self.key) for _ in range(times)]

    async def remaining_by_library(self) -> int:
        return (await self.library.get_window_stats(self.item, self.key)).remaining


@pytest.fixture
async def counts(valkey_url: str) -> AsyncIterator[Counts]:
    pool = create_redis_pool(valkey_url)
    counts = Counts(pool, valkey_url)
    yield counts
    await counts.library.storage.bridge.storage.aclose()  # type: ignore[attr-defined]
    await pool.aclose()


async def test_a_count_takes_one_round_trip(
    counts: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counts.hit()
    sent: list[Any] = []
    execute: Any = Redis.execute_command

    async def note(self: Redis, *args: Any, **options: Any) -> Any:
        sent.append(args[0])
        return await execute(self, *args, **options)

    monkeypatch.setattr(Redis, "execute_command", note)
    await counts.hit(3)

    assert sent == ["EVALSHA"] * 3


async def test_counting_continues_after_valkey_has_lost_the_script(counts: Counts) -> None:
    await counts.hit()
    await counts.redis.script_flush()

    assert (await counts.hit())[0].remaining == 8


async def test_the_library_counts_the_same_requests(counts: Counts) -> None:
    """RTL-03. Workers of an earlier release count by the library."""
    for remaining in (9, 8):
        [hit] = await counts.hit()
        assert (hit.allowed, hit.remaining) == (True, remaining)
        assert await counts.remaining_by_library() == remaining
    assert await counts.library.hit(counts.item, counts.key, cost=7)

    hits = await counts.hit(3)

    assert [(hit.allowed, hit.remaining) for hit in hits] == [(True, 0), (False, 0), (False, 0)]
    assert not await counts.library.test(counts.item, counts.key)


async def test_the_first_request_starts_a_whole_window(counts: Counts) -> None:
    """RTL-02"""
    first, second = await counts.hit(2)

    assert first.retry_after == YEAR
    assert YEAR - 60 <= second.retry_after <= YEAR


async def test_the_last_window_counts_by_the_part_that_remains(counts: Counts) -> None:
    """RTL-06"""
    # The half of the last window, with ten requests, lies in the time of one window before now.
    await counts.redis.set(f"{counts.name}/-1", 10, px=YEAR * 500 - 1)
    await counts.redis.set(counts.name, 2, px=YEAR * 1500)

    hits = await counts.hit(5)

    assert [hit.remaining for hit in hits] == [3, 2, 1, 0, 0]
    assert [hit.allowed for hit in hits] == [True] * 4 + [False]
    assert await counts.remaining_by_library() == 0
    # A tenth of the last window later, one more request has left it.
    assert YEAR / 10 - 60 <= hits[-1].retry_after <= YEAR / 10


async def test_a_window_that_has_ended_becomes_the_last_one(counts: Counts) -> None:
    """RTL-06"""
    await counts.redis.set(counts.name, 10, px=YEAR * 500 - 1)

    [hit] = await counts.hit()

    assert (hit.allowed, hit.remaining) == (True, 5)
    assert await counts.remaining_by_library() == 5
    assert await counts.redis.get(counts.name) == b"1"
    assert await counts.redis.pttl(counts.name) > YEAR * 1000


async def test_clearing_deletes_both_windows(counts: Counts) -> None:
    """PWD-12"""
    await counts.redis.set(counts.name, 10, px=YEAR * 500 - 1)
    await counts.hit()

    await counts.limiter.clear(TEN, counts.key)

    assert (await counts.hit())[0].remaining == 9
