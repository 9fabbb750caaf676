"""The worker, a separate process that runs background jobs: `python -m app.worker`."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.errors import FailingListenerError

from app.config import Settings, get_settings
from app.core.clock import utc_now
from app.core.db.engine import connect, connect_arguments
from app.core.db.pool import measured_pool
from app.core.jobs.damage import WorkerQueries
from app.core.jobs.health import note_alive
from app.core.jobs.metrics import WAITING, JobMetrics, QueueCollector
from app.core.jobs.queue import BUILDERS, NAMES, ListeningDriver
from app.core.jobs.runner import JobRunner
from app.core.jobs.task import Task
from app.core.observability.logging import configure_logging
from app.core.observability.metrics_server import serve
from app.core.outgoing.client import create_http_client
from app.resources import create_database
from app.services.maintenance import purge
from app.worker_context import JobContext

# The tasks that a worker runs: sorted, with one on each line.
TASKS: Sequence[Task[Any]] = [
    purge,
]

# Notifications wake the worker. Polling finds the jobs whose notification was lost.
POLL = timedelta(seconds=10)
# Another worker takes over a job whose worker has sent no heartbeat for this long.
HEARTBEAT_TIMEOUT = timedelta(seconds=30)
# A stopping worker waits this long for its jobs, so a supervisor must not kill it earlier.
GRACE_SECONDS = 30
RECONNECT_SECONDS = 2
CONNECTION_ERRORS = (
    OSError,
    FailingListenerError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresError,
)

logger = structlog.get_logger("app.worker")  # `__name__` is `__main__` in `python -m app.worker`


class WatchedDriver(ListeningDriver):
    """Updates the liveness file after every response from the database."""

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Run a statement and return its rows."""
        rows = await super().fetch(query, *args)
        note_alive()
        return rows

    async def waiting(self) -> list[dict[str, object]]:
        """Read the queue's length for metrics.

        Unlike `fetch`, this does not update the liveness file, because reading the length does not
        prove that the worker takes jobs.
        """
        return await super().fetch(WAITING)


class JobWorker:
    """Runs jobs until it is stopped, and reconnects when the connection is lost."""

    def __init__(
        self,
        context: JobContext,
        tasks: Sequence[Task[Any]],
        heartbeat_timeout: timedelta,
        metrics: JobMetrics,
    ) -> None:
        self._settings = context.settings
        self._tasks = tasks
        self._heartbeat_timeout = heartbeat_timeout
        self._metrics = metrics
        self._runner = JobRunner(context, metrics)
        names = [task.name for task in tasks]
        metrics.registry.register(QueueCollector(names, self._read_waiting))
        self._stopping = asyncio.Event()
        self._driver: WatchedDriver | None = None
        self._queuer: PgQueuer | None = None

    def stop(self) -> None:
        """Take no new jobs. After `GRACE_SECONDS`, return running jobs to the queue."""
        self._stopping.set()
        if self._queuer:
            self._queuer.shutdown.set()
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._runner.give_back)

    async def run(self) -> None:
        """Run jobs until `stop` is called."""
        while not self._stopping.is_set():
            try:
                async with _connection(self._settings) as connection:
                    await self._work(connection)
            except RuntimeError as error:  # pgqueuer's tables are missing or outdated
                raise SystemExit(f"Run `app migrate` first. {error}") from error
            except CONNECTION_ERRORS as error:
                logger.warning("queue_lost", reason=str(error) or type(error).__name__)
                note_alive()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), RECONNECT_SECONDS)

    async def _work(self, connection: asyncpg.Connection) -> None:
        driver = self._driver = WatchedDriver(connection)
        queries = WorkerQueries(driver, *BUILDERS, tasks=self._tasks, metrics=self._metrics)
        queuer = self._queuer = PgQueuer(driver, NAMES.channel, queries=queries)
        connection.add_termination_listener(lambda _: queuer.shutdown.set())
        for task in self._tasks:
            self._runner.add(task, queuer)
        if self._stopping.is_set():
            queuer.shutdown.set()
        logger.info("working", tasks=[task.name for task in self._tasks])
        # A job uses one connection at a time, so additional jobs would only wait for connections.
        at_once = max(2, self._settings.database_pool_size)
        await queuer.run(
            dequeue_timeout=POLL,
            batch_size=at_once // 2,
            max_concurrent_tasks=at_once,
            shutdown_on_listener_failure=True,
            heartbeat_timeout=self._heartbeat_timeout,
        )

    async def _read_waiting(self) -> list[dict[str, object]]:
        if self._driver is None:
            raise ConnectionError("The worker has not connected to the database yet.")
        return await self._driver.waiting()


async def run(
    settings: Settings,
    tasks: Sequence[Task[Any]] = TASKS,
    heartbeat_timeout: timedelta = HEARTBEAT_TIMEOUT,
) -> None:
    """Run the jobs of `tasks` until the process receives SIGINT or SIGTERM."""
    metrics = JobMetrics(task.name for task in tasks)
    metrics.pool_connections_max.set(settings.database_pool_size)
    database = create_database(settings, measured_pool(metrics))
    async with create_http_client() as http_client:
        context = JobContext(
            settings=settings, database=database, clock=utc_now, http_client=http_client
        )
        worker = JobWorker(context, tasks, heartbeat_timeout, metrics)
        if settings.metrics_port:
            serve(settings.metrics_port, metrics.registry)
        for ending in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(ending, worker.stop)
        note_alive()
        await worker.run()
    await database.dispose()
    logger.info("stopped")


@asynccontextmanager
async def _connection(settings: Settings) -> AsyncGenerator[asyncpg.Connection]:
    """Open the connection that reads the queue and listens for notifications."""
    arguments = connect_arguments(
        settings.sqlalchemy_url,
        timeout_seconds=settings.database_pool_timeout_seconds,
        application_name=f"{settings.app_name} worker",
    )
    connection = await connect(
        **arguments, command_timeout=settings.database_statement_timeout_seconds
    )
    try:
        yield connection
    finally:
        connection.terminate()  # a graceful close fails if a statement was interrupted


def main() -> None:
    """Run the worker with the settings from the environment."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
