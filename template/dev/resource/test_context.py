"""The values in the templates of a resource's tests."""

from collections.abc import Collection
from typing import Any

from dev.resource.list_values import ListValues
from dev.resource.literals import literal
from dev.resource.names import with_article
from dev.resource.relations import Reference
from dev.resource.test_numbers import Numbers
from dev.resource.test_values import Values, default

ADMINISTRATOR = "stranger=403, administrator"
# The callers that may execute each operation, as arguments of `Access`.
ROLES = {
    "owner": {"list": "stranger", "create": "stranger", "read": "owner", "write": "owner"},
    "shared": dict.fromkeys(("list", "read"), "stranger")
    | dict.fromkeys(("create", "write"), ADMINISTRATOR),
    "admin": dict.fromkeys(("list", "read", "create", "write"), ADMINISTRATOR),
}
RULES = {
    "owner": "only the owner has access, no administrator.",
    "shared": "every user reads; only administrators write.",
    "admin": "only administrators have access.",
}
METHODS = {"read": "GET", "update": "PATCH", "delete": "DELETE"}
TIMES = {"now", "today"}
MAX_ENTRY = 95  # characters of an entry of a dictionary that has one line


def context_of(values: Values, refs: list[Reference]) -> dict[str, Any]:
    """Return the values for all templates."""
    resource, is_owned = values.resource, values.resource.is_owned
    return {
        "r": resource,
        "refs": refs,
        "required_refs": [each for each in refs if not each.field.optional],
        "lists": ListValues(values) if "list" in resource.operations else None,
        "literal": literal,
        "with_article": with_article,
        "TIMES": TIMES,
        "a_name": resource.a_noun.replace(" ", "_"),
        "client": "authenticated_client" if is_owned else "admin_client",
        "owner": "user" if is_owned else "admin",
        "rule": RULES[resource.access],
        "is_self_referring": any(ref.target.name == resource.name for ref in refs),
        **_of_table(values, refs),
        **_of_requests(values),
    }


def _of_table(values: Values, refs: list[Reference]) -> dict[str, Any]:
    resource = values.resource
    numbers = Numbers(values)
    path, roles = f"/api/v1{resource.url}", ROLES[resource.access]
    needs_own = any(each.target.is_owned and each.field.is_input for each in refs)
    if resource.is_owned and needs_own:
        roles = roles | {"create": "owner"}  # others do not have the rows to which `DATA` refers
    return {
        "own_names": [
            *(["DATA"] if {"create", "update"} & {*resource.operations} else []),
            *(["add_targets"] if refs else []),
            *(each.ids for each in refs),
            f"add_{resource.name}",
        ],
        "roles": roles,
        "needs_administrator": needs_own and not resource.is_owned,
        "row_owner": "owner" if needs_own and not resource.is_owned else "given.owner",
        "path": path,
        "one": f"{path}/{{{resource.name}_id}}",
        "numbers": numbers,
        "usual": values.usual() | numbers.columns(),
    }


def _of_requests(values: Values) -> dict[str, Any]:
    resource, data, omitted = values.resource, values.data, values.omitted()
    methods = [method for name, method in METHODS.items() if name in resource.operations]
    readonly = [each for each in resource.fields if each.readonly]
    return {
        "methods": tuple(methods),
        "writing_methods": tuple(each for each in methods if each != "GET"),
        "requests": requests(resource.operations),
        "data": data,
        "required": tuple(each.member for each in values.inputs if each not in omitted),
        "mandatory": tuple(each.member for each in values.inputs if each.is_required),
        "omitted": omitted,
        "defaults": {e.member: default(e) for e in omitted if e.default not in TIMES},
        "set_by_code": {e.member: default(e) for e in readonly if e.default not in TIMES},
        "readonly": readonly,
        "changes": values.changes(),
        "change": literal(dict([*values.changes().items()][:1])),
        "accepted": values.accepted(),
        "canonical": values.canonical(),
        "refused": _joined(values.refused()),
        # JSON has no infinity, but a number that is read as one.
        "too_great": '.replace("Infinity", "1e999")' if values.has_infinity() else "",
        "broken": [*values.broken()],
        "clearable": tuple(e.member for e in values.changeable if e.is_nullable),
        "immutable": {each.member: data[each.member] for each in values.inputs if each.immutable},
    }


def requests(operations: Collection[str]) -> str:
    """Return the source of the requests that set members: method, URL and other members."""
    post, patch = '("POST", URL, DATA)', '("PATCH", url, {})'
    if "update" not in operations:
        return post
    return f"{post}, {patch}" if "create" in operations else '("PATCH", url, dict[str, Any]())'


def _joined(values: dict[str, list[Any]]) -> str:
    """Return the source of a dictionary; members with the same values share a line if they can."""
    members: dict[str, list[str]] = {}
    for member, each in values.items():
        members.setdefault(literal(each), []).append(member)
    entries: list[str] = []
    for source, names in members.items():
        joined = f"**{{name: {source} for name in {tuple(names)}}}"
        is_short = names[1:] and len(joined) < MAX_ENTRY
        entries += [joined] if is_short else [f"{name!r}: {source}" for name in names]
    return f"{{{', '.join(entries)}}}"
