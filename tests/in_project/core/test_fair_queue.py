"""The queue that gives a connection to the request that has waited longest."""

import asyncio

import pytest
from sqlalchemy.util import greenlet_spawn
from sqlalchemy.util.queue import Empty

from app.core.db.pool import FairQueue


def ask(queue: FairQueue, seconds: float | None = None) -> asyncio.Task[str]:
    return asyncio.create_task(greenlet_spawn(queue.get, True, seconds))


async def asked(queue: FairQueue, seconds: float | None = None) -> asyncio.Task[str]:
    task = ask(queue, seconds)
    await asyncio.sleep(0)
    return task


async def test_items_go_to_waiters_in_order_of_arrival() -> None:
    queue = FairQueue(2)
    early = [await asked(queue), await asked(queue)]
    queue.put_nowait("first")
    newcomer = await asked(queue)  # arrives before the first waiter resumes
    queue.put_nowait("second")
    queue.put_nowait("third")

    assert await asyncio.gather(*early, newcomer) == ["first", "second", "third"]


async def test_an_item_without_a_waiter_is_stored() -> None:
    queue = FairQueue(1)
    queue.put_nowait("kept")

    assert await ask(queue) == "kept"
    with pytest.raises(Empty):
        queue.get(False)


async def test_a_waiter_that_times_out_is_skipped() -> None:
    queue = FairQueue(1)
    with pytest.raises(Empty):
        await ask(queue, 0)
    queue.put_nowait("kept")

    assert queue.get(False) == "kept"


async def test_an_item_for_a_cancelled_waiter_goes_to_the_next_waiter() -> None:
    queue = FairQueue(1)
    leaving, staying = await asked(queue), await asked(queue)
    queue.put_nowait("handed on")
    leaving.cancel()

    assert await staying == "handed on"
    with pytest.raises(asyncio.CancelledError):
        await leaving
