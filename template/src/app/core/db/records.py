"""Inserts one record with one statement."""

from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ClauseElement, Column, Insert, insert, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached

MAX_PLANS = 500

R = TypeVar("R", bound=DeclarativeBase)


async def insert_record(session: AsyncSession, record: R) -> R:
    """Insert a new record and return it with the values that the database computes.

    This function has the same result as `session.add(record)` and `session.flush()`, but needs less
    CPU time. It cannot insert related records: it raises `TypeError` if there are any. A value may
    be a SQL expression, such as `func.now()`.
    """
    await session.run_sync(_insert, record)
    return record


class Plan(NamedTuple):
    """The INSERT statement for records of one model with values for the same attributes."""

    statement: Insert
    given: list[tuple[str, str]]  # attributes, and the parameters for their values
    computed: list[str]  # attributes whose values the statement returns


def _insert(session: Session, record: DeclarativeBase) -> None:
    mapper, attributes = record.__mapper__, vars(record)
    listens = mapper.dispatch.before_insert or mapper.dispatch.after_insert
    plan = _plan(type(record), tuple(attributes), tuple(map(type, attributes.values())))
    if plan is None or listens or session.in_nested_transaction():
        # Only the session can insert expressions, call listeners and drop rolled back records.
        session.add(record)
    session.flush()  # the record may refer to records that are still pending
    if plan is None or record in session:
        return
    parameters = {key: attributes[name] for name, key in plan.given}
    try:
        row = session.connection().execute(plan.statement, parameters).one()
    except BaseException:
        # As after a failed flush, the session then refuses all statements and the commit.
        session._autobegin_t()._begin().rollback(_capture_exception=True)
        raise
    attributes.update(zip(plan.computed, row, strict=True))
    make_transient_to_detached(record)
    session.add(record)


@lru_cache(MAX_PLANS)
def _plan(
    model: type[DeclarativeBase], names: tuple[str, ...], types: tuple[type, ...]
) -> Plan | None:
    """Return the plan for the attributes of a model; `None` if a value is a SQL expression."""
    if any(issubclass(each, ClauseElement) for each in types):
        return None
    attributes = inspect(model).column_attrs
    columns = {
        each.key: each.columns[0] for each in attributes if isinstance(each.columns[0], Column)
    }
    given = [
        name
        for name, each in zip(names, types, strict=True)
        if name != "_sa_instance_state"
        and not (each is NoneType and name in columns and _means_default(columns[name]))
    ]
    if others := [name for name in given if name not in columns]:
        raise TypeError(f"{', '.join(others)}: no column of {model.__name__}. Use session.add.")
    computed = [key for key, column in columns.items() if key not in given or column.primary_key]
    statement = insert(model).returning(*(columns[key] for key in computed))
    return Plan(statement, [(name, columns[name].key) for name in given], computed)


def _means_default(column: Column[Any]) -> bool:
    """Return whether `None` means the default of a column, as in `session.flush`."""
    has_default = column.default is not None or column.server_default is not None
    return has_default and not column.type.should_evaluate_none
