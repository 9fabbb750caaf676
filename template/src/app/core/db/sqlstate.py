"""Error codes of PostgreSQL (its documentation, appendix A)."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.exceptions import ConflictError

FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"
QUERY_CANCELED = "57014"  # by a statement timeout, too


def sqlstate(error: DBAPIError) -> str:
    """Return the code of an error, or an empty string if the server did not send the error."""
    return getattr(error.orig, "sqlstate", None) or ""


@contextmanager
def conflict_on(constraint: str, detail: str) -> Iterator[None]:
    """Raise `ConflictError` if a statement violates the named unique constraint or index."""
    try:
        yield
    except IntegrityError as error:
        violated = getattr(error.orig and error.orig.__cause__, "constraint_name", None)
        if sqlstate(error) != UNIQUE_VIOLATION or violated != constraint:
            raise
        raise ConflictError(detail) from error
