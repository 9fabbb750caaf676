"""`python -m dev.revisions`, the last step of `poe lint`."""

from pathlib import Path

import pytest

from tests.in_project.dev.copied_project import copy_project
from tests.in_project.dev.repository import Repository
from tests.in_project.dev.revision_chain import Chain

DROP = 'op.drop_column("users", "full_name")'
UNREACHABLE = "postgresql://postgres:x@127.0.0.1:1/postgres"
COMMAND = "dev.revisions"


@pytest.fixture
def project(tmp_path: Path, server_url: str) -> Repository:
    return Repository(copy_project(tmp_path / "project"), server_url)


@pytest.fixture
def committed(project: Repository) -> Repository:
    project.git("init", "--quiet", "--initial-branch=main")
    project.commit()
    return project


@pytest.fixture
def chain(project: Repository) -> Chain:
    return Chain.of(project.folder)


def test_without_a_repository_the_command_says_so_in_one_line(project: Repository) -> None:
    code, output = project.run(COMMAND)

    assert (code, output.count("\n")) == (0, 1)
    assert output.startswith("No revision was checked: Git has neither a commit")


def test_without_a_new_revision_no_server_is_used(committed: Repository) -> None:
    assert committed.run(COMMAND, server=UNREACHABLE) == (0, "")


def test_a_revision_in_a_file_that_moved_is_not_new(committed: Repository) -> None:
    versions = committed.folder / "migrations/versions"
    versions.rename(committed.folder / "alembic_versions")
    committed.commit()
    (committed.folder / "alembic_versions").rename(versions)
    (versions / "initial.py").rename(versions / "first.py")

    assert committed.run(COMMAND, server=UNREACHABLE) == (0, "")


def test_new_revisions_are_checked_until_their_branch_is_the_base(
    committed: Repository, chain: Chain
) -> None:
    committed.git("switch", "--quiet", "--create", "topic")
    chain.add("dropping", DROP)
    committed.commit()
    code, output = committed.run(COMMAND)

    place = "migrations/versions/dropping.py:15: ban-drop-column"
    [first, *_, last] = output.splitlines()
    assert code == 1
    assert first.startswith(f"unsafe: {place}: the running version uses it: ")
    assert last == "docs/service/how-to/change-a-table-without-downtime.md"
    assert committed.run(COMMAND, "--base", "topic") == (0, "")

    file = committed.folder / "migrations/versions/dropping.py"
    file.write_text(file.read_text().replace(DROP, f"# safe: no release reads it\n    {DROP}"))
    assert committed.run(COMMAND) == (
        0,
        "safe: migrations/versions/dropping.py:16: ban-drop-column: no release reads it\n",
    )
    committed.commit()
    committed.git("branch", "--force", "main", "topic")
    assert committed.run(COMMAND, server=UNREACHABLE) == (0, "")


def test_on_the_base_branch_revisions_since_the_last_tag_are_checked(
    committed: Repository, chain: Chain
) -> None:
    committed.git("tag", "v1")
    chain.add("dropping", DROP)
    committed.commit()

    assert committed.run(COMMAND)[0] == 1
    committed.git("tag", "v2")
    assert committed.run(COMMAND) == (0, "")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("1 / 0", "migrations/versions/failing.py fails: division by zero\n"),
        ("][", "The revisions cannot be read: "),
    ],
)
def test_a_failing_revision_is_named_without_a_traceback(
    committed: Repository, chain: Chain, body: str, message: str
) -> None:
    chain.add("failing", body)
    code, output = committed.run(COMMAND)

    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith(message)


def test_an_unreachable_database_is_named_without_a_traceback(
    committed: Repository, chain: Chain
) -> None:
    chain.add("empty", "pass")
    code, output = committed.run(COMMAND, server=UNREACHABLE)

    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("The database for the revisions cannot be used: ")
    assert output.endswith("`unset TEST_DATABASE_URL DATABASE_URL`.\n")


def test_a_shallow_clone_is_told_to_fetch(committed: Repository, tmp_path: Path) -> None:
    committed.commit()
    clone = tmp_path / "clone"
    url = f"file://{committed.folder}"
    committed.git("clone", "--quiet", "--depth=1", url, str(clone))
    shallow = Repository(clone, UNREACHABLE)
    shallow.git("switch", "--quiet", "--orphan", "x")
    shallow.git("checkout", "--quiet", "main", "--", ".")
    shallow.commit()

    assert shallow.run(COMMAND) == (
        1,
        "This clone is shallow: run `git fetch --unshallow --tags`.\n",
    )


def test_an_unknown_base_is_named(committed: Repository) -> None:
    code, output = committed.run(COMMAND, "--base", "v9")

    assert (code, output.count("\n")) == (1, 1)
    assert "'v9'" in output


def test_a_revision_that_cannot_be_reverted_skips_the_test_of_the_way_back(
    committed: Repository, chain: Chain
) -> None:
    chain.add("one_way", "pass")
    code, output = committed.run("pytest", "-rs", "tests/test_migrations.py", "-k", "reverted")

    assert code == 0
    assert "A revision cannot be reverted: no way back" in output
