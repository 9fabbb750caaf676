"""Calls functions after a transaction is committed, but not if it is rolled back."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVarTuple

from sqlalchemy.ext.asyncio import AsyncSession

Arguments = TypeVarTuple("Arguments")

CALLS = "after_commit"


def after_commit(
    session: AsyncSession,
    function: Callable[[*Arguments], Awaitable[object]],
    *arguments: *Arguments,
) -> None:
    """Call `function` after `session` commits. `function` should not raise: the commit is final."""
    session.info.setdefault(CALLS, []).append(partial(function, *arguments))


def has_written(session: AsyncSession) -> bool:
    """Return whether `session` has pending calls, which imply uncommitted changes."""
    return bool(session.info.get(CALLS))


async def call_after_commit(session: AsyncSession) -> None:
    """Run the pending calls. `Database.begin` calls this after the commit."""
    for call in session.info.pop(CALLS, ()):
        await call()
