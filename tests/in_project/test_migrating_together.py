"""Concurrent migrations of one database."""

from sqlalchemy import URL

from tests.clients import SECRET_KEY
from tests.databases import execute, new_database
from tests.in_project.processes import PROJECT, started

# Forks of a process that has imported everything start at the same moment.
MIGRATE_THRICE = """
import os, sys, alembic.config, app.models, asyncpg
for _ in range(3):
    if os.fork() == 0:
        alembic.config.main(["upgrade", "head"])
        os._exit(0)
sys.exit(max(os.wait()[1] for _ in range(3)) != 0)
"""


def test_concurrent_migrations_all_succeed(server_url: str) -> None:
    """REL-10"""
    with new_database(server_url) as url:
        check_migrations(url)


def check_migrations(database: URL) -> None:
    url = database.render_as_string(hide_password=False)
    environ = {"ENVIRONMENT": "test", "SECRET_KEY": SECRET_KEY, "DATABASE_URL": url}

    with started("-c", MIGRATE_THRICE, folder=PROJECT, environ=environ) as process:
        _, errors = process.communicate()

    assert (process.returncode, errors) == (0, "")
    assert execute(database, "SELECT to_regclass('users')")[0][0] == "users"
