"""Whoever waits longest for a connection gets the next one."""

import asyncio
from collections import deque
from typing import Any

from sqlalchemy.util import await_only
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty


class FairQueue(AsyncAdaptedQueue[Any]):
    """Hands what comes back to who has waited longest.

    `asyncio.Queue` gives it to whoever asks next, and who was woken for it goes to the end of the
    line: under load some wait a hundred times as long as others.
    """

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:
        super().__init__(maxsize, use_lifo)
        self._waiting: deque[asyncio.Future[Any]] = deque()

    def put_nowait(self, item: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        """Give an item to who waits, else keep it."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(item)
                return
        super().put_nowait(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: ANN401
        """Return an item, at once or in turn; raise `Empty` if none comes within the timeout."""
        try:
            return self.get_nowait()
        except Empty:
            if not block:
                raise
        return await_only(self._wait(timeout))

    async def _wait(self, seconds: float | None) -> Any:  # noqa: ANN401 - SQLAlchemy's own
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(seconds):
                return await self._take(waiting)
        except TimeoutError:
            raise Empty from None

    async def _take(self, waiting: asyncio.Future[Any]) -> Any:  # noqa: ANN401 - SQLAlchemy's own
        try:
            return await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():  # it came as we left
                self.put_nowait(waiting.result())
            raise
