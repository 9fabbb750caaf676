"""The references, the pairs and the unique values of a resource, as its code names them."""

import builtins
from collections.abc import Iterator
from typing import NamedTuple

from dev.resource.kinds import kind_of
from dev.resource.known import Target
from dev.resource.names import shortened, spaced, with_article
from dev.resource.recipe import Field, Resource
from dev.resource.wording import listed

ON_DELETE = {"restrict": "", "cascade": ', ondelete="CASCADE"', "null": ', ondelete="SET NULL"'}


class Reference(NamedTuple):
    """A field that refers to a row of a target, and the ids of the rows to which tests refer.

    `keep` is the name of the function that prevents the deletion of the row, `by_id` that of the
    statement that selects it, `ids` that of the constant with the ids, and `uuids` its source.
    """

    field: Field
    target: Target
    uuids: str = ""

    @property
    def noun(self) -> str:
        return spaced(self.target.name)

    @property
    def a_noun(self) -> str:
        return with_article(self.noun)

    @property
    def is_account(self) -> bool:
        return self.target.table == "users"

    @property
    def foreign_key(self) -> str:
        return f'ForeignKey("{self.target.table}.id"{ON_DELETE[self.field.on_delete]})'

    @property
    def keep(self) -> str:
        return f"_keep_{self.field.name}"

    @property
    def by_id(self) -> str:
        return f"{self.field.name.upper()}_BY_ID"

    @property
    def ids(self) -> str:
        return f"{self.field.name.upper()}_IDS"

    def add(self, owner: str, *values: str) -> str:
        """Return the source of a call that adds a row for an owner."""
        if self.target.has_access_table:
            return f"add_{self.target.name}({', '.join(['session', owner, *values])})"
        return f"add_row_of({', '.join(['session', self.target.model, owner, *values])})"


class Pair(NamedTuple):
    """Two fields of which the first must be before, or less than, the second."""

    first: Field
    second: Field

    @property
    def order(self) -> str:
        return "before" if self.first.kind in {"date", "datetime"} else "less than"

    @property
    def check(self) -> str:
        """The name of the function that checks the pair."""
        return f"check_{self.first.name}_before_{self.second.name}"

    @property
    def names(self) -> list[str]:
        """The names of the parameters of that function, which hide no function of Python."""
        return [f"{e.name}_value" if hasattr(builtins, e.name) else e.name for e in self]

    @property
    def is_input(self) -> bool:
        """Whether clients set both fields when they create a resource."""
        return self.first.is_input and self.second.is_input

    @property
    def is_changeable(self) -> bool:
        """Whether clients can change one of the fields."""
        return self.first.is_changeable or self.second.is_changeable

    @property
    def nullable(self) -> list[str]:
        """The names of the parameters that may be null."""
        named = zip(self.names, self, strict=True)
        return [name for name, each in named if each.is_nullable]


class Unique(NamedTuple):
    """A constraint: only one row, of each owner or of all, has the same values of some fields."""

    resource: Resource
    fields: tuple[Field, ...]
    is_global: bool

    @property
    def columns(self) -> list[str]:
        owner = [] if self.is_global else ["owner_id"]
        return [*owner, *(each.member for each in self.fields)]

    @property
    def name(self) -> str:
        return shortened("_".join(["uq", self.resource.plural, *self.columns]))

    @property
    def values(self) -> str:
        """The values of the fields in a sentence, as in `this team_id and name`."""
        return f"this {listed([each.member for each in self.fields])}"

    @property
    def conflict(self) -> str:
        """The message for a request that violates the constraint."""
        beginning = "There is" if self.is_global else "You have"
        field, *more = self.fields
        advice = "Change one of them" if more else f"Choose another {field.member}"
        return f"{beginning} {self.resource.a_noun} with {self.values}. {advice}."


def uniques(resource: Resource) -> Iterator[Unique]:
    """Yield the groups of unique fields."""
    for each in resource.fields:
        if each.unique:
            is_global = each.unique == "global" or not resource.is_owned
            yield Unique(resource, (each,), is_global)
    for group in resource.unique:
        fields = tuple(resource.by_name[name] for name in group)
        yield Unique(resource, fields, not resource.is_owned)


def stored_type(field: Field) -> str:
    """Return the type of a field in the model."""
    return kind_of(field).python_type(field) + " | None" * field.is_nullable


def response_type(field: Field) -> str:
    """Return the type of a field in responses."""
    return kind_of(field).response_type(field) + " | None" * field.is_nullable
