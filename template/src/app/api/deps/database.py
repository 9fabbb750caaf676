"""The transaction of a request."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps.resources import resources_of


async def get_db(request: Request) -> AsyncGenerator[AsyncSession]:
    """Yield a transaction that is committed before the response, or rolled back on an error."""
    async with resources_of(request).database.begin() as session:
        yield session


# With this scope, the commit is done before the response is sent, so a 201 is never wrong.
DbSession = Annotated[AsyncSession, Depends(get_db, scope="function")]
