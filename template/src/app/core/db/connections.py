"""The number of connections that the database allows."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The smallest of three limits: those of the server (minus reserved connections), of the role and
# of the database.
GRANTED = text("""
    SELECT least(
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        nullif(rolconnlimit, -1),
        nullif(datconnlimit, -1)
    )
    FROM pg_roles, pg_database
    WHERE rolname = current_user AND datname = current_database()
""")


async def count_granted_connections(session: AsyncSession) -> int:
    """Return the maximum number of connections for the current role and database."""
    return int((await session.execute(GRANTED)).scalar_one())
