"""The base class of the types of fields."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from dev.resource.literals import literal
from dev.resource.names import pascal_case, spaced
from dev.resource.recipe import Field
from dev.resource.reserved import IMPORTED


class Check(NamedTuple):
    """A CHECK constraint: its name in the model, and its SQL expression."""

    name: str
    sql: str


class Kind:
    """A type of field. Methods return Python source, unless their names say that they return JSON.

    The emitters derive the imports from the names that the source uses.
    """

    name: ClassVar[str]
    # The modifiers beside `optional`, `immutable` and `readonly`, which each kind has, and the
    # values of those that count something.
    modifiers: ClassVar[frozenset[str]] = frozenset()
    counts: ClassVar[Mapping[str, range]] = {}
    # How a list filters by the field: "", "equals", "range" or "contains".
    filters: ClassVar[str] = ""
    # The flags that may name the field, and whether they do by default.
    flags: ClassVar[Mapping[str, bool]] = {}
    # The type in the model, the SQLAlchemy type, and the type in the schemas if no alias is needed.
    type_name: ClassVar[str] = "str"
    column_name: ClassVar[str] = ""
    schema_type: ClassVar[str] = ""
    # Values in JSON that each field of this kind accepts and refuses.
    accepted: ClassVar[Sequence[Any]] = ()
    refused: ClassVar[Mapping[str, Any]] = {"empty text": "", "number": 1, "list": ["text"]}
    # An example of the arguments of the type, if it has any.
    arguments: ClassVar[str] = ""

    def read_arguments(self, text: str) -> tuple[str, ...]:
        """Return the arguments of the type; raise `ValueError` with a sentence."""
        return (text,)

    def read(self, field: Field, text: str) -> Any:
        """Return a bound or a default that the bounds of the field allow.

        Raise `ValueError` with the end of a sentence.
        """
        raise NotImplementedError

    def text(self, value: Any) -> str:
        """Return a bound or a default as `read` reads it."""
        return str(value)

    def parse(self, value_json: Any) -> Any:
        """Return a JSON value as the type in Python."""
        return value_json

    def to_json(self, field: Field, value: Any) -> Any:
        """Return a value in JSON, as the service returns it."""
        return value

    def source(self, value_json: Any) -> str:
        """Return a JSON value as in `Decimal("1.00")`."""
        return literal(self.parse(value_json))

    def alias(self, field: Field) -> str:
        """Return the name of the field's type in the schemas."""
        name = pascal_case(field.name)
        return self.schema_type or (f"{name}Value" if name in IMPORTED else name)

    def aliases(self, field: Field) -> dict[str, str]:
        """Return the definitions that the schemas need, by name; the field's own alias is last."""
        return {}

    def bound_alias(self, field: Field) -> dict[str, str]:
        """Return the definition of the type of filters, as `PriceBound`, if it is not `alias`."""
        return {}

    def model_aliases(self, field: Field) -> dict[str, str]:
        """Return the definitions that the module of the model needs, by name."""
        return {}

    def python_type(self, field: Field) -> str:
        """Return the type in the model, without `| None`."""
        return self.type_name

    def response_type(self, field: Field) -> str:
        """Return the type in responses, without `| None`."""
        return self.python_type(field)

    def column(self, field: Field) -> str:
        """Return the SQLAlchemy type of the column; an empty string for a foreign key."""
        return self.column_name

    def checks(self, field: Field) -> list[Check]:
        """Return the CHECK constraints."""
        return []

    def server_default(self, field: Field) -> str:
        """Return the SQL default of the column, or an empty string."""
        return "" if field.default is None else repr(self.text(field.default))

    def default(self, field: Field) -> str:
        """Return what follows `=` in the schema; an empty string for a required field."""
        if field.default is not None:
            return self.source(self.to_json(field, field.default))
        return "None" if field.is_nullable else ""

    def sample_json(self, field: Field, number: int) -> Any:
        """Return the valid value with a number from 0 on.

        Values up to number 9 ascend, and all are distinct, as far as the bounds allow.
        """
        raise NotImplementedError

    def returned_json(self, field: Field, sent: Any) -> Any:
        """Return a value as the service returns it after it was sent."""
        return self.to_json(field, self.parse(sent))

    def accepted_json(self, field: Field) -> list[Any]:
        """Return valid values, among them each bound."""
        return [*self.accepted]

    def refused_json(self, field: Field) -> dict[str, Any]:
        """Return invalid values by what is wrong with them: beyond each bound, and other types."""
        return ({} if field.is_nullable else {"null": None}) | {**self.refused}


def label(field: Field) -> str:
    """Return the name of a field as a text, as in `Full name`."""
    return spaced(field.name).capitalize()


def keywords(**values: object) -> str:
    """Return arguments as source, without those that are `None`."""
    return ", ".join(f"{name}={value}" for name, value in values.items() if value is not None)


def grouped(number: Any) -> str:
    """Return a number as source, as in `10_000`."""
    return f"{number:_}" if abs(number) >= 10_000 else str(number)  # noqa: PLR2004 - as in style
