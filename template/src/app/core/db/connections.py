"""How many connections the database grants."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Of the server less what it keeps for superusers, the role, and the database: the smallest limit.
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
    """Return how many connections all who use this role and database may hold at once."""
    return int((await session.execute(GRANTED)).scalar_one())
