"""Errors and listeners of planned reads, which the driver executes."""

import asyncio
import gc
import weakref
from typing import Any

import pytest
from sqlalchemy import URL, Select, column, event, func, literal, select, table, text
from sqlalchemy.exc import DBAPIError, MultipleResultsFound
from sqlalchemy.types import String

from app.core.db.reader import MAX_PLANS
from app.database import Database
from app.resources import create_database
from tests.conftest import MakeSettings
from tests.in_project.database.planned import (
    PID,
    QUOTIENT,
    SLEEP,
    error_of_sqlalchemy,
    facts,
    plan,
)


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
