"""The section `load`: throughput, latencies, CPU time and statements, and growth with the rows."""

import asyncio
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path

from dev.prove.client import answers
from dev.prove.findings import Finding, Measurement, Outcome, Result
from dev.prove.load.budgets import ACCEPT, FILE, Budgets, read_budgets, write_budgets
from dev.prove.load.chosen import choose, is_list
from dev.prove.load.growth import prove_growth
from dev.prove.load.measuring import Figures, count_statements, logged_statements, measure
from dev.prove.load.waits import CHECKS, problems_of
from dev.prove.operations import PROBES, Operation
from dev.prove.population import operations_of, populated
from dev.prove.requests import Request
from dev.prove.sections import Plan
from dev.prove.service import WORKERS, ProvedService, proved_service
from dev.prove.trial import repeatable
from dev.prove.waiting import free_port, wait_until

SECTION = "load"
YARDSTICK = "yardstick"
PART = 12  # the loads take the twelfth part of the time; the rest is a reserve
SHORTEST, LONGEST = 1.0, 10.0
ATTEMPTS = 3


def run(plan: Plan) -> Generator[Result]:
    """Measure the service on servers of its own, and compare it with the budgets."""
    project = Path.cwd()
    budgets = read_budgets(project)
    with proved_service(project) as service:
        operations = operations_of(service)
        possible, uncovered = asyncio.run(_repeatable(service, operations))
        chosen = choose(possible)
        yield from _not_measured(operations, chosen, uncovered)
        seconds = min(LONGEST, max(SHORTEST, plan.seconds / PART / (len(chosen) or 1)))
        loaded = Loaded(service, budgets, seconds)
        yield from loaded.results(chosen)
        if plan.accept:
            write_budgets(project, Budgets(budgets.limit, loaded.cpu, loaded.statements))
        elif not budgets.cpu:
            reason = f"there are no budgets: run `{ACCEPT}`"
            yield Finding(SECTION, "budget", FILE, Outcome.UNCOVERED, reason)
        lists = [each for each in possible if is_list(each)]
        yield from prove_growth(service, asyncio.run(_together(service, lists)))


async def _repeatable(
    service: ProvedService, operations: list[Operation]
) -> tuple[list[Operation], dict[str, str]]:
    async with populated(service) as database:
        return await repeatable(database, operations, service.port)


async def _together(
    service: ProvedService, operations: Iterable[Operation]
) -> dict[Operation, Request]:
    """Return the requests of operations with a new population."""
    async with populated(service) as database:
        population = await database.populate()
        return {each: await database.request(each, population) for each in operations}


def _not_measured(
    operations: Iterable[Operation], chosen: Iterable[Operation], uncovered: Mapping[str, str]
) -> Iterator[Result]:
    """Yield the operations that are not measured, with the reason."""
    measured = {each.name for each in chosen}
    for operation in operations:
        if operation.name not in measured and operation.path not in PROBES:
            reason = uncovered.get(operation.name, "another operation represents its kind")
            detail = f"not measured: {reason}"
            yield Finding(SECTION, "load", operation.name, Outcome.UNCOVERED, detail)


