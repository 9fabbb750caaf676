"""Growth: a request must cost the same when its table has a hundred times more rows."""

import asyncio
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from dev.prove.client import Client
from dev.prove.findings import Finding, Measurement, Outcome, Result
from dev.prove.load.databases import ROWS, create_databases, servers_of
from dev.prove.load.measuring import count_statements, logged_statements
from dev.prove.operations import Operation
from dev.prove.requests import Request
from dev.prove.service import ProvedService

CHECK = "growth"
HIGHEST_RATIO = 1.5
ATTEMPTS = 3
SENT = 40
FASTEST_PART = 0.25
COUNTED = "total"
SEARCH = "q"
NOT_FILTERS = {"cursor", "limit", "offset", "sort"}


@dataclass(frozen=True)
class Listed:
    """A request of a list, and the words that describe it after the operation."""

    operation: Operation
    request: Request
    words: str = ""


def prove_growth(
    service: ProvedService, requests: Mapping[Operation, Request]
) -> Generator[Result]:
    """Compare each list, in each order, with few and with many rows."""
    with logged_statements(service):
        counts = count_statements(service, service.port, [*requests.values()])
    seeds, client = dict[str, UUID | None](), Client(service.port)
    for operation, request in requests.items():
        seeds[operation.name] = _first_id(client.send(request).document)
    client.close()
    service.stop("gunicorn")
    problems = asyncio.run(create_databases(service, seeds))
    for name, problem in problems.items():
        yield Finding("load", CHECK, name, Outcome.UNCOVERED, problem)
    covered = {each: request for each, request in requests.items() if each.name not in problems}
    with servers_of(service) as ports:
        for operation, request in covered.items():
            yield from _compare_all(operation, request, ports)
        few = dict(zip(requests, counts, strict=True))
        yield from _statements(service, ports["few"], covered, few)


def _compare_all(
    operation: Operation, request: Request, ports: Mapping[str, int]
) -> Iterator[Result]:
    if COUNTED in operation.members(operation.answer):
        reason = f"exempt: it counts all rows for its `{COUNTED}`"
        yield Finding("load", CHECK, operation.name, Outcome.UNCOVERED, reason)
        return
    for parameter in sorted(operation.parameters("query").keys() - NOT_FILTERS):
        reason = "exempt: a search for a part of a text" if parameter == SEARCH else "not measured"
        subject = f"{operation.name}?{parameter}="
        yield Finding("load", CHECK, subject, Outcome.UNCOVERED, reason)
    for listed in _variants(operation, request):
        yield from _compare(listed, ports)


def _first_id(document: object) -> UUID | None:
    """Return the id of the first row of a list or a page."""
    arrays = document.values() if isinstance(document, dict) else [document]
    for rows in arrays:
        if isinstance(rows, list) and rows and isinstance(rows[0], dict) and "id" in rows[0]:
            try:
                return UUID(str(rows[0]["id"]))
            except ValueError:
                return None
    return None


def _variants(operation: Operation, request: Request) -> Iterator[Listed]:
    """Yield the request in each order of the list."""
    sort = operation.parameters("query").get("sort", {})
    for order in sort.get("enum", [None]):
        words = "" if order is None else urlencode({"sort": order})
        joint = "&" if "?" in request.path else "?"
        path = f"{request.path}{joint}{words}" if words else request.path
        yield Listed(operation, replace(request, path=path), words)


def _compare(listed: Listed, ports: Mapping[str, int]) -> Iterator[Result]:
    """Measure a list with few and many rows; repeat that before a ratio is reported."""
    subject, began = listed.operation.name, time.monotonic()
    ratio = min(_ratios(listed.request, ports))
    words = f" with ?{listed.words}" if listed.words else ""
    yield Measurement("load", subject, f"{CHECK}{words}", ratio, "times", HIGHEST_RATIO)
    took = time.monotonic() - began
    if ratio > HIGHEST_RATIO:
        detail = f"with {ROWS['many']:,} rows, it takes {ratio:.1f} times as long as with"
        detail += f" {ROWS['few']:,}{words}"
        yield Finding("load", CHECK, subject, Outcome.FAILED, detail, took)
    else:
        yield Finding("load", CHECK, subject, Outcome.PASSED, words.strip(), took)


def _ratios(request: Request, ports: Mapping[str, int]) -> Iterator[float]:
    """Yield ratios of the durations, until one passes or all attempts are made."""
    clients = {name: Client(port) for name, port in ports.items()}
    for _ in range(ATTEMPTS):
        seconds: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(SENT):
            for name, client in clients.items():
                seconds[name].append(client.send(request).seconds)
        ratio = _fast(seconds["many"]) / _fast(seconds["few"])
        yield ratio
        if ratio <= HIGHEST_RATIO:
            break
    for client in clients.values():
        client.close()


def _fast(seconds: list[float]) -> float:
    """Return the first quartile, which other programs of the machine disturb least."""
    return sorted(seconds)[int(len(seconds) * FASTEST_PART)]


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
