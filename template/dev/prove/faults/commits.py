"""Commits that fail: no operation may acknowledge a change before it is committed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec

import asyncpg

from dev.prove.client import Client
from dev.prove.faults.failing import FAILURES, failing_commits, tables_of_models
from dev.prove.findings import Finding, Outcome, Result
from dev.prove.operations import Operation
from dev.prove.population import Populated, UncoveredError, operations_of, populated
from dev.prove.service import ProvedService

CHECK, JOBS_CHECK = "failing commit", "failing commit of a job"
JOBS = "dev.prove.faults.jobs"  # only in projects with jobs
# A change may also be made after the response, and needs longer on a busy machine.
PATIENCE_SECONDS, PATIENCE = 0.5, 5


async def prove_commits(service: ProvedService) -> list[Result]:
    """Send each operation that writes while all commits fail; return a finding for each."""
    found = list[Result]()
    failing: Mapping[str, Sequence[str]] = {CHECK: tables_of_models()}
    if find_spec(JOBS):
        failing = {**failing, JOBS_CHECK: [import_module(JOBS).QUEUE]}
    async with populated(service) as database:
        for operation in operations_of(service):
            for check, tables in failing.items() if operation.writes else ():
                found.append(await _check(service, database, operation, check, tables))
    return found


async def _check(
    service: ProvedService,
    database: Populated,
    operation: Operation,
    check: str,
    tables: Sequence[str],
) -> Finding:
    section, subject = "faults", operation.name
    try:
        request = await database.request(operation, await database.populate())
    except UncoveredError as error:
        return Finding(section, check, subject, Outcome.UNCOVERED, str(error))
    client = Client(service.port)
    connection = await asyncpg.connect(service.database_url)
    async with failing_commits(connection, tables):
        answer = client.send(request)
        failed = await _failures(connection, answer.seconds) if answer.is_success else 0
    await connection.close()
    client.close()
    if failed:
        detail = f"it answered {answer.status} although its change was not committed"
        return Finding(section, check, subject, Outcome.FAILED, detail)
    if answer.is_wrong_error:
        detail = f"it answered {answer.status} instead of 503"
        return Finding(section, check, subject, Outcome.FAILED, detail)
    return Finding(section, check, subject, Outcome.PASSED, seconds=answer.seconds)


async def _failures(connection: asyncpg.Connection, took: float) -> int:
    """Return the number of changes that failed, if any fails soon."""
    deadline, failed = time.monotonic() + max(PATIENCE_SECONDS, PATIENCE * took), 0
    while not failed and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        failed = await connection.fetchval(FAILURES)
    return failed
