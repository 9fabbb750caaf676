"""Two copies of a database with few and with many rows, each with a service of one worker."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

import asyncpg

from dev.prove.client import answers
from dev.prove.load.filling import fill, name_of, table_of
from dev.prove.service import ProvedService
from dev.prove.waiting import free_port, wait_until

ROWS = {"few": 1_000, "many": 100_000}
# One process without a parallel plan costs what a plan costs in total.
SETTINGS = ("ALTER SYSTEM SET max_parallel_workers_per_gather = 0", "SELECT pg_reload_conf()")


async def create_databases(
    service: ProvedService, seeds: Mapping[str, UUID | None]
) -> dict[str, str]:
    """Copy the database twice, and fill both; return the lists that this cannot cover, and why."""
    problems = dict[str, str]()
    server = await asyncpg.connect(_url(service, "template1"))
    for statement in SETTINGS:
        await server.execute(statement)
    for name, rows in ROWS.items():
        await server.execute(f"CREATE DATABASE {name} TEMPLATE postgres")
        connection, filled = await asyncpg.connect(_url(service, name)), set[str]()
        for operation, seed in seeds.items():
            table = None if seed is None else await table_of(connection, seed)
            if seed is None or table is None:
                problems[operation] = "it returns no row with an id that a table contains"
            elif table.name not in filled:
                filled.add(table.name)
                try:
                    await fill(connection, table, seed, rows)
                except asyncpg.PostgresError as error:
                    problems[operation] = f"{name_of(table)} cannot be filled: {error}"
        await connection.execute("VACUUM ANALYZE")
        await connection.close()
    await server.close()
    return problems


@contextmanager
def counting(service: ProvedService, seed: UUID | None) -> Iterator[Callable[[], float]]:
    """Yield a function that counts all rows, with many rows, and returns the seconds it took."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(_url(service, "many")))
        table = runner.run(table_of(connection, seed)) if seed else None
        query = f"SELECT count(*) FROM {name_of(table)}" if table is not None else "SELECT 0"  # noqa: S608

        def count() -> float:
            began = time.perf_counter()
            runner.run(connection.fetchval(query))
            return time.perf_counter() - began

        yield count
        runner.run(connection.close())


@contextmanager
def servers_of(service: ProvedService) -> Iterator[dict[str, int]]:
    """Start the service with one worker on each database; yield the ports."""
    ports = {name: start_worker(service, name, _url(service, name)) for name in ROWS}
    try:
        yield ports
    finally:
        for name in ports:
            service.stop(name)


def start_worker(service: ProvedService, name: str, url: str) -> int:
    """Start the service with one worker on a database; return its port."""
    port = free_port()
    service.processes[name] = service.run(
        *("gunicorn", "app.main:app"),
        BIND=f"127.0.0.1:{port}",
        DATABASE_URL=url,
        WEB_CONCURRENCY="1",
    )
    wait_until(lambda: answers(port, "/ready"), "The service did not start")
    return port


def _url(service: ProvedService, database: str) -> str:
    return service.database_url.rpartition("/")[0] + f"/{database}"
