"""Tries each operation, to learn which can be sent again and again while the service is loaded."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dev.prove.client import Client
from dev.prove.operations import PROBES, Operation
from dev.prove.population import (
    BY_PREFERENCE,
    Populated,
    Population,
    UncoveredError,
)
from dev.prove.requests import Request, encode

TIMES = 3
ENDS_SESSION = "it ends the session of its caller"
DISTURBS = "other operations of the load fail after it"


@dataclass(frozen=True)
class Lifecycle:
    """The requests that create a row and, with the path of the row, read, change and delete it."""

    create: Request
    read: Request | None = None
    update: Request | None = None
    delete: Request | None = None
    # Whether an unchanged row is read as the answer to its last change has described it.
    is_comparable: bool = False

    def path(self, id: object) -> str:  # noqa: A002 - as in the path
        """Return the path of a created row."""
        return f"{self.create.path.partition('?')[0]}/{id}"


@dataclass
class Repertoire:
    """The requests that succeed each time, with one population; the others with the reason."""

    population: Population
    operations: list[Operation] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    lifecycles: list[Lifecycle] = field(default_factory=list)
    uncovered: dict[str, str] = field(default_factory=dict)


async def repeatable(
    populated: Populated, operations: Sequence[Operation], port: int
) -> tuple[list[Operation], dict[str, str]]:
    """Try all operations, each with a population of its own.

    Return those that succeed each time, and the names of the others with the reason.
    """
    client, uncovered, found = Client(port), dict[str, str](), list[Operation]()
    for operation in operations:
        if operation.path not in PROBES:
            try:
                await _try(populated, operation, client)
                found.append(operation)
            except UncoveredError as error:
                uncovered[operation.name] = str(error)
    client.close()
    return found, uncovered


async def rehearse(populated: Populated, operations: Sequence[Operation], port: int) -> Repertoire:
    """Return the requests that can be repeated together, under load."""
    several, uncovered = await repeatable(populated, operations, port)
    client = Client(port)
    found = await _combined(populated, several, client)
    found.uncovered |= uncovered
    _add_lifecycles(found, operations, client)
    client.close()
    return found


async def renew(found: Repertoire, populated: Populated) -> None:
    """Replace all rows, and the requests whose paths and bodies contain their ids."""
    found.population = await populated.populate()
    found.requests = [await populated.request(e, found.population) for e in found.operations]
    requests = {each.operation: each for each in found.requests}
    found.lifecycles = [
        replace(life, create=requests[life.create.operation]) for life in found.lifecycles
    ]


def _add_lifecycles(found: Repertoire, operations: Sequence[Operation], client: Client) -> None:
    for operation in operations:
        for request in found.requests:
            if request.operation == operation.name and operation.method == "POST":
                rows = _Rows(operations, found.population, request, client)
                if lifecycle := rows.lifecycle(operation):
                    found.lifecycles.append(_compared(lifecycle, found.requests, client))
    for life in found.lifecycles:
        for each in (life.read, life.update, life.delete):
            found.uncovered.pop(each.operation if each else "", None)


async def _combined(
    populated: Populated, operations: Sequence[Operation], client: Client
) -> Repertoire:
    """Return the operations that can be repeated together, those that only read first."""
    found = Repertoire(await populated.populate())
    for operation in sorted(operations, key=lambda each: (each.writes, each.path.count("/"))):
        request = await populated.request(operation, found.population)
        client.send(request)
        if all(client.send(each).is_success for each in [*found.requests, request]):
            found.operations.append(operation)
            found.requests.append(request)
        else:
            found.uncovered[operation.name] = DISTURBS
            await renew(found, populated)
    return found


def _compared(life: Lifecycle, others: Sequence[Request], client: Client) -> Lifecycle:
    """Find out whether a row stays as it was changed while the other requests are sent."""
    made = client.send(life.create).document
    if life.update is None or life.read is None or not isinstance(made, dict):
        return life
    changed = client.send(life.update, life.path(made["id"]))
    for other in others:
        client.send(other)
    read = client.send(life.read, life.path(made["id"]))
    return replace(life, is_comparable=changed.document == read.document)


async def _try(populated: Populated, operation: Operation, client: Client) -> None:
    """Send an operation several times; raise `UncoveredError` if it cannot be repeated."""
    population = await populated.populate()
    request = await populated.request(operation, population)
    for number in range(TIMES):
        answer = client.send(request)
        if not answer.is_success:
            which = "again" if number else "once"
            raise UncoveredError(f"sent {which}, it answers {answer.status or answer.error}")
    if not client.send(alive(population)).is_success:
        raise UncoveredError(ENDS_SESSION)


def alive(population: Population) -> Request:
    """Return a request that succeeds while the session of the owner is active."""
    headers = population.headers("owner")
    return Request("GET /api/v1/users/me", "GET", "/api/v1/users/me", headers)


class _Rows:
    """Tries the operations on a row that a request has created."""

    def __init__(
        self,
        operations: Sequence[Operation],
        population: Population,
        create: Request,
        client: Client,
    ) -> None:
        self._operations = operations
        self._population = population
        self._create = create
        self._client = client

    def lifecycle(self, operation: Operation) -> Lifecycle | None:
        """Return the operations on the row, or `None` if its path cannot be derived."""
        made = self._client.send(self._create).document
        if not isinstance(made, dict) or "id" not in made:
            return None
        life = Lifecycle(self._create)
        path = life.path(made["id"])
        read = self._first_success("GET", operation, path)
        if read is None:
            return None
        update = self._first_success("PATCH", operation, path)
        delete = self._first_success("DELETE", operation, path)
        return replace(life, read=read, update=update, delete=delete)

    def _first_success(self, method: str, create: Operation, path: str) -> Request | None:
        """Return the request of the first role that may use an operation on the row."""
        pattern = re.compile(re.escape(create.path) + r"/\{\w+\}")
        for each in self._operations:
            if each.method == method and pattern.fullmatch(each.path) and each.row:
                for role in BY_PREFERENCE:
                    headers = self._population.headers(role)
                    request = encode(each.name, method, path, headers, _sent(each))
                    if role in each.roles and self._client.send(request).is_success:
                        return request
        return None


def _sent(operation: Operation) -> Mapping[str, object]:
    """Return the arguments of a request, or those without names in braces."""
    row = operation.row
    return {} if row is None else {**row.body, **row.access.send}