class Loaded:
    """Loads the service and the yardstick, and compares the results with the budgets."""

    def __init__(self, service: ProvedService, budgets: Budgets, seconds: float) -> None:
        self._service = service
        self._budgets = budgets
        self._seconds = seconds
        self._port = _start_yardstick(service)
        self.cpu = dict[str, float]()
        self.statements = dict[str, float]()

    def results(self, chosen: Iterable[Operation]) -> Iterator[Result]:
        """Yield the figures of all operations, and whether each one keeps its budgets."""
        yardstick = self._measure_yardstick()
        yield from _figures(YARDSTICK, yardstick)
        for operation in chosen:
            [request] = asyncio.run(_together(self._service, [operation])).values()
            with logged_statements(self._service):
                [count] = count_statements(self._service, self._service.port, [request])
            self.statements[operation.name] = count
            yield from self._within_statements(operation.name, count)
            yield from self._operation(operation.name, request, yardstick)
        self._service.stop(YARDSTICK)

    def _operation(self, name: str, request: Request, yardstick: Figures) -> Iterator[Result]:
        figures = self._measure(request)
        if figures.sample.failed:
            detail = f"{figures.sample.failed} of its requests failed: {_told(figures)}"
            yield Finding(SECTION, "load", name, Outcome.FAILED, detail)
        ratio, budget = figures.cpu_ms / yardstick.cpu_ms, self._budgets.cpu_budget(name)
        for _ in range(ATTEMPTS - 1):
            if budget is not None and ratio > budget:
                again = self._measure(request).cpu_ms / self._measure_yardstick().cpu_ms
                ratio = min(ratio, again)
        self.cpu[name] = round(ratio, 2)
        yield from _figures(name, figures)
        yield Measurement(SECTION, name, "CPU time", ratio, "yardsticks", budget)
        yield from self._within_cpu(name, ratio, budget)
        yield from self._waits(name, request, figures, yardstick)

    def _within_cpu(self, name: str, ratio: float, budget: float | None) -> Iterator[Result]:
        if budget is None:
            return
        outcome = Outcome.FAILED if ratio > budget else Outcome.PASSED
        detail = f"it takes the CPU time of {ratio:.1f} yardsticks, and may take {budget:.1f}"
        yield Finding(SECTION, "CPU budget", name, outcome, detail)

    def _within_statements(self, name: str, count: float) -> Iterator[Result]:
        budget = self._budgets.statements.get(name)
        yield Measurement(SECTION, name, "statements", count, "a request", budget)
        if budget is not None:
            outcome = Outcome.FAILED if count > budget else Outcome.PASSED
            detail = f"it takes {count:g} statements, and may take {budget:g}"
            yield Finding(SECTION, "statement budget", name, outcome, detail)

    def _waits(
        self, name: str, request: Request, figures: Figures, yardstick: Figures
    ) -> Iterator[Finding]:
        """Find requests that wait for each other. All attempts must agree."""
        problems = problems_of(figures, yardstick)
        for _ in range(ATTEMPTS - 1):
            if problems:
                again = self._measure(request), self._measure_yardstick()
                found = problems_of(*again)
                problems = {check: found[check] for check in problems if check in found}
        for check in CHECKS:
            outcome = Outcome.FAILED if check in problems else Outcome.PASSED
            yield Finding(SECTION, check, name, outcome, problems.get(check, ""))

    def _measure(self, request: Request) -> Figures:
        return measure(self._service, self._service.port, "gunicorn", request.raw, self._seconds)

    def _measure_yardstick(self) -> Figures:
        request = Request(YARDSTICK, "GET", "/", {})
        return measure(self._service, self._port, YARDSTICK, request.raw, self._seconds)


def _told(figures: Figures) -> str:
    return ", ".join(f"{count} with {each}" for each, count in figures.sample.statuses.items())


def _figures(name: str, figures: Figures) -> Iterator[Measurement]:
    sample = figures.sample
    yield Measurement(SECTION, name, "throughput", sample.per_second, "requests/s")
    yield Measurement(SECTION, name, "p50", sample.percentile(50), "ms")
    yield Measurement(SECTION, name, "p99", sample.percentile(99), "ms")
    yield Measurement(SECTION, name, "CPU of the service", figures.cpu_ms, "ms")
    yield Measurement(SECTION, name, "CPU of PostgreSQL", figures.postgres_cpu_ms, "ms")


def _start_yardstick(service: ProvedService) -> int:
    """Start the yardstick with as many workers as the service, and return its port."""
    port = free_port()
    options = ("--workers", str(WORKERS), "--port", str(port), "--log-level", "critical")
    service.processes[YARDSTICK] = service.run(
        *("python", "-m", "uvicorn", "dev.prove.load.yardstick:app", *options), PYTHONPATH="."
    )
    wait_until(lambda: answers(port, "/"), "The yardstick did not start")
    return port
