"""The errors that `migrations/env.py` must not hide."""

from pathlib import Path

import pytest

from tests.in_project.dev.copied_project import copy_project
from tests.in_project.dev.repository import Repository

COMMAND = "dev.revisions"
RUN = """\
    with context.begin_transaction():
        context.run_migrations()


async def"""
HIDING = """\
    try:
        with context.begin_transaction():
            context.run_migrations()
    except {}:
        pass


async def"""


@pytest.fixture
def project(tmp_path: Path, server_url: str) -> Repository:
    """A committed project."""
    project = Repository(copy_project(tmp_path / "project"), server_url)
    project.git("init", "--quiet", "--initial-branch=main")
    project.commit()
    project.git("tag", "v1")
    return project


def edit(project: Repository, old: str, new: str) -> None:
    """Replace a text in the environment."""
    file = project.folder / "migrations/env.py"
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    "hidden", ["Exception", "RuntimeError", "__import__('sqlalchemy').exc.DBAPIError"]
)
def test_an_environment_that_hides_errors_is_named(project: Repository, hidden: str) -> None:
    edit(project, RUN, HIDING.format(hidden))
    code, output = project.run(COMMAND)

    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("unsafe: migrations/env.py: it hides the error of a revision")


def test_another_environment_that_hides_no_error_passes(project: Repository) -> None:
    edit(project, "RETRY_SECONDS = 0.2", "RETRY_SECONDS = 0.1")

    assert project.run(COMMAND) == (0, "")
