"""Rows that requests create, read, change and delete, which a fault must not lose."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dev.prove.client import Client
from dev.prove.operations import Operation
from dev.prove.population import BY_PREFERENCE, Population
from dev.prove.requests import Request, encode


@dataclass(frozen=True)
class Lifecycle:
    """The requests that create a row and, with the path of the row, read, change and delete it.

    A PUT or a PATCH that is read under its own path is a lifecycle with one row.
    """

    create: Request
    read: Request | None = None
    update: Request | None = None
    delete: Request | None = None
    # Whether an unchanged row is read as the answer to its last change has described it.
    is_comparable: bool = False

    def path(self, id: object) -> str:  # noqa: A002 - as in the path
        """Return the path of a created row."""
        if self.create.method != "POST":
            return self.create.path
        return f"{self.create.path.partition('?')[0]}/{id}"


def lifecycles_of(
    requests: Sequence[Request],
    operations: Sequence[Operation],
    population: Population,
    client: Client,
) -> list[Lifecycle]:
    """Try the operations on the rows that requests create; return the lifecycles."""
    found = list[Lifecycle]()
    for operation in operations:
        for request in requests:
            if request.operation == operation.name and operation.method == "POST":
                rows = _Rows(operations, population, request, client)
                if lifecycle := rows.lifecycle(operation):
                    found.append(_compared(lifecycle, requests, client))
    changed = {life.update.operation for life in found if life.update}
    single = [each for each in requests if each.method in {"PUT", "PATCH"}]
    for request in single:
        if request.operation not in changed:
            found += _single_row(request, operations, client)
    return found


def _single_row(
    request: Request, operations: Sequence[Operation], client: Client
) -> Iterator[Lifecycle]:
    """Yield the lifecycle of a change that is read under its own path, such as of settings."""
    path = request.operation.partition(" ")[2]
    headers = {name: each for name, each in request.headers.items() if name == "Authorization"}
    for each in operations:
        if each.method == "GET" and each.path == path:
            read = Request(each.name, "GET", request.path, headers)
            if client.send(read).is_success:
                yield Lifecycle(request, read)


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
