"""The database: its connection pool, transactions, and reads without a transaction."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVarTuple, cast
from uuid import uuid4

from sqlalchemy import URL, AsyncAdaptedQueuePool, ExceptionContext, Row, Select, event
from sqlalchemy.exc import DisconnectionError, MultipleResultsFound
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
)
from sqlalchemy.orm import Session
from sqlalchemy.util import greenlet_spawn

from app.core.db.after_commit import call_after_commit
from app.core.db.engine import connect_arguments, is_of_driver, open_engine
from app.core.db.reader import Reader
from app.core.db.reads import TIMEOUT_MS, AnyRow, read_in_session

POOL_RECYCLE_SECONDS = 1800
# The server's timeout for a statement expires first; the client's expires after this margin.
CLIENT_TIMEOUT_MARGIN_SECONDS = 0.5

Ts = TypeVarTuple("Ts")


class Database:
    """Opens transactions, and reads without one. Tests use an instance on the test's connection."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        # A single statement needs no BEGIN and COMMIT, so autocommit saves two round trips.
        self._reader = Reader(engine.sync_engine)
        self._session_events = self._sessions().sync_session.dispatch

    @property
    def engine(self) -> AsyncEngine:
        """The engine, for metrics and traces."""
        return self._engine

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncSession]:
        """Open a transaction, which is committed on success and rolled back on an error."""
        session = self._sessions()
        try:
            yield session
        except BaseException:
            await _finish(session.close())
            raise
        await _finish(_commit(session))

    async def fetch_one(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Row[*Ts] | None:
        """Return one row or `None`, without a transaction; release the connection immediately.

        Events that prepare transactions do not apply: authentication reads the caller this way,
        before they could know who it is.
        """
        # `AsyncConnection` would switch to a greenlet three times: to connect, execute and close.
        # One switch costs a third of that.
        rows = await greenlet_spawn(self._reader.read, statement, parameters)
        if len(rows) > 1:
            raise MultipleResultsFound("Several rows were found, but one or none was expected.")
        return cast("Row[*Ts]", rows[0]) if rows else None

    async def fetch_all(
        self, statement: Select[*Ts], parameters: Mapping[str, Any]
    ) -> Sequence[AnyRow]:
        """Return all rows, without a transaction. An entity is read as its columns.

        If the statement has a timeout, or an event of the owner's prepares transactions, such as
        for row-level security, the rows are read in a transaction.
        """
        if TIMEOUT_MS in statement.get_execution_options() or self._prepares_transactions():
            async with self.begin() as session:
                return await session.run_sync(read_in_session, statement, parameters)
        return await greenlet_spawn(self._reader.read, statement, parameters)

    async def dispose(self) -> None:
        """Close all connections."""
        await self._engine.dispose()

    def _prepares_transactions(self) -> bool:
        """Return whether a listener may execute statements when a transaction begins."""
        sessions, connections = self._session_events, self._engine.sync_engine.dispatch
        return bool(
            sessions.after_begin
            or sessions.after_transaction_create
            or sessions.do_orm_execute
            or connections.begin
            or connections.engine_connect
        )


async def _commit(session: AsyncSession) -> None:
    await session.run_sync(_commit_and_close)
    await call_after_commit(session)


def _commit_and_close(session: Session) -> None:
    # This needs one greenlet switch. `async with` would need two, and another task.
    with session:
        session.commit()


async def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Wait for `work` even if the task is cancelled, because a sent COMMIT cannot be undone."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        task.result()
        raise


def create_engine(
    url: URL,
    *,
    application_name: str,
    pool_size: int,
    pool_timeout_seconds: float,
    statement_timeout_seconds: float,
    pgbouncer: bool,
    pool_class: type[AsyncAdaptedQueuePool] = AsyncAdaptedQueuePool,
) -> AsyncEngine:
    """Create the engine. If all `pool_size` connections are in use, requests wait for one."""
    settings = {} if pgbouncer else _server_settings(application_name, statement_timeout_seconds)
    arguments = connect_arguments(url, timeout_seconds=pool_timeout_seconds, **settings)
    # The server's own timeout is shorter. This timeout is for a server that does not respond.
    arguments["command_timeout"] = statement_timeout_seconds + CLIENT_TIMEOUT_MARGIN_SECONDS
    if pgbouncer:
        arguments |= _without_prepared_statements()
    engine = open_engine(
        url,
        arguments,
        hide_parameters=True,  # errors are logged, and parameters contain addresses and hashes
        max_overflow=0,
        pool_recycle=POOL_RECYCLE_SECONDS,
        pool_size=pool_size,
        pool_timeout=pool_timeout_seconds,
        poolclass=pool_class,
    )
    event.listen(engine.sync_engine, "checkout", _discard_closed_connection)
    event.listen(engine.sync_engine, "handle_error", _terminate_unresponsive)
    return engine


def _discard_closed_connection(connection: Any, *_: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter
    """Replace a connection if asyncpg has already noticed that the server closed it.

    `pool_pre_ping` would instead need up to three round trips on every checkout.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _terminate_unresponsive(context: ExceptionContext) -> None:
    """Close a connection without a rollback if its server does not respond."""
    error = context.original_exception
    if isinstance(error, TimeoutError) and context.connection is not None:
        # SQLAlchemy would also discard the connection if a column type raised the error.
        context.is_disconnect = is_of_driver(error)
        if context.is_disconnect:
            connection: Any = context.connection.connection.driver_connection
            connection.terminate()


def _server_settings(name: str, statement_seconds: float) -> dict[str, str]:
    """Return the server settings of a connection: the application name and the timeouts."""
    milliseconds = int(statement_seconds * 1000)
    return {
        "application_name": name,
        "lock_timeout": str(milliseconds // 2),
        "statement_timeout": str(milliseconds),
        "idle_in_transaction_session_timeout": str(milliseconds * 2),
    }


def _without_prepared_statements() -> dict[str, Any]:
    """Return the arguments for PgBouncer, which runs transactions on different connections.

    Timeouts are not among them: PgBouncer rejects settings at startup. Use `ALTER ROLE` for them.
    """
    return {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__",
    }
