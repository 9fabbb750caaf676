"""Locks on the rows that a request changes."""

from collections.abc import Mapping
from functools import cache
from typing import TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.exceptions import NotFoundError
from app.models.user import User
from app.services.accounts.authentication import Caller, confirm_caller

R = TypeVar("R")
KEEP_USER = (
    select(User.id)
    .where(User.id == bindparam("user_id"))
    .with_for_update(read=True, key_share=True)
)


async def keep_caller(session: AsyncSession, caller: Caller) -> None:
    """Prevent the deletion of the caller's account; raise `NotFoundError` if it is deleted.

    Call this before you lock a row to which a new row of the caller will refer. The deletion of an
    account locks the account first, so another order could cause a deadlock.
    """
    if await session.scalar(KEEP_USER, {"user_id": caller.id}) is None:
        raise NotFoundError("User", caller.id)


async def find_for_update(
    session: AsyncSession, caller: Caller, row: Select[R], parameters: Mapping[str, object]
) -> R | None:
    """Return the record that `row` selects, locked until the transaction ends, or `None`.

    If the session ends or the account is deactivated while the request waits for the lock, raise
    `UnauthorizedError` (CWE-367). The lock (`FOR NO KEY UPDATE`) does not delay requests that refer
    to the record. `row` must be a module constant, because it is the key of a cache.
    """
    return await _find(session, caller, _locking(row, shared=False), parameters)


async def find_for_reference(
    session: AsyncSession, caller: Caller, row: Select[R], parameters: Mapping[str, object]
) -> R | None:
    """Return the record to which another row will refer, or `None`, as `find_for_update` does.

    The lock (`FOR KEY SHARE`) only prevents that the record is deleted. Requests that refer to the
    same record do not wait for each other.
    """
    return await _find(session, caller, _locking(row, shared=True), parameters)


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
def _locking(row: Select[R], *, shared: bool) -> tuple[Select[R], Select[R]]:
    """Return a statement that skips a locked row, and a statement that waits for it."""
    entity = row.column_descriptions[0]["entity"]
    # A record that the transaction loaded earlier may be stale after the wait.
    row = row.execution_options(populate_existing=True)
    strength = {"of": entity, "read": shared, "key_share": True}
    return row.with_for_update(skip_locked=True, **strength), row.with_for_update(**strength)
