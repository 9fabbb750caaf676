"""Stores of the cache: Redis for all processes, or the memory of one process."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import NamedTuple, Protocol, cast

from cachetools import TLRUCache
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

# Other processes wait no longer than this for the one that computes a value: it may be dead.
LOCK_SECONDS = 2.0
POLL_SECONDS = 0.02
# Invalidations by other processes do not reach `ProcessStore`, so its entries expire soon.
LOCAL_TTL_SECONDS = 5.0
LOCAL_BYTES = 16 * 1024 * 1024


class CacheStore(Protocol):
    """Stores bytes by name for some seconds; may evict them earlier."""

    async def get_many(self, *names: str) -> list[bytes | None]:
        """Return the values of `names`, read at one point in time."""

    async def set(self, name: str, value: bytes, seconds: float) -> None:
        """Store a value."""

    async def add(self, name: str, value: bytes, seconds: float) -> None:
        """Store a value unless `name` already has one."""

    def lock(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Hold the lock `name`; wait at most `LOCK_SECONDS`, and then continue without the lock."""


class SharedStore:
    """Stores entries in Redis or Valkey, under a prefix of this application."""

    def __init__(self, pool: ConnectionPool, namespace: str) -> None:
        self._redis = Redis(connection_pool=pool)
        self._prefix = f"{namespace}:cache:"

    async def get_many(self, *names: str) -> list[bytes | None]:
        values = await self._redis.mget([self._prefix + name for name in names])
        return cast("list[bytes | None]", values)

    async def set(self, name: str, value: bytes, seconds: float) -> None:
        await self._redis.set(self._prefix + name, value, px=_milliseconds(seconds))

    async def add(self, name: str, value: bytes, seconds: float) -> None:
        await self._redis.set(self._prefix + name, value, px=_milliseconds(seconds), nx=True)

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncGenerator[bool]:
        lock = self._redis.lock(
            f"{self._prefix}lock:{name}",
            timeout=LOCK_SECONDS,
            sleep=POLL_SECONDS,
            blocking_timeout=LOCK_SECONDS,
        )
        is_mine = await lock.acquire()
        try:
            yield True
        finally:
            if is_mine:
                with suppress(RedisError, OSError):  # the lock expires in any case
                    await lock.release()


class _Value(NamedTuple):
    value: bytes
    seconds: float


class ProcessStore:
    """Stores entries in memory and evicts the least recently used ones."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._values: TLRUCache[str, _Value] = TLRUCache(
            LOCAL_BYTES,
            ttu=lambda _name, value, now: now + min(value.seconds, LOCAL_TTL_SECONDS),
            timer=monotonic,
            getsizeof=lambda value: len(value.value) + 200,  # Python's overhead for each entry
        )

    async def get_many(self, *names: str) -> list[bytes | None]:
        found = [self._values.get(name) for name in names]
        return [None if value is None else value.value for value in found]

    async def set(self, name: str, value: bytes, seconds: float) -> None:
        with suppress(ValueError):  # the value alone is larger than the store
            self._values[name] = _Value(value, seconds)

    async def add(self, name: str, value: bytes, seconds: float) -> None:
        if name not in self._values:
            await self.set(name, value, seconds)

    def lock(self, name: str) -> AbstractAsyncContextManager[bool]:  # noqa: ARG002 - as above
        """Return immediately, because no other process shares this store."""
        return nullcontext(True)


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
