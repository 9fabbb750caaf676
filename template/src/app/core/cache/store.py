"""Where a cache keeps what it remembers: in Redis for all processes, else in this one."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import NamedTuple, Protocol, cast

from cachetools import TLRUCache
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

# How long one process computes before others stop waiting for it: it may have died.
LOCK_SECONDS = 2.0
POLL_SECONDS = 0.02
# What a process remembers alone: others' writes do not reach it, so it forgets soon.
LOCAL_TTL_SECONDS = 5.0
ALONE_BYTES = 16 * 1024 * 1024


class CacheStore(Protocol):
    """Keeps bytes under names for some seconds, or less if it lacks room."""

    async def get_many(self, *names: str) -> list[bytes | None]:
        """Return what is kept under each name, all at one time."""

    async def set(self, name: str, value: bytes, seconds: float) -> None:
        """Keep a value."""

    async def add(self, name: str, value: bytes, seconds: float) -> None:
        """Keep a value unless there is one."""

    def lock(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Wait until no other process is at `name`, or has been for too long."""


class SharedStore:
    """Keeps everything in Redis or Valkey, under names of this application's own."""

    def __init__(self, pool: ConnectionPool, namespace: str) -> None:
        self._redis = Redis(connection_pool=pool)
        self._prefix = f"{namespace}:cache:"

    async def get_many(self, *names: str) -> list[bytes | None]:
        """Return what is kept under each name, all at one time."""
        values = await self._redis.mget([self._prefix + name for name in names])
        return cast("list[bytes | None]", values)

    async def set(self, name: str, value: bytes, seconds: float) -> None:
        """Keep a value."""
        await self._redis.set(self._prefix + name, value, px=_milliseconds(seconds))

    async def add(self, name: str, value: bytes, seconds: float) -> None:
        """Keep a value unless there is one."""
        await self._redis.set(self._prefix + name, value, px=_milliseconds(seconds), nx=True)

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncGenerator[bool]:
        """Wait until no other process is at `name`, or has been for too long."""
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
                with suppress(RedisError, OSError):  # it ends by itself
                    await lock.release()


class _Kept(NamedTuple):
    value: bytes
    seconds: float


class ProcessStore:
    """Keeps the last used in memory, as much as has room."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._kept: TLRUCache[str, _Kept] = TLRUCache(
            ALONE_BYTES,
            ttu=lambda _name, kept, now: now + min(kept.seconds, LOCAL_TTL_SECONDS),
            timer=monotonic,
            getsizeof=lambda kept: len(kept.value) + 200,  # what Python needs besides
        )

    async def get_many(self, *names: str) -> list[bytes | None]:
        """Return what is kept under each name, all at one time."""
        found = [self._kept.get(name) for name in names]
        return [None if kept is None else kept.value for kept in found]

    async def set(self, name: str, value: bytes, seconds: float) -> None:
        """Keep a value, unless it alone has no room."""
        with suppress(ValueError):
            self._kept[name] = _Kept(value, seconds)

    async def add(self, name: str, value: bytes, seconds: float) -> None:
        """Keep a value unless there is one."""
        if name not in self._kept:
            await self.set(name, value, seconds)

    def lock(self, name: str) -> AbstractAsyncContextManager[bool]:  # noqa: ARG002 - as above
        """Return at once: there is no other process."""
        return nullcontext(True)


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
