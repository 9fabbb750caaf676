"""Sort keys: their direction, the place of nulls, and how cursors store their values."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from sqlalchemy import (
    ARRAY,
    CHAR,
    Alias,
    BigInteger,
    BinaryExpression,
    BindParameter,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    FromClause,
    Integer,
    Label,
    LargeBinary,
    Numeric,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UnaryExpression,
    Uuid,
    bindparam,
    cast,
    make_url,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import CIDR, CITEXT, INET, INTERVAL, MACADDR
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.functions import FunctionElement, coalesce
from sqlalchemy.sql.operators import asc_op, collate, desc_op, nulls_first_op, nulls_last_op
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

DIALECT = make_url("postgresql+asyncpg://").get_dialect()()
MODIFIERS = {asc_op, desc_op, nulls_first_op, nulls_last_op}
# Functions that return null only for null.
STRICT_FUNCTIONS = {"lower", "upper"}
TYPES = (
    *(Boolean, Integer, Numeric, Float, String, Uuid, Date, DateTime, Time, INTERVAL, LargeBinary),
    *(ARRAY, INET, CIDR, MACADDR),
)
# The value of an expression may be longer than its columns, so its type gets no length.
WITHOUT_SIZE: Sequence[tuple[type, TypeEngine[Any]]] = (
    (Integer, BigInteger()),
    (Numeric, Numeric()),
    (Float, Double()),
    (INTERVAL, INTERVAL()),
    (Boolean, Boolean()),
    (Uuid, Uuid()),
    (String, Text()),
)
# JSON represents values of these types exactly. Values of other types could change: asyncpg returns
# 9999-12-31 for an infinite date, 30 days for a month, and decimals for sums of integers.
CARRIED_BY_JSON = {Boolean, Double, Text, Uuid}


@dataclass(frozen=True, eq=False)
class SortKey:
    """One key of an order. As in PostgreSQL, nulls are last by default, or first if descending."""

    column: ColumnElement[Any]
    bind_name: str
    descends: bool
    nulls_first: bool
    says_nulls: bool

    @classmethod
    def create(cls, key: ColumnElement[Any], bind_name: str) -> Self:
        """Parse an expression such as `column.desc().nulls_last()`.

        Raise `TypeError` for an unsupported type, or a nullable key with no declared place for
        nulls.
        """
        modifiers, column = set(), key
        while isinstance(column, Label) or getattr(column, "modifier", None) in MODIFIERS:
            modifiers.add(getattr(column, "modifier", None))
            column = column.element
        descends, says_nulls = desc_op in modifiers, modifiers & {nulls_first_op, nulls_last_op}
        nulls_first = nulls_first_op in modifiers if says_nulls else descends
        made = cls(column, bind_name, descends, nulls_first, bool(says_nulls))
        made._check()
        return made

    @cached_property
    def ordered(self) -> UnaryExpression[Any]:
        """The expression for ORDER BY."""
        ordered = self.column.desc() if self.descends else self.column.asc()
        if not self.says_nulls:
            return ordered
        return ordered.nulls_first() if self.nulls_first else ordered.nulls_last()

    @cached_property
    def may_be_null(self) -> bool:
        """Whether the expression can be null, apart from nulls that outer joins add."""
        return not _is_never_null(self.column)

    @cached_property
    def carried(self) -> ColumnElement[Any]:
        """The expression whose value a cursor stores, as a JSON value or PostgreSQL's text form."""
        if self._is_carried_by_json:
            return type_coerce(self.column, self._type).label(self.bind_name)
        return cast(self.column, Text()).label(self.bind_name)

    @cached_property
    def last(self) -> ColumnElement[Any]:
        """The key of the cursor's row, as a bind parameter for the value that the cursor stores."""
        if self._is_carried_by_json:
            return bindparam(self.bind_name, type_=self._type)
        return cast(bindparam(self.bind_name, type_=Text()), self._type)

    def is_of(self, tables: Set[FromClause]) -> bool:
        """Return whether the key uses a column of one of these tables."""
        columns = (part for part in iterate(self.column) if isinstance(part, Column))
        return any(column.table in tables for column in columns)

    @cached_property
    def _stored_type(self) -> TypeEngine[Any]:
        stored: TypeEngine[Any] = self.column.type.dialect_impl(DIALECT)
        while isinstance(stored, TypeDecorator):
            stored = stored.impl_instance
        return stored

    @cached_property
    def _type(self) -> TypeEngine[Any]:
        stored = self._stored_type
        if isinstance(stored, DateTime | Time):
            return type(stored)(timezone=stored.timezone)
        if isinstance(stored, Enum | CHAR | CITEXT):
            return stored
        return next((bare for kind, bare in WITHOUT_SIZE if isinstance(stored, kind)), stored)

    @property
    def _is_carried_by_json(self) -> bool:
        is_decorated = isinstance(self.column.type, TypeDecorator)
        return type(self._type) in CARRIED_BY_JSON and not is_decorated

    def _check(self) -> None:
        for column in () if self.says_nulls else _nullable_columns(self.column):
            raise TypeError(
                f"{column} may be null. Say where nulls belong: add .nulls_last() or "
                ".nulls_first() after .asc() or .desc()."
            )
        if not isinstance(self._stored_type, TYPES):
            known = ", ".join(each.__name__ for each in TYPES)
            raise TypeError(
                f"Pages cannot be ordered by {self.column}: its type is {self.column.type!r}. Cast "
                f"the key to one of {known}, or give a function its type_."
            )


def _nullable_columns(part: ClauseElement) -> Iterator[Column[Any]]:
    if isinstance(part, Column) and part.nullable:
        yield part
    elif not _is_never_null(part):
        for child in part.get_children():
            yield from _nullable_columns(child)


def _is_never_null(part: ClauseElement) -> bool:
    """Return whether an expression is never null, according to its columns and functions."""
    match part:
        case Column():
            table = part.table.element if isinstance(part.table, Alias) else part.table
            return isinstance(table, Table) and not part.nullable
        case BindParameter():
            return part.value is not None
        case coalesce():
            return any(map(_is_never_null, part.clauses))
        case BinaryExpression():
            return part.operator is collate and _is_never_null(part.left)
        case FunctionElement():
            name = getattr(part, "name", "")
            return name in STRICT_FUNCTIONS and all(map(_is_never_null, part.clauses))
    return False
