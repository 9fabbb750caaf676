"""One computation for all who ask for the same meanwhile."""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Lets the first who asks compute, in its own request, and the others wait for the result."""

    def __init__(self) -> None:
        self._pending: dict[Hashable, Future[T]] = {}

    async def run(self, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
        """Return what `compute` does, or what it did for another who asked for `key` before.

        An error is everybody's; where the first is cancelled, the next takes over.
        """
        while pending := self._pending.get(key):
            await asyncio.wait([pending])
            if not pending.cancelled():
                return pending.result()
        mine = self._pending[key] = asyncio.get_running_loop().create_future()
        try:
            result = await compute()
            mine.set_result(result)
        except Exception as error:
            mine.set_exception(error)
            mine.exception()  # nobody may have waited for it
            raise
        finally:
            mine.cancel()  # in vain, unless there is no result
            del self._pending[key]
        return result
