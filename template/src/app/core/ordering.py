"""Orders of lists: what comes first, and what comes after a row that was seen last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema, from_json, to_json
from sqlalchemy import Column, ColumnElement, UnaryExpression, and_, bindparam, or_, tuple_
from sqlalchemy.sql.operators import asc_op
from sqlalchemy.sql.visitors import iterate

Key = UnaryExpression[Any]


class Order:
    """An order by one key or more, each `.asc()` or `.desc()`, for which there is an index.

    The last key is one that no two rows share, so that the order is the same each time. Where all
    go one way, what comes after a row is one range of the index. Where they do not, rows that
    share the first key with it are read again: let these be few.
    """

    def __init__(self, *keys: Key) -> None:
        for part in (part for key in keys for part in iterate(key)):
            if isinstance(part, Column) and part.nullable:
                raise TypeError(f"{part} may be null, and nothing comes after null.")
        self.keys = keys
        self.columns: Sequence[ColumnElement[Any]] = [key.element for key in keys]
        self._bound = [
            bindparam(f"last_{number}", type_=column.type)
            for number, column in enumerate(self.columns)
        ]
        self._types = [TypeAdapter(column.type.python_type) for column in self.columns]

    def after(self) -> ColumnElement[bool]:
        """Return what holds for the rows after the one whose values `read` binds."""
        ways = {key.modifier for key in self.keys}
        if len(ways) > 1:
            return self._after_mixed()
        columns, last = tuple_(*self.columns), tuple_(*self._bound)
        return columns > last if ways == {asc_op} else columns < last

    def write(self, values: Sequence[Any]) -> bytes:
        """Write down the keys of a row."""
        return to_json(values)

    def read(self, written: bytes) -> dict[str, Any]:
        """Return the keys of a row, to bind; raise `ValueError` for another order's."""
        values = from_json(written)
        return {
            bound.key: type_.validate_python(value)
            for bound, type_, value in zip(self._bound, self._types, values, strict=True)
        }

    def _after_mixed(self) -> ColumnElement[bool]:
        pairs = list(zip(self.columns, self._bound, strict=True))
        beyond = [
            column > last if key.modifier is asc_op else column < last
            for key, (column, last) in zip(self.keys, pairs, strict=True)
        ]
        alternatives = [
            and_(*(column == last for column, last in pairs[:number]), beyond[number])
            for number in range(len(pairs))
        ]
        first, last = pairs[0]
        # What follows from the rest, said so that the index can begin there.
        bound = first >= last if self.keys[0].modifier is asc_op else first <= last
        return and_(bound, or_(*alternatives))


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """The orders that a list is offered in, by name; annotates the parameter that names one."""

    by_name: Mapping[str, Order]

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Take these names only."""
        return core_schema.literal_schema([*self.by_name])
