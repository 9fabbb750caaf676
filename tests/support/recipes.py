"""Random recipes of resources, all of them valid."""

from dataclasses import replace
from itertools import permutations
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from dev.resource.arguments import LISTS, Options
from dev.resource.grammar import field_parts
from dev.resource.kinds import KINDS, kind_of
from dev.resource.kinds.texts import MAX_DEFAULT
from dev.resource.recipe import OPERATIONS, Access, Field, Resource
from dev.resource.rules import problems_of_modifiers, problems_of_resource

NAMES = (  # noqa: SIM905 - a list would have a line for each name
    "name code amount size state starts_at ends_at labels site note type format input object "
    "min max match key values timestamp interval time position row char year level precision "
    "owner client session response request query page caller url body hour honest_offer unit "
    "euros x_ray_2 addresses categories status a international_shipping_address "
    "estimated_number_of_deliveries uuid decimal text"
).split()
VALUES = ["draft", "sent", "in progress", "it's", "2.0", "Ça", "a;b|c", '"x"', "%"]
NUMBERS = ["-5", "0", "0.5", "1", "12", "99.75", "100"]
ACCESS: list[Access] = ["owner", "shared", "admin"]


@st.composite
def kind_arguments(draw: st.DrawFn, kind: str, targets: tuple[str, ...]) -> tuple[str, ...]:
    """Return the arguments of a type."""
    match kind:
        case "decimal":
            digits = draw(st.integers(1, 27))
            return str(digits), str(draw(st.integers(0, digits)))
        case "enum":
            values = st.lists(st.sampled_from(VALUES), min_size=2, max_size=5, unique=True)
            return tuple(draw(values))
        case "list":
            return ("str",)
        case "ref":
            return (draw(st.sampled_from(targets)),)
    return ()


@st.composite
def bounded(draw: st.DrawFn, field: Field) -> Field:
    """Return a field with any bounds that leave a value."""
    kind = kind_of(field)
    for key in sorted(kind.modifiers & {*kind.counts, "ge", "gt", "le", "lt"}):
        if not draw(st.booleans()):
            continue
        if key in kind.counts:
            value = draw(st.sampled_from(kind.counts[key]))
        else:
            try:
                value = kind.read(replace(field, bounds={}), draw(st.sampled_from(NUMBERS)))
            except ValueError:  # the type has fewer digits
                continue
        tighter = replace(field, bounds={**field.bounds, key: value})
        field = field if problems_of_modifiers(tighter) else tighter
    return field


@st.composite
def defaults(draw: st.DrawFn, field: Field) -> object:
    """Return a default that the bounds allow."""
    kind, sample = kind_of(field), kind_of(field).sample_json(field, draw(st.integers(0, 9)))
    texts = [sample if isinstance(sample, str) else kind.text(sample)]
    texts += {"date": ["today"], "datetime": ["now"]}.get(field.kind, [])
    return kind.read(field, draw(st.sampled_from(texts)))


@st.composite
def fields(draw: st.DrawFn, name: str, kind: str, targets: tuple[str, ...] = ("user",)) -> Field:
    """Return a field of a type with any modifiers that fit each other."""
    arguments = draw(kind_arguments(kind, targets))
    field = draw(bounded(Field(name=name, kind=kind, arguments=arguments)))
    modifiers = KINDS[kind].modifiers
    has_short_values = field.bounds.get("min", 1) <= MAX_DEFAULT
    if "default" in modifiers and has_short_values and draw(st.booleans()):
        field = replace(field, default=draw(defaults(field)))
    else:
        field = replace(field, optional=draw(st.booleans()))
    options: list[dict[str, Any]] = [{"immutable": True}, {"readonly": True}]
    options += [{"index": True}] if "index" in modifiers else []
    options += [{"unique": each} for each in ("owner", "global") if "unique" in modifiers]
    if kind == "ref":
        options += [{"on_delete": each} for each in ("cascade", "null")]
    for each in options:
        changed = replace(field, **each)
        if draw(st.booleans()) and not problems_of_modifiers(changed):
            field = changed
    return field


