"""The rules that the fields and the flags of a recipe must keep together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dev.resource.filters import filters
from dev.resource.kinds import kind_of
from dev.resource.kinds.numbers import Int
from dev.resource.kinds.texts import Str
from dev.resource.names import pascal_case
from dev.resource.recipe import Field, Resource
from dev.resource.reserved import RECORD

MAX_INDEXED = 600  # characters of the texts in an index
# The bytes of a URL are those of 500 characters of four bytes.
LENGTHS = {"email": 254, "url": 500}
MAX_FIELDS = 50
MAX_GROUP = 31  # an index has at most 32 columns, of which one is the owner
# Requests and lists of tests use 5 values. With two references to one target, a test adds up to 14
# other rows of the target.
MIN_UNIQUE = 20
UNINDEXED = {"text", "float", "list", "json"}


def problems_of_modifiers(field: Field) -> list[str]:
    """Return what the modifiers of a field contradict, as sentences."""
    kind, bounds = kind_of(field), field.bounds.keys()
    given = " and ".join(f"{name}={kind.text(value)}" for name, value in field.bounds.items())
    has_default = field.default is not None
    never_set = "requests never set a readonly field."
    low, high = kind.span(field) if isinstance(kind, Int | Str) else (0, 1)
    values = _number_of_values(field)
    is_indexed = field.unique or field.index
    found = {
        "a field with a default may be omitted anyway. Remove optional.": field.optional
        and has_default,
        f"{never_set} Add a default, or optional.": field.readonly
        and not (field.optional or has_default),
        f"{never_set} Remove immutable.": field.readonly and field.immutable,
        "unique has an index already. Remove index.": field.unique and field.index,
        "only one row could have a default that is unique. Remove one of them.": field.unique
        and _is_fixed(field),
        "on-delete=null needs optional.": field.on_delete == "null" and not field.optional,
        "ge and gt exclude each other.": {"ge", "gt"} <= bounds,
        "le and lt exclude each other.": {"le", "lt"} <= bounds,
        f"fewer than two values are within {given}.": low > high or values <= 1,
        f"unique needs at least {MIN_UNIQUE} values within the bounds.": field.unique
        and 1 < values < MIN_UNIQUE,
        f"an index holds at most {MAX_INDEXED} characters. Add max={MAX_INDEXED}.": is_indexed
        and _length(field) > MAX_INDEXED,
    }
    return [problem for problem, is_found in found.items() if is_found]


def _number_of_values(field: Field) -> float:
    """Return how many values a field can have, or at least `MIN_UNIQUE` if there are many."""
    number: float = {"bool": 2, "enum": len(field.arguments)}.get(field.kind, MIN_UNIQUE)
    if isinstance(kind := kind_of(field), Int):
        low, high = kind.span(field)
        number = (high - low) / kind.step(field) + 1
    return number


def problems_of_resource(resource: Resource) -> Iterator[str]:
    """Yield what the fields and flags of a resource contradict, as sentences."""
    for group in resource.unique:
        yield from _problems_of_group([resource.by_name[each] for each in group])
    for pair in resource.pairs:
        yield from _problems_of_pair(*pair)
    for each in resource.sort:
        if _length(resource.by_name[each]) > MAX_INDEXED:
            yield f"--sort: {each} may have at most {MAX_INDEXED} characters: max={MAX_INDEXED}."
    yield from _problems_of_names(resource)


def _length(field: Field) -> int:
    kind = kind_of(field)
    return kind.span(field)[1] if isinstance(kind, Str) else LENGTHS.get(field.kind, 0)


def problems_of_operations(resource: Resource) -> list[str]:
    """Return what all fields of a resource and its operations contradict, as sentences."""
    fields, operations = resource.fields, resource.operations
    found = {
        "--without leaves no operation.": not operations,
        f"A resource needs 1 to {MAX_FIELDS} fields, as in name:str.": not 0
        < len(fields)
        <= MAX_FIELDS,
        "Requests cannot set any field. Add --without create.": "create" in operations
        and not any(each.is_input for each in fields),
        "Requests cannot change any field. Add --without update.": "update" in operations
        and not any(each.is_changeable for each in fields),
        f"The first {resource.noun} has no other to refer to. Make the ref optional.": any(
            each.arguments == (resource.name,) and not each.optional for each in resource.refs
        ),
    }
    problems = [problem for problem, is_found in found.items() if is_found]
    return problems if fields else problems[:1]


def _problems_of_group(fields: Sequence[Field]) -> Iterator[str]:
    if len(fields) > MAX_GROUP:
        yield f"--unique: an index holds at most {MAX_GROUP} fields."
    for each in fields:
        if each.kind in UNINDEXED:
            yield f"--unique: {each.name} is {each.kind}, which cannot be unique."
        if each.unique:
            yield f"--unique: {each.name} is unique already, so the group adds nothing."
    if fields and max(map(_number_of_values, fields)) < MIN_UNIQUE:
        names = " or ".join(each.name for each in fields)
        yield f"--unique: tests need {MIN_UNIQUE} values of {names}. Add this constraint by hand."
    if sum(map(_length, fields)) > MAX_INDEXED:
        lengths = ", ".join(f"{each.name} has {_length(each)}" for each in fields if _length(each))
        yield f"--unique: an index holds at most {MAX_INDEXED} characters, but {lengths}."


def _problems_of_pair(first: Field, second: Field) -> Iterator[str]:
    kind, names = kind_of(first), f"{first.name} and {second.name}"
    if first.kind != second.kind or kind.filters != "range":
        yield f"--before: {names} must be two numbers or two times of one type."
    elif isinstance(kind, Int) and kind.span(first)[0] >= kind.span(second)[1]:
        yield f"--before: within its bounds, {first.name} is never before {second.name}."
    elif late := next((each for each in (first, second) if _is_set_after_check(each)), None):
        yield f"--before: {late.name} gets its default after a request is checked. Use optional."
    elif _is_fixed(first) and _is_fixed(second) and first.default >= second.default:
        yield f"--before: the default of {first.name} is not before that of {second.name}."


def _is_set_after_check(field: Field) -> bool:
    return field.readonly and field.default is not None


def _is_fixed(field: Field) -> bool:
    return field.default is not None and field.default not in {"now", "today"}


def _problems_of_names(resource: Resource) -> Iterator[str]:
    own = {f"{resource.model}{end}" for end in ("", "Create", "Update", "Response", "Page")}
    # The service imports these, too.
    imported = {pascal_case(each.arguments[0]) for each in resource.refs} - {resource.model}
    for name in sorted(own & imported):
        yield f"Two types would be named {name}. Choose another name of the resource."
    search = {each.name for each in filters(replace(resource, fields=()))}
    names = {
        "columns": {*RECORD},
        "types": own | imported,
        "parameters of the list": {"limit", "sort", "cursor"} | search,
    }
    for field in resource.fields:
        new = [*_names(resource, field)]
        if twice := next(((what, name) for what, name in new if name in names[what]), None):
            yield "{}: two {} would be named {}. Rename the field.".format(field.name, *twice)
        for what, name in new:
            names[what].add(name)


def _names(resource: Resource, field: Field) -> Iterator[tuple[str, str]]:
    """Yield what a field names in the code, and each name."""
    kind = kind_of(field)
    yield "columns", field.member
    for name in (*kind.model_aliases(field), *kind.aliases(field), *kind.bound_alias(field)):
        yield "types", name
    for parameter in filters(replace(resource, fields=(field,), search=())):
        yield "parameters of the list", parameter.name
