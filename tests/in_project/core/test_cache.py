"""The cache, with Valkey and in memory only."""

import asyncio

import pytest
from redis.asyncio import ConnectionPool, Redis

from app.core.cache import store as cache_store
from app.core.cache.cache import Cache
from tests.in_project.core.conftest import TEXT, MakeCache, Source


@pytest.fixture(params=["shared", "alone"])
def cache(request: pytest.FixtureRequest, make_shared: MakeCache) -> Cache:
    return make_shared() if request.param == "shared" else Cache()


async def test_a_value_is_computed_once_until_its_tag_is_invalidated(
    cache: Cache, source: Source
) -> None:
    first = [await source.ask(cache) for _ in range(2)]
    source.value = "new"
    await cache.invalidate("other")
    before = await source.ask(cache)
    await cache.invalidate("source")

    assert [*first, before, await source.ask(cache)] == ["old", "old", "old", "new"]
    assert source.reads == 2


async def test_a_value_read_before_a_write_is_not_cached_after_the_write(
    cache: Cache, source: Source
) -> None:
    """The reader reads, the writer commits and invalidates the cache, then the reader stores."""
    source.goes_on.clear()
    reader = asyncio.create_task(source.ask(cache))
    await source.is_read.wait()
    source.value = "new"
    await cache.invalidate("source")
    source.goes_on.set()

    assert await reader == "old"
    assert await source.ask(cache) == "new"


async def test_a_caller_after_a_write_does_not_join_an_older_computation(
    cache: Cache, source: Source
) -> None:
    source.goes_on.clear()
    reader = asyncio.create_task(source.ask(cache))
    await source.is_read.wait()
    source.value = "new"
    await cache.invalidate("source")
    source.is_read.clear()
    other = asyncio.create_task(source.ask(cache))
    await source.is_read.wait()
    source.goes_on.set()

    assert [await reader, await other] == ["old", "new"]


async def test_concurrent_callers_share_one_computation(cache: Cache, source: Source) -> None:
    answers = await asyncio.gather(*(source.ask(cache) for _ in range(10)))

    assert answers == ["old"] * 10
    assert source.reads == 1


async def test_processes_share_one_computation(make_shared: MakeCache, source: Source) -> None:
    answers = await asyncio.gather(*(source.ask(make_shared()) for _ in range(5)))

    assert answers == ["old"] * 5
    assert source.reads == 1


async def test_an_invalidation_applies_to_all_processes(
    make_shared: MakeCache, source: Source
) -> None:
    one, other = make_shared(), make_shared()
    await source.ask(one)
    source.value = "new"
    await other.invalidate("source")

    assert await source.ask(one) == "new"


async def test_the_lock_of_a_dead_process_expires(
    make_shared: MakeCache, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_store, "LOCK_SECONDS", 0.02)
    source.goes_on.clear()
    dying = asyncio.create_task(source.ask(make_shared()))
    await source.is_read.wait()
    waiting = asyncio.create_task(source.ask(make_shared()))
    source.is_read.clear()
    await source.is_read.wait()
    source.goes_on.set()

    assert [await waiting, await dying] == ["old", "old"]


async def test_a_cancelled_computation_is_taken_over_by_another_caller(
    cache: Cache, source: Source
) -> None:
    source.goes_on.clear()
    first = asyncio.create_task(source.ask(cache))
    await source.is_read.wait()
    others = [asyncio.create_task(source.ask(cache)) for _ in range(3)]
    first.cancel()
    source.goes_on.set()

    assert await asyncio.gather(*others) == ["old"] * 3
    assert first.cancelled()
    assert source.reads == 2


async def test_an_error_reaches_all_callers_and_is_not_cached(cache: Cache, source: Source) -> None:
    async def fail() -> str:
        source.reads += 1
        await asyncio.sleep(0)
        raise LookupError

    asked = [cache.get_or_compute("answer", fail, TEXT, tags=("source",), ttl=60) for _ in range(3)]
    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(answer) for answer in answers] == [LookupError] * 3
    assert source.reads == 1
    assert await source.ask(cache) == "old"


async def test_local_entries_expire_and_are_evicted_above_the_size_limit(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(cache_store, "LOCAL_BYTES", 2000)
    cache = Cache(monotonic=lambda: now)
    await source.ask(cache)
    now = cache_store.LOCAL_TTL_SECONDS
    await source.ask(cache)
    for number in range(20):
        await source.ask(cache, f"answer {number}")
    source.value = "too large" * 1000

    assert source.reads == 22
    assert await source.ask(cache) == source.value


async def test_all_cache_keys_in_valkey_have_a_ttl(
    make_shared: MakeCache, pool: ConnectionPool, namespace: str, source: Source
) -> None:
    await source.ask(make_shared(), ttl=30)
    valkey = Redis(connection_pool=pool)
    names = [name async for name in valkey.scan_iter(f"{namespace}:cache:*")]

    assert len(names) == 3
    assert all([0 < await valkey.ttl(name) <= 86_400 for name in names])
