"""The requests of a list that growth compares: each order, and each filter with a row's value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from dev.prove.operations import Operation, Schema
from dev.prove.requests import Request

SEARCH, CURSOR = "q", "cursor"
NOT_FILTERS = {CURSOR, "limit", "offset", "sort", SEARCH}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Listed:
    """A request of a list, and its query, which describes it after the operation."""

    operation: Operation
    request: Request
    words: str = ""

    def with_query(self, name: str, value: object) -> "Listed":
        """Return the request with one more parameter."""
        words = urlencode({name: value}, doseq=True)
        path = self.request.path
        changed = replace(self.request, path=f"{path}{'&' if '?' in path else '?'}{words}")
        return Listed(self.operation, changed, words)


def rows_of(document: object) -> list[Row]:
    """Return the rows of a list or a page."""
    for rows in document.values() if isinstance(document, dict) else [document]:
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            return rows
    return []


def orders(operation: Operation, request: Request) -> Iterator[Listed]:
    """Yield the request in each order of the list."""
    listed = Listed(operation, request)
    for order in operation.parameters("query").get("sort", {}).get("enum", [None]):
        yield listed if order is None else listed.with_query("sort", order)


def filters(operation: Operation, request: Request, row: Row) -> Iterator[tuple[str, Listed]]:
    """Yield the request with each filter that a value is known for, and the filter's name."""
    for name, schema in sorted(operation.parameters("query").items()):
        value = _value(operation, name, schema, row)
        if name not in NOT_FILTERS and value is not None:
            yield name, Listed(operation, request).with_query(name, value)


def _value(operation: Operation, name: str, schema: Schema, row: Row) -> object:
    """Return a value of the row with a similar name, such as `price` for `min_price`, or any."""
    for member, found in row.items():
        if found not in (None, []) and name.endswith((member, member.removesuffix("s"))):
            return str(found).lower() if isinstance(found, bool) else found
    for each in operation.alternatives(schema):
        if each.get("type") == "boolean":
            return "true"
        if each.get("enum"):
            return each["enum"][0]
    return None
