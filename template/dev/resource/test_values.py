"""The values that the tests of a resource send, store and expect."""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dev.resource.kinds import kind_of
from dev.resource.literals import Source
from dev.resource.recipe import Field, Resource
from dev.resource.relations import Unique, uniques

# How many values a test of a pair rule and a test of lists use, and how many a field has at most.
PAIRED, LISTED, MANY = 3, 5, 20
# The bounds that invalid values exceed.
EXCEEDED = {"number below the minimum": {"ge", "gt"}, "number above the maximum": {"le", "lt"}}
SET_BY_SERVICE = {
    **dict.fromkeys(("id", "owner_id"), "019b0000-0000-7000-8000-000000000000"),
    **dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z"),
    **dict.fromkeys(("version", "unknown"), 1),
}

Json = Any
Row = dict[str, Json]


def key(field: Field, value: Json) -> Any:  # noqa: ANN401 - it sorts
    """Return a value in a form that sorts as in the database."""
    if field.kind == "decimal":
        return Decimal(str(value))
    return value.casefold() if field.kind in {"str", "text"} else value


def source(field: Field, value: Json) -> str:
    """Return the source of a value for the model."""
    if value is None:
        return "None"
    return f"UUID({value})" if field.kind == "ref" else kind_of(field).source(value)


def default(field: Field) -> Json:
    """Return the value in the response to a request without the field."""
    if field.default is not None:
        return kind_of(field).to_json(field, field.default)
    return None if field.is_nullable else []


class Values:
    """The values of a resource's fields in JSON: `number` returns them, the others choose some."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.inputs = [each for each in resource.fields if each.is_input]
        self.changeable = [each for each in resource.fields if each.is_changeable]
        self.uniques: list[Unique] = [*uniques(resource)]
        self._starts = dict.fromkeys(resource.by_name, 0)
        for first, second in resource.pairs * len(resource.pairs):
            self._start_after(first, second)
        self.data = {each.member: self.number(each, 0) for each in self.inputs}

    def _start_after(self, first: Field, second: Field) -> None:
        """Let the values of the second field follow those of the first."""
        is_distinct = first in [self.distinct(each.fields) for each in self.uniques]
        last = key(first, self.number(first, (MANY if is_distinct else PAIRED) - 1))
        most = MANY + PAIRED
        while key(second, self.number(second, 0)) <= last and self._starts[second.name] < most:
            self._starts[second.name] += 1

    def number(self, field: Field, number: int) -> Json:
        """Return the value of a field with a number; for a ref, the source of an id that exists."""
        if field.kind == "ref":
            return Source(f"{field.name.upper()}_IDS[{number}]")
        return kind_of(field).sample_json(field, self._starts[field.name] + number)

    def is_paired(self, field: Field) -> bool:
        """Return whether a pair rule applies to the field."""
        return any(field.name in pair for pair in self.resource.before)

    def has_pairs_in_order(self, row: Row) -> bool:
        """Return whether the members of a row satisfy the pair rules."""
        known = [
            pair
            for pair in self.resource.pairs
            if None not in [row.get(each.name) for each in pair]
        ]
        return all(key(a, row[a.name]) < key(b, row[b.name]) for a, b in known)

    def omitted(self) -> list[Field]:
        """Return the fields that a request may omit without breaking a pair rule."""
        return [each for each in self.inputs if not (each.is_required or self.is_paired(each))]

    def changes(self) -> Row:
        """Return a new value of each member that clients can change."""
        values = {each.member: self.number(each, 1) for each in self.changeable}
        return {name: value for name, value in values.items() if value != self.data[name]}

    def accepted(self) -> dict[str, list[Json]]:
        """Return valid values by member."""
        found = {}
        for each in self.inputs:
            values = [None] if each.is_nullable else []
            values += [] if each.kind == "ref" else kind_of(each).accepted_json(each)
            rows = ({**self.data, each.member: value} for value in values)
            found[each.member] = [row[each.member] for row in rows if self.has_pairs_in_order(row)]
        return {member: values for member, values in found.items() if values}

    def canonical(self) -> Row:
        """Return the valid values that responses contain in another form."""
        found: Row = {}
        for each in self.inputs:
            for value in self.accepted().get(each.member, []):
                returned = value and kind_of(each).returned_json(each, value)
                found |= {} if returned == value else {value: returned}
        return found

    def refused(self) -> dict[str, list[Json]]:
        """Return invalid values by member, among them any value of a member set by the service."""
        invalid = {each.member: kind_of(each).refused_json(each) for each in self.inputs}
        found = {
            member: [*{repr(each): each for each in values.values()}.values()]
            for member, values in invalid.items()
        }
        readonly = {e.member: self.number(e, 0) for e in self.resource.fields if e.readonly}
        return found | {name: [value] for name, value in (readonly | SET_BY_SERVICE).items()}

    def has_infinity(self) -> bool:
        """Return whether a value that is invalid for a number is infinite."""
        numbers = [e for values in self.refused().values() for e in values if type(e) is float]
        return any(map(math.isinf, numbers))

    def broken(self) -> Iterator[dict[str, str]]:
        """Yield columns, as source, that break a CHECK constraint."""
        for each in filter(lambda each: kind_of(each).checks(each), self.resource.fields):
            invalid = kind_of(each).refused_json(each)
            wrongs = [wrong for wrong, bounds in EXCEEDED.items() if bounds & each.bounds.keys()]
            values = [""] if each.kind == "enum" else [invalid[e] for e in wrongs if e in invalid]
            yield from ({each.name: source(each, value)} for value in values)
        for first, second in self.resource.pairs:
            low, high = self.number(first, 0), self.number(second, 0)
            yield {first.name: source(first, high), second.name: source(second, low)}

    def usual(self) -> dict[str, str]:
        """Return the columns of a stored row that are never null, as source."""
        stored = {"owner_id": "owner.id"} if self.resource.is_owned else {}
        for each in self.resource.fields:
            if not (each.kind == "ref" or each.is_nullable):
                stored[each.member] = source(each, self.number(each, 0))
        return stored

    def distinct(self, fields: tuple[Field, ...]) -> Field:
        """Return the field of a unique group that has the most values."""
        return max(fields, key=lambda each: len({str(self.number(each, n)) for n in range(MANY)}))
