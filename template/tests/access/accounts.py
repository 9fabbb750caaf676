"""Who may do what with accounts and sessions, and who may ask how the service is.

Each operation, and its answers: to somebody unknown, to a user who is a stranger to what the path
names, to its owner, to an administrator.
"""

from typing import Any

from app.core.opaque_tokens import RefreshToken, new_code
from tests.clients import PASSWORD

ACCESS = {
    "GET /health": (200, 200, 200, 200),
    "GET /ready": (200, 200, 200, 200),
    "POST /api/v1/auth/token": (200, 200, 200, 200),
    "POST /api/v1/auth/refresh": (200, 200, 200, 200),
    "POST /api/v1/auth/logout": (204, 204, 204, 204),
    "POST /api/v1/auth/logout-all": (401, 204, 204, 204),
    "POST /api/v1/auth/password-reset": (204, 204, 204, 204),
    "GET /api/v1/users": (401, 403, 403, 200),
    "POST /api/v1/users": (201, 201, 201, 201),
    "GET /api/v1/users/me": (401, 200, 200, 200),
    "PATCH /api/v1/users/me": (401, 200, 200, 200),
    "DELETE /api/v1/users/me": (401, 204, 204, 204),
    "POST /api/v1/users/me/email": (401, 200, 200, 200),
    "POST /api/v1/users/me/password": (401, 204, 204, 204),
    "GET /api/v1/users/me/sessions": (401, 200, 200, 200),
    "DELETE /api/v1/users/me/sessions/{session_id}": (401, 404, 204, 404),
    "GET /api/v1/users/{user_id}": (401, 403, 403, 200),
    "PATCH /api/v1/users/{user_id}": (401, 403, 403, 200),
    "POST /api/v1/users/{user_id}/password-reset": (401, 403, 403, 201),
    "DELETE /api/v1/users/{user_id}/sessions": (401, 403, 403, 204),
}

# The owner's, which are good for whoever shows them.
REFRESH_TOKEN = RefreshToken()
CODE = new_code()
NEW_PASSWORD = "a lamp beside the river"

# What is sent, where something must be.
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/auth/token": {"data": {"username": "ada@example.com", "password": PASSWORD}},
    "POST /api/v1/auth/refresh": {"json": {"refresh_token": REFRESH_TOKEN.encode()}},
    "POST /api/v1/auth/password-reset": {"json": {"code": CODE, "new_password": NEW_PASSWORD}},
    "POST /api/v1/users": {"json": {"email": "new@example.com", "password": PASSWORD}},
    "PATCH /api/v1/users/me": {"json": {"full_name": "Ada"}},
    "POST /api/v1/users/me/email": {
        "json": {"current_password": PASSWORD, "email": "new@example.com"}
    },
    "POST /api/v1/users/me/password": {
        "json": {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    },
    "PATCH /api/v1/users/{user_id}": {"json": {"is_active": False}},
}
