"""What is done once a transaction is committed, and never if it is rolled back."""

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
    """Call `function` when what `session` writes can be read by all; it should not fail."""
    session.info.setdefault(CALLS, []).append(partial(function, *arguments))


def has_written(session: AsyncSession) -> bool:
    """Say whether something waits for the commit of `session`, which so far it alone can read."""
    return bool(session.info.get(CALLS))


async def call_after_commit(session: AsyncSession) -> None:
    """Do what waited for the commit; `Database.begin` calls this."""
    for call in session.info.pop(CALLS, ()):
        await call()
