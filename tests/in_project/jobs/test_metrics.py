"""The metrics of a worker."""

import asyncio
import socket
from datetime import timedelta

import pytest
from pgqueuer import RetryRequested
from prometheus_client import generate_latest
from sqlalchemy import text

from app.core.jobs.metrics import OUTCOMES, JobMetrics
from app.core.jobs.task import task
from app.database import Database
from app.worker import JobWorker, run
from app.worker_context import JobContext
from tests.conftest import MakeSettings
from tests.logs import LogLines

AGE = text("UPDATE pgqueuer.pgqueuer SET execute_after = execute_after - interval '1 hour'")
RENAME = text("UPDATE pgqueuer.pgqueuer SET entrypoint = 'old_name'")
HEARTBEAT_TIMEOUT = timedelta(seconds=5)


@task()
async def greet(context: JobContext, name: str) -> None: ...


async def scrape(metrics: JobMetrics) -> list[str]:
    """Return the lines of a scrape, which takes place in another thread than the event loop."""
    return (await asyncio.to_thread(generate_latest, metrics.registry)).decode().splitlines()


async def enqueue_waiting_jobs(database: Database) -> None:
    """Enqueue two jobs of a task that no longer exists, and a delayed job."""
    async with database.begin() as session:
        await greet.enqueue(session, "Ada")
        await greet.enqueue(session, "Grace")
        await session.execute(RENAME)
        await session.execute(AGE)
        await greet.enqueue(session, "Ada", delay=timedelta(hours=1))


async def test_metrics_count_waiting_jobs_per_task_without_delayed_jobs(
    committed: Database, committed_context: JobContext
) -> None:
    begun = asyncio.Event()

    @task()
    async def begin(context: JobContext, _data: None) -> None:
        begun.set()

    metrics = JobMetrics([begin.name])
    await enqueue_waiting_jobs(committed)
    async with committed.begin() as session:
        await begin.enqueue(session, None)
    worker = JobWorker(committed_context, [begin], HEARTBEAT_TIMEOUT, metrics)
    running = asyncio.create_task(worker.run())
    await begun.wait()
    told = await scrape(metrics)
    worker.stop()
    await running

    assert 'jobs_waiting{task="old_name"} 2.0' in told
    assert 'jobs_waiting{task="begin"} 0.0' in told
    assert 'jobs_oldest_wait_seconds{task="begin"} 0.0' in told
    assert not any('task="greet"' in line for line in told)
    [oldest] = [line for line in told if 'oldest_wait_seconds{task="old_name"}' in line]
    assert 3600 <= float(oldest.split()[1]) < 3660


async def test_other_metrics_are_available_without_the_database(
    context: JobContext, log_lines: LogLines
) -> None:
    metrics = JobMetrics([greet.name])
    JobWorker(context, [greet], HEARTBEAT_TIMEOUT, metrics)

    told = await scrape(metrics)

    assert 'jobs_total{outcome="done",task="greet"} 0.0' in told
    assert any(line.startswith("service_info{") for line in told)
    assert not any(line.startswith("jobs_waiting") for line in told)
    assert "queue_not_read" in [line["event"] for line in log_lines()]


@pytest.mark.parametrize(
    ("error", "is_last", "outcome"),
    [
        (None, False, "done"),
        (ValueError, False, "retried"),
        (ValueError, True, "held"),
        (RetryRequested, True, "given_back"),
    ],
)
async def test_each_job_is_counted_with_one_outcome(
    error: type[Exception] | None, *, is_last: bool, outcome: str
) -> None:
    metrics = JobMetrics([greet.name])

    def value(sample: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(sample, {"task": "greet", **labels})

    try:
        with metrics.measure("greet", is_last=is_last):
            during = value("jobs_in_progress")
            if error:
                raise error
    except (ValueError, RetryRequested):
        assert error

    assert (during, value("jobs_in_progress")) == (1, 0)
    assert value("job_duration_seconds_count") == 1
    counted = {each: value("jobs_total", outcome=each) for each in OUTCOMES}
    assert counted == dict.fromkeys(OUTCOMES, 0) | {outcome: 1}


async def test_a_worker_exits_with_a_one_line_error_if_its_metrics_port_is_in_use(
    make_settings: MakeSettings,
) -> None:
    with (
        socket.create_server(("0.0.0.0", 0)) as taken,  # noqa: S104
        pytest.raises(SystemExit, match=r"METRICS_PORT \d+ cannot be used: Address already in use"),
    ):
        await run(make_settings(metrics_port=taken.getsockname()[1]), [])
