"""Measures a server under load: throughput, latencies, CPU time and statements of a request."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from statistics import median

import psutil

from dev.prove.client import Client, get
from dev.prove.load.generator import NextRequest, Sample, load
from dev.prove.requests import Request
from dev.prove.service import ProvedService
from dev.prove.sql import execute

CONNECTIONS, FEW_CONNECTIONS = 16, 4
WARM_SECONDS = 0.3
ALONE_SECONDS = 0.4
PROBE_SECONDS = 0.02
SENT_FOR_STATEMENTS = 4
RELOAD_SECONDS = 0.3
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): ")


@dataclass(frozen=True)
class Figures:
    """The figures of one kind of request. CPU times are of the service, in ms a request."""

    sample: Sample
    cpu_ms: float
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
    before = _cpu(service, server), _cpu(service, "postgres")
    sample = load(port, next_request, CONNECTIONS, seconds)
    after = _cpu(service, server), _cpu(service, "postgres")
    used = [end - begin for begin, end in zip(before, after, strict=True)]
    cpu, postgres_cpu = (1000 * each / max(1, len(sample.latencies)) for each in used)
    return Figures(sample, cpu, postgres_cpu, alone)


def event_loop_delay(port: int, next_request: NextRequest) -> float:
    """Return the latency of `/health` beside a few requests, in latencies without them."""
    with _probed(port) as idle:
        time.sleep(ALONE_SECONDS)
    with _probed(port) as beside:
        load(port, next_request, FEW_CONNECTIONS, ALONE_SECONDS)
    return median(beside) / median(idle) if idle and beside else 0


@contextmanager
def _probed(port: int) -> Iterator[list[float]]:
    """Send small requests within the context; yield the seconds that each one took."""
    seconds, is_over = list[float](), threading.Event()

    def probe() -> None:
        # Each request has a connection of its own, so that all workers are probed.
        while not is_over.wait(PROBE_SECONDS):
            seconds.append(get(port, "/health").seconds)

    thread = threading.Thread(target=probe)
    thread.start()
    try:
        yield seconds
    finally:
        is_over.set()
        thread.join()


def _cpu(service: ProvedService, server: str) -> float:
    """Return the seconds of CPU time that the processes of a server have used."""
    total = 0.0
    for process in service.tree(server):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


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
