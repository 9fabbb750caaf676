"""Rotates refresh tokens. Each token can be used once and extends its session."""

from datetime import datetime

from sqlalchemy import DateTime, bindparam, delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth.opaque_tokens import RefreshToken
from app.core.exceptions import InvalidGrantError
from app.core.observability.audit_log import AuditEvent, record
from app.database import Database
from app.models.accounts.login_session import UserSession
from app.models.user import User
from app.services.accounts.sessions import OpenedSession, SessionLifetimes

# Built once, because building a statement costs more than running it.
BY_FAMILY = UserSession.family_hash == bindparam("family")
ROTATE = (
    update(UserSession)
    .where(
        BY_FAMILY,
        UserSession.token_hash == bindparam("used"),
        UserSession.expires_at > bindparam("now"),
        UserSession.user_id == User.id,
        User.is_active,
    )
    .values(
        token_hash=bindparam("next"),
        last_used_at=bindparam("now"),
        expires_at=func.least(
            bindparam("idle_until", type_=DateTime(timezone=True)), UserSession.absolute_expires_at
        ),
    )
    .returning(UserSession.id, UserSession.user_id)
)
END_FAMILY = (
    delete(UserSession)
    .where(BY_FAMILY)
    .returning(UserSession.id, UserSession.user_id, UserSession.token_hash)
)


async def refresh_session(
    database: Database, token: str, lifetimes: SessionLifetimes, now: datetime
) -> OpenedSession:
    """Exchange a refresh token for its successor; raise `InvalidGrantError` for an invalid token.

    A token that is used twice may have been stolen, so its session is ended. The transaction is
    committed although the request fails (RFC 9700 4.14.2).
    """
    try:
        used = RefreshToken.parse(token)
    except ValueError as error:
        raise _refused() from error
    async with database.begin() as session:
        refreshed = await _rotate(session, used, lifetimes, now)
        if refreshed is None:
            await _end_family(session, used)
    if refreshed is None:
        raise _refused()
    return refreshed


async def _rotate(
    session: AsyncSession, used: RefreshToken, lifetimes: SessionLifetimes, now: datetime
) -> OpenedSession | None:
    successor = used.successor()
    parameters = {
        "family": used.family_hash,
        "used": used.token_hash,
        "next": successor.token_hash,
        "now": now,
        "idle_until": now + lifetimes.idle,
    }
    connection = await session.connection()
    found = (await connection.execute(ROTATE, parameters)).one_or_none()
    return None if found is None else OpenedSession(found.id, found.user_id, successor)


async def _end_family(session: AsyncSession, used: RefreshToken) -> None:
    ended = (await session.execute(END_FAMILY, {"family": used.family_hash})).one_or_none()
    if ended is not None and ended.token_hash != used.token_hash:
        record(AuditEvent.REFRESH_TOKEN_REUSED, ended.user_id, ended_session=str(ended.id))


async def end_session_of_token(database: Database, token: str) -> None:
    """End the session of a refresh token; do nothing if there is no such session."""
    try:
        family_hash = RefreshToken.parse(token).family_hash
    except ValueError:
        return
    async with database.begin() as session:
        ended = (await session.execute(END_FAMILY, {"family": family_hash})).one_or_none()
    if ended is not None:
        record(AuditEvent.LOGOUT, ended.user_id, ended_session=str(ended.id))


def _refused() -> InvalidGrantError:
    return InvalidGrantError("The refresh token is not valid. Log in again.")
