"""The values that the tests of a resource send, store and expect."""

from decimal import Decimal
from typing import Any

from dev.resource.kinds import kind_of
from dev.resource.literals import Source
from dev.resource.names import constant_case
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Unique, uniques

# How many values a test of a pair rule uses, and how many a field has at most in tests.
PAIRED, MANY = 3, 20
TIMES = {"now", "today"}
SET_BY_SERVICE = {
    **dict.fromkeys(("id", "owner_id"), "019b0000-0000-7000-8000-000000000000"),
    **dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z"),
    **dict.fromkeys(("version", "unknown"), 1),
}

Row = dict[str, Any]


def key(field: Field, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value in a form that sorts as the database sorts it."""
    if field.kind == "decimal":
        return Decimal(str(value))
    return value.casefold() if field.kind == "str" else value


def sample(field: Field, number: int) -> Any:  # noqa: ANN401 - any JSON
    """Return a valid value in JSON; for a ref, the source of the id of a row that exists."""
    if field.kind == "ref":
        return Source(f"{constant_case(field.name)}_IDS[{number}]")
    return kind_of(field).sample_json(field, number)


def source(field: Field, value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return the source of a value for the model."""
    if value is None:
        return "None"
    return f"UUID({value})" if field.kind == "ref" else kind_of(field).source(field, value)


class Values:
    """The values of the fields of a resource."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.inputs = [each for each in resource.fields if each.is_input]
        self.changeable = [each for each in resource.fields if each.is_changeable]
        self.uniques: list[Unique] = [*uniques(resource)]
        self._starts = dict.fromkeys(resource.by_name, 0)
        for _ in resource.before:
            for first, second in resource.before:
                self._raise_start(resource.by_name[first], resource.by_name[second])
        self.data = {each.member: self.number(each, 0) for each in self.inputs}

    def _raise_start(self, first: Field, second: Field) -> None:
        """Let the values of the second field follow those of the first."""
        last = key(first, self.number(first, PAIRED - 1))
        while key(second, self.number(second, 0)) <= last and self._starts[second.name] < MANY:
            self._starts[second.name] += 1

    def number(self, field: Field, number: int) -> Any:  # noqa: ANN401 - any JSON
        """Return the value of a field with a number."""
        return sample(field, self._starts[field.name] + number)

    def is_paired(self, field: Field) -> bool:
        """Return whether a pair rule applies to the field."""
        return any(field.name in pair for pair in self.resource.before)

    def omitted(self) -> list[Field]:
        """Return the fields that a request may omit without breaking a pair rule."""
        return [each for each in self.inputs if not (each.is_required or self.is_paired(each))]

    def changes(self) -> Row:
        """Return a new value of each member that clients can change."""
        values = {each.member: self.number(each, 1) for each in self.changeable}
        return {name: value for name, value in values.items() if value != self.data[name]}

    def accepted(self) -> dict[str, list[Any]]:
        """Return valid values by member."""
        found = {}
        for each in self.inputs:
            values = [None] if kind_of(each).is_nullable(each) else []
            values += [] if each.kind == "ref" else kind_of(each).accepted_json(each)
            found[each.member] = [value for value in values if self.fits(each, value)]
        return {member: values for member, values in found.items() if values}

    def canonical(self) -> Row:
        """Return the valid values that responses contain in another form."""
        return {
            value: returned(each, value)
            for each in self.inputs
            for value in self.accepted().get(each.member, [])
            if returned(each, value) != value
        }

    def fits(self, field: Field, value: Any) -> bool:  # noqa: ANN401 - any JSON
        """Return whether a value, with the other fields of `data`, satisfies the pair rules."""
        for first, second in self.resource.before:
            fields = self.resource.by_name[first], self.resource.by_name[second]
            if field in fields and value is not None:
                low, high = (value if each is field else self.data[each.member] for each in fields)
                if not key(fields[0], low) < key(fields[1], high):
                    return False
        return True

    def refused(self) -> dict[str, list[Any]]:
        """Return invalid values by member, among them any value of a member set by the service."""
        found = {each.member: _distinct(kind_of(each).refused_json(each)) for each in self.inputs}
        fields = {each.member: sample(each, 0) for each in self.resource.fields if each.readonly}
        return found | {name: [value] for name, value in (fields | SET_BY_SERVICE).items()}

    def usual(self) -> dict[str, str]:
        """Return the columns of a stored row that are never null, as source."""
        stored = {"owner_id": "owner.id"} if self.resource.is_owned else {}
        for each in self.resource.fields:
            if not (each.kind == "ref" or kind_of(each).is_nullable(each)):
                stored[each.member] = source(each, self.number(each, 0))
        return stored | {name: f"next({cycle})" for name, (cycle, _) in self.cycles().items()}

    def cycles(self) -> dict[str, tuple[str, list[str]]]:
        """Return a cycle of other values for one field of each group that must be unique."""
        fields = [self.distinct(each.fields) for each in self.uniques]
        return {
            each.member: (f"{constant_case(each.name)}_VALUES", self._others(each))
            for each in self.resource.fields
            if each in fields and each.kind != "ref" and not kind_of(each).is_nullable(each)
        }

    def _others(self, field: Field) -> list[str]:
        """Return the sources of values other than those that requests send."""
        first, second, *others = dict.fromkeys(self.number(field, n) for n in range(MANY))
        return [source(field, each) for each in others or (second, first)]

    def distinct(self, fields: tuple[Field, ...]) -> Field:
        """Return the field of a unique group that has the most values."""
        return max(fields, key=lambda each: len({str(self.number(each, n)) for n in range(MANY)}))


def returned(field: Field, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a value as responses contain it."""
    if value is None or field.kind == "ref":
        return value
    return kind_of(field).returned_json(field, value)


def default(field: Field) -> Any:  # noqa: ANN401 - any JSON
    """Return the value in a response if the request omits the field."""
    if field.default is not None:
        return kind_of(field).default_json(field)
    return None if kind_of(field).is_nullable(field) else []


def _distinct(values: dict[str, Any]) -> list[Any]:
    """Return the values that differ in JSON."""
    return [*{repr(value): value for value in values.values()}.values()]
