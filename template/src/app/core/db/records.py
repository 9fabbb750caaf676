"""One new record, inserted by one statement."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import Column, Insert, insert, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached

MAX_STATEMENTS = 500

R = TypeVar("R", bound=DeclarativeBase)


async def insert_record(session: AsyncSession, record: R) -> R:
    """Insert a new record and return it with the values that the database computes.

    The result is the same as with `session.add(record)` and `session.flush()`, which take more CPU
    time. They also insert related records; this function raises `TypeError` if there are any.
    """
    await session.run_sync(_insert, record)
    return record


def _insert(session: Session, record: DeclarativeBase) -> None:
    session.flush()  # the record may refer to records that are added and not yet written
    values = dict(vars(record))
    del values["_sa_instance_state"]
    statement, keys, computed = _statement(type(record), tuple(values))
    parameters = dict(zip(keys, values.values(), strict=True))
    row = session.connection().execute(statement, parameters).one()
    vars(record).update(zip(computed, row, strict=True))
    make_transient_to_detached(record)
    session.add(record)


@lru_cache(MAX_STATEMENTS)
def _statement(
    model: type[DeclarativeBase], given: Sequence[str]
) -> tuple[Insert, list[str], list[str]]:
    """Return the statement for some attributes, the keys of its values, and what it returns."""
    attributes = inspect(model).column_attrs
    columns = {
        each.key: each.columns[0] for each in attributes if isinstance(each.columns[0], Column)
    }
    if others := [name for name in given if name not in columns]:
        raise TypeError(f"{', '.join(others)}: no column of {model.__name__}. Use session.add.")
    computed = [key for key, column in columns.items() if key not in given or column.primary_key]
    statement = insert(model).returning(*(columns[key] for key in computed))
    return statement, [columns[key].key for key in given], computed
