"""`poe upgrade` reports the error and the remedy if a Git command fails."""

import os

import pytest

from tests.support.project_owner import Owner


def test_a_repository_of_another_owner_is_reported_with_the_remedy(owner: Owner) -> None:
    # The first variable hides this user's `safe.directory`. Git's own tests use the second one.
    said = owner.upgrade(code=1, GIT_CONFIG_GLOBAL=os.devnull, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")

    assert said.startswith("Git cannot work here: fatal: detected dubious ownership")
    assert said.endswith(
        f": if you trust it, run `git config --global --add safe.directory {owner.folder}`.\n"
    )


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_commit_that_cannot_be_signed_is_reported_and_can_be_continued(
    owner: Owner, language: str
) -> None:
    owner.git("config", "commit.gpgSign", "true")
    owner.git("config", "gpg.program", "false")
    said = owner.upgrade("--no-check", code=1, LANGUAGE=language)

    assert said.splitlines()[-1] == (
        "Git cannot commit in .upgrade: error: gpg failed to sign the data;"
        " fatal: failed to write commit object. Solve that, then run"
        " `uv run poe upgrade --continue`."
    )
    owner.git("config", "commit.gpgSign", "false")
    owner.upgrade("--continue", "--no-check")
    assert owner.left_over() == []


def test_an_invalid_configuration_of_git_is_reported_without_wrong_advice(owner: Owner) -> None:
    (owner.folder / ".git/config").write_text("[broken\n")

    said = owner.upgrade(code=1)
    assert said.startswith("Git cannot work here: fatal: bad config line")
    assert "git init" not in said


def test_a_lock_of_git_is_reported_with_the_remedy(owner: Owner) -> None:
    lock = owner.folder / ".git/refs/heads/template-upgrade.lock"
    lock.touch()

    said = owner.upgrade("--no-check", code=1).splitlines()[-1]
    assert said.startswith("fatal: cannot lock ref 'refs/heads/template-upgrade'")
    assert said.endswith(
        f"'{lock}': File exists: if no other Git command is running here, remove that file"
    )
    assert owner.left_over() == []


def test_a_filter_that_is_not_installed_is_named(owner: Owner) -> None:
    owner.add(".gitattributes", "*.md filter=lfs\n")
    owner.git("config", "filter.lfs.smudge", "no-such-program smudge")
    owner.git("config", "filter.lfs.required", "true")

    said = owner.upgrade("--no-check", code=1).splitlines()[-1]
    assert "error: external filter 'no-such-program smudge' failed" in said
    assert owner.left_over() == []
