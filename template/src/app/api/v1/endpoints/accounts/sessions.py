"""The login sessions of the caller."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from app.api.deps import CurrentUser, DbSession, Now
from app.api.routing import APIRouter
from app.models.accounts.login_session import UserSession
from app.schemas.accounts.sessions import SessionResponse
from app.services.accounts import authentication as auth_service
from app.services.accounts import sessions as session_service

router = APIRouter(prefix="/users/me/sessions", tags=["sessions"])


@router.get("", response_model=list[SessionResponse])
async def list_my_sessions(
    current_user: CurrentUser, session: DbSession, now: Now
) -> Sequence[UserSession]:
    """List the caller's sessions. The most recently used session is first."""
    return await session_service.list_sessions(session, current_user.id, now)


@router.delete("/{session_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_my_session(session_id: UUID, current_user: CurrentUser, session: DbSession) -> None:
    """End a session of the caller."""
    await auth_service.lock_caller(session, current_user)
    await session_service.end_session(session, current_user.id, session_id)
