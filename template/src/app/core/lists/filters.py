"""Filters of lists. Each annotates a query parameter, and selects rows by the parameter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    String,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    func,
    or_,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from app.core.db.letter_case import ignoring_case


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """Builds the condition for a bind parameter from the parameter's name.

    A statement with this filter may take `timeout_ms` milliseconds, if it is set.
    """

    condition: Callable[[str], ColumnElement[bool]]
    timeout_ms: int | None = None


class _DateText(TypeDecorator[date]):
    """Sends dates as text, because asyncpg would send the minimum and maximum as infinity."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, _dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()


def equals(column: InstrumentedAttribute[Any]) -> Filter:
    """Select rows in which `column` equals the parameter."""
    return Filter(lambda name: column == _bound(name, column.type))


def at_least(column: InstrumentedAttribute[Any]) -> Filter:
    """Select rows in which `column` is at least the parameter."""
    return Filter(lambda name: column >= _bound(name, column.type))


def at_most(column: InstrumentedAttribute[Any]) -> Filter:
    """Select rows in which `column` is at most the parameter."""
    return Filter(lambda name: column <= _bound(name, column.type))


def contains_all(column: InstrumentedAttribute[list[Any]]) -> Filter:
    """Select rows in which the array `column` contains all values of the parameter."""
    return Filter(lambda name: column.bool_op("@>")(_bound(name, column.type)))


def contains_any(column: InstrumentedAttribute[list[Any]]) -> Filter:
    """Select rows in which the array `column` contains any value of the parameter."""
    return Filter(lambda name: column.bool_op("&&")(_bound(name, column.type)))


def contains_text(*columns: InstrumentedAttribute[Any], timeout_ms: int = 500) -> Filter:
    """Select rows in which at least one of the columns contains the parameter, ignoring case.

    `%` and `_` are ordinary characters in the text. This filter uses no index, so it reads all
    rows that match the other conditions, until the timeout: the response is then 422.
    """

    def condition(name: str) -> ColumnElement[bool]:
        text = ignoring_case(bindparam(name, type_=String()))
        return or_(*(func.strpos(ignoring_case(column), text) > 0 for column in columns))

    return Filter(condition, timeout_ms)


def _bound(name: str, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    text: TypeEngine[Any] = _DateText()
    single = type_
    if isinstance(type_, ARRAY):
        text, single = ARRAY(text), type_.item_type
    if not isinstance(single, Date | DateTime):
        return bindparam(name, type_=type_)
    return cast(bindparam(name, type_=text), type_)
