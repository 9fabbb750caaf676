"""Fixtures of databases, and of revisions that Alembic writes from the models."""

import shutil
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import URL

from app.database import Database
from app.resources import create_database
from tests.conftest import MakeSettings
from tests.databases import alembic_config, execute, new_database
from tests.in_project.processes import PROJECT


@pytest.fixture
def url(server_url: str, template: URL) -> Iterator[URL]:
    with new_database(server_url, template=template) as url:
        yield url


@pytest.fixture
def config(url: URL, tmp_path: Path) -> Config:
    """The configuration of a project with a table of parcels that has a row."""
    shutil.copy(PROJECT / "alembic.ini", tmp_path)
    shutil.copytree(PROJECT / "migrations", tmp_path / "migrations")
    config = alembic_config(url, tmp_path / "alembic.ini")
    config.set_section_option("post_write_hooks", "hooks", "")
    execute(url, "CREATE TABLE parcels (id serial CONSTRAINT pk_parcels PRIMARY KEY)")
    execute(url, "INSERT INTO parcels (id) VALUES (1)")
    return config


@pytest.fixture
async def real(make_settings: MakeSettings, own_database: str) -> AsyncGenerator[Database]:
    """A database with one connection, whose transactions are committed."""
    settings = make_settings(database_url=own_database, database_pool_size=1)
    database = create_database(settings)
    yield database
    await database.dispose()
