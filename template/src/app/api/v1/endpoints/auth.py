"""Login, token refresh, logout, revocation and password reset."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, Response

from app.api.deps import (
    AccessTokensDep,
    Claims,
    CurrentUser,
    DatabaseDep,
    DbSession,
    LoginAttemptsDep,
    Now,
    PasswordsDep,
    SessionLifetimesDep,
    UserAgent,
    limit_login,
)
from app.api.oauth import OAUTH_REFUSAL, require_oauth_form
from app.api.routing import APIRouter, TokenRoute
from app.core.db.letter_case import normalize_email
from app.core.security import AccessTokens, TokenError
from app.schemas.accounts.tokens import (
    PasswordResetConfirmation,
    RefreshGrant,
    RevocationRequest,
    TokenRequest,
    TokenResponse,
)
from app.services.accounts import authentication as auth_service
from app.services.accounts import passwords as password_service
from app.services.accounts import refresh_tokens as refresh_service
from app.services.accounts import sessions as session_service
from app.services.accounts.sessions import OpenedSession

router = APIRouter(prefix="/auth", tags=["auth"], route_class=TokenRoute)
oauth_form = Depends(require_oauth_form)


@router.post("/token", responses=OAUTH_REFUSAL, dependencies=[oauth_form])
async def create_token(
    form: Annotated[TokenRequest, Form()],
    user_agent: UserAgent,
    attempts: LoginAttemptsDep,
    session: DbSession,
    database: DatabaseDep,
    passwords: PasswordsDep,
    lifetimes: SessionLifetimesDep,
    access_tokens: AccessTokensDep,
    now: Now,
) -> TokenResponse:
    """Exchange an e-mail address and a password, or a refresh token, for a new pair of tokens.

    The username is the e-mail address. Client credentials are accepted and ignored.
    """
    if form.grant_type == "refresh_token":
        token = form.refresh_token.get_secret_value()
        opened = await refresh_service.refresh_session(database, token, lifetimes, now)
        return _answer(access_tokens, opened, now)
    await attempts.count(normalize_email(form.username))
    account = await auth_service.find_account(database, form.username)
    password = form.password.get_secret_value()
    user_id = await auth_service.authenticate(session, passwords, account, password)
    await attempts.forget(account.address)
    opened = await session_service.open_session(session, user_id, lifetimes, now, user_agent)
    return _answer(access_tokens, opened, now)


@router.post("/refresh", responses=OAUTH_REFUSAL)
async def refresh_token(
    data: RefreshGrant,
    database: DatabaseDep,
    lifetimes: SessionLifetimesDep,
    access_tokens: AccessTokensDep,
    now: Now,
) -> TokenResponse:
    """Exchange a refresh token for a new access token and a new refresh token.

    Using a refresh token twice ends the session.
    """
    token = data.refresh_token.get_secret_value()
    opened = await refresh_service.refresh_session(database, token, lifetimes, now)
    return _answer(access_tokens, opened, now)


@router.post("/logout", status_code=HTTPStatus.NO_CONTENT)
async def logout(
    session: DbSession, database: DatabaseDep, claims: Claims, data: RefreshGrant | None = None
) -> None:
    """Log out: end the session of the refresh token and the session of the access token."""
    if data is not None:
        await refresh_service.end_session_of_token(database, data.refresh_token.get_secret_value())
    if claims is not None:
        await session_service.log_out(session, claims.sub, claims.sid)


@router.post("/revoke", response_class=Response, responses=OAUTH_REFUSAL, dependencies=[oauth_form])
async def revoke_token(
    form: Annotated[RevocationRequest, Form()],
    session: DbSession,
    database: DatabaseDep,
    access_tokens: AccessTokensDep,
    now: Now,
) -> None:
    """Revoke a refresh token or an access token, and with it the session of the token (RFC 7009).

    The response is the same for a token that is not valid.
    """
    token = form.token.get_secret_value()
    try:
        claims = access_tokens.verify(token, now)
    except TokenError:
        await refresh_service.end_session_of_token(database, token)
    else:
        await session_service.log_out(session, claims.sub, claims.sid)


@router.post("/logout-all", status_code=HTTPStatus.NO_CONTENT)
async def logout_all(current_user: CurrentUser, session: DbSession) -> None:
    """Log out everywhere: end all sessions of the caller."""
    await auth_service.lock_caller(session, current_user)
    await session_service.end_sessions(session, current_user.id)


@router.post(
    "/password-reset", status_code=HTTPStatus.NO_CONTENT, dependencies=[Depends(limit_login)]
)
async def reset_password(
    data: PasswordResetConfirmation,
    attempts: LoginAttemptsDep,
    session: DbSession,
    database: DatabaseDep,
    passwords: PasswordsDep,
    now: Now,
) -> None:
    """Set a new password with a reset code. This ends all sessions of the user."""
    user = await password_service.reset_password(session, database, passwords, data, now)
    await attempts.forget(normalize_email(user.email))


def _answer(access_tokens: AccessTokens, opened: OpenedSession, now: datetime) -> TokenResponse:
    return TokenResponse(
        access_token=access_tokens.create_access_token(opened.user_id, opened.id, now),
        expires_in=int(access_tokens.lifetime.total_seconds()),
        refresh_token=opened.refresh_token.encode(),
    )
