"""One computation for all concurrent callers with the same key."""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Lets the first caller for a key compute the value; concurrent callers wait for it."""

    def __init__(self) -> None:
        self._pending: dict[Hashable, Future[T]] = {}

    async def run(self, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `compute`, or of the call that is already running for `key`.

        Every caller gets the same error. If the first caller is cancelled, the next one takes over.
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
            mine.exception()  # marks the error as retrieved, even if no other caller waits
            raise
        finally:
            mine.cancel()  # has no effect if there is a result or an error
            del self._pending[key]
        return result
