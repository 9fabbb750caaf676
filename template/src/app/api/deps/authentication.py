"""Authentication of requests."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.utils import get_authorization_scheme_param
from structlog.contextvars import bind_contextvars

from app.api.deps.resources import resources_of
from app.core.exceptions import ForbiddenError, UnauthorizedError
from app.core.security import AccessTokenClaims, TokenError
from app.services.accounts import authentication as auth_service
from app.services.accounts.administration import ONLY_ADMINISTRATORS
from app.services.accounts.authentication import Caller

# This only describes the login in OpenAPI; `get_token` reads the token.
TOKEN_URL = "/api/v1/auth/token"  # noqa: S105 - a path
oauth2_scheme = OAuth2PasswordBearer(
    TOKEN_URL,
    refreshUrl=TOKEN_URL,
    description="The username is the e-mail address.",
    auto_error=False,
)


def get_token(request: Request) -> str | None:
    """Return the bearer token of the only `Authorization` header, else `None` (RFC 6750 2.1)."""
    headers = request.headers.getlist("authorization")
    scheme, token = get_authorization_scheme_param(headers[0] if len(headers) == 1 else None)
    return token if scheme.lower() == "bearer" else None


async def get_claims(request: Request) -> AccessTokenClaims | None:
    """Return the claims of a valid token, or `None`. The token is verified once per request."""
    if not hasattr(request.state, "claims"):
        request.state.claims = _verify(request)
    claims: AccessTokenClaims | None = request.state.claims
    return claims


Claims = Annotated[AccessTokenClaims | None, Depends(get_claims)]


async def require_token(request: Request) -> AccessTokenClaims:
    """Return the claims of the token; raise `UnauthorizedError` if it is missing or invalid."""
    claims = await get_claims(request)
    if claims is None:
        raise _unauthorized(request)
    return claims


async def get_current_user(
    request: Request, _scheme: Annotated[str | None, Depends(oauth2_scheme)] = None
) -> Caller:
    """Return the user whom the token identifies.

    Raise `UnauthorizedError` if the token is missing or invalid, the session has ended or the user
    is inactive. The session is read after the body, because a session may end while a slow client
    is uploading. The database connection is released before the endpoint starts.
    """
    claims, resources = await require_token(request), resources_of(request)
    caller = await auth_service.find_caller(
        resources.database, claims.sub, claims.sid, resources.clock()
    )
    if caller is None:
        raise _unauthorized(request)
    # All later log lines of the request contain these ids.
    bind_contextvars(user_id=str(caller.id), session_id=str(caller.session_id))
    return caller


CurrentUser = Annotated[Caller, Depends(get_current_user)]


async def get_admin_user(current_user: CurrentUser) -> Caller:
    """Return the caller; raise `ForbiddenError` if the caller is not an administrator."""
    if not current_user.is_superuser:
        raise ForbiddenError(ONLY_ADMINISTRATORS)
    return current_user


AdminUser = Annotated[Caller, Depends(get_admin_user)]


async def get_self_or_admin(user_id: UUID, current_user: CurrentUser) -> Caller:
    """Return the caller; raise `ForbiddenError` for another user who is not an administrator."""
    return current_user if user_id == current_user.id else await get_admin_user(current_user)


SelfOrAdmin = Annotated[Caller, Depends(get_self_or_admin)]


def _verify(request: Request) -> AccessTokenClaims | None:
    token, resources = get_token(request), resources_of(request)
    try:
        return resources.access_tokens.verify(token or "", resources.clock())
    except TokenError:
        return None


def _unauthorized(request: Request) -> UnauthorizedError:
    token = get_token(request)
    detail = "Could not validate credentials." if token else "Not authenticated."
    return UnauthorizedError(detail, token_was_sent=bool(token))
