"""Locks on the rows that a request changes."""

from collections.abc import Mapping
from functools import cache
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from app.services.accounts.authentication import Caller, confirm_caller

R = TypeVar("R")


async def find_for_update(
    session: AsyncSession, caller: Caller, row: Select[R], parameters: Mapping[str, object]
) -> R | None:
    """Return the record that `row` selects, locked until the transaction ends, or `None`.

    If the session ends or the account is deactivated while the request waits for the lock, raise
    `UnauthorizedError` (CWE-367). `row` must be a module constant, because it is the key of
    a cache.
    """
    at_once, waiting = _locking(row)
    found = (await session.scalars(at_once, parameters)).one_or_none()
    if found is None:  # the record does not exist, or another request has locked it
        found = (await session.scalars(waiting, parameters)).one_or_none()
        if found is not None:
            await confirm_caller(session, caller)
    return found


@cache
def _locking(row: Select[R]) -> tuple[Select[R], Select[R]]:
    """Return a statement that skips a locked row, and a statement that waits for it."""
    entity = row.column_descriptions[0]["entity"]
    # A record that the transaction loaded earlier may be stale after the wait.
    row = row.execution_options(populate_existing=True)
    return (
        row.with_for_update(of=entity, skip_locked=True),
        row.with_for_update(of=entity),
    )
