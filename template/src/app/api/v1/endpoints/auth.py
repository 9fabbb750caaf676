"""Signing in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from app.api.deps import (
    AccessTokensDep,
    ClockDep,
    DatabaseDep,
    DbSession,
    PasswordsDep,
    limit_login,
)
from app.api.guarded_route import GuardedRoute
from app.schemas.auth import PasswordGrant, TokenResponse
from app.services import auth as auth_service

router = APIRouter(prefix="/auth", tags=["auth"], route_class=GuardedRoute)


@router.post("/token", dependencies=[Depends(limit_login)])
async def create_token(
    form: Annotated[PasswordGrant, Form()],
    response: Response,
    session: DbSession,
    database: DatabaseDep,
    passwords: PasswordsDep,
    access_tokens: AccessTokensDep,
    clock: ClockDep,
) -> TokenResponse:
    """Exchange an e-mail address and a password for an access token."""
    response.headers["Cache-Control"] = "no-store"
    user_id = await auth_service.authenticate(
        session, database, passwords, form.username, form.password.get_secret_value()
    )
    return TokenResponse(
        access_token=access_tokens.create_access_token(user_id, clock()),
        expires_in=int(access_tokens.lifetime.total_seconds()),
    )