@st.composite
def listed(draw: st.DrawFn, flag: str, found: tuple[Field, ...]) -> tuple[str, ...]:
    """Return the names in a list flag."""
    suited = [each.name for each in found if flag in kind_of(each).flags]
    chosen = draw(st.lists(st.sampled_from(suited), unique=True)) if suited else []
    refs = [each.name for each in found if flag == "filter" and each.kind == "ref"]
    return tuple(dict.fromkeys([*chosen, *refs]))


@st.composite
def all_fields(
    draw: st.DrawFn, targets: tuple[str, ...], first: tuple[str, ...]
) -> tuple[Field, ...]:
    """Return up to six fields; the types of the first ones may be given."""
    count = st.lists(st.sampled_from(NAMES), min_size=len(first) or 1, max_size=6, unique=True)
    names = draw(count)
    kinds = [*first, *(draw(st.sampled_from([*KINDS, "ref", "ref"])) for _ in names[len(first) :])]
    return tuple(draw(fields(each, kind, targets)) for each, kind in zip(names, kinds, strict=True))


@st.composite
def some_operations(draw: st.DrawFn, found: tuple[Field, ...]) -> tuple[str, ...]:
    """Return operations that fit the fields."""
    without = {*draw(st.just([]) | st.lists(st.sampled_from(OPERATIONS), max_size=3))}
    without |= {"create"} if not any(each.is_input for each in found) else set()
    without |= {"update"} if not any(each.is_changeable for each in found) else set()
    return tuple(each for each in OPERATIONS if each not in without) or ("read",)


@st.composite
def resources(
    draw: st.DrawFn,
    name: str = "thing",
    targets: tuple[str, ...] = ("user",),
    first: tuple[str, ...] = (),
) -> Resource:
    """Return a resource with any flags; the types of its first fields may be given."""
    access = draw(st.sampled_from(ACCESS))
    # The first row can refer to no other.
    found = tuple(
        replace(each, optional=each.optional or each.arguments == (name,))
        for each in draw(all_fields(targets, first))
    )
    if access != "owner":
        found = tuple(replace(each, unique=each.unique and "global") for each in found)
    operations = draw(some_operations(found))
    has_list = "list" in operations
    lists: dict[str, Any] = {each: draw(listed(each, found)) if has_list else () for each in LISTS}
    resource = Resource(
        name=name,
        plural=f"{name}s",
        fields=found,
        access=access,
        operations=operations,
        versioned=draw(st.booleans()),
        **lists,
    )
    assume(not [each for each in problems_of_resource(resource) if "would be named" in each])
    return draw(grouped(resource))


@st.composite
def grouped(draw: st.DrawFn, resource: Resource) -> Resource:
    """Return a resource with a unique group and a pair rule, where they fit."""
    for flag in ("unique", "before"):
        groups: list[dict[str, Any]] = [{flag: (e,)} for e in permutations(resource.by_name, 2)]
        changed = [replace(resource, **each) for each in groups]
        fitting = [each for each in changed if not [*problems_of_resource(each)]]
        is_grouped = draw(st.booleans())
        if fitting and is_grouped:
            resource = fitting[draw(st.integers(0, len(fitting) - 1))]
    long = {
        each for each in resource.sort if [*problems_of_resource(replace(resource, sort=(each,)))]
    }
    return replace(resource, sort=tuple(each for each in resource.sort if each not in long))


def words(resource: Resource) -> list[str | list[str]]:
    """Return the words that describe a resource, or their parts, which may contain colons."""
    return [resource.name, *(field_parts(each) for each in resource.fields)]


def options(resource: Resource) -> Options:
    """Return the flags that describe a resource."""
    has_list = "list" in resource.operations
    lists: dict[str, Any] = {
        each: ",".join(getattr(resource, each)) if has_list else None for each in LISTS
    }
    return Options(
        plural=resource.plural,
        access=resource.access,
        unique=tuple(map(",".join, resource.unique)),
        before=tuple(map(",".join, resource.before)),
        without=",".join(each for each in OPERATIONS if each not in resource.operations),
        versioned=resource.versioned,
        **lists,
    )
