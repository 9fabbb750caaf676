"""What PostgreSQL says went wrong, by its code (PostgreSQL documentation, appendix A)."""

from sqlalchemy.exc import DBAPIError

FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"


def sqlstate(error: DBAPIError) -> str:
    """Return the code, or nothing where the server did not speak."""
    return getattr(error.orig, "sqlstate", None) or ""
