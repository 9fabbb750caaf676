"""The subjects of a resource's tests: the resource, and its pairs and refs."""

from collections.abc import Iterator, Mapping
from typing import Any

from dev.resource.known import Target
from dev.resource.literals import Source
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Pair, Reference, Unique
from dev.resource.test_context import METHODS, context_of
from dev.resource.test_values import Values, source


class Subject:
    """The subject of a test, its features, and the values for the template."""

    def __init__(
        self, kind: str, features: Mapping[str, object], context: Mapping[str, Any]
    ) -> None:
        self.kind = kind
        self.features = {kind} | {name for name, is_present in features.items() if is_present}
        self.context = {**context, "has": self.has}

    def has(self, words: str) -> bool:
        """Return whether the subject has all of these features."""
        return {*words.split()} <= self.features


def subjects_of(resource: Resource, targets: Mapping[str, Target]) -> Iterator[Subject]:
    """Yield the resource, then its pairs, its refs by the requests that set them, and its users."""
    values = Values(resource)
    refs = [*_refs(values, targets)]
    groups = [each for each in values.uniques if all(field.is_input for field in each.fields)]
    groups.sort(key=_is_immutable)
    features = _features(values, refs, groups)
    context = context_of(values, refs) | _unique(values, groups)
    yield Subject("", features, context)
    for pair in resource.pairs:
        own = _pair(values, *pair)
        about = {"inputs": all(each.is_input for each in pair), "changeable": own["changes"]}
        yield Subject("pair", features | about, context | {"pair": own})
    for (inputs, changeable), some in _by_requests(resource, refs).items():
        about = {"inputs": inputs, "changeable": changeable}
        yield Subject("targets", features | about, context | {"targets": some})
    for ref in refs:
        if ref.is_account:
            yield Subject("account", features, context | {"ref": ref})


def _refs(values: Values, targets: Mapping[str, Target]) -> Iterator[Reference]:
    distinct = [values.distinct(each.fields) for each in values.uniques]
    for number, each in enumerate(values.resource.refs):
        last = 6 if each in distinct else 4
        ids = f'[f"019b0000-0000-7000-8000-{number:06}{{n:06}}" for n in range(1, {last})]'
        yield Reference(each, targets[each.arguments[0]], ids)


def _by_requests(
    resource: Resource, refs: list[Reference]
) -> dict[tuple[bool, bool], list[Reference]]:
    """Return the refs by whether requests that create a row set them, and those that change it."""
    found: dict[tuple[bool, bool], list[Reference]] = {}
    for each in refs:
        inputs = each.field.is_input and "create" in resource.operations
        changeable = each.field.is_changeable and "update" in resource.operations
        if inputs or changeable:
            found.setdefault((inputs, changeable), []).append(each)
    return found


def _features(values: Values, refs: list[Reference], groups: list[Unique]) -> dict[str, object]:
    operations = {*values.resource.operations}
    return dict.fromkeys(operations, True) | {
        "owned": values.resource.is_owned,
        "refs": bool(refs),
        "restricting": any(each.field.on_delete == "restrict" for each in refs),
        "dependent": any(each.field.on_delete != "restrict" for each in refs),
        "unique": bool(groups),
        "unique_changes": groups and not _is_immutable(groups[0]),
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


def _is_immutable(group: Unique) -> bool:
    return not all(each.is_changeable for each in group.fields)


def _unique(values: Values, groups: list[Unique]) -> dict[str, Any]:
    """Return the values of unique groups that another row has, or only a part of them."""
    rows = [(_columns(values, group), 409, 409 if group.is_global else 201) for group in groups]
    rows += [(part, 201, 201) for group in groups for part in _parts(values, group)]
    fields = {each.member: each for group in groups for each in group.fields}
    fixed = ", ".join(repr(name) for name, each in fields.items() if not each.is_changeable)
    return {
        "taken": [row if values.resource.is_owned else row[:2] for row in rows],
        "fixed": f" and not {{*row}} & {{{fixed}}}" if fixed else "",
        "same": [tuple(each.member for each in group.fields) for group in groups],
        "others": {name: values.number(each, 1) for name, each in fields.items()},
    }


def _columns(values: Values, group: Unique) -> dict[str, Source]:
    return {each.member: Source(source(each, values.data[each.member])) for each in group.fields}


def _parts(values: Values, group: Unique) -> Iterator[dict[str, Source]]:
    """Yield the values of a group, each time without one of them, if no other group forbids it."""
    others = [{*each.columns} for each in values.uniques if each is not group]
    distinct = {values.distinct(each.fields).member for each in values.uniques}
    usual = values.usual().keys() - distinct
    for field in group.fields:
        kept = {each.member for each in group.fields if each is not field}
        same = kept | usual - {field.member}
        if kept and not any(other <= same for other in others):
            new = Source(source(field, values.number(field, 1)))
            yield _columns(values, group) | {field.member: new}


def _pair(values: Values, first: Field, second: Field) -> dict[str, Any]:
    """Return the values of a pair rule."""
    low, high = values.number(first, 0), values.number(second, 0)
    changes = [(first, high), (second, low)]
    return {
        "order": Pair(first, second).order.replace(" ", "_"),
        "first": first.name,
        "second": second.name,
        "stored": f"{first.name}={source(first, low)}, {second.name}={source(second, high)}",
        "wrong": [{first.name: high, second.name: low}, {first.name: high, second.name: high}],
        "changes": [{each.name: value} for each, value in changes if each.is_changeable],
    }
