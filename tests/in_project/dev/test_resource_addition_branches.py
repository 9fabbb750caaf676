"""The branch of an addition that waits to be merged, or was interrupted."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.in_project.dev.resource_owner import ADD, BRANCH, MODEL, ResourceOwner

# Stands for Git, and signals its caller after the work at some words.
FAKE = """\
#!/bin/sh
case " $* " in
*" {words} "*) "{git}" "$@"; kill -{signal} $PPID; exit 1 ;;
esac
exec "{git}" "$@"
"""


def test_a_squashed_addition_is_dropped_with_its_branch_only(owner: ResourceOwner) -> None:
    owner.resource(*ADD)
    owner.git("merge", "--quiet", "--squash", BRANCH)
    owner.commit()
    owner.resource("note", "text:str", "--dry-run")
    said = owner.resource("note", "text:str", code=1)

    assert said.endswith("If it was squashed or rebased, that command removes only the branch.\n")
    owner.resource("--abort")
    assert "    paid_at: " in (owner.folder / MODEL).read_text()
    owner.resource("note", "text:str")


def test_an_addition_that_waits_in_another_project_of_the_repository_stays_there(
    generated: Path, tmp_path: Path
) -> None:
    first, second = ResourceOwner(tmp_path / "a"), ResourceOwner(tmp_path / "b")
    for owner in (first, second):
        shutil.copytree(generated, owner.folder, ignore=shutil.ignore_patterns(".git"))
    first.git("init", "--quiet", "..")
    first.git("add", "--all", "..")
    first.commit()
    first.resource(*ADD)

    second.resource("note", "text:str")
    second.commit()
    for command in (["--abort"], ["--continue"], ADD):
        assert f"belongs to {first.folder}: merge it" in second.resource(*command, code=1)
    assert "    paid_at: " in first.on_branch(f"a/{MODEL}")
    first.git("merge", "--quiet", "-m", "Merge", BRANCH)
    second.resource(*ADD)


def test_an_interrupted_addition_names_only_the_command_that_removes_it(
    owner: ResourceOwner, tmp_path: Path
) -> None:
    path = fake_git(tmp_path, "cherry-pick", "INT")
    said = owner.resource(*ADD, code=128 + signal.SIGINT, PATH=path)

    assert said.endswith(
        "\nInterrupted. `uv run poe resource --abort` removes the unfinished addition.\n"
    )
    assert "Nothing was written" not in said
    owner.resource("--abort")
    assert owner.is_clean()


def fake_git(folder: Path, words: str, signal: str) -> str:
    """Return the PATH with a Git that signals its caller."""
    (folder / "git").write_text(FAKE.format(words=words, git=shutil.which("git"), signal=signal))
    (folder / "git").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("words", ["worktree add", "cherry-pick"])
def test_the_next_addition_removes_what_a_killed_one_left(
    owner: ResourceOwner, tmp_path: Path, words: str
) -> None:
    before = owner.state()
    owner.resource(*ADD, code=-signal.SIGKILL, PATH=fake_git(tmp_path, words, "KILL"))

    assert owner.state() == before
    assert not owner.is_clean()
    owner.resource(*ADD)
    assert "    paid_at: " in owner.on_branch(MODEL)
