"""Tries each operation, to learn which can be sent again and again while the service is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dev.prove.client import Client
from dev.prove.lifecycles import Lifecycle, lifecycles_of
from dev.prove.operations import PROBES, Operation
from dev.prove.population import Populated, Population, UncoveredError
from dev.prove.requests import Request

TIMES = 3
ENDS_SESSION = "it ends the session of its caller"
DISTURBS = "other operations of the load fail after it"


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
    found.lifecycles = lifecycles_of(found.requests, operations, found.population, client)
    client.close()
    for life in found.lifecycles:
        for each in (life.read, life.update, life.delete):
            found.uncovered.pop(each.operation if each else "", None)
    return found


async def renew(found: Repertoire, populated: Populated) -> None:
    """Replace all rows, and the requests whose paths and bodies contain their ids."""
    found.population = await populated.populate()
    found.requests = [await populated.request(e, found.population) for e in found.operations]
    requests = {each.operation: each for each in found.requests}
    found.lifecycles = [
        replace(life, create=requests[life.create.operation]) for life in found.lifecycles
    ]


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
