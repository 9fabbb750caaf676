"""The transaction of a request, and reads without one."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps.resources import get_database, resources_of
from app.core.db.reads import Reads


async def get_db(request: Request) -> AsyncGenerator[AsyncSession]:
    """Yield a transaction that is committed before the response, or rolled back on an error."""
    async with resources_of(request).database.begin() as session:
        yield session


# With this scope, the commit is done before the response is sent, so a 201 is never wrong.
DbSession = Annotated[AsyncSession, Depends(get_db, scope="function")]
# For a GET whose response comes from one statement: BEGIN and COMMIT would be two more round trips.
DbReads = Annotated[Reads, Depends(get_database)]
