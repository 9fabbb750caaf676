"""Growth: a request must cost the same when its table has a hundred times more rows."""

import asyncio
import time
from collections.abc import Generator, Iterator, Mapping
from uuid import UUID

from dev.prove.client import Client
from dev.prove.findings import Finding, Measurement, Outcome, Result
from dev.prove.load.comparing import HIGHEST_RATIO, durations, sending, smallest_ratio
from dev.prove.load.databases import ROWS, counting, create_databases, servers_of
from dev.prove.load.depth import has_cursors, prove_depth
from dev.prove.load.listed import NOT_FILTERS, SEARCH, Listed, Row, filters, orders, rows_of
from dev.prove.load.measuring import count_statements, logged_statements
from dev.prove.operations import Operation
from dev.prove.requests import Request
from dev.prove.service import ProvedService

CHECK = "growth"
COUNTED = "total"
# The count of a list may take this much longer than the plain count of all rows.
COUNTS = 2


def prove_growth(
    service: ProvedService, requests: Mapping[Operation, Request]
) -> Generator[Result]:
    """Compare each list, in each order and with each filter, with few and with many rows."""
    with logged_statements(service):
        counts = count_statements(service, service.port, [*requests.values()])
    client = Client(service.port)
    rows = {each: rows_of(client.send(request).document)[:1] for each, request in requests.items()}
    client.close()
    service.stop("gunicorn")
    seeds = {each.name: _id(found) for each, found in rows.items()}
    problems = asyncio.run(create_databases(service, seeds))
    for name, problem in problems.items():
        yield Finding("load", CHECK, name, Outcome.UNCOVERED, problem)
    covered = {each: request for each, request in requests.items() if each.name not in problems}
    with servers_of(service) as ports:
        for operation, request in covered.items():
            comparison = _Comparison(service, ports, operation, seeds[operation.name])
            yield from comparison.results(request, rows[operation][0])
        few = dict(zip(requests, counts, strict=True))
        yield from _statements(service, ports["few"], covered, few)


def _id(rows: list[Row]) -> UUID | None:
    """Return the id of a row."""
    try:
        return UUID(str(rows[0]["id"]))
    except (IndexError, KeyError, ValueError):
        return None


class _Comparison:
    """Compares the requests of one list."""

    def __init__(
        self,
        service: ProvedService,
        ports: Mapping[str, int],
        operation: Operation,
        seed: UUID | None,
    ) -> None:
        self._service = service
        self._clients = {name: Client(port) for name, port in ports.items()}
        self._operation = operation
        self._seed = seed
        self._counts = COUNTED in operation.members(operation.answer)

    def results(self, request: Request, row: Row) -> Iterator[Result]:
        """Yield the results of each order and of each filter, and the exemptions."""
        parameters = self._operation.parameters("query").keys()
        if self._counts:
            yield self._uncovered("", f"exempt: the time to count all rows for its `{COUNTED}`")
        if SEARCH in parameters:
            yield self._uncovered(f"?{SEARCH}=", "exempt: a search for a part of a text")
        for listed in orders(self._operation, request):
            yield from self._compare(listed)
            if has_cursors(self._operation):
                yield from prove_depth(self._clients["many"], listed)
        yield from self._filters(request, row)
        for client in self._clients.values():
            client.close()

    def _filters(self, request: Request, row: Row) -> Iterator[Result]:
        parameters = self._operation.parameters("query").keys()
        known = dict(filters(self._operation, request, row))
        for name in sorted(parameters - known.keys() - NOT_FILTERS):
            yield self._uncovered(f"?{name}=", "not measured: no value for it is known")
        for name, listed in known.items():
            answer = self._clients["few"].send(listed.request)
            if rows_of(answer.document):
                yield from self._compare(listed)
            else:
                reason = f"not measured: no row fits `{listed.words}`, which answers"
                yield self._uncovered(f"?{name}=", f"{reason} {answer.status}")

    def _uncovered(self, words: str, reason: str) -> Finding:
        subject = f"{self._operation.name}{words}"
        return Finding("load", CHECK, subject, Outcome.UNCOVERED, reason)

    def _compare(self, listed: Listed) -> Iterator[Result]:
        """Measure with few and many rows; repeat that before a ratio is reported."""
        subject, began = self._operation.name, time.monotonic()
        words = f" with ?{listed.words}" if listed.words else ""
        answer = self._clients["many"].send(listed.request)
        if not answer.is_success:
            detail = (
                f"with {ROWS['many']:,} rows, it answers {answer.status or answer.error}{words}"
            )
            yield Finding("load", CHECK, subject, Outcome.FAILED, detail)
            return
        ratio = smallest_ratio(lambda: self._ratio(listed.request))
        yield Measurement("load", subject, f"{CHECK}{words}", ratio, "times", HIGHEST_RATIO)
        took = time.monotonic() - began
        if ratio > HIGHEST_RATIO:
            detail = f"with {ROWS['many']:,} rows, it takes {ratio:.1f} times as long as with"
            detail += f" {ROWS['few']:,}{words}"
            yield Finding("load", CHECK, subject, Outcome.FAILED, detail, took)
        else:
            yield Finding("load", CHECK, subject, Outcome.PASSED, words.strip(), took)

    def _ratio(self, request: Request) -> float:
        """Return the duration with many rows, without counting them, beside that with few."""
        counted, sent = 0.0, [sending(self._clients[name], request) for name in ROWS]
        if self._counts:
            with counting(self._service, self._seed) as count:
                few, many, counted = durations(*sent, count)
        else:
            few, many = durations(*sent)
        return max(many - COUNTS * counted, min(few, many)) / few


def _statements(
    service: ProvedService,
    port: int,
    requests: Mapping[Operation, Request],
    few: Mapping[Operation, float],
) -> Iterator[Result]:
    """Compare the statements of a full page with those of a list with one row."""
    check = "statements for each row"
    with logged_statements(service):
        counts = count_statements(service, port, [*requests.values()])
    for operation, count in zip(requests, counts, strict=True):
        if count > few[operation] + 1:
            detail = f"a full page takes {count:g} statements, and one row {few[operation]:g}"
            yield Finding("load", check, operation.name, Outcome.FAILED, detail)
        else:
            yield Finding("load", check, operation.name, Outcome.PASSED)
