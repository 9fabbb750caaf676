"""Opens, lists and ends login sessions; `refresh_tokens` extends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth.opaque_tokens import RefreshToken
from app.core.exceptions import NotFoundError
from app.core.observability.audit_log import AuditEvent, record
from app.models.accounts.login_session import UserSession
from app.models.user import User

MAX_SESSIONS = 50  # per user; another login ends the least recently used session


@dataclass(frozen=True, slots=True)
class SessionLifetimes:
    """The idle timeout and the absolute lifetime of a session (ASVS 7.3)."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session, and the refresh token that extends it."""

    id: UUID
    user_id: UUID
    refresh_token: RefreshToken


# Built once, because building a statement costs more than running it.
LOCK_USER = select(User.id).where(User.id == bindparam("user_id")).with_for_update(key_share=True)
NEWEST = (
    select(UserSession.id)
    .where(UserSession.user_id == bindparam("of_user"))
    .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
    .limit(MAX_SESSIONS)
)
SESSIONS_OF_USER = delete(UserSession).where(UserSession.user_id == bindparam("of_user"))
END_OLDEST = SESSIONS_OF_USER.where(UserSession.id.not_in(NEWEST))
END_OTHERS = SESSIONS_OF_USER.where(UserSession.id != bindparam("kept"))
END_ONE = SESSIONS_OF_USER.where(UserSession.id == bindparam("ended")).returning(UserSession.id)
ACTIVE_SESSIONS = (
    select(UserSession)
    .where(
        UserSession.user_id == bindparam("of_user"),
        UserSession.expires_at > bindparam("now"),
    )
    .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
    .limit(MAX_SESSIONS)
)


async def open_session(
    session: AsyncSession,
    user_id: UUID,
    lifetimes: SessionLifetimes,
    now: datetime,
    user_agent: str | None,
) -> OpenedSession:
    """Open a new session with a new refresh token (ASVS 7.2.4)."""
    token = RefreshToken()
    opened = UserSession(
        user_id=user_id,
        family_hash=token.family_hash,
        token_hash=token.token_hash,
        user_agent=user_agent,
        created_at=now,
        last_used_at=now,
        expires_at=now + min(lifetimes.idle, lifetimes.absolute),
        absolute_expires_at=now + lifetimes.absolute,
    )
    session.add(opened)
    await session.flush()
    await session.execute(END_OLDEST, {"of_user": user_id})
    record(AuditEvent.LOGIN_SUCCEEDED, user_id, opened_session=str(opened.id))
    return OpenedSession(opened.id, user_id, token)


async def list_sessions(
    session: AsyncSession, user_id: UUID, now: datetime
) -> Sequence[UserSession]:
    """Return the user's active sessions; the most recently used one is first."""
    return (await session.scalars(ACTIVE_SESSIONS, {"of_user": user_id, "now": now})).all()


async def log_out(session: AsyncSession, user_id: UUID, session_id: UUID) -> None:
    """End a session; do nothing if the session has already ended."""
    parameters = {"of_user": user_id, "ended": session_id}
    if (await session.execute(END_ONE, parameters)).one_or_none() is not None:
        record(AuditEvent.LOGOUT, user_id, ended_session=str(session_id))


async def end_session(session: AsyncSession, user_id: UUID, session_id: UUID) -> None:
    """End a session; raise `NotFoundError` if the user has no session with this id."""
    parameters = {"of_user": user_id, "ended": session_id}
    if (await session.execute(END_ONE, parameters)).one_or_none() is None:
        raise NotFoundError("Session", session_id)
    record(AuditEvent.SESSIONS_ENDED, user_id, ended_session=str(session_id))


async def end_sessions(session: AsyncSession, user_id: UUID, keep: UUID | None = None) -> None:
    """End all sessions of a user, or all but `keep`; raise `NotFoundError` for an unknown user.

    Every function that changes several sessions locks the user first, which prevents deadlocks.
    """
    if (await session.execute(LOCK_USER, {"user_id": user_id})).one_or_none() is None:
        raise NotFoundError("User", user_id)
    if keep is None:
        await session.execute(SESSIONS_OF_USER, {"of_user": user_id})
    else:
        await session.execute(END_OTHERS, {"of_user": user_id, "kept": keep})
    record(AuditEvent.SESSIONS_ENDED, user_id)
