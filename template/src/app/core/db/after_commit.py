"""Calls that run once a transaction is committed, and not if it is rolled back."""

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
    """Call `function` after the commit of `session`; `function` should not raise an error."""
    session.info.setdefault(CALLS, []).append(partial(function, *arguments))


def has_written(session: AsyncSession) -> bool:
    """Return whether calls wait for the commit: only `session` can see its changes so far."""
    return bool(session.info.get(CALLS))


async def call_after_commit(session: AsyncSession) -> None:
    """Run the calls that waited for the commit; `Database.begin` calls this."""
    for call in session.info.pop(CALLS, ()):
        await call()
