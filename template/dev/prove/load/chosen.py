"""The measured operations: one read, one list and one write of each resource."""

from collections.abc import Iterable
from enum import StrEnum

from dev.prove.operations import Operation


class Kind(StrEnum):
    """The kind of an operation, of which each resource has one that is measured."""

    READ = "read"
    LIST = "list"
    WRITE = "write"


def kind_of(operation: Operation) -> Kind:
    """Return the kind of an operation. A list returns an array, or a page with an array."""
    if operation.method != "GET":
        return Kind.WRITE
    return Kind.LIST if is_list(operation) else Kind.READ


def is_list(operation: Operation) -> bool:
    """Return whether a GET returns an array of objects, or a page that contains one."""
    members = operation.members(operation.answer)
    arrays = [operation.answer, *members.values()]
    return any(
        each.get("type") == "array" and operation.members(each.get("items", {})) for each in arrays
    )


def choose(operations: Iterable[Operation]) -> list[Operation]:
    """Return one operation of each kind for each resource."""
    chosen = dict[tuple[str, Kind], Operation]()
    for operation in sorted(operations, key=_preference):
        chosen.setdefault((_resource(operation), kind_of(operation)), operation)
    return list(chosen.values())


def _resource(operation: Operation) -> str:
    """Return the first part of a path after its version, such as `users` of `/api/v1/users`."""
    parts = [part for part in operation.path.split("/") if part]
    return parts[2] if len(parts) > 2 and parts[0] == "api" else parts[0]  # noqa: PLR2004


def _preference(operation: Operation) -> tuple[bool, int]:
    """Prefer the creation of rows to other writes, and short paths."""
    return operation.method not in {"GET", "POST"}, operation.path.count("/")
