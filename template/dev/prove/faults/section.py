"""The section `faults`: the service under load, while its processes and its servers fail."""

import asyncio
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from dev.errors import ServerError
from dev.prove.client import OK, UNAVAILABLE
from dev.prove.faults import outages, processes
from dev.prove.faults.commits import prove_commits
from dev.prove.faults.invariants import SERVICE, Violation, violations
from dev.prove.faults.observed import LONGEST_RECOVERY, Observed
from dev.prove.faults.traffic import Traffic
from dev.prove.findings import Finding, Measurement, Outcome, Result
from dev.prove.population import operations_of, populated
from dev.prove.sections import NO_TIME, Plan
from dev.prove.service import ProvedService, proved_service
from dev.prove.trial import Repertoire, rehearse, renew
from dev.prove.waiting import wait_until

SECTION = "faults"
START = 30.0
FAULTS: Mapping[str, Callable[[ProvedService, Traffic], Observed]] = {
    "worker killed": processes.kill_worker,
    "workers reloaded": processes.reload,
    "service stopped": processes.drain,
    "PostgreSQL stopped": outages.crash_postgres,
    "PostgreSQL restarted": outages.restart_postgres,
    "PostgreSQL frozen": outages.freeze_postgres,
    "Valkey stopped": outages.stop_valkey,
    "workers recycled": processes.recycle_workers,
}


def run(plan: Plan) -> Generator[Result]:
    """Break the service in each way, on servers of its own, until no time is left for more."""
    deadline = time.monotonic() + plan.seconds
    with proved_service(Path.cwd()) as service:
        yield from start_before_database(service)
        yield from asyncio.run(prove_commits(service))
        repertoire = asyncio.run(_rehearse(service))
        for operation, reason in repertoire.uncovered.items():
            yield Finding(
                SECTION, "load", operation, Outcome.UNCOVERED, f"not part of it: {reason}"
            )
        for name, results in _proofs(service, repertoire):
            if time.monotonic() < deadline:
                yield from results
            else:
                yield Finding(SECTION, name, SERVICE, Outcome.UNCOVERED, NO_TIME)


def _proofs(
    service: ProvedService, repertoire: Repertoire
) -> Iterator[tuple[str, Iterator[Result]]]:
    """Yield the name of each fault, and the iterator that breaks the service in this way."""
    for name in FAULTS:
        yield name, prove(name, service, repertoire)
    if find_spec("dev.prove.faults.jobs"):  # only in projects with jobs
        yield "jobs", import_module("dev.prove.faults.jobs").prove_jobs(service)


async def _rehearse(service: ProvedService) -> Repertoire:
    async with populated(service) as database:
        return await rehearse(database, operations_of(service), service.port)


async def _renew(service: ProvedService, repertoire: Repertoire) -> None:
    async with populated(service) as database:
        await renew(repertoire, database)


def start_before_database(service: ProvedService) -> Iterator[Result]:
    """Start the service before PostgreSQL: it is alive at once, and ready soon after PostgreSQL."""
    began, check, seen = time.monotonic(), "started before PostgreSQL", Observed()
    service.stop("gunicorn")
    service.stop("postgres")
    service.start_gunicorn()
    with noted(seen):
        wait_until(lambda: service.status("/health") == OK, "The service did not start", START)
        before = service.status("/ready")
        seen.require(f"readiness answered {before} instead of 503", holds=before == UNAVAILABLE)
    service.start_postgres()
    with noted(seen):
        seen.seconds["readiness"] = wait_until(
            lambda: service.status("/ready") == OK, "The service did not become ready", START
        )
        seen.require_within("readiness", LONGEST_RECOVERY)
    heal(service)
    yield from report(check, seen, seen.broken, began)


def heal(service: ProvedService) -> None:
    """Heal the service, also if only a restart makes it ready again."""
    try:
        service.heal()
    except ServerError:
        service.kill("gunicorn")
        service.heal()


@contextmanager
def noted(seen: Observed) -> Iterator[None]:
    """Note that the service did not reach a state in time, instead of ending the section."""
    try:
        yield
    except ServerError as error:
        seen.broken.append(Violation(SERVICE, str(error)))


def prove(name: str, service: ProvedService, repertoire: Repertoire) -> Iterator[Result]:
    """Break the service in one way. A limit of time must be exceeded twice."""
    began = time.monotonic()
    seen, broken = observe(name, service, repertoire)
    if any(each.limit for each in broken):
        seen, again = observe(name, service, repertoire)
        exceeded = {each.limit for each in again}
        broken = [each for each in broken if not each.limit or each.limit in exceeded]
    yield from report(name, seen, broken, began)


def observe(
    name: str, service: ProvedService, repertoire: Repertoire
) -> tuple[Observed, list[Violation]]:
    """Break the service once; return the result, and all promises that it broke."""
    service.heal()
    asyncio.run(_renew(service, repertoire))
    traffic = Traffic(service.port, repertoire)
    seen = Observed()
    with noted(seen):
        seen = FAULTS[name](service, traffic)
    heal(service)
    return seen, [*violations(traffic, service.port), *seen.broken]


def report(check: str, seen: Observed, broken: list[Violation], began: float) -> Iterator[Result]:
    """Yield the measured seconds, and the broken promises or one check that passed."""
    for name, seconds in seen.seconds.items():
        yield Measurement(SECTION, check, name, seconds, "s")
    took = time.monotonic() - began
    for each in broken:
        yield Finding(SECTION, check, each.subject, Outcome.FAILED, each.detail, took)
    if not broken:
        yield Finding(SECTION, check, SERVICE, Outcome.PASSED, seconds=took)
