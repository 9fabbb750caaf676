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
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from app.core.limits.circuit_breaker import CircuitBreaker

# Counts a request unless the limit is reached, and returns the counts, so that a request takes one
# round trip; the scripts of `limits` take two. The keys and the weights are those of `limits`: what
# counts is this window, and the last one as far as it lies in the time of one window before now.
# The key of this window expires after two windows: it is the last window from half of that time on.
COUNT = """
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local expires = redis.call('PTTL', KEYS[2])
if expires > 0 and expires <= window then
    redis.call('RENAME', KEYS[2], KEYS[1])
    redis.call('SET', KEYS[2], 0, 'PX', expires + window)
    expires = expires + window
end
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
local last_expires = math.max(redis.call('PTTL', KEYS[1]), 0)
local this = tonumber(redis.call('GET', KEYS[2]) or 0)
local used = math.floor(last * last_expires / window) + this
if used >= limit then
    return {0, used, last, last_expires, expires - window}
end
if expires > 0 then
    redis.call('INCR', KEYS[2])
else
    expires = 2 * window
    redis.call('SET', KEYS[2], 1, 'PX', expires)
end
return {1, used + 1, last, last_expires, expires - window}
"""


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
        self._shared = None if pool is None else _SharedCounts(pool, f"{namespace}:limits")
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._breaker = CircuitBreaker("rate_limit_storage", monotonic)
        self._on_failure = on_failure

    async def hit(self, limit: str, *key: str) -> Hit:
        """Count one request for `key` against `limit`, such as `10/minute`."""
        item = parse_limit(limit)
        if self._shared is None or self._breaker.is_open:
            return await _hit(self._local, item, key)
        try:
            hit = await self._shared.hit(item, key)
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


class _SharedCounts:
    """Counts in Redis or Valkey, for all processes."""

    def __init__(self, pool: ConnectionPool, prefix: str) -> None:
        self._prefix = prefix
        self._redis = Redis(connection_pool=pool)
        self._count = self._redis.register_script(COUNT)

    async def hit(self, item: RateLimitItem, key: tuple[str, ...]) -> Hit:
        window = item.get_expiry() * 1000
        counted = await self._count(self._keys(item, key), [item.amount, window])
        allowed, used, last, last_expires, ends = counted
        # A request is allowed again when one of the last window leaves it, or when this one ends.
        wait = min(last_expires % (window / last), ends) if last else ends
        remaining = max(0, item.amount - used) if allowed else 0
        return Hit(bool(allowed), remaining, max(1, math.ceil(wait / 1000)))

    async def clear(self, item: RateLimitItem, key: tuple[str, ...]) -> None:
        await self._redis.delete(*self._keys(item, key))

    def _keys(self, item: RateLimitItem, key: tuple[str, ...]) -> list[str]:
        """Return the keys of the last and of this window, which a cluster stores on one node."""
        name = f"{self._prefix}:{{{item.key_for(*key)}}}"
        return [f"{name}/-1", name]


async def _hit(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, key: tuple[str, ...]
) -> Hit:
    allowed = await limiter.hit(item, *key)
    window = await limiter.get_window_stats(item, *key)
    retry_after = max(1, math.ceil(window.reset_time - time.time()))
    return Hit(allowed, window.remaining if allowed else 0, retry_after)


@lru_cache
def parse_limit(limit: str) -> RateLimitItem:
    """Parse a limit such as `10/minute`; raise `ValueError` for any other text."""
    return parse(limit)
