"""The audit log: security events of accounts, under stable names (ASVS 16.3)."""

from enum import StrEnum
from uuid import UUID

import structlog

logger = structlog.get_logger("audit")


class AuditEvent(StrEnum):
    """The names of the events; searches of the log rely on them."""

    ACCESS_DENIED = "access_denied"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_DELETED = "account_deleted"
    EMAIL_CHANGED = "email_changed"
    LOGIN_FAILED = "login_failed"
    LOGIN_SUCCEEDED = "login_succeeded"
    LOGOUT = "logout"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    PASSWORD_RESET_ISSUED = "password_reset_issued"  # noqa: S105
    PASSWORD_RESET_USED = "password_reset_used"  # noqa: S105
    RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105
    SESSIONS_ENDED = "sessions_ended"
    USER_CREATED = "user_created"


def record(event: AuditEvent, subject: UUID | None = None, **details: object) -> None:
    """Log `event` for the account `subject`; the log context adds the request's user and client.

    Never pass a secret, or text that a client sent in a field for secrets.
    """
    logger.info(str(event), subject=str(subject) if subject else None, **details)
