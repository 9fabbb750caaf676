"""What the code of a resource says about its references, its pairs and its unique values."""

from collections.abc import Iterator
from typing import NamedTuple

from dev.resource.kinds import kind_of
from dev.resource.names import article, constant_case, shortened, spaced
from dev.resource.recipe import Field, Resource
from dev.resource.rules import Target

ON_DELETE = {
    "restrict": ("", "{A_target} with {nouns} cannot be deleted{except_}."),
    "cascade": (', ondelete="CASCADE"', "The deletion of {a_target} deletes its {nouns}."),
    "null": (', ondelete="SET NULL"', "The deletion of {a_target} leaves its {nouns} without one."),
}


class Reference(NamedTuple):
    """A field that refers to a row of a target."""

    field: Field
    target: Target

    @property
    def noun(self) -> str:
        """The target in a sentence, as in `customer`."""
        return spaced(self.target.name)

    @property
    def a_target(self) -> str:
        """The target with its article, as in `a customer`."""
        return f"{article(self.noun)} {self.noun}"

    @property
    def foreign_key(self) -> str:
        """The foreign key of the column."""
        return f'ForeignKey("{self.target.table}.id"{ON_DELETE[self.field.on_delete][0]})'

    @property
    def keep(self) -> str:
        """The name of the function that locks the row of the target."""
        return f"_keep_{self.field.name}"

    @property
    def by_id(self) -> str:
        """The name of the statement that selects the row of the target."""
        return f"{constant_case(self.field.name)}_BY_ID"

    @property
    def is_missing(self) -> str:
        """When the row of the target counts as missing."""
        if self.target.is_owned:
            return f"the caller has no {self.noun} with this id"
        return f"there is no {self.noun} with this id"

    def on_delete(self, resource: Resource) -> str:
        """Return what the deletion of the row of the target does."""
        a_target, has_same_owner = self.a_target, resource.is_owned and self.target.is_owned
        return ON_DELETE[self.field.on_delete][1].format(
            a_target=a_target,
            A_target=a_target[0].upper() + a_target[1:],
            nouns=resource.nouns,
            except_=", except together with its owner" * has_same_owner,
        )


class Pair(NamedTuple):
    """Two fields of which the first must be before the second."""

    first: Field
    second: Field

    @property
    def check(self) -> str:
        """The name of the function that checks the pair."""
        return f"check_{self.first.name}_before_{self.second.name}"

    @property
    def is_input(self) -> bool:
        """Whether clients set both fields when they create a resource."""
        return self.first.is_input and self.second.is_input

    @property
    def is_changeable(self) -> bool:
        """Whether clients can change one of the fields."""
        return self.first.is_changeable or self.second.is_changeable

    @property
    def parameters(self) -> str:
        """The parameters of the function that checks the pair."""
        return ", ".join(f"{each.name}: {stored_type(each)}" for each in self)

    @property
    def is_broken(self) -> str:
        """The condition that the fields are not in this order."""
        nullable = [each.name for each in self if kind_of(each).is_nullable(each)]
        known = [f"{name} is not None" for name in nullable]
        return " and ".join([*known, f"{self.first.name} >= {self.second.name}"])


class Unique(NamedTuple):
    """A group of fields whose values only one row has, of each owner or of all."""

    resource: Resource
    fields: tuple[Field, ...]
    is_global: bool

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [*(() if self.is_global else ("owner_id",)), *(each.member for each in self.fields)]

    @property
    def name(self) -> str:
        """The name of the constraint."""
        return shortened("_".join(["uq", self.resource.plural, *self.columns]))

    @property
    def values(self) -> str:
        """The fields in a sentence."""
        return " and ".join(spaced(each.name) for each in self.fields)

    @property
    def taken(self) -> str:
        """The sentence that another row has the values."""
        subject = "There is" if self.is_global else "You have"
        return f"{subject} {self.resource.a_noun} with this {self.values}."

    @property
    def detail(self) -> str:
        """The message for the client whose request violates the constraint."""
        return f"{self.taken} Choose another {self.values.replace(' and ', ' or ')}."


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
    """Return the type of a field in the model and in responses."""
    kind = kind_of(field)
    return kind.python_type(field) + (" | None" if kind.is_nullable(field) else "")
