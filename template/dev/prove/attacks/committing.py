"""Fixtures for checks whose requests commit, in a database of their own."""

import pytest

from app.database import Database


@pytest.fixture
def database(committing_database: Database) -> Database:
    """A database that commits. All tables are emptied after the test."""
    return committing_database
