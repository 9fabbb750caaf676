"""Operations on all users, for administrators."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.convertors import StringConvertor, register_url_convertor

from app.api.deps import AdminUser, DbReads, DbSession, Now, SelfOrAdmin
from app.api.routing import APIRouter
from app.core.lists.cursors import CountedPage
from app.core.lists.query import RowDict
from app.models.user import User
from app.schemas.accounts.administration import (
    PasswordResetCodeResponse,
    UserAdministration,
    UserPage,
)
from app.schemas.user import UserResponse
from app.services import user as user_service
from app.services.accounts import administration as administration_service
from app.services.accounts import passwords as password_service
from app.services.accounts import sessions as session_service
from app.services.accounts.administration import UserQuery
from app.services.accounts.passwords import IssuedCode


class UserIdConvertor(StringConvertor):
    """Matches a segment other than `me`, whose operations are not for administrators."""

    regex = "(?!me(?:/|$))[^/]+"


register_url_convertor("user_id", UserIdConvertor())
router = APIRouter(prefix="/users", tags=["administration"])


@router.get("", response_model=UserPage)
async def list_users(
    query: Annotated[UserQuery, Query()], _admin: AdminUser, reads: DbReads
) -> CountedPage[RowDict]:
    """List users, with the total number of matches."""
    return await administration_service.list_users(reads, query)


@router.get("/{user_id:user_id}", response_model=UserResponse)
async def read_user(user_id: UUID, _caller: SelfOrAdmin, session: DbSession) -> User:
    """Read a user. Users who are not administrators can read only their own account."""
    return await user_service.get_user(session, user_id)


@router.patch(
    "/{user_id:user_id}",
    response_model=UserResponse,
    responses={HTTPStatus.CONFLICT: {"description": "No administrator would be left."}},
)
async def update_user_as_admin(
    user_id: UUID, data: UserAdministration, admin: AdminUser, session: DbSession
) -> User:
    """Activate or deactivate a user, or change whether the user is an administrator."""
    await administration_service.lock_as_administrator(session, admin)
    return await administration_service.update_user_as_admin(session, user_id, data)


@router.delete("/{user_id:user_id}/sessions", status_code=HTTPStatus.NO_CONTENT)
async def end_sessions(user_id: UUID, admin: AdminUser, session: DbSession) -> None:
    """End all sessions of a user."""
    await administration_service.lock_as_administrator(session, admin)
    await session_service.end_sessions(session, user_id)


@router.post(
    "/{user_id:user_id}/password-reset",
    status_code=HTTPStatus.CREATED,
    response_model=PasswordResetCodeResponse,
)
async def issue_password_reset(
    user_id: UUID, admin: AdminUser, session: DbSession, now: Now
) -> IssuedCode:
    """Issue a code with which the user can set a new password. It replaces any earlier code."""
    await administration_service.lock_as_administrator(session, admin)
    return await password_service.issue_code(session, user_id, now)
