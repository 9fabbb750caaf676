"""The subjects of a resource's tests: the resource, and its unique groups, pairs and refs."""

from collections.abc import Iterator, Mapping
from typing import Any

from dev.resource.known import Target
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Reference, Unique
from dev.resource.test_context import METHODS, context_of
from dev.resource.test_values import Values, source

MAX_TITLE = 30  # characters in the name of a test, which has one line


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
    """Yield the resource, then its unique groups, pairs and refs."""
    values = Values(resource)
    refs = [*_refs(values, targets)]
    features, context = _features(values), context_of(values, refs)
    yield Subject("", features, context)
    for group in values.uniques:
        if all(each.is_input for each in group.fields):
            own = _group(values, group)
            about = {"parts": own["parts"], "changeable": _are_changeable(group.fields)}
            yield Subject("group", features | about, context | {"group": own})
    for pair in resource.pairs:
        own = _pair(values, *pair)
        about = {"inputs": all(each.is_input for each in pair), "changeable": own["changes"]}
        yield Subject("pair", features | about, context | {"pair": own})
    for ref in refs:
        about = {"inputs": ref.field.is_input, "changeable": ref.field.is_changeable}
        setting = {"create": ref.field.is_input, "update": ref.field.is_changeable}
        about["sent"] = any(setting.get(each) for each in resource.operations)
        about |= {ref.field.on_delete: True, "account": ref.is_account}
        yield Subject("ref", features | about, context | {"ref": ref})


def _refs(values: Values, targets: Mapping[str, Target]) -> Iterator[Reference]:
    distinct = [values.distinct(each.fields) for each in values.uniques]
    for number, each in enumerate(values.resource.refs):
        last = 6 if each in distinct else 4
        ids = [f"019b0000-0000-7000-8000-{number:06}{n:06}" for n in range(1, last)]
        yield Reference(each, targets[each.arguments[0]], ids)


def _features(values: Values) -> dict[str, object]:
    operations = {*values.resource.operations}
    return dict.fromkeys(operations, True) | {
        "owned": values.resource.is_owned,
        "refs": bool(values.resource.refs),
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
    title = "_and_".join(each.name for each in fields)
    return {
        "title": title if len(title) <= MAX_TITLE else f"group_{values.uniques.index(group) + 1}",
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
