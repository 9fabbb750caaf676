"""Errors, lost connections and listeners of planned reads, which the driver executes."""

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import (
    URL,
    Select,
    bindparam,
    column,
    event,
    func,
    literal,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError, MultipleResultsFound
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import Boolean, Float, Integer, String

from app import database as database_module
from app.core.db.engine import DatabaseUnavailableError
from app.core.db.pool import measured_pool
from app.core.db.reader import MAX_PLANS
from app.core.observability.metrics import Metrics
from app.database import Database
from app.models.user import User
from app.resources import create_database
from tests.clients import HASHED_PASSWORD
from tests.conftest import MakeSettings
from tests.in_project.relay import relay_to

PID = select(func.pg_backend_pid().label("pid"))
QUOTIENT = select((literal(1, Integer) / bindparam("by", type_=Integer)).label("quotient"))
SLEEP = select(func.pg_sleep(bindparam("seconds", type_=Float)).label("pg_sleep"))
END = select(
    type_coerce(func.pg_terminate_backend(bindparam("pid", type_=Integer)), Boolean).label("ended")
)
OWN_PID = func.pg_backend_pid()


@pytest.fixture
async def real(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """A database with one connection."""
    settings = make_settings(database_url=own_database, database_pool_size=1)
    database = create_database(settings)
    yield database
    await database.dispose()


async def plan(database: Database, statement: Select[Any], **parameters: Any) -> None:
    """Execute a statement until it is planned."""
    for _ in range(2):
        await database.fetch_all(statement, parameters)


async def error_of_sqlalchemy(
    engine: AsyncEngine, statement: Select[Any], **parameters: Any
) -> Exception:
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with pytest.raises(Exception) as raised:  # noqa: PT011 - it is compared
        async with autocommit.connect() as connection:
            await connection.execute(statement, parameters)
    return raised.value


def facts(error: Any) -> tuple[object, ...]:
    """Return what handlers read of an error."""
    driver = getattr(error, "orig", None)
    details = (type(driver), type(driver and driver.__cause__), getattr(driver, "sqlstate", None))
    return type(error), str(error), details, getattr(error, "connection_invalidated", None)


def in_use(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("database_pool_connections_in_use")


@pytest.mark.parametrize(
    ("statement", "valid", "invalid"),
    [
        pytest.param(QUOTIENT, {"by": 1}, {"by": 0}, id="error of the server"),
        pytest.param(QUOTIENT, {"by": 1}, {"by": "secret"}, id="value of another type"),
        pytest.param(QUOTIENT, {"by": 1}, {}, id="missing parameter"),
        pytest.param(SLEEP, {"seconds": 0}, {"seconds": 60}, id="statement timeout"),
    ],
)
async def test_errors_are_those_of_sqlalchemy(
    make_settings: MakeSettings,
    shared_database: URL,
    statement: Select[Any],
    valid: dict[str, Any],
    invalid: dict[str, Any],
) -> None:
    """RES-07, OBS-05"""
    url = shared_database.render_as_string(hide_password=False)
    settings = make_settings(
        database_url=url, database_pool_size=1, database_statement_timeout_seconds=0.5
    )
    database = create_database(settings)
    await plan(database, statement, **valid)
    row = await database.fetch_one(PID, {})

    with pytest.raises(DBAPIError if invalid else Exception) as raised:
        await database.fetch_all(statement, invalid)

    assert facts(raised.value) == facts(
        await error_of_sqlalchemy(database.engine, statement, **invalid)
    )
    assert await database.fetch_one(PID, {}) == row  # the connection is kept
    await database.dispose()


async def test_an_error_is_passed_to_the_handlers(real: Database) -> None:
    await plan(real, QUOTIENT, by=1)
    seen: list[tuple[object, ...]] = []

    @event.listens_for(real.engine.sync_engine, "handle_error")
    def note(context: Any) -> None:
        seen.append((context.statement, context.parameters, context.is_disconnect))

    with pytest.raises(DBAPIError) as raised:
        await real.fetch_all(QUOTIENT, {"by": 0})

    assert seen == [(raised.value.statement, (1, 0), False)]


async def test_a_lost_connection_is_replaced(real: Database) -> None:
    """REL-05"""
    await plan(real, END, pid=0)
    row = await real.fetch_one(PID, {})
    assert row is not None

    with pytest.raises(DBAPIError) as raised:
        await real.fetch_one(END, {"pid": row.pid})

    expected = await error_of_sqlalchemy(
        real.engine, select(func.pg_terminate_backend(OWN_PID).label("ended"))
    )
    assert facts(raised.value)[::2] == facts(expected)[::2]
    assert raised.value.connection_invalidated == expected.connection_invalidated  # type: ignore[attr-defined]
    found = await real.fetch_one(PID, {})
    assert found is not None
    assert found != row


async def test_a_connection_is_closed_without_a_rollback_if_the_server_does_not_respond(
    make_settings: MakeSettings, shared_database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-06"""
    closed: list[bool] = []
    close = asyncpg.Connection.close

    async def note(connection: asyncpg.Connection, **options: Any) -> None:
        closed.append(connection.is_closed())
        await close(connection, **options)

    monkeypatch.setattr(asyncpg.Connection, "close", note)
    monkeypatch.setattr(database_module, "CLIENT_TIMEOUT_MARGIN_SECONDS", 0.1)
    async with relay_to(shared_database) as relay:
        settings = make_settings(database_url=relay.url, database_statement_timeout_seconds=1)
        database = create_database(settings)
        await plan(database, PID)
        relay.is_open.clear()

        with pytest.raises(DatabaseUnavailableError):
            await database.fetch_one(PID, {})

        relay.is_open.set()
        assert all(closed)
        assert await database.fetch_one(PID, {}) is not None
        await database.dispose()


async def test_a_cancelled_read_gives_its_connection_up(
    make_settings: MakeSettings, own_database: str
) -> None:
    metrics = Metrics()
    settings = make_settings(database_url=own_database, database_pool_size=1)
    database = create_database(settings, measured_pool(metrics))
    await plan(database, SLEEP, seconds=0)
    row = await database.fetch_one(PID, {})
    reading = asyncio.create_task(database.fetch_one(SLEEP, {"seconds": 60}))
    await asyncio.wait({reading}, timeout=0.1)
    assert in_use(metrics) == 1

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert in_use(metrics) == 0
    assert await database.fetch_one(PID, {}) != row
    assert in_use(metrics) == 0
    await database.dispose()


async def test_a_transaction_after_a_read_can_be_rolled_back(real: Database) -> None:
    await plan(real, PID)
    await real.fetch_one(PID, {})
    async with real.begin() as session:
        session.add(User(email="ada@example.com", hashed_password=HASHED_PASSWORD))
        await session.flush()
        await session.rollback()

    assert await real.fetch_one(select(func.count()).select_from(User), {}) == (0,)


async def test_a_statement_is_prepared_again_after_the_schema_changed(
    make_settings: MakeSettings, own_database: str
) -> None:
    database = create_database(make_settings(database_url=own_database, database_pool_size=2))
    changing = select(column("size", String)).select_from(table("changing"))
    other = select(func.pg_backend_pid().label("pid"))
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE changing AS SELECT 1 AS size"))
    for _ in range(2):
        await asyncio.gather(*(plan(database, changing) for _ in range(2)))
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE changing ALTER size TYPE text"))

    failures = 0
    for _ in range(4):
        found = await asyncio.gather(
            *(database.fetch_all(changing, {}) for _ in range(2)), return_exceptions=True
        )
        failures += sum(isinstance(each, DBAPIError) for each in found)

    assert failures <= 2
    assert found == [[("1",)], [("1",)]]
    assert await database.fetch_one(other, {}) is not None
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE changing"))
    await database.dispose()


@pytest.mark.parametrize("name", ["before_cursor_execute", "before_execute", "after_execute"])
async def test_a_listener_is_called_for_planned_reads(real: Database, name: str) -> None:
    await plan(real, PID)
    calls: list[object] = []
    event.listen(real.engine.sync_engine, name, lambda *seen: calls.append(seen))

    await real.fetch_one(PID, {})
    await real.fetch_all(PID, {})

    assert len(calls) == 2


async def test_planned_reads_are_logged(real: Database, caplog: pytest.LogCaptureFixture) -> None:
    await plan(real, PID)

    with caplog.at_level("INFO", "sqlalchemy.engine.Engine"):
        await real.fetch_one(PID, {})

    assert "SELECT pg_backend_pid() AS pid" in caplog.messages


async def test_several_rows_instead_of_one_are_an_error(real: Database) -> None:
    several = select(func.generate_series(1, 2).label("number"))
    for _ in range(3):
        with pytest.raises(MultipleResultsFound):
            await real.fetch_one(several, {})


async def test_statements_that_are_built_for_each_call_are_not_kept(real: Database) -> None:
    def build() -> Select[Any]:
        return select(literal(1).label("one"))

    await real.fetch_one(build(), {})  # SQLAlchemy's own cache keeps the first one
    statement = build()
    kept = weakref.ref(statement)
    await real.fetch_one(statement, {})
    del statement

    for _ in range(MAX_PLANS):
        await real.fetch_one(build(), {})

    gc.collect()
    assert kept() is None
