"""Error codes of PostgreSQL (its documentation, appendix A)."""

from sqlalchemy.exc import DBAPIError

FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"


def sqlstate(error: DBAPIError) -> str:
    """Return the code of an error, or an empty string if it does not come from the server."""
    return getattr(error.orig, "sqlstate", None) or ""
