"""Error codes of PostgreSQL (its documentation, appendix A)."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.exceptions import ConflictError, NotFoundError

RESTRICT_VIOLATION = "23001"
FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"
QUERY_CANCELED = "57014"  # by a statement timeout, too


def sqlstate(error: DBAPIError) -> str:
    """Return the code of an error, or an empty string if the server did not send the error."""
    return getattr(error.orig, "sqlstate", None) or ""


@contextmanager
def conflicts_on(details: Mapping[str, str]) -> Iterator[None]:
    """Raise `ConflictError` if a statement violates a unique constraint or index.

    `details` contains the message for the client by the name of the constraint or index.
    """
    try:
        yield
    except IntegrityError as error:
        violated = getattr(error.orig and error.orig.__cause__, "constraint_name", "")
        if sqlstate(error) != UNIQUE_VIOLATION or violated not in details:
            raise
        raise ConflictError(details[violated]) from error


def conflict_on(constraint: str, detail: str) -> AbstractContextManager[None]:
    """Raise `ConflictError` if a statement violates the named unique constraint or index."""
    return conflicts_on({constraint: detail})


@contextmanager
def conflict_if_referenced(detail: str) -> Iterator[None]:
    """Raise `ConflictError` if a statement deletes a row that other rows refer to."""
    try:
        yield
    except IntegrityError as error:
        if sqlstate(error) not in {FOREIGN_KEY_VIOLATION, RESTRICT_VIOLATION}:
            raise
        raise ConflictError(detail) from error


@contextmanager
def not_found_if_deleted(resource: str, id: object) -> Iterator[None]:  # noqa: A002 - as in the error
    """Raise `NotFoundError` if a statement adds a row that refers to a deleted row."""
    try:
        yield
    except IntegrityError as error:
        if sqlstate(error) != FOREIGN_KEY_VIOLATION:
            raise
        raise NotFoundError(resource, id) from error
