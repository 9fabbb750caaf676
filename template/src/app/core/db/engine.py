"""Opens connections to the database in DATABASE_URL."""

import os
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from traceback import walk_tb
from typing import Any, Self
from urllib.parse import urlencode

import asyncpg
from sqlalchemy import URL, ExceptionContext, event
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core.db.database_url import CLIENT_TLS, hosts_of, read_database_url

FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
# asyncpg accepts these parameters only in a URI.
IN_URI = ("sslrootcert", "sslnegotiation", *CLIENT_TLS)
SERVER_SETTINGS = ("application_name", "options")
ARGUMENTS = ("gsslib", "krbsrvname", "passfile", "service", "ssl", "target_session_attrs")
# asyncpg's default, for callers that set no limit.
TIMEOUT_SECONDS = 60.0
# After these errors, `connect` tries the next host. asyncpg raises KeyError if the user of the
# process has no name, and UnicodeError if a label of a host name is empty or too long.
FAILURES = (
    OSError,
    KeyError,
    UnicodeError,
    asyncpg.CannotConnectNowError,
    asyncpg.ClientConfigurationError,
    asyncpg.TargetServerAttributeNotMatched,
)
# SQLAlchemy's adapter for asyncpg: every error of the driver passes through this module.
ADAPTER = PGDialect_asyncpg.__module__
# Errors whose own message is clear enough.
PLAIN_FAILURES = (ConnectionError, asyncpg.CannotConnectNowError)


class DatabaseUnavailableError(ConnectionError):
    """The database is unreachable or does not respond.

    asyncpg raises a bare `OSError` or `TimeoutError` in this case, but other code raises these too.
    """

    @classmethod
    def of(cls, error: Exception | None, place: str = "") -> Self:
        """Wrap an error of asyncpg after a place; replace an empty message."""
        return cls(place + (str(error) or "no response in time"))


def connect_arguments(
    url: str | URL, *, timeout_seconds: float = TIMEOUT_SECONDS, **server_settings: str
) -> dict[str, Any]:
    """Return the arguments for `connect`; parameters in `url` override the keyword arguments."""
    url = read_database_url(url)
    given = {name: str(value) for name, value in url.query.items()}
    arguments: dict[str, Any] = {name: given[name] for name in ARGUMENTS if name in given}
    files = {name: given[name] for name in FILES if name in given}
    in_uri = {name: given[name] for name in IN_URI if name in given}
    if files.get("sslrootcert") == "system":
        # With this, asyncpg verifies the server with the certificates that OpenSSL trusts.
        arguments["ssl"] = True
        del files["sslrootcert"], in_uri["sslrootcert"]
    settings = {name: given[name] for name in SERVER_SETTINGS if name in given}
    hosts = hosts_of(url)
    return arguments | {
        "dsn": f"postgresql:?{urlencode(in_uri)}",
        "host": [host for host, _ in hosts],
        "port": [port for _, port in hosts],
        "user": url.username,
        "password": url.password,
        "database": url.database,
        "files": files,
        "timeout": float(given.get("connect_timeout", 0)) or timeout_seconds,
        "server_settings": server_settings | settings,
    }


async def connect(
    *,
    host: Sequence[str | None],
    port: Sequence[int | None],
    files: Mapping[str, str],
    target_session_attrs: str | None = None,
    **arguments: Any,  # noqa: ANN401 - as in asyncpg
) -> asyncpg.Connection:
    """Connect to the first host that responds in time and satisfies `target_session_attrs`.

    As in libpq, the timeout applies to each host, because one host that does not respond could use
    up asyncpg's own timeout. Raise `DatabaseUnavailableError` if all hosts fail.
    """
    _check_files(files)
    _replace_unreadable_home()
    # asyncpg gets one host at a time, so the fallback to other kinds of hosts is a second round.
    is_preference = target_session_attrs == "prefer-standby"
    kinds = ["standby", "any"] if is_preference else [target_session_attrs]
    failure: Exception | None = None
    for kind, address in product(kinds, zip(host, port, strict=True)):
        local = {"ssl": False, "dsn": "postgresql:"} if (address[0] or "").startswith("/") else {}
        try:
            return await asyncpg.connect(
                host=address[0], port=address[1], target_session_attrs=kind, **arguments | local
            )
        except FAILURES as error:
            failure = error
    place = "" if isinstance(failure, PLAIN_FAILURES) else f"{address[0] or 'DATABASE_URL'}: "
    raise DatabaseUnavailableError.of(failure, place) from failure


def open_engine(url: str | URL, arguments: Mapping[str, Any], **options: Any) -> AsyncEngine:  # noqa: ANN401
    """Create an engine that opens its connections with `connect(**arguments)`."""
    engine = create_async_engine(
        read_database_url(url).set(query={}),
        connect_args={"async_creator_fn": connect, **arguments},
        **options,
    )
    event.listen(engine.sync_engine, "handle_error", _convert_bare_error, retval=True)
    return engine


def is_of_driver(error: BaseException) -> bool:
    """Return whether an error is from the driver, and not from a column type or a listener."""
    frames = walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") == ADAPTER for frame, _ in frames)


def _convert_bare_error(context: ExceptionContext) -> DatabaseUnavailableError | None:
    error = context.original_exception
    if isinstance(error, OSError) and is_of_driver(error):
        return DatabaseUnavailableError.of(error)
    return None


def _replace_unreadable_home() -> None:
    """Set HOME to / if the home is inaccessible. Docker does this for users without a home.

    asyncpg looks for certificates in HOME, and fails without access to it (asyncpg issue 884).
    """
    if not os.access(os.path.expanduser("~"), os.X_OK):  # noqa: PTH111 - pathlib may raise an error
        os.environ["HOME"] = os.sep


def _check_files(files: Mapping[str, str]) -> None:
    """Raise `DatabaseUnavailableError` if a file is unreadable: OpenSSL would not name the file."""
    for name, file in files.items():
        try:
            Path(file).open("rb").close()
        except OSError as error:
            reason = f"{name} of DATABASE_URL cannot be read: {error}"
            raise DatabaseUnavailableError(reason) from error
