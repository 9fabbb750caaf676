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
    return await _find(session, caller, _locking(row, key_share=False), parameters)


async def find_for_reference(
    session: AsyncSession, caller: Caller, row: Select[R], parameters: Mapping[str, object]
) -> R | None:
    """Return the record to which another row will refer, or `None`, as `find_for_update` does.

    The lock (`FOR KEY SHARE`) only prevents that the record is deleted. Requests that refer to the
    same record do not wait for each other.
    """
    return await _find(session, caller, _locking(row, key_share=True), parameters)


async def _find(
    session: AsyncSession,
    caller: Caller,
    locking: tuple[Select[R], Select[R]],
    parameters: Mapping[str, object],
) -> R | None:
    at_once, waiting = locking
    found = (await session.scalars(at_once, parameters)).one_or_none()
    if found is None:  # the record does not exist, or another request has locked it
        found = (await session.scalars(waiting, parameters)).one_or_none()
        if found is not None:
            await confirm_caller(session, caller)
    return found


@cache
def _locking(row: Select[R], *, key_share: bool) -> tuple[Select[R], Select[R]]:
    """Return a statement that skips a locked row, and a statement that waits for it."""
    entity = row.column_descriptions[0]["entity"]
    # A record that the transaction loaded earlier may be stale after the wait.
    row = row.execution_options(populate_existing=True)
    strength = {"of": entity, "read": key_share, "key_share": key_share}
    return row.with_for_update(skip_locked=True, **strength), row.with_for_update(**strength)
