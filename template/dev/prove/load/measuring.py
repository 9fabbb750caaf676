"""Measures a server under load: throughput, latencies, CPU time and statements of a request."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

from dev.prove.client import Client
from dev.prove.load.generator import NextRequest, Sample, load
from dev.prove.requests import Request
from dev.prove.service import ProvedService
from dev.prove.sql import execute

CONNECTIONS = 16
WARM_SECONDS = 0.3
ALONE_SECONDS = 0.4
SENT_FOR_STATEMENTS = 4
RELOAD_SECONDS = 0.3
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): ")


@dataclass(frozen=True)
class Figures:
    """The figures of one kind of request. CPU times are of the service, in ms a request."""

    sample: Sample
    cpu_ms: float
    loop_cpu_ms: float  # of the threads with the event loops
    postgres_cpu_ms: float
    alone: Sample  # with one connection

    @property
    def processors(self) -> float:
        """The number of processors that the service and PostgreSQL used on average."""
        return (self.cpu_ms + self.postgres_cpu_ms) / 1000 * self.sample.per_second

    @property
    def slowdown(self) -> float:
        """The latency with all connections, in latencies with one."""
        return self.sample.percentile(50) / (self.alone.percentile(50) or 1)


def measure(
    service: ProvedService, port: int, server: str, next_request: NextRequest, seconds: float
) -> Figures:
    """Load a server of the service for some seconds, after it has become warm."""
    load(port, next_request, CONNECTIONS, WARM_SECONDS)
    alone = load(port, next_request, 1, ALONE_SECONDS)
    before = _used(service, server)
    sample = load(port, next_request, CONNECTIONS, seconds)
    used = [end - begin for begin, end in zip(before, _used(service, server), strict=True)]
    cpu, loop, postgres = (1000 * each / max(1, len(sample.latencies)) for each in used)
    return Figures(sample, cpu, loop, postgres, alone)


def _used(service: ProvedService, server: str) -> tuple[float, ...]:
    """Return the seconds of CPU time of a server, of its event loops, and of PostgreSQL."""
    total, loops = _cpu(service.tree(server))
    return total, loops, _cpu(service.tree("postgres"))[0]


def _cpu(processes: Iterable[psutil.Process]) -> tuple[float, float]:
    """Return the seconds of CPU time of all threads, and of the main threads."""
    total = main = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            for thread in process.threads():
                total += thread.user_time + thread.system_time
                main += thread.user_time + thread.system_time if thread.id == process.pid else 0
    return total, main


@contextmanager
def logged_statements(service: ProvedService) -> Iterator[None]:
    """Let PostgreSQL log each statement within the context."""
    execute(
        service.database_url, "ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()"
    )
    time.sleep(RELOAD_SECONDS)  # no connection can tell when all others have read the setting
    try:
        yield
    finally:
        execute(service.database_url, "ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()")
        time.sleep(RELOAD_SECONDS)


def count_statements(service: ProvedService, port: int, requests: Sequence[Request]) -> list[float]:
    """Return the statements that each of the requests takes, including those of transactions."""
    client, counts = Client(port), list[float]()
    for request in requests:
        client.send(request)  # PostgreSQL also logs the statements that prepare others
        before = len(STATEMENT.findall(service.log()))
        for _ in range(SENT_FOR_STATEMENTS):
            client.send(request)
        after = len(STATEMENT.findall(service.log()))
        counts.append((after - before) / SENT_FOR_STATEMENTS)
    client.close()
    return counts
