"""The types that have little in common: bool, uuid, ref, list and json."""

from typing import Any
from uuid import UUID

from dev.resource.kinds.base import Kind, grouped, keywords
from dev.resource.kinds.texts import Str
from dev.resource.names import pascal_case, singular_of
from dev.resource.recipe import Field

STR = Str()
MAX_LEVELS = 10


class Bool(Kind):
    """True or false."""

    name = "bool"
    modifiers = frozenset({"default", "index"})
    filters = "equals"
    flags = {"filter": True}
    type_name = schema_type = "bool"
    column_name = "Boolean"
    accepted = (False, True)
    refused = {"text": "true", "number": 1, "list": [True]}

    def read(self, field: Field, text: str) -> bool:
        if text not in {"true", "false"}:
            raise ValueError("must be true or false")
        return text == "true"

    def text(self, value: Any) -> str:
        return str(value).lower()

    def sample_json(self, field: Field, number: int) -> bool:
        return number % 2 == 1


class Uuid(Kind):
    """A UUID."""

    name = "uuid"
    modifiers = frozenset({"unique", "index"})
    filters = "equals"
    flags = {"filter": False}
    type_name = schema_type = "UUID"
    column_name = "Uuid"
    accepted = ("01a20a5f-4751-77cf-9f4d-776ac82c38b1", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF")
    refused = {**Kind.refused, "UUID without hyphens": "01a20a5f475177cf9f4d776ac82c38b1"}

    def parse(self, value_json: str) -> UUID:
        return UUID(value_json)

    def source(self, value_json: str) -> str:
        return f"UUID(int={UUID(value_json).int})"

    def to_json(self, field: Field, value: UUID) -> str:
        return str(value)

    def sample_json(self, field: Field, number: int) -> str:
        return str(UUID(int=number))


class Ref(Uuid):
    """The id of another resource, which is the argument of the type."""

    name = "ref"
    modifiers = frozenset({"on-delete", "unique"})
    flags = {"filter": True}
    column_name = ""
    arguments = "customer"

    def read_arguments(self, text: str) -> tuple[str, ...]:
        if not text:
            raise ValueError("a ref needs the name of a resource, as in ref:customer")
        return (text,)


class List(Kind):
    """Distinct texts. A field that may be omitted is then empty, never null."""

    name = "list"
    modifiers = frozenset({"max", "each-max"})
    # A GIN index cannot hold longer elements.
    counts = {"max": range(1, 1001), "each-max": range(1, 501)}
    filters = "contains"
    flags = {"filter": True}
    type_name = "list[str]"
    arguments = "str"

    def read_arguments(self, text: str) -> tuple[str, ...]:
        if text != "str":
            raise ValueError("a list needs the type of its elements, as in list:str")
        return (text,)

    def most(self, field: Field) -> int:
        """Return the maximum number of elements."""
        return int(field.bounds.get("max", 100))

    def element(self, field: Field) -> Field:
        """Return the field that describes an element."""
        bounds = {"max": field.bounds.get("each-max", STR.length)}
        return Field(name=singular_of(field.name), kind="str", bounds=bounds)

    def element_alias(self, field: Field) -> str:
        """Return the name of the type of an element, as in `Tag`."""
        name = STR.alias(self.element(field))
        return f"{name}Element" if name == self.alias(field) else name

    def column(self, field: Field) -> str:
        return f"ARRAY({STR.column(self.element(field))})"

    def server_default(self, field: Field) -> str:
        """Return a default only where no request gives a value."""
        return repr("{}") if field.readonly else ""

    def default(self, field: Field) -> str:
        return "Field(default_factory=list)" if field.optional else ""

    def aliases(self, field: Field) -> dict[str, str]:
        name, most = self.element_alias(field), grouped(self.most(field))
        constraints = f"Field(max_length={most}, json_schema_extra={{'uniqueItems': True}})"
        (element,) = STR.aliases(self.element(field)).values()
        return {
            name: element,
            self.alias(field): f"Annotated[list[{name}], {constraints}, DISTINCT]",
        }

    def bound_alias(self, field: Field) -> dict[str, str]:
        constraints = keywords(min_length=1, max_length=grouped(self.most(field)))
        source = f"Annotated[list[{self.element_alias(field)}], Field({constraints})]"
        return {f"Some{pascal_case(field.name)}": source}

    def sample_json(self, field: Field, number: int) -> list[str]:
        return [STR.sample_json(self.element(field), number)]

    def accepted_json(self, field: Field) -> list[Any]:
        longest = "n" * self.element(field).bounds["max"]
        return [[], [longest], _letters(self.most(field))]

    def refused_json(self, field: Field) -> dict[str, Any]:
        element = STR.refused_json(self.element(field))
        return {
            "null": None,
            "text": "text",
            "value twice": ["n", "n"],
            "many values": _letters(self.most(field) + 1),
            **{f"{wrong} in a list": [each] for wrong, each in element.items()},
        }


class Json(Kind):
    """An object or an array of any JSON values, with a maximum of bytes."""

    name = "json"
    modifiers = frozenset({"max-bytes"})
    counts = {"max-bytes": range(100, 100_001)}
    type_name = "dict[str, Any] | list[Any]"
    accepted = ({}, [], {"a": [1, 2.5, None, True, "\u00e9"]})
    refused = {"text": "text", "number": 1, "text with NUL": ["\x00"], "name with NUL": {"\x00": 1}}

    def most(self, field: Field) -> int:
        """Return the maximum number of bytes in compact form."""
        return int(field.bounds.get("max-bytes", 10_000))

    def column(self, field: Field) -> str:
        return "JSONB(none_as_null=True)" if field.optional else "JSONB"

    def aliases(self, field: Field) -> dict[str, str]:
        limit, examples = f"json_within({grouped(self.most(field))})", [{"number": 1}]
        return {self.alias(field): f"Annotated[{self.type_name}, {limit}, Field({examples=})]"}

    def sample_json(self, field: Field, number: int) -> Any:
        return {"number": number}

    def accepted_json(self, field: Field) -> list[Any]:
        return [*self.accepted, _nested(MAX_LEVELS), ["n" * (self.most(field) - 4)]]

    def refused_json(self, field: Field) -> dict[str, Any]:
        deep, long = _nested(MAX_LEVELS + 1), ["n" * (self.most(field) - 3)]
        return super().refused_json(field) | {"deep value": deep, "long value": long}


def _letters(number: int) -> list[str]:
    return [chr(0x4E00 + each) for each in range(number)]


def _nested(levels: int) -> list[Any]:
    return [_nested(levels - 1)] if levels > 1 else []
