"""Counting hits against a limit: in Redis for all processes, in this one while Redis is away."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# A request must not wait for a counter: past this, the process counts alone for a while.
REDIS_TIMEOUT_SECONDS = 0.25
ALONE_SECONDS = 5.0
# Failures in a row: one alone may be a delay of our own, on a busy processor.
PATIENCE = 3

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Hit:
    """Whether a request is within the limit, how many more are, and in how many seconds one is."""

    allowed: bool
    remaining: int
    retry_after: int


class RateLimiter:
    """Counts in a sliding window; never fails, never lets everything through (ASVS 16.5.2)."""

    def __init__(
        self,
        pool: ConnectionPool | None,
        monotonic: Callable[[], float] = time.monotonic,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self._shared = None if pool is None else _shared_limiter(pool)
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._monotonic = monotonic
        self._on_failure = on_failure
        self._alone_until = 0.0
        self._failures = 0

    async def hit(self, limit: str, *key: str) -> Hit:
        """Count a request of `key` against `limit`, such as `10/minute`."""
        item = parse_limit(limit)
        if self._shared is None or self._monotonic() < self._alone_until:
            return await _hit(self._alone, item, key)
        try:
            hit = await _hit(self._shared, item, key)
        except (RedisError, OSError) as error:
            self._note_failure(error)
            return await _hit(self._alone, item, key)
        self._failures = 0
        return hit

    def _note_failure(self, error: Exception) -> None:
        """Leave Redis alone for a while, unless it was one answer among others that came late."""
        self._on_failure()
        self._failures += 1
        if self._failures >= PATIENCE:
            self._failures = 0
            self._alone_until = self._monotonic() + ALONE_SECONDS
            logger.warning("rate_limit_storage_away", error=repr(error), seconds=ALONE_SECONDS)

    async def clear(self, limit: str, *key: str) -> None:
        """Forget what was counted of `key` against `limit`, as far as that can be reached."""
        item = parse_limit(limit)
        await self._alone.clear(item, *key)
        if self._shared is not None and self._monotonic() >= self._alone_until:
            with suppress(RedisError, OSError):
                await self._shared.clear(item, *key)


def _shared_limiter(pool: ConnectionPool) -> SlidingWindowCounterRateLimiter:
    storage = RedisStorage(
        "async+redis://",
        implementation="redispy",
        connection_pool=pool,  # type: ignore[arg-type] # typed too narrowly; it is handed on
    )
    return SlidingWindowCounterRateLimiter(storage)


async def _hit(
    limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, key: tuple[str, ...]
) -> Hit:
    allowed = await limiter.hit(item, *key)
    window = await limiter.get_window_stats(item, *key)
    retry_after = max(1, math.ceil(window.reset_time - time.time()))
    return Hit(allowed, window.remaining if allowed else 0, retry_after)


@lru_cache
def parse_limit(limit: str) -> RateLimitItem:
    """Read `10/minute`; raise `ValueError` if it is no limit."""
    return parse(limit)


def create_redis_pool(url: str) -> ConnectionPool:
    """Make a pool whose connections give up soon, and once."""
    return ConnectionPool.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        # No greetings: a burst of requests opens many connections, and counts from the first byte.
        driver_info=None,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
    )
