"""Metrics of jobs and of the queue."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import structlog
from pgqueuer import RetryRequested
from prometheus_client import Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.core.jobs.queue import NAMES
from app.core.observability.metrics import PoolMetrics
from app.core.observability.metrics_server import service_info

DURATION_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600)
# `retried`: the job failed and will run again. `held`: it failed in its last attempt.
# `given_back`: it was interrupted, and another worker will run it.
OUTCOMES = ("done", "retried", "held", "given_back")
# Shorter than Prometheus's timeout for a scrape.
READ_SECONDS = 5

# Due jobs by task. Finished jobs leave the table, so the query reads few rows.
WAITING = f"""
SELECT entrypoint AS task, count(*) AS waiting,
    extract(epoch FROM now() - min(execute_after))::float8 AS oldest
FROM {NAMES.qualified.queue_table}
WHERE status = 'queued' AND execute_after <= now()
GROUP BY entrypoint
"""  # noqa: S608 - the table's name is a constant

ReadQueue = Callable[[], Coroutine[Any, Any, Iterable[Mapping[str, Any]]]]

logger = structlog.get_logger(__name__)


class JobMetrics(PoolMetrics):
    """The metrics of one worker."""

    def __init__(self, tasks: Iterable[str]) -> None:
        super().__init__()
        self.jobs = self._counter("jobs", "Runs of jobs that have ended.", "task", "outcome")
        self.duration = Histogram(
            "job_duration_seconds",
            "Duration of jobs, whatever their outcome.",
            ["task"],
            buckets=DURATION_BUCKETS,
            registry=self.registry,
        )
        self.in_progress = self._gauge("jobs_in_progress", "Jobs that are running.", "task")
        for task in tasks:  # Prometheus sees the first failure only if the counter was zero before
            self.in_progress.labels(task)
            self.duration.labels(task)
            for outcome in OUTCOMES:
                self.jobs.labels(task, outcome)

    @contextmanager
    def measure(self, task: str, *, is_last: bool) -> Iterator[None]:
        """Measure the job that runs within this context; a failed last attempt counts as `held`."""
        started = perf_counter()
        outcome = "done"
        try:
            with self.in_progress.labels(task).track_inprogress():
                yield
        except RetryRequested:
            outcome = "given_back"
            raise
        except Exception:
            outcome = "held" if is_last else "retried"
            raise
        finally:
            self.jobs.labels(task, outcome).inc()
            self.duration.labels(task).observe(perf_counter() - started)


class QueueCollector(Collector):
    """Reads the queue on the event loop at each scrape, while the scrape's thread waits."""

    def __init__(self, tasks: Iterable[str], read: ReadQueue) -> None:
        self._tasks = tuple(tasks)
        self._read = read
        self._loop = asyncio.get_running_loop()

    def collect(self) -> Iterator[Metric]:
        """Yield the version of the service, and the due jobs if the queue can be read."""
        yield service_info()
        try:
            reading = asyncio.run_coroutine_threadsafe(self._read(), self._loop)
            rows = {row["task"]: row for row in reading.result(READ_SECONDS)}
        except Exception as error:  # noqa: BLE001 - the other metrics are served in any case
            logger.warning("queue_not_read", reason=str(error) or type(error).__name__)
            return
        waiting = GaugeMetricFamily("jobs_waiting", "Jobs that are due.", labels=["task"])
        oldest = GaugeMetricFamily(
            "jobs_oldest_wait_seconds",
            "Time since the oldest waiting job was due.",
            labels=["task"],
        )
        for task in {*self._tasks, *rows}:
            row = rows.get(task, {"waiting": 0, "oldest": 0})
            waiting.add_metric([task], row["waiting"])
            oldest.add_metric([task], row["oldest"])
        yield from (waiting, oldest)
