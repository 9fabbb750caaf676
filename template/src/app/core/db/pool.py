"""A connection pool that serves requests in order of arrival, and measures their waits."""

import asyncio
from collections import deque
from time import perf_counter
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.pool.base import _ConnectionRecord
from sqlalchemy.util import await_only
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty

from app.core.observability.metrics import PoolMetrics


class FairQueue(AsyncAdaptedQueue[Any]):
    """Gives a returned connection to the request that has waited longest.

    `asyncio.Queue` wakes a waiter, but a newcomer may take the item first, and the waiter goes back
    to the end of the queue. Under load, some requests would wait a hundred times as long as others.
    """

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:
        super().__init__(maxsize, use_lifo)
        self._waiting: deque[asyncio.Future[Any]] = deque()

    def put_nowait(self, item: Any) -> None:  # noqa: ANN401 - as in SQLAlchemy
        """Give an item to the first waiter, or store it if no request is waiting."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(item)
                return
        super().put_nowait(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: ANN401
        """Return an item; wait in order of arrival; raise `Empty` after the timeout."""
        try:
            return self.get_nowait()
        except Empty:
            if not block:
                raise
        return await_only(self._wait(timeout))

    async def _wait(self, seconds: float | None) -> Any:  # noqa: ANN401 - as in SQLAlchemy
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(seconds):
                return await self._take(waiting)
        except TimeoutError:
            raise Empty from None

    async def _take(self, waiting: asyncio.Future[Any]) -> Any:  # noqa: ANN401 - as in SQLAlchemy
        try:
            return await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():  # the item arrived during the cancellation
                self.put_nowait(waiting.result())
            raise


def measured_pool(metrics: PoolMetrics) -> type[AsyncAdaptedQueuePool]:
    """Return a pool class that measures the connections in use, and the waits for connections."""

    class MeasuredPool(AsyncAdaptedQueuePool):
        # SQLAlchemy's default log level, WARNING, applies in this namespace.
        _sqla_logger_namespace = "sqlalchemy.pool.MeasuredPool"
        _queue_class = FairQueue

        def _create_connection(self) -> ConnectionPoolEntry:
            # Connect on checkout: a failure there frees the slot and wakes the next waiter.
            return _ConnectionRecord(self, connect=False)

        def _do_get(self) -> ConnectionPoolEntry:
            started = perf_counter()
            try:
                return super()._do_get()
            except PoolTimeoutError:
                metrics.pool_timeouts.inc()
                raise
            finally:
                metrics.pool_wait.inc(perf_counter() - started)
                metrics.pool_connections_in_use.set(self.checkedout())

        def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
            super()._do_return_conn(record)
            metrics.pool_connections_in_use.set(self.checkedout())

    return MeasuredPool
