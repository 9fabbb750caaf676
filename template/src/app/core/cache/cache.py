"""Remembering answers that are dear to compute, until what they were computed of changes."""

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
# A tag of every answer.
EVERYTHING = "everything"


class _Entry(NamedTuple):
    stamp: bytes
    body: bytes | None


class Cache:
    """Remembers answers for all processes or, without Redis, for this one; fails no request.

    Each tag has a stamp, which `invalidate` replaces. An answer is kept with the stamps of before
    it was computed, and is good as long as they are: one that was computed of old rows and comes
    late is kept in vain. What is kept is JSON: to read it executes nothing, whoever wrote it.
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
        """Return the answer that is kept under `name`, or compute it: once for all who ask.

        Where the cache is away or slow, everybody computes.
        """

        async def compute_body() -> bytes:
            return answer.dump_json(await compute(), warnings="error")

        entry = await self._call_store(partial(self._look_up, name, tags))
        if entry is None:
            return answer.validate_json(await compute_body())
        if entry.body is not None:
            with suppress(ValidationError):  # somebody else wrote it
                return answer.validate_json(entry.body)
        # By stamp as well: who has written does not share what was begun before.
        body = await self._flights.run(
            (name, entry.stamp), lambda: self._fill(name, entry, compute_body, tags=tags, ttl=ttl)
        )
        return answer.validate_json(body)

    async def invalidate(self, *tags: str) -> None:
        """Forget the answers that have any of `tags`: `after_commit`, for before it is in vain."""
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
        """Compute when no other process does, unless one just has."""
        async with AsyncExitStack() as stack:
            place = self._store.lock(f"{name}:{entry.stamp.hex()}")
            lock = partial(stack.enter_async_context, place)
            if not await self._call_store(lock, LOCK_SECONDS):
                return await compute()
            latest = await self._call_store(partial(self._look_up, name, tags)) or entry
            if latest.body not in {None, entry.body}:
                return latest.body
            body = await compute()
            await self._call_store(partial(self._store.set, name, latest.stamp + body, ttl))
            return body

    async def _look_up(self, name: str, tags: tuple[str, ...]) -> _Entry | None:
        missed = self._missed_writes
        if missed > self._made_up_for:  # of what does not matter: all that is kept may be old
            await self._new_version(EVERYTHING)
            self._made_up_for = missed
        stamped = [f"tag:{tag}" for tag in (EVERYTHING, *tags)]
        *stamps, kept = await self._store.get_many(*stamped, name)
        if None in stamps:
            for tag in stamped:
                await self._store.add(tag, _new_stamp(), MAX_TTL_SECONDS)
            stamps = await self._store.get_many(*stamped)
        stamp = b" ".join(each or _new_stamp() for each in stamps) + b"\n"
        if kept is None or not kept.startswith(stamp):
            return _Entry(stamp, None)
        return _Entry(stamp, kept.removeprefix(stamp))

    async def _new_version(self, *tags: str) -> bool:
        for tag in tags:
            await self._store.set(f"tag:{tag}", _new_stamp(), MAX_TTL_SECONDS)
        return True

    async def _call_store(
        self, operation: Callable[[], Awaitable[T]], queueing_seconds: float = 0
    ) -> T | None:
        """Return what the store says, or none where it does not in time."""
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


def _new_stamp() -> bytes:
    return secrets.token_hex(8).encode()
