"""Deletes expired rows."""

from datetime import datetime

from sqlalchemy import Delete, bindparam, delete, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.idempotency.model import IdempotencyKey
from app.models.accounts.login_session import UserSession
from app.models.accounts.password_reset import PasswordReset


def _purge(expires_at: InstrumentedAttribute[datetime]) -> Delete:
    """Return the statement that deletes expired rows.

    It skips locked rows, which the next purge deletes, so the purge and requests never wait for
    each other.
    """
    key = inspect(expires_at.class_).primary_key
    expired = select(*key).where(expires_at <= bindparam("now")).with_for_update(skip_locked=True)
    return delete(expires_at.class_).where(tuple_(*key).in_(expired))


# Built once, because building a statement costs more than running it.
PURGES = (
    _purge(IdempotencyKey.expires_at),
    _purge(PasswordReset.expires_at),
    _purge(UserSession.expires_at),
)


async def purge_expired(session: AsyncSession, now: datetime) -> int:
    """Delete idempotency keys, codes and sessions that have expired; return the number of rows."""
    connection = await session.connection()
    results = [await connection.execute(statement, {"now": now}) for statement in PURGES]
    return sum(result.rowcount for result in results)
