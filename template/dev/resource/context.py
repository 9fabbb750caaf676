"""The values that the templates of a resource use."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dev.resource import filters, table, wording
from dev.resource.errors import Errors
from dev.resource.kinds import kind_of
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Pair, Reference, stored_type, uniques
from dev.resource.rules import Target

OWNED = {
    "model": "{A_noun} of a user.",
    "response": "{A_noun}, as shown to its owner.",
    "service": "{Nouns}. Every query selects by owner, so users see only their own.",
    "endpoints": "{Nouns}. Users see only their own {nouns}.",
    "rows": "an owner's {nouns}",
    "all_rows": "all {nouns} of the owner",
    "listed": "the caller's {nouns}",
}
SHARED = {
    "model": "{A_noun}, which every user reads and administrators change.",
    "response": "{A_noun}, as shown to users.",
    "service": "{Nouns}, which belong to no user.",
    "endpoints": "{Nouns}. Every user reads them, and administrators change them.",
    "rows": "{nouns}",
    "all_rows": "all {nouns}",
    "listed": "{nouns}",
}
ADMIN = SHARED | {
    "model": "{A_noun}, which only administrators see.",
    "response": "{A_noun}, as shown to administrators.",
    "endpoints": "{Nouns}, for administrators.",
}
ABOUT = {"owner": OWNED, "shared": SHARED, "admin": ADMIN}
READERS = {
    "owner": "current_user: CurrentUser",
    "shared": "_caller: CurrentUser",
    "admin": "_admin: AdminUser",
}


def context_of(resource: Resource, targets: Mapping[str, Target]) -> dict[str, Any]:
    """Return the values for all templates."""
    refs = [Reference(each, targets[each.arguments[0]]) for each in resource.refs]
    pairs = [Pair(*(resource.by_name[name] for name in names)) for names in resource.before]
    groups = [*uniques(resource)]
    return {
        **{name: getattr(resource, name) for name in dir(resource) if name[0] != "_"},
        "resource": resource,
        "by_ref": {each.field.name: each for each in refs},
        "refs": refs,
        "pairs": pairs,
        "uniques": groups,
        "errors": Errors(resource, refs, pairs, groups),
        "about": _about(resource),
        "docstring": wording.docstring,
        "responses": wording.responses,
        "modules": _modules(resource, refs, pairs),
        **_of_table(resource),
        **_of_schemas(resource),
        **_of_service(resource, refs),
        **_of_endpoints(resource, refs),
    }


def _about(resource: Resource) -> dict[str, str]:
    a_noun, nouns = resource.a_noun, resource.nouns
    words = {"A_noun": a_noun[0].upper() + a_noun[1:], "Nouns": nouns.capitalize(), "nouns": nouns}
    return {name: text.format(**words) for name, text in ABOUT[resource.access].items()}


def _modules(
    resource: Resource, refs: Sequence[Reference], pairs: Sequence[Pair]
) -> dict[str, str]:
    """Return the modules that define the names of the resource and of its targets."""
    name, model = resource.name, resource.model
    schemas = [f"{model}{suffix}" for suffix in ("Create", "Update", "Response", "Page")]
    keys = [each.expression for each in table.sort_keys(resource) if each.is_text]
    return (
        {each.target.model: each.target.module for each in refs}
        | dict.fromkeys(filters.aliases(resource), f"app.schemas.{name}")
        | dict.fromkeys([*schemas, *(each.check for each in pairs)], f"app.schemas.{name}")
        | dict.fromkeys([model, *keys, *_model_aliases(resource)], f"app.models.{name}")
        | {f"{model}Query": f"app.services.{name}", f"{name}_service": f"app.services:{name}"}
    )


def _model_aliases(resource: Resource) -> dict[str, str]:
    kinds = [(kind_of(each), each) for each in resource.fields]
    return dict(each for kind, field in kinds for each in kind.model_aliases(field).items())


def _of_table(resource: Resource) -> dict[str, Any]:
    has_list = "list" in resource.operations
    return {
        "model_aliases": _model_aliases(resource),
        "checks": [*table.checks(resource)],
        "sort_keys": [*table.sort_keys(resource)] if has_list else [],
        "arrays": table.arrays(resource) if has_list else [],
        "indexed": table.indexed(resource),
        "index": partial(table.index, resource),
        "index_name": partial(table.index_name, resource),
        "column": table.column,
        "owner_index": "" if has_list else ", index=True",
        "owner_column": f"{resource.model}.owner_id, " if resource.is_owned else "",
    }


def _of_schemas(resource: Resource) -> dict[str, Any]:
    return {
        "aliases": filters.aliases(resource),
        "examples": _examples(resource),
        "stored_type": stored_type,
        "created_type": _created_type,
        "changed_type": _changed_type,
    }


def _examples(resource: Resource) -> dict[str, Any]:
    """Return values of fields in pairs that are in the order of the pairs, in JSON."""
    return {
        name: kind_of(resource.by_name[name]).sample_json(resource.by_name[name], number)
        for pair in resource.before
        for name, number in zip(pair, (1, 9), strict=True)
    }


def _created_type(field: Field, examples: Mapping[str, Any]) -> str:
    kind = kind_of(field)
    null = " | None" if kind.is_nullable(field) else ""
    return f"{kind.alias(field)}{null}{_assigned(field, kind.default(field), examples)}"


def _changed_type(field: Field, examples: Mapping[str, Any]) -> str:
    kind = kind_of(field)
    alias = kind.alias(field)
    type_ = f"Nullable[{alias}]" if kind.is_nullable(field) else f"{alias} | None"
    return f"{type_}{_assigned(field, 'None', examples)}"


def _assigned(field: Field, default: str, examples: Mapping[str, Any]) -> str:
    """Return what follows the type of a field: its default and its example."""
    if field.name not in examples:
        return f" = {default}" if default else ""
    example = f"examples=[{examples[field.name]!r}]"
    if default.startswith("Field("):
        return f" = {default[:-1]}, {example})"
    return f" = Field({f'default={default}, ' if default else ''}{example})"


def _of_service(resource: Resource, refs: Sequence[Reference]) -> dict[str, Any]:
    by_id = "OWN_BY_ID" if resource.is_owned else "BY_ID"
    rows = f"OWNED_{resource.constant}" if resource.is_owned else resource.constant
    has_refs = any(each.field.is_input for each in refs)
    owner = "caller.id" if has_refs else "owner_id"
    parameter = "caller: Caller" if has_refs else "owner_id: UUID" if resource.is_owned else ""
    values = f"owner_id={owner}, " * resource.is_owned + "**data.model_dump()"
    guards = [f'not_found_if_deleted("User", {owner})'] * resource.is_owned
    groups = [*uniques(resource)]
    return {
        "by_id": by_id,
        "rows_statement": rows,
        "statements": _statements(resource, refs, by_id, rows),
        "details": {each.name: each.detail for each in groups},
        "filters": [*filters.filters(resource)],
        "creator": parameter,
        "created": f"{resource.model}({values})",
        "guards": [*guards, *(["conflicts_on(TAKEN)"] if groups else [])],
        "key": partial(_key, f"{resource.name}_id", is_owned=resource.is_owned),
        "ref_key": _key,
    }


def _statements(
    resource: Resource, refs: Sequence[Reference], by_id: str, rows: str
) -> dict[str, str]:
    """Return the statements of the service by their names."""
    model, is_owned = resource.model, resource.is_owned
    found = f"select({model}).where({_by_id(model, f'{resource.name}_id', is_owned=is_owned)})"
    owned = f'.where({model}.owner_id == bindparam("owner_id"))' * is_owned
    references = {
        each.by_id: f"select({each.target.model}.id)"
        f".where({_by_id(each.target.model, each.field.member, is_owned=each.target.is_owned)})"
        for each in refs
        if each.field.is_input
    }
    return {
        **({by_id: found} if {"read", "update", "delete"} & {*resource.operations} else {}),
        **references,
        **({rows: f"select({model}){owned}"} if "list" in resource.operations else {}),
    }


def _by_id(model: str, parameter: str, *, is_owned: bool) -> str:
    owner = f', {model}.owner_id == bindparam("owner_id")' * is_owned
    return f'{model}.id == bindparam("{parameter}"){owner}'


def _key(parameter: str, owner: str, *, is_owned: bool) -> str:
    """Return the parameters of a statement that selects one row."""
    return f'{{"{parameter}": {parameter}{f""", "owner_id": {owner}""" * is_owned}}}'


def _of_endpoints(resource: Resource, refs: Sequence[Reference]) -> dict[str, Any]:
    name, is_owned = resource.name, resource.is_owned
    writer = "current_user" if is_owned else "admin"
    creator = f"{writer}.id, " if is_owned else ""
    if any(each.field.is_input for each in refs):
        creator = f"{writer}, "
    return {
        "path": f"/{{{name}_id}}",
        "location": f"/api/v1{resource.url}/{{{name}.id}}",
        "reader": READERS[resource.access],
        "writer": writer,
        "writer_type": "CurrentUser" if is_owned else "AdminUser",
        "creator_argument": creator,
        "owner_argument": "current_user.id, " * is_owned,
        "preconditions": ", preconditions" * resource.versioned,
    }
