"""The names and values in the templates of a resource's tests."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from dev.resource.list_values import ListValues
from dev.resource.literals import literal
from dev.resource.names import article, constant_case
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Unique
from dev.resource.rules import Target
from dev.resource.test_values import TIMES, Values, default, source

NAMES = {
    "": "asyncio json pytest re",
    "itertools": "cycle product",
    "httpx": "AsyncClient",
    "sqlalchemy": "delete select update",
    "sqlalchemy.exc": "IntegrityError",
    "app.database": "Database",
    "app.models.user": "User",
    "app.services.user": "LOCK_ADMINISTRATION",
    "tests.access": "Access Given",
    "tests.clients": "problem refused_parameter",
    "tests.databases": "RolledBackDatabase wait_until_blocked",
    "tests.rows": "add_referring_row add_row_of is_now stored",
}
RULES = {
    "owner": "only the owner of {} has access; administrators have none.",
    "shared": "every user reads {}; only administrators write.",
    "admin": "only administrators have access to {}.",
}


class Subject(NamedTuple):
    """What a test is about: the resource, or one of its unique groups, pairs or refs."""

    kind: str
    features: set[str]
    context: Mapping[str, Any]

    def has(self, words: str) -> bool:
        """Return whether the subject has all of these features."""
        return {*words.split()} <= self.features


@dataclass(frozen=True)
class Ref:
    """A ref, and how tests add rows to which it refers."""

    field: Field
    target: Target
    uuids: list[str]

    @property
    def ids(self) -> str:
        """The name of the constant with the ids of rows that exist."""
        return f"{constant_case(self.field.name)}_IDS"

    @property
    def a_name(self) -> str:
        """The name with its article, as in `a_customer`."""
        return f"{article(self.field.name)}_{self.field.name}"

    def add(self, owner: str, *values: str) -> str:
        """Return the source of a call that adds a row for an owner."""
        if self.target.has_access_table:
            return f"add_{self.target.name}({', '.join(['session', owner, *values])})"
        return f"add_row_of({', '.join(['session', self.target.model, owner, *values])})"


class TestContext:
    """What the templates need to know of a resource."""

    def __init__(self, resource: Resource, targets: Mapping[str, Target]) -> None:
        self.resource, self.values = resource, Values(resource)
        distinct = [self.values.distinct(each.fields) for each in self.values.uniques]
        self.refs = [
            Ref(each, targets[each.arguments[0]], _uuids(number, 5 if each in distinct else 3))
            for number, each in enumerate(resource.refs)
        ]
        self.changes = self.values.changes()
        self.change = literal(dict([*self.changes.items()][:1]))

    def subjects(self) -> Iterator[Subject]:
        """Yield the resource, then its unique groups, pairs and refs."""
        features, context = self._features(), self._context()
        yield Subject("", features, context)
        for group in self.values.uniques:
            if all(each.is_input for each in group.fields):
                own = {"group", *self._all_changeable(group.fields)}
                own |= {"parts"} if self._separable(group) else set()
                yield Subject("group", features | own, context | {"group": self._group(group)})
        for names in self.resource.before:
            first, second = (self.resource.by_name[name] for name in names)
            own = {"pair"} | ({"inputs"} if first.is_input and second.is_input else set())
            own |= {"changeable"} if first.is_changeable or second.is_changeable else set()
            yield Subject("pair", features | own, context | {"pair": self._pair(first, second)})
        for ref in self.refs:
            own = {"ref", ref.field.on_delete, *self._all_changeable([ref.field])}
            own |= {"inputs"} if ref.field.is_input else set()
            yield Subject("ref", features | own, context | {"ref": ref})

    def _features(self) -> set[str]:
        operations, values = {*self.resource.operations}, self.values
        present = {
            "owned": self.resource.is_owned,
            "versioned": self.resource.versioned,
            "path": operations & {"read", "update", "delete"},
            "writes": operations & {"create", "update"},
            "locks": operations & {"update", "delete"},
            "administrators": not self.resource.is_owned and operations - {"list", "read"},
            "changes": self.changes,
            "omitted": values.omitted(),
            "required": any(each.is_required for each in values.inputs),
            "accepted": values.accepted(),
            "immutable": any(each.immutable for each in values.inputs),
        }
        return operations | {name for name, is_present in present.items() if is_present}

    def _context(self) -> dict[str, Any]:
        resource, values = self.resource, self.values
        omitted = values.omitted()
        required = tuple(each.member for each in values.inputs if each not in omitted)
        is_public = resource.access == "owner"
        methods = {"read": "GET", "update": "PATCH", "delete": "DELETE"}
        requests = {"create": '("POST", URL, DATA)', "update": '("PATCH", url, {})'}
        requests = {name: row for name, row in requests.items() if name in resource.operations}
        lists = ListValues(values) if "list" in resource.operations else None
        return {
            "r": resource,
            "literal": literal,
            "a_name": resource.a_noun.replace(" ", "_"),
            "client": "authenticated_client" if is_public else "admin_client",
            "owner": "user" if is_public else "admin",
            "rule": RULES[resource.access].format(resource.a_noun if is_public else resource.nouns),
            "table": self._table(),
            "refs": self.refs,
            "cycles": values.cycles().values(),
            "usual": values.usual(),
            "data": values.data,
            "required": required,
            "defaults": {e.member: default(e) for e in omitted if e.default not in TIMES},
            "input_now": [each.member for each in omitted if each.default in TIMES],
            "readonly": [each for each in resource.fields if each.readonly],
            "TIMES": TIMES,
            "default": default,
            "changes": self.changes,
            "change": self.change,
            "accepted": values.accepted(),
            "canonical": values.canonical(),
            "noun": resource.noun.capitalize(),
            "refused": values.refused(),
            "immutable": {e.member: values.data[e.member] for e in values.inputs if e.immutable},
            "requests": ", ".join(requests.values()),
            "writing_methods": tuple(
                methods[each] for each in ("update", "delete") if each in resource.operations
            ),
            "methods": tuple(methods[each] for each in methods if each in resource.operations),
            "lists": lists,
            "is_self_referring": any(ref.target.model == resource.model for ref in self.refs),
        }

    def _table(self) -> dict[str, str]:
        """Return the rows of the access table, as source."""
        resource = self.resource
        url, one = f"/api/v1{resource.url}", f"/api/v1{resource.url}/{{{resource.name}_id}}"
        needs_own = any(ref.target.is_owned and ref.field.is_input for ref in self.refs)
        rows = {
            "list": (f"GET {url}", 200, "", True),
            "create": (f"POST {url}", 201, "DATA", not needs_own),
            "read": (f"GET {one}", 200, "", False),
            "update": (f"PATCH {one}", 200, self.change, False),
            "delete": (f"DELETE {one}", 204, "", False),
        }
        return {
            operation: self._access(status, sent, everybody=everybody)
            for name, (operation, status, sent, everybody) in rows.items()
            if name in resource.operations
        }

    def _access(self, status: int, sent: str, *, everybody: bool) -> str:
        send = f', send={{"json": {sent}}}' if sent else ""
        is_read = not sent and status != HTTPStatus.NO_CONTENT
        if self.resource.access == "owner":
            return f"Access({'stranger' if everybody else 'owner'}={status}{send})"
        if self.resource.access == "shared" and is_read:
            return f"Access(stranger={status})"
        return f"Access(stranger=403, administrator={status}{send})"

    def _all_changeable(self, fields: Iterable[Field]) -> set[str]:
        return {"changeable"} if all(each.is_changeable for each in fields) else set()

    def _separable(self, group: Unique) -> list[Field]:
        """Return the fields of a group without which no unique group remains."""
        return [
            each
            for each in group.fields
            if not any(
                all(field in group.fields and field is not each for field in other.fields)
                for other in self.values.uniques
            )
            and len(group.fields) > 1
        ]

    def _group(self, group: Unique) -> dict[str, Any]:
        """Return the values of a unique group."""
        values = self.values
        taken = {each.member: source(each, values.data[each.member]) for each in group.fields}
        others = [each for each in values.inputs if each not in group.fields]
        unique = [each for other in values.uniques for each in other.fields]
        parts = [taken | {e.member: source(e, values.number(e, 1))} for e in self._separable(group)]
        return {
            "title": "_and_".join(each.name for each in group.fields),
            "is_global": group.is_global,
            "taken": ", ".join(f"{name}={value}" for name, value in taken.items()),
            "sent": {each.member: values.data[each.member] for each in group.fields},
            "others": {each.member: values.number(each, 1) for each in others if each in unique},
            "parts": parts,
        }

    def _pair(self, first: Field, second: Field) -> dict[str, Any]:
        """Return the values of a pair rule."""
        low, high = (self.values.number(each, 0) for each in (first, second))
        pairs = ((first, high), (second, low))
        changes = [{each.name: wrong} for each, wrong in pairs if each.is_changeable]
        return {
            "first": first.name,
            "second": second.name,
            "stored": f"{first.name}={source(first, low)}, {second.name}={source(second, high)}",
            "wrong": [{first.name: high, second.name: low}, {first.name: high, second.name: high}],
            "changes": changes,
        }

    def names(self, path: str) -> dict[str, str]:
        """Return the module of each name that the tests import."""
        resource, own = self.resource, f"tests.access.{self.resource.plural}"
        found = {name: module for module, names in NAMES.items() for name in names.split()}
        found |= {resource.model: f"app.models.{resource.name}"}
        for ref in self.refs:
            target = ref.target
            found |= {
                target.model: target.module,
                f"add_{target.name}": f"tests.access.{target.plural}",
            }
        if path == f"tests/access/{resource.plural}.py":
            return found
        constants = ["DATA", "add_targets", f"add_{resource.name}", *(ref.ids for ref in self.refs)]
        return found | dict.fromkeys(constants, own)


def _uuids(number: int, count: int) -> list[str]:
    """Return ids that are different for each ref."""
    return [f"019b0000-0000-7000-8000-{number:06}{each:06}" for each in range(1, count + 1)]
