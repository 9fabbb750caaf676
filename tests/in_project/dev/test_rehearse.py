"""`poe rehearse`: the tests of the last release on the new schema."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.in_project.dev.copied_project import copy_project
from tests.in_project.dev.processes import eventually
from tests.in_project.dev.repository import Repository
from tests.in_project.dev.revision_chain import Chain

COMMAND = "dev.rehearse"
TEST = """
from httpx import AsyncClient


async def test_a_user_is_read(authenticated_client: AsyncClient) -> None:
    assert (await authenticated_client.get("/api/v1/users/me")).status_code == 200
"""
ADD = 'op.add_column("users", sa.Column("nickname", sa.String(40)))'
RENAME = 'op.alter_column("users", "full_name", new_column_name="name")'
SLOW = """
import time
from pathlib import Path


def test_a_slow_part() -> None:
    Path({!r}).touch()
    time.sleep(60)
"""


@pytest.fixture
def project(tmp_path: Path, server_url: str) -> Repository:
    """A project with one test beside those of migrations, released as v1."""
    folder = copy_project(tmp_path / "project")
    for path in (folder / "tests").iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name.startswith("test_") and path.name != "test_migrations.py":
            path.unlink()
    (folder / "tests/test_me.py").write_text(TEST)
    project = Repository(folder, server_url)
    project.git("init", "--quiet", "--initial-branch=main")
    project.commit()
    project.git("tag", "v1")
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o711)
    return project


@pytest.fixture
def chain(project: Repository) -> Chain:
    return Chain.of(project.folder)


def rehearse(project: Repository, *arguments: str) -> tuple[int, str]:
    """Run the command; check that it leaves nothing behind."""
    before = project.git("status", "--porcelain"), project.git("for-each-ref")
    result = project.run(COMMAND, *arguments, TMPDIR=str(project.folder.parent / "tmp"))
    assert leftovers(project) == []
    assert (project.git("status", "--porcelain"), project.git("for-each-ref")) == before
    assert project.git("worktree", "list").count("\n") == 1
    return result


def leftovers(project: Repository) -> list[Path]:
    """Return the temporary files of rehearsals and servers."""
    folder = project.folder.parent / "tmp"
    return [*folder.glob("rehearsal-*"), *folder.glob("postgres-*")]


def test_the_old_tests_pass_on_a_schema_that_only_grows(project: Repository, chain: Chain) -> None:
    """The new revision is not committed, needs new code, and cannot be reverted."""
    (project.folder / "src/app/core/db/latest.py").write_text("")
    chain.add("growing", f"from app.core.db import latest\n\nassert latest\n{ADD}")

    code, output = rehearse(project)

    assert code == 0, output
    assert " passed" in output
    assert "The tests of the tag v1 pass on the new schema." in output
    assert "alembic downgrade, is not promised" in output


def test_the_old_tests_fail_on_a_schema_that_the_old_code_does_not_know(
    project: Repository, chain: Chain
) -> None:
    chain.add("renaming", RENAME)
    project.commit()

    code, output = rehearse(project)

    assert code == 1
    assert "unsafe: the tests of the tag v1 fail on the new schema" in output


def test_a_release_without_a_test_of_its_own_is_named(project: Repository, chain: Chain) -> None:
    chain.add("renaming", RENAME)

    code, output = rehearse(project, "--ignore", "tests/test_me.py")
    assert (code, output.splitlines()[-1]) == (1, "The tag v1 has no tests in tests/.")


def test_a_tagged_release_is_compared_with_the_release_before(
    project: Repository, chain: Chain
) -> None:
    chain.add("renaming", RENAME)
    project.commit()
    project.git("tag", "v2")

    assert "unsafe: the tests of the tag v1 fail" in rehearse(project)[1]


def test_without_a_tag_the_merge_base_is_used(project: Repository, chain: Chain) -> None:
    project.git("tag", "--delete", "v1")
    project.git("switch", "--quiet", "--create", "topic")
    chain.add("renaming", RENAME)
    project.commit()

    assert "unsafe: the tests of the merge base with main fail" in rehearse(project)[1]


def test_without_a_new_revision_nothing_is_started(project: Repository) -> None:
    assert rehearse(project) == (0, "Nothing was rehearsed: no revision is new since the tag v1.\n")


def test_without_git_or_a_repository_the_command_says_so_in_one_line(project: Repository) -> None:
    without_git = project.run(COMMAND, PATH=str(project.folder.parent / "tmp"))
    shutil.rmtree(project.folder / ".git")
    code, output = project.run(COMMAND)

    assert (code, output.count("\n")) == (0, 1)
    assert output.startswith("Nothing was rehearsed: Git has neither a tag nor a commit")
    assert without_git == (code, output)


def test_a_revision_that_fails_is_named_in_one_line(project: Repository, chain: Chain) -> None:
    chain.add("failing", 'op.drop_table("missing")')
    code, output = rehearse(project)

    assert code == 1
    assert output.splitlines()[-1] == 'The migration fails: table "missing" does not exist.'


def test_an_unknown_commit_is_named_in_one_line(project: Repository) -> None:
    code, output = rehearse(project, "--base", "v9")

    assert (code, output.count("\n")) == (1, 1)
    assert "'v9'" in output


def test_other_packages_of_the_release_are_installed_or_replaced(
    project: Repository, chain: Chain
) -> None:
    lock = project.folder / "uv.lock"
    now = lock.read_text()
    missing = "[[package]]\nname = 'missing'\nversion = '1'\nsource = {path = 'missing.whl'}\n"
    lock.write_text(f"version = 1\n{missing}")
    project.commit()
    project.git("tag", "--force", "v1")
    lock.write_text(now)
    chain.add("growing", ADD)

    code, output = rehearse(project)
    assert code == 1
    assert output.splitlines()[-1].startswith("The packages of the tag v1 cannot be installed: ")
    assert output.endswith("uv run poe rehearse --current-packages\n")
    assert rehearse(project, "--current-packages")[0] == 0


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_behind(
    project: Repository, chain: Chain, ending: signal.Signals
) -> None:
    started = project.folder.parent / "started"
    (project.folder / "tests/test_me.py").write_text(SLOW.format(str(started)))
    project.commit()
    project.git("tag", "--force", "v1")
    chain.add("growing", ADD)
    folder = str(project.folder.parent / "tmp")
    process = project.start(COMMAND, "--current-packages", TMPDIR=folder)
    with process:
        assert eventually(lambda: started.exists() or process.poll() is not None)
        process.send_signal(ending)
        output, _ = process.communicate()

    assert process.returncode == 128 + signal.SIGINT
    assert output.endswith("Interrupted. Nothing was left behind.\n")
    assert eventually(lambda: leftovers(project) == [])
    assert project.git("worktree", "list").count("\n") == 1


def test_a_wrong_argument_is_refused(project: Repository) -> None:
    assert project.run(COMMAND, "--nonsense")[0] == 2
