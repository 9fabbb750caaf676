"""Counts requests against limits, in Redis or, while it is unavailable, in this process."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from app.core.limits.circuit_breaker import CircuitBreaker
from app.core.limits.shared_counts import SharedCounts


@dataclass(frozen=True, slots=True)
class Hit:
    """The result of a count. A request is allowed again after `retry_after` seconds."""

    allowed: bool
    remaining: int
    retry_after: int


class RateLimiter:
    """Counts in sliding windows. Limits still apply if Redis fails (ASVS 16.5.2)."""

    def __init__(
        self,
        pool: ConnectionPool | None,
        monotonic: Callable[[], float] = time.monotonic,
        on_failure: Callable[[], None] = lambda: None,
        namespace: str = "app",
    ) -> None:
        self._shared = None if pool is None else SharedCounts(pool, f"{namespace}:limits")
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._breaker = CircuitBreaker("rate_limit_storage", monotonic)
        self._on_failure = on_failure

    async def hit(self, limit: str, *key: str) -> Hit:
        """Count one request for `key` against `limit`, such as `10/minute`."""
        item = parse_limit(limit)
        if self._shared is None or self._breaker.is_open:
            return await _hit(self._local, item, key)
        try:
            hit = await _hit_shared(self._shared, item, key)
        except (RedisError, OSError) as error:
            self._on_failure()
            self._breaker.note_failure(error)
            return await _hit(self._local, item, key)
        self._breaker.note_success()
        return hit

    async def clear(self, limit: str, *key: str) -> None:
        """Reset the count of `key` against `limit` in this process and, if available, in Redis."""
        item = parse_limit(limit)
        await self._local.clear(item, *key)
        if self._shared is not None and not self._breaker.is_open:
            with suppress(RedisError, OSError):
                await self._shared.clear(item, key)


async def _hit(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, key: tuple[str, ...]
) -> Hit:
    allowed = await limiter.hit(item, *key)
    window = await limiter.get_window_stats(item, *key)
    retry_after = max(1, math.ceil(window.reset_time - time.time()))
    return Hit(allowed, window.remaining if allowed else 0, retry_after)


async def _hit_shared(counts: SharedCounts, item: RateLimitItem, key: tuple[str, ...]) -> Hit:
    allowed, remaining, wait_ms = await counts.hit(item, key)
    return Hit(allowed, remaining, max(1, math.ceil(wait_ms / 1000)))


@lru_cache
def parse_limit(limit: str) -> RateLimitItem:
    """Parse a limit such as `10/minute`; raise `ValueError` for any other text."""
    return parse(limit)
