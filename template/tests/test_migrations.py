"""The migrations of the database."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from tests.databases import alembic_config, execute, migrate, new_database

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def empty_database(server_url: str) -> Iterator[URL]:
    with new_database(server_url) as url:
        yield url


def tables(url: URL) -> set[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return {row["tablename"] for row in execute(url, query)}


def assert_well_formatted(*files: Path) -> None:
    for check in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *check, "--no-cache", "--quiet", *map(str, files)]
        assert subprocess.run(ruff, check=False).returncode == 0


def test_there_is_one_newest_revision(template: URL) -> None:
    assert len(ScriptDirectory.from_config(alembic_config(template)).get_heads()) == 1


def test_the_revisions_make_what_the_models_say(template: URL) -> None:
    """If this fails, write a revision: uv run poe migration "what changed"."""
    command.check(alembic_config(template))


def test_a_table_that_no_model_describes_is_left_alone(server_url: str, template: URL) -> None:
    """To drop it, write that revision by hand."""
    with new_database(server_url, template=template) as url:
        execute(url, "CREATE TABLE kept (user_id uuid REFERENCES users)")

        command.check(alembic_config(url))


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


def test_a_revision_is_written_from_the_models_and_well_formatted(
    server_url: str, template: URL, tmp_path: Path
) -> None:
    for name in ("alembic.ini", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    shutil.copytree(PROJECT / "migrations", tmp_path / "migrations")
    with new_database(server_url, template=template) as url:
        execute(url, "ALTER TABLE users DROP COLUMN full_name")
        config = alembic_config(url, tmp_path / "alembic.ini")

        command.revision(config, "Add names", autogenerate=True)
        command.upgrade(config, "head")
        command.check(config)
        [written] = (tmp_path / "migrations/versions").glob("*_add_names_*.py")
        command.revision(config, "Add names")  # on the same day, in the same words
        command.revision(config, 'Add """; 1 / 0; """\n\0 \\')
        assert len(ScriptDirectory.from_config(config).get_heads()) == 1

    assert len([*written.parent.glob("*_add_names_*.py")]) == 2
    [awkward] = written.parent.glob("*_add_1_0*.py")
    assert_well_formatted(written, awkward)


def test_a_revision_can_be_written_as_sql(
    template: URL, capsys: pytest.CaptureFixture[str]
) -> None:
    command.upgrade(alembic_config(template), "head", sql=True)

    assert "CREATE TABLE users" in capsys.readouterr().out
