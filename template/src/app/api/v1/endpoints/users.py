"""Registration, and the caller's own account."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import Depends, Response

from app.api.deprecation import deprecated
from app.api.deps import (
    CurrentUser,
    DatabaseDep,
    DbSession,
    PasswordsDep,
    limit_login,
    limit_password,
)
from app.api.responses import LOCATION
from app.api.routing import APIRouter
from app.models.user import User
from app.schemas.user import (
    AccountDeletion,
    EmailChange,
    PasswordChange,
    UserCreate,
    UserResponse,
    UserUpdate,
)
from app.services import user as user_service
from app.services.accounts import authentication as auth_service
from app.services.accounts import passwords as password_service
from app.services.accounts.authentication import Caller

router = APIRouter(prefix="/users", tags=["users"])

TAKEN = {"description": "An account with this e-mail address already exists."}
DELETED = {"description": "The account was deleted during the request."}
LAST_ADMINISTRATOR = {
    "description": "This is the last administrator, or rows of other users refer to the account."
}


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=UserResponse,
    responses={HTTPStatus.CREATED: {"headers": LOCATION}, HTTPStatus.CONFLICT: TAKEN},
    dependencies=[Depends(limit_login)],
)
async def create_user(
    data: UserCreate, response: Response, session: DbSession, passwords: PasswordsDep
) -> User:
    """Register a user."""
    password = data.password.get_secret_value()
    hashed_password = await passwords.hash_new(password, about=[data.email])
    user = await user_service.create_user(session, data, hashed_password)
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    return user


@router.get("/me", response_model=UserResponse)
async def read_me(current_user: CurrentUser) -> Caller:
    """Read the account of the caller."""
    return current_user


@router.patch("/me", response_model=UserResponse, responses={HTTPStatus.NOT_FOUND: DELETED})
async def update_me(data: UserUpdate, current_user: CurrentUser, session: DbSession) -> User:
    """Change the account of the caller."""
    user = await user_service.update_user(session, current_user.id, data)
    await auth_service.confirm_caller(session, current_user)
    return user


@router.delete(
    "/me",
    status_code=HTTPStatus.NO_CONTENT,
    responses={HTTPStatus.CONFLICT: LAST_ADMINISTRATOR},
)
@deprecated(
    since=datetime(2026, 12, 1, tzinfo=UTC),
    sunset=datetime(2027, 12, 1, tzinfo=UTC),
    successor="/api/v1/users/me/delete",
)
async def delete_me(current_user: CurrentUser, session: DbSession) -> None:
    """Delete the account of the caller. Use `POST /api/v1/users/me/delete` instead."""
    await user_service.lock_administration(session)
    await auth_service.lock_caller(session, current_user)
    await user_service.delete_user(session, current_user.id)


@router.post(
    "/me/delete",
    status_code=HTTPStatus.NO_CONTENT,
    responses={HTTPStatus.CONFLICT: LAST_ADMINISTRATOR},
    dependencies=[Depends(limit_password)],
)
async def delete_my_account(
    data: AccountDeletion,
    current_user: CurrentUser,
    session: DbSession,
    database: DatabaseDep,
    passwords: PasswordsDep,
) -> None:
    """Delete the account of the caller, with all data that belongs to it."""
    password = data.current_password.get_secret_value()
    checked = await password_service.check_password(database, passwords, current_user, password)
    await user_service.lock_administration(session)
    await password_service.lock_caller_with(session, current_user, checked)
    await user_service.delete_user(session, current_user.id)


@router.post(
    "/me/password", status_code=HTTPStatus.NO_CONTENT, dependencies=[Depends(limit_password)]
)
async def change_my_password(
    data: PasswordChange,
    current_user: CurrentUser,
    session: DbSession,
    database: DatabaseDep,
    passwords: PasswordsDep,
) -> None:
    """Change the caller's password. This ends all other sessions of the caller."""
    await password_service.change_password(session, database, passwords, current_user, data)


@router.post(
    "/me/email",
    response_model=UserResponse,
    responses={HTTPStatus.NOT_FOUND: DELETED, HTTPStatus.CONFLICT: TAKEN},
    dependencies=[Depends(limit_password)],
)
async def change_my_email(
    data: EmailChange,
    current_user: CurrentUser,
    session: DbSession,
    database: DatabaseDep,
    passwords: PasswordsDep,
) -> User:
    """Change the caller's e-mail address. This ends all other sessions of the caller."""
    password = data.current_password.get_secret_value()
    await password_service.confirm_password(session, database, passwords, current_user, password)
    user = await user_service.change_email(session, current_user.id, data.email)
    await password_service.end_other_access(session, current_user)
    return user
