"""The values that the templates of a resource use."""

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import partial
from typing import Any

from dev.resource import filters, table
from dev.resource.kinds import kind_of
from dev.resource.known import Target
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Pair, Reference, Unique, response_type, stored_type, uniques
from dev.resource.test_values import Values
from dev.resource.wording import listed, responses


def context_of(resource: Resource, targets: Mapping[str, Target]) -> dict[str, Any]:
    """Return the values for all templates."""
    refs = [Reference(each, targets[each.arguments[0]]) for each in resource.refs]
    pairs = [Pair(*each) for each in resource.pairs]
    return {
        **{name: getattr(resource, name) for name in dir(resource) if name[0] != "_"},
        "finds": [each for each in resource.operations if each in {"read", "update", "delete"}],
        "refs": refs,
        "pairs": pairs,
        **_imported(resource, refs, pairs),
        **_of_table(resource, refs),
        **_of_schemas(resource),
        **_of_service(resource, refs),
        **_of_unique(resource, [*uniques(resource)]),
        **_of_endpoints(resource, refs),
    }


def _imported(
    resource: Resource, refs: Sequence[Reference], pairs: Sequence[Pair]
) -> dict[str, Any]:
    """Return the names that modules import from others; ruff removes those that they do not use."""
    models = {resource.model, *(each.target.model for each in refs)}
    suffixes = {"create": "Create", "update": "Update", "list": "Page"}
    schemas = [suffix for name, suffix in suffixes.items() if name in resource.operations]
    classes = [f"{resource.model}{each}" for each in schemas]
    checks = [each.check for each in pairs if each.is_input or each.is_changeable]
    return {
        "local": partial(_local, models),
        "imported": partial(_import, models),
        "schema_suffixes": [*schemas, *["Response"] * (resource.operations != ("delete",))],
        "schema_names": [*classes, *filters.aliases(resource), *checks],
        "sort_names": [each.expression for each in table.sort_keys(resource) if each.is_text],
        "ref_models": {each.target.module: each.target.model for each in refs},
    }


def _local(models: Set[str], name: str) -> str:
    """Return the name of a class of `core` in a module that also imports models."""
    return f"List{name}" if name in models else name


def _import(models: Set[str], name: str) -> str:
    local = _local(models, name)
    return name if local == name else f"{name} as {local}"


def _of_table(resource: Resource, refs: Sequence[Reference]) -> dict[str, Any]:
    return {
        "model_aliases": table.model_aliases(resource),
        "checks": [*table.checks(resource)],
        "sort_keys": [*table.sort_keys(resource)],
        "arrays": [each for each in filters.filtered(resource) if each.kind == "list"],
        "indexed": table.indexed(resource),
        "index": partial(table.index, resource),
        "index_name": partial(table.index_name, resource),
        "columns": [table.column(each, refs) for each in resource.fields],
        "by_ref": {each.field.name: each for each in refs},
    }


def _of_schemas(resource: Resource) -> dict[str, Any]:
    values = Values(resource)
    examples = {e.name: values.number(e, 0) for pair in resource.pairs for e in pair}
    immutable = [f"`{each.member}`" for each in resource.fields if each.immutable]
    return {
        "aliases": filters.aliases(resource),
        "immutable": listed(immutable) if "create" in resource.operations else "",
        "response_type": response_type,
        "stored_type": stored_type,
        "created_type": partial(_created_type, examples),
        "changed_type": partial(_changed_type, examples),
    }


def _created_type(examples: Mapping[str, Any], field: Field) -> str:
    kind = kind_of(field)
    null = " | None" if field.is_nullable else ""
    return f"{kind.alias(field)}{null}{_assigned(examples, field, kind.default(field))}"


def _changed_type(examples: Mapping[str, Any], field: Field) -> str:
    kind = kind_of(field)
    alias = kind.alias(field)
    type_ = f"Nullable[{alias}]" if field.is_nullable else f"{alias} | None"
    return f"{type_}{_assigned(examples, field, 'None')}"


def _assigned(examples: Mapping[str, Any], field: Field, default: str) -> str:
    """Return what follows the type of a field: its default and its example."""
    if field.name not in examples:
        return f" = {default}" if default else ""
    example = f"examples=[{examples[field.name]!r}]"
    if default.startswith("Field("):
        return f" = {default[:-1]}, {example})"
    return f" = Field({f'default={default}, ' if default else ''}{example})"


def _of_service(resource: Resource, refs: Sequence[Reference]) -> dict[str, Any]:
    is_owned, has_refs = resource.is_owned, any(each.field.is_input for each in refs)
    owner = "caller.id" if has_refs else "owner_id"
    values = f"owner_id={owner}, " * is_owned + "**data.model_dump()"
    guards = ['not_found_if_deleted("User", owner_id)'] * (is_owned and not has_refs)
    return {
        "by_id": "OWN_BY_ID" if is_owned else "BY_ID",
        "rows_by_owner": f"{'OWNED' if is_owned else 'ALL'}_{resource.plural.upper()}",
        "filters": [*filters.filters(resource)],
        "creator": "caller: Caller" if has_refs else "owner_id: UUID" if is_owned else "",
        "created": f"{resource.model}({values})",
        "guards": [*guards, *(["conflicts_on(TAKEN)"] if [*uniques(resource)] else [])],
        "created_refs": _nouns(each for each in refs if each.field.is_input),
        "changed_refs": _nouns(each for each in refs if each.field.is_changeable),
        "key": _key,
        "selected": _selected,
    }


def _nouns(refs: Iterable[Reference]) -> list[str]:
    return [*dict.fromkeys(each.noun for each in refs)]


def _selected(model: str, parameter: str, *, is_owned: bool) -> str:
    """Return the condition that selects one row."""
    owner = f', {model}.owner_id == bindparam("owner_id")' * is_owned
    return f'{model}.id == bindparam("{parameter}"){owner}'


def _key(parameter: str, owner: str, *, is_owned: bool) -> str:
    """Return the parameters of a statement that selects one row."""
    return f'{{"{parameter}": {parameter}{f""", "owner_id": {owner}""" * is_owned}}}'


def _of_unique(resource: Resource, groups: Sequence[Unique]) -> dict[str, Any]:
    values = listed([each.values for each in groups], "or")
    subject = "There is" if any(each.is_global for each in groups) else "You have"
    return {
        "uniques": groups,
        "unique_values": values,
        "taken": f"{subject} {resource.a_noun} with {values}",
        "changes_unique": any(field.is_changeable for each in groups for field in each.fields),
    }


def _of_endpoints(resource: Resource, refs: Sequence[Reference]) -> dict[str, Any]:
    name, is_owned = resource.name, resource.is_owned
    writer = "current_user" if is_owned else "admin"
    has_refs = any(each.field.is_input for each in refs)
    return {
        "path": f"/{{{name}_id}}",
        "location": f"/api/v1{resource.url}/{{{name}.id}}",
        "writer": writer,
        "creator_argument": f"{writer}, " if has_refs else f"{writer}.id, " * is_owned,
        "owner_argument": "current_user.id, " * is_owned,
        "preconditions": ", preconditions" * resource.versioned,
        "responses": responses,
    }
