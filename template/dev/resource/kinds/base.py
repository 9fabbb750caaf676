"""What a type of field contributes to the code and to the tests of a resource."""

from typing import Any, ClassVar, NamedTuple

from dev.resource.names import pascal_case
from dev.resource.recipe import Field

# Names that the generated modules import, so that no alias may have them.
TAKEN = {"Annotated", "Any", "Decimal", "Field", "Literal", "Self", "Line", "Text", "Page", "Order"}


class Check(NamedTuple):
    """A CHECK constraint: its name in the model, and its SQL expression."""

    name: str
    sql: str


class Kind:
    """A type of field. Methods return Python source, unless their names say that they return JSON.

    The emitters derive the imports from the names that the source uses.
    """

    name: ClassVar[str]
    # The modifiers beside those that each kind has: optional, immutable, readonly, index.
    modifiers: ClassVar[frozenset[str]] = frozenset()
    # How a list filters by the field: "", "equals", "range" or "contains".
    filters: ClassVar[str] = ""
    can_sort: ClassVar[bool] = False
    can_search: ClassVar[bool] = False

    def read(self, field: Field, text: str) -> Any:
        """Return the value of a bound or of a default; raise `ValueError` with a sentence."""
        raise NotImplementedError

    def alias(self, field: Field) -> str:
        """Return the name of the field's type in the schemas."""
        name = pascal_case(field.name)
        return f"{name}Value" if name in TAKEN else name

    def python_type(self, field: Field) -> str:
        """Return the type in the model and in responses, without `| None`."""
        raise NotImplementedError

    def column(self, field: Field) -> str:
        """Return the SQLAlchemy type of the column."""
        raise NotImplementedError

    def server_default(self, field: Field) -> str:
        """Return the SQL default of the column as source, or an empty string."""
        raise NotImplementedError

    def default(self, field: Field) -> str:
        """Return the default in the schema as source: what follows `=` in a class body."""
        raise NotImplementedError

    def aliases(self, field: Field) -> dict[str, str]:
        """Return the definitions that the schemas need, by name; the field's own alias is last."""
        raise NotImplementedError

    def bound_alias(self, field: Field) -> dict[str, str]:
        """Return the definition of the type of range filters, as `PriceBound`; else nothing."""
        return {}

    def checks(self, field: Field) -> list[Check]:
        """Return the CHECK constraints."""
        return []

    def sample_json(self, field: Field, number: int) -> Any:
        """Return the valid value with a number.

        Values ascend with the number, and are distinct as far as the bounds allow.
        """
        raise NotImplementedError

    def returned_json(self, field: Field, sent: Any) -> Any:
        """Return a value as the service returns it after it was sent."""
        return sent

    def accepted_json(self, field: Field) -> list[Any]:
        """Return valid values, among them each bound."""
        raise NotImplementedError

    def refused_json(self, field: Field) -> dict[str, Any]:
        """Return invalid values by what is wrong with them: beyond each bound, and other types."""
        raise NotImplementedError
