"""The database's revisions."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from tests.conftest import SECRET_KEY
from tests.databases import alembic_config, migrate, new_database
from tests.processes import PROJECT, started


@pytest.fixture
def empty_database(server_url: str) -> Iterator[URL]:
    with new_database(server_url) as url:
        yield url


def tables(url: URL) -> set[str]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def read() -> set[str]:
        connection = await asyncpg.connect(plain)
        try:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            return {row["tablename"] for row in await connection.fetch(query)}
        finally:
            await connection.close()

    return asyncio.run(read())


def test_there_is_one_newest_revision(template: URL) -> None:
    assert len(ScriptDirectory.from_config(alembic_config(template)).get_heads()) == 1


def test_the_revisions_make_what_the_models_say(template: URL) -> None:
    """If this fails, write a revision: uv run poe migration "what changed"."""
    command.check(alembic_config(template))


def test_every_revision_can_be_undone_and_done_again(empty_database: URL) -> None:
    migrate(empty_database)
    migrated = tables(empty_database)
    command.downgrade(alembic_config(empty_database), "base")
    undone = tables(empty_database)
    migrate(empty_database)

    assert "users" in migrated
    assert undone == {"alembic_version"}
    assert tables(empty_database) == migrated
    command.check(alembic_config(empty_database))


def test_processes_that_migrate_at_once_do_so_one_after_the_other(empty_database: URL) -> None:
    """REL-10"""
    environ: dict[str, Any] = {
        "ENVIRONMENT": "test",
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": empty_database.render_as_string(hide_password=False),
    }
    command_line = ("-m", "alembic", "upgrade", "head")
    with ExitStack() as stack:
        processes = [
            stack.enter_context(started(*command_line, folder=PROJECT, **environ)) for _ in range(3)
        ]
        outputs = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert "users" in tables(empty_database)


def test_a_revision_can_be_written_as_sql(
    template: URL, capsys: pytest.CaptureFixture[str]
) -> None:
    command.upgrade(alembic_config(template), "head", sql=True)

    assert "CREATE TABLE users" in capsys.readouterr().out
