"""The columns, constraints and indexes of a resource's table, as source."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dev.resource.kinds import kind_of
from dev.resource.kinds.base import Check
from dev.resource.names import shortened
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Reference


class SortKey(NamedTuple):
    """An expression by which a list is ordered.

    `label` is its name in the name of an index, and `nulls` the call after its direction. If it is
    plain, one index of columns supports both directions.
    """

    field: Field
    expression: str
    is_text: bool

    @property
    def is_nullable(self) -> bool:
        return self.field.is_nullable

    @property
    def is_plain(self) -> bool:
        return not (self.is_text or self.is_nullable)

    @property
    def label(self) -> str:
        return f"{self.field.name}_ignoring_case" if self.is_text else self.field.name

    @property
    def nulls(self) -> str:
        return ".nulls_last()" * self.is_nullable


def sort_keys(resource: Resource) -> Iterator[SortKey]:
    """Yield the keys by which the list is ordered, beside the time of creation."""
    names = resource.sort if "list" in resource.operations else ()
    for field in [resource.by_name[name] for name in names]:
        is_text = field.kind == "str"
        own = f"{field.name.upper()}_IGNORING_CASE"
        yield SortKey(field, own if is_text else f"{resource.model}.{field.name}", is_text)


def column(field: Field, refs: Sequence[Reference]) -> str:
    """Return the arguments of a column."""
    keys = [each.foreign_key for each in refs if each.field == field]
    default = kind_of(field).server_default(field)
    type_ = keys[0] if keys else kind_of(field).column(field)
    return f"{type_}, server_default={default}" if default else type_


def model_aliases(resource: Resource) -> dict[str, str]:
    """Return the definitions that the module of the model needs, by name."""
    kinds = [(kind_of(each), each) for each in resource.fields]
    return dict(each for kind, field in kinds for each in kind.model_aliases(field).items())


def checks(resource: Resource) -> Iterator[Check]:
    """Yield the CHECK constraints."""
    for each in resource.fields:
        yield from kind_of(each).checks(each)
    for first, second in resource.before:
        yield Check(f"{first}_before_{second}", f"{first} < {second}")


def index_name(resource: Resource, *columns: str, of_owner: bool = True) -> str:
    """Return the name of an index. By default, the owner is its first column."""
    owner = ["owner_id"] * (of_owner and resource.is_owned)
    return shortened("_".join(["ix", resource.plural, *owner, *columns]))


def index(resource: Resource, *columns: str, of_owner: bool = True) -> str:
    """Return an index of columns. By default, the owner is its first column."""
    owner = ["owner_id"] * (of_owner and resource.is_owned)
    names = [index_name(resource, *columns, of_owner=of_owner), *owner, *columns]
    return f"Index({', '.join(map(repr, names))})"


def indexed(resource: Resource) -> list[Field]:
    """Return the fields with an index that no order, constraint or reference needs already."""
    plain = {key.field.name for key in sort_keys(resource) if key.is_plain}
    return [
        each
        for each in resource.fields
        if each.index and each.name not in plain and not each.unique and each.kind != "ref"
    ]
