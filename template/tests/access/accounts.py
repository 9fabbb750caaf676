"""Permissions on accounts, sessions and health checks."""

from datetime import timedelta

from app.core.auth.opaque_tokens import RefreshToken, hash_code, new_code
from app.models.accounts.login_session import UserSession
from app.models.accounts.password_reset import PasswordReset
from tests.access import Access, Given
from tests.clients import PASSWORD

NEW_PASSWORD = "a lamp beside the river"
CREDENTIALS = {"username": "ada@example.com", "password": PASSWORD}
REGISTRATION = {"email": "new@example.com", "password": PASSWORD}
DELETION = {"current_password": PASSWORD}
NEW_EMAIL = {"current_password": PASSWORD, "email": "new@example.com"}
PASSWORD_CHANGE = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
RESET = {"code": "{code}", "new_password": NEW_PASSWORD}
REFRESH = {"refresh_token": "{refresh_token}"}
REVOCATION = {"token": "{refresh_token}"}

# A token or a code in a body is accepted from every caller.
ACCESS = {
    "GET /health": Access(anonymous=200, stranger=200),
    "GET /ready": Access(anonymous=200, stranger=200),
    "POST /api/v1/auth/token": Access(anonymous=200, stranger=200, send={"data": CREDENTIALS}),
    "POST /api/v1/auth/refresh": Access(anonymous=200, stranger=200, send={"json": REFRESH}),
    "POST /api/v1/auth/revoke": Access(anonymous=200, stranger=200, send={"data": REVOCATION}),
    "POST /api/v1/auth/logout": Access(anonymous=204, stranger=204),
    "POST /api/v1/auth/logout-all": Access(stranger=204),
    "POST /api/v1/auth/password-reset": Access(anonymous=204, stranger=204, send={"json": RESET}),
    "GET /api/v1/users": Access(stranger=403, administrator=200),
    "POST /api/v1/users": Access(anonymous=201, stranger=201, send={"json": REGISTRATION}),
    "GET /api/v1/users/me": Access(stranger=200),
    "PATCH /api/v1/users/me": Access(stranger=200, send={"json": {"full_name": "Ada"}}),
    "DELETE /api/v1/users/me": Access(stranger=204),
    "POST /api/v1/users/me/delete": Access(stranger=204, send={"json": DELETION}),
    "POST /api/v1/users/me/email": Access(stranger=200, send={"json": NEW_EMAIL}),
    "POST /api/v1/users/me/password": Access(stranger=204, send={"json": PASSWORD_CHANGE}),
    "GET /api/v1/users/me/sessions": Access(stranger=200),
    "DELETE /api/v1/users/me/sessions/{session_id}": Access(owner=204),
    "GET /api/v1/users/{user_id}": Access(stranger=403, owner=200, administrator=200),
    "PATCH /api/v1/users/{user_id}": Access(
        stranger=403, administrator=200, send={"json": {"is_active": False}}
    ),
    "POST /api/v1/users/{user_id}/password-reset": Access(stranger=403, administrator=201),
    "DELETE /api/v1/users/{user_id}/sessions": Access(stranger=403, administrator=204),
}


async def add_rows(given: Given) -> dict[str, object]:
    """Give the owner a refresh token and a password reset code."""
    token, code = RefreshToken(), new_code()
    opened = await given.session.get_one(UserSession, given.owner.id)
    opened.family_hash, opened.token_hash = token.family_hash, token.token_hash
    until = given.now + timedelta(hours=1)
    reset = PasswordReset(user_id=given.owner.id, code_hash=hash_code(code), expires_at=until)
    given.session.add(reset)
    return {"refresh_token": token.encode(), "code": code}
