"""Fixtures for tests of jobs."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from app.worker import TASKS
from app.worker_context import JobContext
from tests.clients import StoppedClock
from tests.databases import RolledBackDatabase
from tests.jobs.eager import EagerDatabase


@pytest.fixture
def context(app: FastAPI, database: RolledBackDatabase, clock: StoppedClock) -> JobContext:
    """The context of jobs, with the test's database and clock."""
    return JobContext(
        settings=app.state.resources.settings,
        database=database,
        clock=clock,
        http_client=app.state.resources.http_client,
    )


@pytest.fixture
def eager_jobs(app: FastAPI, context: JobContext) -> EagerDatabase:
    """The database of `app`, which now runs the enqueued jobs after each transaction."""
    database = EagerDatabase(context, TASKS)
    app.state.resources = replace(app.state.resources, database=database)
    return database
