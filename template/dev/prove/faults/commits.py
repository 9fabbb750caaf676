"""Commits that fail: no operation may acknowledge a change before it is committed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import asyncpg

from app.models import Base
from dev.prove.client import Client
from dev.prove.findings import Finding, Outcome, Result
from dev.prove.operations import Operation
from dev.prove.population import Populated, UncoveredError, operations_of, populated
from dev.prove.service import ProvedService

CHECK = "failing commit"
# Deferred triggers run within COMMIT. The number from the sequence remains after the rollback.
FUNCTION = """
CREATE SEQUENCE prove_commits;
CREATE FUNCTION prove_fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('prove_commits');
    RAISE EXCEPTION 'poe prove fails this commit' USING ERRCODE = 'insufficient_resources';
END $$
"""
TRIGGER = """
CREATE CONSTRAINT TRIGGER prove_fail AFTER INSERT OR UPDATE OR DELETE ON {}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION prove_fail()
"""
FAILED_COMMITS = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM prove_commits"


async def failing_commits(service: ProvedService) -> list[Result]:
    """Send each operation that writes while all commits fail; return a finding for each."""
    found = list[Result]()
    async with populated(service) as database:
        for operation in operations_of(service):
            if operation.writes:
                found.append(await _check(service, database, operation))
    return found


async def _check(service: ProvedService, database: Populated, operation: Operation) -> Finding:
    section, subject = "faults", operation.name
    try:
        request = await database.request(operation, await database.populate())
    except UncoveredError as error:
        return Finding(section, CHECK, subject, Outcome.UNCOVERED, str(error))
    client = Client(service.port)
    async with _failing(service.database_url) as connection:
        answer = client.send(request)
        failed = await connection.fetchval(FAILED_COMMITS)
    client.close()
    if answer.is_success and failed:
        detail = f"it answered {answer.status} although its change was not committed"
        return Finding(section, CHECK, subject, Outcome.FAILED, detail)
    if answer.is_wrong_error:
        detail = f"it answered {answer.status} instead of 503"
        return Finding(section, CHECK, subject, Outcome.FAILED, detail)
    return Finding(section, CHECK, subject, Outcome.PASSED, seconds=answer.seconds)


@asynccontextmanager
async def _failing(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Let all commits of changes to the tables of the models fail within the context."""
    connection = await asyncpg.connect(url)
    await connection.execute(FUNCTION)
    for statement in _triggers(TRIGGER):
        await connection.execute(statement)
    try:
        yield connection
    finally:
        for statement in _triggers("DROP TRIGGER prove_fail ON {}"):
            await connection.execute(statement)
        await connection.execute("DROP FUNCTION prove_fail; DROP SEQUENCE prove_commits")
        await connection.close()


def _triggers(statement: str) -> Iterator[str]:
    for table in Base.metadata.sorted_tables:
        yield statement.format(f'"{table.schema or "public"}"."{table.name}"')
