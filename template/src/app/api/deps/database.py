"""The request's transaction."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps.resources import DatabaseDep


async def get_db(database: DatabaseDep) -> AsyncGenerator[AsyncSession]:
    """Yield the request's transaction: committed before the answer, rolled back on error."""
    async with database.begin() as session:
        yield session


# The scope is what commits before the answer is sent: a client told 201 can rely on it.
DbSession = Annotated[AsyncSession, Depends(get_db, scope="function")]
