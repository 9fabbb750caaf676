"""Filters of lists: each annotates a parameter, and tells which rows fit its value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from app.core.letter_case import ignoring_case


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """Which rows fit the value that will be bound to a name."""

    condition: Callable[[str], ColumnElement[bool]]


def equals(column: InstrumentedAttribute[Any]) -> Filter:
    """Keep rows with this value."""
    return Filter(lambda name: column == bindparam(name, type_=column.type))


def at_least(column: InstrumentedAttribute[Any]) -> Filter:
    """Keep rows with this value or more."""
    return Filter(lambda name: column >= bindparam(name, type_=column.type))


def at_most(column: InstrumentedAttribute[Any]) -> Filter:
    """Keep rows with this value or less."""
    return Filter(lambda name: column <= bindparam(name, type_=column.type))


def contains_all(column: InstrumentedAttribute[list[Any]]) -> Filter:
    """Keep rows whose array holds all of these values."""
    return Filter(lambda name: column.bool_op("@>")(bindparam(name, type_=column.type)))


def contains_any(column: InstrumentedAttribute[list[Any]]) -> Filter:
    """Keep rows whose array holds any of these values."""
    return Filter(lambda name: column.bool_op("&&")(bindparam(name, type_=column.type)))


def contains_text(*columns: InstrumentedAttribute[Any]) -> Filter:
    """Keep rows with this text in one of the columns, in upper or lower case.

    The text is no pattern, so `%` and `_` are letters. No index serves it: all rows are read that
    the list may hold.
    """

    def condition(name: str) -> ColumnElement[bool]:
        text = ignoring_case(bindparam(name, type_=String()))
        return or_(*(func.strpos(ignoring_case(column), text) > 0 for column in columns))

    return Filter(condition)
