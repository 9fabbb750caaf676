"""Caches values that are expensive to compute, until their tags are invalidated."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from app.core.cache.single_flight import SingleFlight
from app.core.cache.store import LOCK_SECONDS, CacheStore, ProcessStore, SharedStore
from app.core.limits.circuit_breaker import CircuitBreaker
from app.core.limits.redis_pool import REDIS_TIMEOUT_SECONDS

T = TypeVar("T")

MAX_TTL_SECONDS = 86_400
# The tag that every value has.
EVERYTHING = "everything"


class _Entry(NamedTuple):
    version: bytes
    body: bytes | None


class Cache:
    """Caches values in Redis or, without Redis, in this process. Redis errors never fail a request.

    Every tag has a version, and `invalidate` changes it. A value is stored with the tag versions
    that were read before it was computed, and is served only while they still match. A slow reader
    therefore cannot put stale data back after an invalidation. Values are stored as JSON, so that
    reading a value never executes code, even if an attacker has written it.
    """

    def __init__(
        self,
        pool: ConnectionPool | None = None,
        namespace: str = "app",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        shared = None if pool is None else SharedStore(pool, namespace)
        self._store: CacheStore = shared or ProcessStore(monotonic)
        self._breaker = CircuitBreaker("cache", monotonic)
        self._flights: SingleFlight[bytes] = SingleFlight()
        self._missed_writes = self._made_up_for = 0

    async def get_or_compute(
        self,
        name: str,
        compute: Callable[[], Awaitable[T]],
        answer: TypeAdapter[T],
        *,
        tags: tuple[str, ...],
        ttl: float,
    ) -> T:
        """Return the value cached under `name`, or compute it once for all concurrent callers.

        While the store is unavailable or slow, every caller computes the value.
        """

        async def compute_body() -> bytes:
            return answer.dump_json(await compute(), warnings="error")

        entry = await self._call_store(partial(self._look_up, name, tags))
        if entry is None:
            return answer.validate_json(await compute_body())
        if entry.body is not None:
            with suppress(ValidationError):  # the entry was not written by this code
                return answer.validate_json(entry.body)
        # The version is part of the key, so that a caller does not join a computation that
        # began before the last invalidation.
        body = await self._flights.run(
            (name, entry.version), lambda: self._fill(name, entry, compute_body, tags=tags, ttl=ttl)
        )
        return answer.validate_json(body)

    async def invalidate(self, *tags: str) -> None:
        """Invalidate all values with any of `tags`.

        Pass this method to `after_commit`, because before the commit another request could cache
        the old value again.
        """
        has_arrived = None
        try:
            has_arrived = await self._call_store(partial(self._new_version, *tags))
        finally:
            if not has_arrived:
                self._missed_writes += 1

    async def _fill(
        self,
        name: str,
        entry: _Entry,
        compute: Callable[[], Awaitable[bytes]],
        *,
        tags: tuple[str, ...],
        ttl: float,
    ) -> bytes:
        """Compute the value under a lock, unless another process has just stored it."""
        async with AsyncExitStack() as stack:
            waiting = self._store.lock(f"{name}:{entry.version.hex()}")
            lock = partial(stack.enter_async_context, waiting)
            if not await self._call_store(lock, LOCK_SECONDS):
                return await compute()
            latest = await self._call_store(partial(self._look_up, name, tags)) or entry
            if latest.body not in {None, entry.body}:
                return latest.body
            body = await compute()
            await self._call_store(partial(self._store.set, name, latest.version + body, ttl))
            return body

    async def _look_up(self, name: str, tags: tuple[str, ...]) -> _Entry | None:
        missed = self._missed_writes
        if missed > self._made_up_for:
            # An invalidation was lost, and its tags are no longer known: invalidate everything.
            await self._new_version(EVERYTHING)
            self._made_up_for = missed
        keys = [f"tag:{tag}" for tag in (EVERYTHING, *tags)]
        *versions, stored = await self._store.get_many(*keys, name)
        if None in versions:
            for key in keys:
                await self._store.add(key, _random_version(), MAX_TTL_SECONDS)
            versions = await self._store.get_many(*keys)
        version = b" ".join(each or _random_version() for each in versions) + b"\n"
        if stored is None or not stored.startswith(version):
            return _Entry(version, None)
        return _Entry(version, stored.removeprefix(version))

    async def _new_version(self, *tags: str) -> bool:
        for tag in tags:
            await self._store.set(f"tag:{tag}", _random_version(), MAX_TTL_SECONDS)
        return True

    async def _call_store(
        self, operation: Callable[[], Awaitable[T]], queueing_seconds: float = 0
    ) -> T | None:
        """Return the result of a store operation, or None if it failed or took too long."""
        if self._breaker.is_open:
            return None
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_SECONDS + queueing_seconds):
                result = await operation()
        except (RedisError, OSError) as error:
            self._breaker.note_failure(error)
            return None
        self._breaker.note_success()
        return result


def _random_version() -> bytes:
    return secrets.token_hex(8).encode()
