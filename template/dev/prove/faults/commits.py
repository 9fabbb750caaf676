"""Commits that fail: no operation may acknowledge a change before it is committed."""

import asyncpg

from dev.prove.client import Client
from dev.prove.faults.failing import FAILURES, failing_commits
from dev.prove.findings import Finding, Outcome, Result
from dev.prove.operations import Operation
from dev.prove.population import Populated, UncoveredError, operations_of, populated
from dev.prove.service import ProvedService

CHECK = "failing commit"


async def prove_commits(service: ProvedService) -> list[Result]:
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
    connection = await asyncpg.connect(service.database_url)
    async with failing_commits(connection):
        answer = client.send(request)
        failed = await connection.fetchval(FAILURES)
    await connection.close()
    client.close()
    if answer.is_success and failed:
        detail = f"it answered {answer.status} although its change was not committed"
        return Finding(section, CHECK, subject, Outcome.FAILED, detail)
    if answer.is_wrong_error:
        detail = f"it answered {answer.status} instead of 503"
        return Finding(section, CHECK, subject, Outcome.FAILED, detail)
    return Finding(section, CHECK, subject, Outcome.PASSED, seconds=answer.seconds)
