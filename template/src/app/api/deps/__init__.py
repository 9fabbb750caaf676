"""What endpoints may ask for, each a named type."""

from app.api.deps.authentication import (
    AdminUser,
    Claims,
    CurrentUser,
    get_admin_user,
    get_claims,
    get_current_user,
)
from app.api.deps.database import DbSession, get_db
from app.api.deps.pagination import PageCursor, PageLimit
from app.api.deps.rate_limits import RateLimit, limit_default, limit_login, limit_password
from app.api.deps.state import (
    AccessTokensDep,
    ClockDep,
    DatabaseDep,
    HttpClient,
    PasswordsDep,
    RateLimiterDep,
    SettingsDep,
)

__all__ = [
    "AccessTokensDep",
    "AdminUser",
    "Claims",
    "ClockDep",
    "CurrentUser",
    "DatabaseDep",
    "DbSession",
    "HttpClient",
    "PageCursor",
    "PageLimit",
    "PasswordsDep",
    "RateLimit",
    "RateLimiterDep",
    "SettingsDep",
    "get_admin_user",
    "get_claims",
    "get_current_user",
    "get_db",
    "limit_default",
    "limit_login",
    "limit_password",
]
