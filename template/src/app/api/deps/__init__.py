"""The dependencies of endpoints. Import them from here: `from app.api.deps import DbSession`."""

from app.api.deps.authentication import (
    AdminUser,
    Claims,
    CurrentUser,
    SelfOrAdmin,
    get_admin_user,
    get_claims,
    get_current_user,
    get_self_or_admin,
)
from app.api.deps.client import UserAgent
from app.api.deps.database import DbReads, DbSession, get_db
from app.api.deps.feature_flags import FlagsDep, RequireFlag, get_feature_flags
from app.api.deps.idempotency import accept_idempotency_key
from app.api.deps.pagination import LinkNext
from app.api.deps.preconditions import PreconditionsDep, get_preconditions
from app.api.deps.rate_limits import (
    LoginAttemptsDep,
    RateLimit,
    limit_default,
    limit_login,
    limit_password,
)
from app.api.deps.resources import (
    AccessTokensDep,
    CacheDep,
    ClientsDep,
    CursorsDep,
    DatabaseDep,
    HttpClient,
    IsStopping,
    Now,
    PasswordsDep,
    RateLimiterDep,
    ResourcesDep,
    SessionLifetimesDep,
    SettingsDep,
)
