"""Where `poe upgrade` cannot go on it says so in one sentence, and changes nothing."""

import shutil
from pathlib import Path

import pytest

from tests.fixtures.upgrades import Own
from tests.support.processes import CommandFailedError, commit, link_commands, run
from tests.support.project_owner import ANSWERS, BRANCH, PLACE, Owner


def refusal(owner: Owner, *options: str, code: int = 1) -> str:
    """Return the sentence with which the command ends; the project must stay as it is."""
    before = owner.state()
    said = owner.upgrade(*options, code=code)
    assert owner.state() == before
    assert owner.left_over() == []
    assert BRANCH not in owner.branches()
    return said.splitlines()[-1]


def test_an_upgrade_requires_a_git_repository_with_a_commit(owner: Owner) -> None:
    shutil.rmtree(owner.folder / ".git")

    assert "run `git init` and commit everything first." in owner.upgrade(code=1)
    run("git", "init", "-q", cwd=owner.folder)
    assert "There is no commit yet" in owner.upgrade(code=1)


def test_uncommitted_changes_stop_an_upgrade_and_are_listed(owner: Owner) -> None:
    (owner.folder / "README.md").write_text("Mine.")
    for number in range(12):
        (owner.folder / f"new {number:02}.txt").touch()
    before = owner.state()
    said = owner.upgrade(code=1)

    assert owner.state() == before
    assert said.startswith("Commit or `git stash --include-untracked` this first:\n   M README.md")
    assert "\n  ?? new 00.txt\n" in said
    assert said.endswith("\n  and 3 more\n")


def test_a_merge_or_rebase_in_progress_stops_an_upgrade(owner: Owner) -> None:
    owner.git("checkout", "-q", "-b", "theirs")
    owner.edit("README.md", "The first minute", "Theirs")
    owner.git("checkout", "-q", "main")
    owner.edit("README.md", "The first minute", "Mine")
    for command in ("merge", "rebase"):
        with pytest.raises(CommandFailedError):
            owner.git(command, "theirs")
        assert f"A {command} is under way here" in refusal(owner)
        owner.git(command, "--abort")


def test_missing_answers_can_be_restored_with_the_given_command(owner: Owner) -> None:
    owner.remove(ANSWERS)
    sentence = refusal(owner)

    assert f"{ANSWERS} is missing: restore it with `git restore --source=" in sentence
    mend(owner, sentence)
    assert "The template has no version 9.9" in refusal(owner, "--to", "9.9")


@pytest.mark.parametrize(
    "damage",
    ["def test_continuing_without_an_upgrade_is_rejected(owner: Owner) -> None:
    assert "There is no upgrade to continue" in refusal(owner, "--continue")


def test_an_upgrade_while_its_branch_is_checked_out_is_rejected(own: Own) -> None:
    owner = own()
    owner.git("checkout", "-q", "-b", BRANCH)
    owner.add("README.md", "\nMine.\n")

    for options in ([], ["--abort"]):
        assert f"This is branch {BRANCH}: go back to" in owner.upgrade(*options, code=1)
    assert not (owner.folder / PLACE).exists()
