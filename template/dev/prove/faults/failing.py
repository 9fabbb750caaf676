"""Lets all commits, or all statements, that change the tables of the models fail."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from app.models import Base

# The number from the sequence remains after the rollback.
FUNCTION = """
CREATE SEQUENCE prove_failures;
CREATE FUNCTION prove_fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('prove_failures');
    RAISE EXCEPTION 'poe prove lets this fail' USING ERRCODE = 'insufficient_resources';
END $$
"""
# Deferred triggers run within COMMIT.
AT_COMMIT = """
CREATE CONSTRAINT TRIGGER prove_fail AFTER INSERT OR UPDATE OR DELETE ON {}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION prove_fail()
"""
AT_STATEMENT = """
CREATE TRIGGER prove_fail BEFORE INSERT OR UPDATE OR DELETE ON {}
FOR EACH STATEMENT EXECUTE FUNCTION prove_fail()
"""
FAILURES = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM prove_failures"


def tables_of_models() -> list[str]:
    """Return the quoted names of the tables of all models."""
    tables = Base.metadata.sorted_tables
    return [f'"{table.schema or "public"}"."{table.name}"' for table in tables]


def failing_commits(
    connection: asyncpg.Connection, tables: Iterable[str]
) -> AbstractAsyncContextManager[None]:
    """Let all commits of changes of some tables fail within the context."""
    return _failing(connection, AT_COMMIT, tables)


def failing_statements(connection: asyncpg.Connection) -> AbstractAsyncContextManager[None]:
    """Let all statements that change something fail within the context, even without rows."""
    return _failing(connection, AT_STATEMENT, tables_of_models())


@asynccontextmanager
async def _failing(
    connection: asyncpg.Connection, trigger: str, tables: Iterable[str]
) -> AsyncIterator[None]:
    await connection.execute(FUNCTION)
    for table in tables:
        await connection.execute(trigger.format(table))
    try:
        yield
    finally:
        for table in tables:
            await connection.execute(f"DROP TRIGGER prove_fail ON {table}")
        await connection.execute("DROP FUNCTION prove_fail; DROP SEQUENCE prove_failures")
