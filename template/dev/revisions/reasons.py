"""The reasons of failures, for messages."""

from sqlalchemy.exc import DBAPIError


def first_line(error: BaseException | None) -> str:
    """Return the first line of an error; of a database error, only that of the driver."""
    if isinstance(error, DBAPIError):
        error = error.orig
    line = str(error).partition("\n")[0]
    return line.rpartition("'>: ")[2] or type(error).__name__
