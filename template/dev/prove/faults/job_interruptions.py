"""Interruptions of workers while jobs run: no job is lost, and a worker connects again."""

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import asyncpg

from dev.errors import ServerError
from dev.prove.faults.job_queue import AGE, QUEUE, SILENCE, connected, enqueue, until
from dev.prove.faults.job_worker import FAILS_ONCE, prove_job
from dev.prove.findings import Finding, Outcome
from dev.prove.service import ProvedService

WORKER = "the worker"
KILLS, COUNT = 3, 15
# After a lost connection, a worker tries to connect at once, and again after two seconds.
REFUSED_SECONDS = 3
TABLES = (
    "DROP TABLE IF EXISTS prove_begun, prove_ended",
    "CREATE TABLE prove_begun (number int)",
    "CREATE TABLE prove_ended (number int)",
)
INTERRUPTED = "SELECT count(*) FROM prove_begun WHERE number NOT IN (TABLE prove_ended)"
ENDED = "SELECT count(DISTINCT number) FROM prove_ended"
BEGUN = f"SELECT count(*) > $1 OR ({ENDED}) = {COUNT} FROM prove_begun"  # noqa: S608
LOCK = f"BEGIN; LOCK TABLE {QUEUE} IN ACCESS EXCLUSIVE MODE"
WAITS = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
ALLOW = "ALTER DATABASE postgres ALLOW_CONNECTIONS {}"
DISCONNECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'"
# Returns what is wrong, or an empty text.
Check = Callable[[ProvedService, asyncpg.Connection], Coroutine[Any, Any, str]]


def prove_interruptions(service: ProvedService) -> Iterator[Finding]:
    """Interrupt a worker in each way; yield a finding for each."""
    for check, run in CHECKS.items():
        yield asyncio.run(_checked(service, check, run))


async def _checked(service: ProvedService, check: str, run: Check) -> Finding:
    began = time.monotonic()
    async with connected(service) as connection:
        for statement in TABLES:
            await connection.execute(statement)
        await enqueue(service, prove_job, range(COUNT))
        try:
            detail = await run(service, connection)
        except ServerError as error:
            detail = str(error)
    async with connected(service) as connection:
        await connection.execute(f"DELETE FROM {QUEUE} WHERE entrypoint = $1", prove_job.name)  # noqa: S608
    outcome = Outcome.FAILED if detail else Outcome.PASSED
    return Finding("faults", check, WORKER, outcome, detail, time.monotonic() - began)


async def _killed(service: ProvedService, connection: asyncpg.Connection) -> str:
    """Kill workers while jobs run; others run these jobs after a minute, which passes at once."""
    for _ in range(KILLS):
        begun = await connection.fetchval("SELECT count(*) FROM prove_begun")
        with worker(service):
            await until(connection, BEGUN, begun)
        await connection.execute(AGE, SILENCE)
    with worker(service):
        return await _lost(connection)


async def _stopped(service: ProvedService, connection: asyncpg.Connection) -> str:
    """Stop a worker by SIGTERM while jobs run: it ends these jobs first."""
    with worker(service):
        await until(connection, BEGUN, 0)
        code = service.stop("worker", signal.SIGTERM)
    interrupted = await connection.fetchval(INTERRUPTED + " AND number % $1 > 0", FAILS_ONCE)
    if code:
        return f"it exited with {code} after SIGTERM, in the middle of its jobs"
    return f"after SIGTERM, it interrupted {interrupted} jobs" if interrupted else ""


async def _disconnected(service: ProvedService, connection: asyncpg.Connection) -> str:
    """Restart PostgreSQL while a statement of the worker runs: it connects again."""
    with worker(service):
        await until(connection, BEGUN, 0)
        async with connected(service) as another:
            await another.execute(LOCK)
            await until(connection, WAITS)
            service.stop("postgres", signal.SIGINT)
        service.start_postgres()
        service.heal()
        return await _broken(service, "when PostgreSQL restarted")


async def _refused(service: ProvedService, connection: asyncpg.Connection) -> str:
    """End the connections, and refuse others for some seconds: a worker tries until it succeeds."""
    with worker(service):
        await until(connection, BEGUN, 0)
        async with connected(service, "template1") as another:
            await another.execute(ALLOW.format("false"))
            await another.execute(DISCONNECT)
            await asyncio.sleep(REFUSED_SECONDS)
            await another.execute(ALLOW.format("true"))
        return await _broken(service, "when PostgreSQL refused its connections")


CHECKS: dict[str, Check] = {
    "job worker killed": _killed,
    "job worker stopped": _stopped,
    "job worker without PostgreSQL": _disconnected,
    "job worker refused by PostgreSQL": _refused,
}


async def _broken(service: ProvedService, when: str) -> str:
    """Return what is wrong with a worker and its jobs after an interruption."""
    async with connected(service) as connection:
        await connection.execute(AGE, SILENCE)
        lost = await _lost(connection)
    code = service.processes["worker"].poll()
    return lost if code is None else f"it exited with {code} {when}"


async def _lost(connection: asyncpg.Connection) -> str:
    """Return how many jobs do not end."""
    with suppress(ServerError):  # the lost jobs are counted
        await until(connection, f"SELECT ({ENDED}) = {COUNT}")
    lost = COUNT - await connection.fetchval(ENDED)
    return f"{lost} of {COUNT} jobs never ended" if lost else ""


@contextmanager
def worker(service: ProvedService) -> Iterator[None]:
    """Run a worker, and kill it at the end of the context."""
    service.processes["worker"] = service.run(
        "python", "-m", "dev.prove.faults.job_worker", PYTHONPATH="src:."
    )
    try:
        yield
    finally:
        service.kill("worker")
