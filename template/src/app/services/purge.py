"""What has expired goes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Delete, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.models.password_reset import PasswordResetCode
from app.models.session import UserSession


def _purge(key: InstrumentedAttribute[Any], expires_at: InstrumentedAttribute[datetime]) -> Delete:
    """Delete what has expired; what somebody has locked goes the next time.

    So nobody waits for the purge, nor does it for them.
    """
    expired = select(key).where(expires_at <= bindparam("now"))
    return delete(key.class_).where(key.in_(expired.with_for_update(skip_locked=True)))


# Built once: building a statement costs more than running it.
PURGES = (
    _purge(PasswordResetCode.user_id, PasswordResetCode.expires_at),
    _purge(UserSession.id, UserSession.expires_at),
)


async def purge_expired(session: AsyncSession, now: datetime) -> int:
    """Delete sessions and codes that expired before `now`; return how many they were."""
    connection = await session.connection()
    results = [await connection.execute(statement, {"now": now}) for statement in PURGES]
    return sum(result.rowcount for result in results)
