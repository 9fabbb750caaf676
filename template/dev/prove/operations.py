"""The operations of the API, joined with their rows in `tests/access`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Integer, Table, UniqueConstraint

from app.models import Base
from tests.access import ROLES, Row
from tests.access.test_access import ROWS

Schema = Mapping[str, Any]
# These name no operation of the service's own resources.
PROBES = ("/health", "/ready")


@dataclass(frozen=True, eq=False)
class Operation:
    """An operation of the API with its description, and its row if `tests/access` has one."""

    method: str
    path: str
    description: Mapping[str, Any]
    components: Mapping[str, Schema]
    row: Row | None

    @property
    def name(self) -> str:
        """The method and the path."""
        return f"{self.method} {self.path}"

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose requests succeed, the one with the fewest rights first."""
        row = self.row
        return tuple(role for role in ROLES if row and row.access.status(role) < 400)  # noqa: PLR2004

    @property
    def writes(self) -> bool:
        """Whether the method may change something."""
        return self.method not in {"GET", "HEAD", "OPTIONS"}

    @cached_property
    def body(self) -> Schema:
        """The schema of a JSON body, with its references resolved, or an empty schema."""
        content = self.description.get("requestBody", {}).get("content", {})
        return self.resolve(content.get("application/json", {}).get("schema", {}))

    @cached_property
    def answer(self) -> Schema:
        """The schema of the JSON of a successful response, or an empty schema."""
        for status, response in self.description["responses"].items():
            content = response.get("content", {})
            if status.startswith("2") and "application/json" in content:
                return self.resolve(content["application/json"].get("schema", {}))
        return {}

    def parameters(self, place: str) -> dict[str, Schema]:
        """Return the schemas of the parameters in a place: `path`, `query` or `header`."""
        return {
            each["name"]: self.resolve(each["schema"])
            for each in self.description.get("parameters", [])
            if each["in"] == place
        }

    def describes(self, status: int) -> bool:
        """Return whether the description has a response with a status."""
        return str(status) in self.description["responses"]

    def resolve(self, schema: Schema) -> Schema:
        """Return the schema to which a reference refers; return other schemas unchanged."""
        while "$ref" in schema:
            schema = self.components[schema["$ref"].rpartition("/")[2]]
        return schema

    def members(self, schema: Schema) -> dict[str, Schema]:
        """Return the members of an object, with their schemas."""
        resolved = self.resolve(schema)
        members = dict(resolved.get("properties", {}))
        for part in resolved.get("allOf", []):
            members |= self.members(part)
        return {name: self.resolve(member) for name, member in members.items()}

    def alternatives(self, schema: Schema) -> list[Schema]:
        """Return the alternatives of a schema, as Pydantic describes unions with `anyOf`."""
        resolved = self.resolve(schema)
        choices = [*resolved.get("anyOf", []), *resolved.get("oneOf", [])]
        return [each for one in choices for each in self.alternatives(one)] or [resolved]


def read_operations(description: Mapping[str, Any]) -> list[Operation]:
    """Return all operations of an OpenAPI description, in its order."""
    components = description.get("components", {}).get("schemas", {})
    return [
        Operation(method.upper(), path, operation, components, ROWS.get(f"{method.upper()} {path}"))
        for path, operations in description["paths"].items()
        for method, operation in operations.items()
    ]


@cache
def unique_members() -> frozenset[str]:
    """Return names of members of bodies such that rows that differ in them break no uniqueness.

    One column of each unique group is enough. References must keep their values.
    """
    chosen = set[str]()
    for table in Base.metadata.sorted_tables:
        for group in unique_groups(table):
            own = [table.columns[name] for name in group if not table.columns[name].foreign_keys]
            free = sorted(own, key=lambda column: isinstance(column.type, Integer))
            chosen |= {column.name.removeprefix("normalized_") for column in free[:1]}
    return frozenset(chosen)


def unique_groups(table: Table) -> list[Sequence[str]]:
    """Return the groups of columns of a table whose values must differ between rows."""
    groups = [
        *(each.columns for each in table.constraints if isinstance(each, UniqueConstraint)),
        *(each.columns for each in table.indexes if each.unique),
    ]
    named = [[column.name for column in group] for group in groups]
    return [*named, *([column.name] for column in table.columns if column.unique)]


def varied(body: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return a body for another row: members with the name of a unique column get other values."""
    unique = unique_members()
    return {name: vary(value, number) if name in unique else value for name, value in body.items()}


def vary(value: Any, number: int) -> Any:  # noqa: ANN401 - of any JSON
    """Return another value of the same type and, for a text, of the same length if possible."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    if isinstance(value, int):
        return value + number
    if _is_uuid(value):
        return str(uuid4())
    prefix = f"v{number}"
    return prefix + value if "@" in value else value[: -len(prefix)] + prefix


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
