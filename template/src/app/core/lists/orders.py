"""Orders of lists: how rows are sorted, and which rows follow a given row."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema, from_json, to_json
from sqlalchemy import ColumnElement, FromClause, Join, Select, UnaryExpression, and_, or_, tuple_
from sqlalchemy.sql.visitors import iterate

from app.core.lists.sort_keys import DIALECT, SortKey

Key = UnaryExpression[Any]
Keys = Sequence[SortKey]
Ranges = list[ColumnElement[bool]]
Rows = Select[*tuple[Any, ...]]  # of one entity, or of columns


class Order:
    """An order by one or more keys, each with `.asc()` or `.desc()`. An index should support it.

    A key that may be null also needs `.nulls_last()` or `.nulls_first()`. The last key must be
    unique and never null, so that the order is always the same. If all keys have the same
    direction, a page is one range of the index. With mixed directions, each page reads all rows
    with the same first key again, so few rows should share it.

    Raise `TypeError` for keys that could make pages skip rows.
    """

    def __init__(self, *keys: Key) -> None:
        self._keys = [SortKey.create(key, f"last_{number}") for number, key in enumerate(keys)]
        self.keys: Sequence[Key] = [key.ordered for key in self._keys]
        self.columns: Sequence[ColumnElement[Any]] = [key.column for key in self._keys]
        self.carried: Sequence[ColumnElement[Any]] = [key.carried for key in self._keys]
        *_, last = self._keys
        if last.says_nulls and last.may_be_null:
            raise TypeError(
                f"{last.column} may be null, and the last key of an order must be unique and never "
                "null. Add a key such as the id."
            )

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the keys, so that a cursor becomes invalid when the keys change."""
        expressions = [each for key in self._keys for each in (key.ordered, key.last)]
        compiled = [each.compile(dialect=DIALECT) for each in expressions]
        text = repr([(str(each), sorted(each.params.items())) for each in compiled])
        return sha256(text.encode()).hexdigest()[:16]

    def after(self, nulls: Sequence[bool], rows: Rows) -> Ranges:
        """Return the conditions that select the part of `rows` after a given row.

        The key values of that row are bind parameters; `nulls` tells which of them are null.
        Comparisons with null are never true, so nulls need separate ranges. The ranges do not
        overlap and are in the order of the list; each can be read from an index.
        """
        joined = set(_outer_joined(rows))
        nullable = {key for key in self._keys if key.may_be_null or key.is_of(joined)}
        return _after(self._keys, nulls, nullable)

    def write(self, values: Sequence[Any]) -> bytes:
        """Encode the key values of a row, which the expressions in `carried` select."""
        return to_json(tuple(values))

    def read(self, written: bytes) -> dict[str, Any]:
        """Decode the key values of a row into bind parameters."""
        names = (key.bind_name for key in self._keys)
        return dict(zip(names, from_json(written), strict=True))


def _outer_joined(rows: Rows) -> Iterator[FromClause]:
    """Yield the tables whose columns are null if an outer join finds no row."""
    for part in (part for source in rows.get_final_froms() for part in iterate(source)):
        if isinstance(part, Join) and (part.isouter or part.full):
            inner = part if part.full else part.right
            yield from (column.table for column in inner.columns)


def _after(keys: Keys, nulls: Sequence[bool], nullable: Set[SortKey]) -> Ranges:
    if nullable.isdisjoint(keys) and not any(nulls):
        return [_beyond(keys)] if keys else []
    first, rest = keys[0], keys[1:]
    after_rest = _after(rest, nulls[1:], nullable)
    if nulls[0]:
        ranges = [and_(first.column.is_(None), each) for each in after_rest]
        return [*ranges, first.column.is_not(None)] if first.nulls_first else ranges
    if nullable.isdisjoint(rest):
        ranges = [_beyond(keys)]
    else:
        ranges = [and_(first.column == first.last, each) for each in after_rest]
        ranges.append(_beyond([first]))
    has_nulls_after = first in nullable and not first.nulls_first
    return [*ranges, first.column.is_(None)] if has_nulls_after else ranges


def _beyond(keys: Keys) -> ColumnElement[bool]:
    """Return the condition for rows after the given row, for keys that are never null."""
    ways = {key.descends for key in keys}
    if len(ways) > 1:
        return _beyond_mixed(keys)
    columns, last = tuple_(*(key.column for key in keys)), tuple_(*(key.last for key in keys))
    return columns < last if ways == {True} else columns > last


def _beyond_mixed(keys: Keys) -> ColumnElement[bool]:
    beyond = [key.column < key.last if key.descends else key.column > key.last for key in keys]
    alternatives = [
        and_(*(key.column == key.last for key in keys[:number]), beyond[number])
        for number in range(len(keys))
    ]
    first = keys[0]
    # The alternatives imply this condition, but with it the index scan starts at the given row.
    bound = first.column <= first.last if first.descends else first.column >= first.last
    return and_(bound, or_(*alternatives))


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """The orders of a list by name; annotates the parameter that selects one."""

    by_name: Mapping[str, Order]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Accept only the names of the orders."""
        return core_schema.literal_schema([*self.by_name])
