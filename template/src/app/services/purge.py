"""What has expired goes."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.services import password
from app.services import session as session_service

EXPIRED = (password.PURGE, session_service.PURGE)


async def purge_expired(session: AsyncSession, now: datetime) -> int:
    """Delete sessions and codes that expired before `now`; return how many they were."""
    connection = await session.connection()
    results = [await connection.execute(statement, {"now": now}) for statement in EXPIRED]
    return sum(result.rowcount for result in results)
