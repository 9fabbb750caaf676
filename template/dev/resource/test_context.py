"""What the templates of a resource's tests are about, and the values that they use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dev.resource.kinds import kind_of
from dev.resource.list_values import ListValues
from dev.resource.literals import literal
from dev.resource.names import article, constant_case
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Unique
from dev.resource.rules import Target
from dev.resource.test_values import Values, default, source

ADMINISTRATOR = "stranger=403, administrator"
# Who may do what, as arguments of `Access`.
ROLES = {
    "owner": {"list": "stranger", "create": "stranger", "read": "owner", "write": "owner"},
    "shared": dict.fromkeys(("list", "read"), "stranger")
    | dict.fromkeys(("create", "write"), ADMINISTRATOR),
    "admin": dict.fromkeys(("list", "read", "create", "write"), ADMINISTRATOR),
}
RULES = {
    "owner": "only the owner has access; administrators have none.",
    "shared": "every user reads; only administrators write.",
    "admin": "only administrators have access.",
}
METHODS = {"read": "GET", "update": "PATCH", "delete": "DELETE"}
REQUESTS = {"create": '("POST", URL, DATA)', "update": '("PATCH", url, {})'}
TIMES = {"now", "today"}


class Subject:
    """What a test is about: the resource, or one of its unique groups, pairs or refs."""

    def __init__(
        self, kind: str, features: Mapping[str, object], context: Mapping[str, Any]
    ) -> None:
        self.kind = kind
        self.features = {kind} | {name for name, is_present in features.items() if is_present}
        self.context = {**context, "has": self.has}

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


def subjects_of(resource: Resource, targets: Mapping[str, Target]) -> Iterator[Subject]:
    """Yield the resource, then its unique groups, pairs and refs."""
    values = Values(resource)
    refs = [*_refs(values, targets)]
    features, context = _features(values), _context(values, refs)
    yield Subject("", features, context)
    for group in values.uniques:
        if all(each.is_input for each in group.fields):
            own = _group(values, group)
            about = {"parts": own["parts"], "changeable": _are_changeable(group.fields)}
            yield Subject("group", features | about, context | {"group": own})
    for names in resource.before:
        pair = [resource.by_name[name] for name in names]
        own = _pair(values, *pair)
        about = {"inputs": all(each.is_input for each in pair), "changeable": own["changes"]}
        yield Subject("pair", features | about, context | {"pair": own})
    for ref in refs:
        about = {"inputs": ref.field.is_input, "changeable": ref.field.is_changeable}
        about |= {ref.field.on_delete: True}
        yield Subject("ref", features | about, context | {"ref": ref})


def _refs(values: Values, targets: Mapping[str, Target]) -> Iterator[Ref]:
    distinct = [values.distinct(each.fields) for each in values.uniques]
    for number, each in enumerate(values.resource.refs):
        last = 6 if each in distinct else 4
        ids = [f"019b0000-0000-7000-8000-{number:06}{n:06}" for n in range(1, last)]
        yield Ref(each, targets[each.arguments[0]], ids)


def _features(values: Values) -> dict[str, object]:
    operations = {*values.resource.operations}
    return dict.fromkeys(operations, True) | {
        "owned": values.resource.is_owned,
        "versioned": values.resource.versioned,
        "path": operations & METHODS.keys(),
        "writes": operations & {"create", "update"},
        "locks": operations & {"update", "delete"},
        "administrators": not values.resource.is_owned and operations - {"list", "read"},
        "changes": values.changes(),
        "omitted": values.omitted(),
        "required": any(each.is_required for each in values.inputs),
        "accepted": values.accepted(),
        "broken": [*values.broken()],
        "immutable": any(each.immutable for each in values.inputs),
    }


def _context(values: Values, refs: list[Ref]) -> dict[str, Any]:
    resource, data, omitted = values.resource, values.data, values.omitted()
    methods = [method for name, method in METHODS.items() if name in resource.operations]
    requests = [request for name, request in REQUESTS.items() if name in resource.operations]
    path, roles = f"/api/v1{resource.url}", ROLES[resource.access]
    if resource.is_owned and any(e.target.is_owned and e.field.is_input for e in refs):
        roles = roles | {"create": "owner"}  # others do not have the rows to which `DATA` refers
    return {
        "r": resource,
        "refs": refs,
        "own_names": [
            *(["DATA"] if "create" in resource.operations else []),
            *(["add_targets"] if refs else []),
            *(each.ids for each in refs),
            f"add_{resource.name}",
        ],
        "lists": ListValues(values) if "list" in resource.operations else None,
        "literal": literal,
        "TIMES": TIMES,
        "a_name": resource.a_noun.replace(" ", "_"),
        "client": "authenticated_client" if resource.is_owned else "admin_client",
        "owner": "user" if resource.is_owned else "admin",
        "rule": RULES[resource.access],
        "roles": roles,
        "path": path,
        "one": f"{path}/{{{resource.name}_id}}",
        "methods": tuple(methods),
        "writing_methods": tuple(each for each in methods if each != "GET"),
        "requests": ", ".join(requests),
        "cycles": values.cycles(),
        "usual": values.usual(),
        "data": data,
        "required": tuple(each.member for each in values.inputs if each not in omitted),
        "mandatory": tuple(each.member for each in values.inputs if each.is_required),
        "omitted": omitted,
        "defaults": {e.member: default(e) for e in omitted if e.default not in TIMES},
        "set_by_code": {
            each.member: default(each)
            for each in resource.fields
            if each.readonly and each.default not in TIMES
        },
        "readonly": [each for each in resource.fields if each.readonly],
        "changes": values.changes(),
        "change": literal(dict([*values.changes().items()][:1])),
        "accepted": values.accepted(),
        "canonical": values.canonical(),
        "refused": values.refused(),
        "broken": [*values.broken()],
        "clearable": tuple(e.member for e in values.changeable if kind_of(e).is_nullable(e)),
        "immutable": {each.member: data[each.member] for each in values.inputs if each.immutable},
        "is_self_referring": any(ref.target.name == resource.name for ref in refs),
    }


def _are_changeable(fields: tuple[Field, ...]) -> bool:
    return all(each.is_changeable for each in fields)


def _group(values: Values, group: Unique) -> dict[str, Any]:
    """Return the values of a unique group; `parts` break it only together with another row."""
    fields, others = group.fields, [each for each in values.uniques if each is not group]
    taken = {each.member: source(each, values.data[each.member]) for each in fields}
    kept = {each.name: [other for other in fields if other is not each] for each in fields}
    separable = [
        each
        for each in fields
        if kept[each.name]
        and not any(
            {*o.columns} <= {e.member for e in kept[each.name]} | {"owner_id"} for o in others
        )
    ]
    unique = [each for other in others for each in other.fields if each not in fields]
    return {
        "title": "_and_".join(each.name for each in fields),
        "is_global": group.is_global,
        "taken": ", ".join(f"{name}={value}" for name, value in taken.items()),
        "sent": {each.member: values.data[each.member] for each in fields},
        "others": {each.member: values.number(each, 1) for each in unique if each.is_input},
        "parts": [taken | {e.member: source(e, values.number(e, 1))} for e in separable],
    }


def _pair(values: Values, first: Field, second: Field) -> dict[str, Any]:
    """Return the values of a pair rule."""
    low, high = values.number(first, 0), values.number(second, 0)
    changes = [(first, high), (second, low)]
    return {
        "first": first.name,
        "second": second.name,
        "stored": f"{first.name}={source(first, low)}, {second.name}={source(second, high)}",
        "wrong": [{first.name: high, second.name: low}, {first.name: high, second.name: high}],
        "changes": [{each.name: value} for each, value in changes if each.is_changeable],
    }
