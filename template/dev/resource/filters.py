"""The filters of a list, and the definitions of the schemas."""

from collections.abc import Iterator
from typing import NamedTuple

from dev.resource.kinds import kind_of
from dev.resource.names import singular_of, spaced
from dev.resource.recipe import Field, Resource
from dev.resource.wording import listed, wrapped


class Filter(NamedTuple):
    """A query parameter: its name, the type of its value, and what annotates it."""

    name: str
    type: str
    condition: str
    description: str = ""

    @property
    def source(self) -> str:
        """The parameter in the class of the list's query."""
        described = ""
        if self.description:
            described = f", Field(description={wrapped(self.description, 24)})"
        return f"{self.name}: Annotated[{self.type} | None, {self.condition}{described}] = None"


def filtered(resource: Resource) -> list[Field]:
    """Return the fields by which the list is filtered: those of the recipe, and each ref."""
    if "list" not in resource.operations:
        return []
    names = {*resource.filter, *(each.name for each in resource.refs)}
    return [each for each in resource.fields if each.name in names]


def filters(resource: Resource) -> Iterator[Filter]:
    """Yield the filters of the list."""
    if resource.search and "list" in resource.operations:
        columns = ", ".join(f"{resource.model}.{name}" for name in resource.search)
        fields = listed([f"`{name}`" for name in resource.search], "or")
        about = f"Only {resource.nouns} with this text in {fields}."
        yield Filter("q", "SearchText", f"contains_text({columns})", about)
    for field in filtered(resource):
        column = f"{resource.model}.{field.member}"
        kind = kind_of(field)
        value = next(iter(kind.bound_alias(field)), kind.alias(field))
        match kind.filters:
            case "range":
                yield Filter(f"min_{field.name}", value, f"at_least({column})")
                yield Filter(f"max_{field.name}", value, f"at_most({column})")
            case "contains":
                yield from _contains(resource, field, value)
            case _:
                yield Filter(field.member, value, f"equals({column})")


def _contains(resource: Resource, field: Field, value: str) -> Iterator[Filter]:
    one, column = singular_of(field.name), f"{resource.model}.{field.name}"
    about = (
        f"Only {resource.nouns} with this {spaced(one)}. Repeat the parameter to match "
        f"{resource.nouns} with {{}} of the {spaced(field.name)}."
    )
    yield Filter(one, value, f"contains_all({column})", about.format("all"))
    yield Filter(f"any_{one}", value, f"contains_any({column})", about.format("any"))


def aliases(resource: Resource) -> dict[str, str]:
    """Return the definitions of the types that the schemas and the list's query use, by name."""
    used, definitions = filtered(resource), dict[str, str]()
    for field in resource.fields:
        kind = kind_of(field)
        bound = kind.bound_alias(field) if field in used else {}
        if field.is_input or (field in used and (not bound or kind.filters == "contains")):
            definitions |= kind.aliases(field)
        definitions |= bound
    return definitions
