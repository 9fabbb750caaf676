"""The revisions that `app migrate` accepts."""

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from tests.databases import alembic_config, new_database
from tests.in_project.cli.test_cli import database_url, environment, last_line, run

__all__ = ["database_url", "environment"]  # fixtures

pytestmark = pytest.mark.usefixtures("log_lines")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["base"], "Alembic: The database is at revision "),
        (["+1"], "Alembic: Relative revision +1 didn't produce 1 migrations."),
        (["--", "-1"], "Alembic: "),
    ],
)
def test_migrate_refuses_a_revision_that_it_does_not_reach(
    database_url: str, arguments: list[str], message: str
) -> None:
    result = run("migrate", *arguments)

    assert result.exit_code == 1
    assert last_line(result).startswith(message)


@pytest.mark.parametrize("revision", ["+1", "heads", "initial"])
def test_migrate_says_which_revision_the_database_has(
    environment: pytest.MonkeyPatch, server_url: str, revision: str
) -> None:
    with new_database(server_url) as url:
        environment.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        result = run("migrate", revision)

    said = "initial" if revision == "+1" else revision
    *lines, last = result.output.splitlines()
    assert [line for line in lines if "Running upgrade" not in line] == []
    assert last == f"The database is at revision {said}."


def test_migrate_says_how_to_join_two_newest_revisions(
    environment: pytest.MonkeyPatch, server_url: str, tmp_path: Path
) -> None:
    for name in ("alembic.ini", "pyproject.toml"):
        shutil.copy(name, tmp_path)
    shutil.copytree("migrations", tmp_path / "migrations")
    environment.chdir(tmp_path)
    with new_database(server_url) as url:
        environment.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        config = alembic_config(url)
        newest = ScriptDirectory.from_config(config).get_current_head() or ""
        for name in ("a1", "b1"):
            command.revision(config, "add", rev_id=name, head=newest, splice=True)
        [one, two] = sorted(each.name for each in tmp_path.glob("*/*/*_add_?1.py"))

        assert last_line(run("migrate")) == (
            f"Alembic: {one} and {two} are both newest revisions: write one that follows both,"
            ' with `uv run alembic merge heads -m "merge revisions"`.'
        )
        run("migrate", "b1")
        command.merge(config, "heads", "merge revisions")
        assert last_line(run("migrate")) == "The database is at revision head."
