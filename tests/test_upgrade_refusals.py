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
    ["<<<<<<< ours\n", "\0", "a list:\n- [\n", "{{ broken"],
    ids=["markers", "binary", "list", "template"],
)
def test_damaged_answers_can_be_restored_with_the_given_command(owner: Owner, damage: str) -> None:
    file = owner.folder / ANSWERS
    file.write_text(damage + file.read_text())
    commit(owner.folder, "Damage it")
    sentence = refusal(owner)

    assert f"{ANSWERS} is damaged: restore it with `git restore --source=" in sentence
    mend(owner, sentence)


def test_edited_answers_can_be_restored_with_the_given_command(owner: Owner) -> None:
    owner.edit(ANSWERS, "jobs: none", "jobs: postgres")
    sentence = refusal(owner)

    assert "was changed by hand: restore it with `git restore --source=" in sentence
    assert sentence.endswith("change answers with `uv run poe upgrade --set NAME=VALUE`.")
    mend(owner, sentence)
    assert "jobs: none" in (owner.folder / ANSWERS).read_text()


def mend(owner: Owner, sentence: str) -> None:
    """Do what a sentence says."""
    run("sh", "-c", sentence.split("`")[1], cwd=owner.folder)
    commit(owner.folder, "Take it back")


def test_an_answers_file_without_a_checksum_is_accepted(owner: Owner) -> None:
    file = owner.folder / ANSWERS
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("# Checksum")))
    commit(owner.folder, "As it was")

    assert "The template has no version 9.9" in refusal(owner, "--to", "9.9")


def test_options_provide_a_missing_template_or_version(owner: Owner, two_releases: Path) -> None:
    lines = (owner.folder / ANSWERS).read_text().splitlines(keepends=True)
    (owner.folder / ANSWERS).write_text("".join(line for line in lines if line[0] != "_"))
    commit(owner.folder, "Forget version and template")

    assert "No template is recorded" in refusal(owner)
    template = ["--template", str(two_releases)]
    assert "The template has no recorded version" in refusal(owner, *template)
    said = owner.upgrade(*template, "--from", "v1.0.0", "--preview")
    assert "Upgrade to v1.1.0 of the template." in said


def test_an_unknown_recorded_version_can_be_replaced_with_an_option(owner: Owner) -> None:
    """As after a rendering of a checkout with changes that were not committed."""
    owner.edit(ANSWERS, "_commit: v1.0.0", "_commit: v1.0.0-3-gabcdef0")
    sentence = refusal(owner)

    assert "The template has no version v1.0.0-3-gabcdef0, which is recorded" in sentence
    assert "`--from v1.0.0`" in sentence
    owner.add("README.md", "\nMine.\n")
    owner.upgrade("--from", "v1.0.0", "--to", "1.0.0", "--no-check")
    assert "_commit: v1.0.0\n" in owner.on_branch(ANSWERS)
    assert owner.on_branch("README.md").endswith("\nMine.\n")


def test_the_address_of_a_moved_template_can_be_changed(
    owner: Owner, two_releases: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    owner.edit(ANSWERS, str(two_releases), str(gone))
    sentence = refusal(owner)

    assert sentence.startswith(f"The template {gone} cannot be fetched (fatal: ")
    assert sentence.endswith("give its new address with `--template ADDRESS`.")
    moved = tmp_path / "moved"
    run("git", "clone", "-q", two_releases, moved, cwd=tmp_path)
    owner.upgrade("--template", str(moved), "--no-check")
    assert f"_src_path: {moved}\n" in owner.on_branch(ANSWERS)


def test_an_unreachable_template_server_is_reported(owner: Owner, two_releases: Path) -> None:
    owner.edit(ANSWERS, str(two_releases), "https://127.0.0.1:9/template.git")

    assert "Failed to connect to 127.0.0.1" in refusal(owner)


def test_an_upgrade_without_copier_changes_nothing(owner: Owner, tmp_path: Path) -> None:
    before = owner.state()
    said = owner.upgrade(code=1, UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "empty"))

    assert said.splitlines()[-1].startswith("v1.1.0 cannot be rendered: ")
    assert owner.state() == before
    assert owner.left_over() == []


def test_an_unknown_or_older_target_version_is_rejected(owner: Owner) -> None:
    assert refusal(owner, "--to", "9.9") == (
        "The template has no version 9.9; its releases: v1.0.0, v1.1.0."
    )
    owner.edit(ANSWERS, "_commit: v1.0.0", "_commit: v1.1.0")
    assert refusal(owner, "--to", "v1.0.0") == (
        "The project is at v1.1.0 already, which is newer than v1.0.0."
    )


def test_an_upgrade_without_uv_causes_a_one_line_error(owner: Owner, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    path = link_commands(tmp_path / "bin", without={"uv", "uvx"})
    before = owner.state()

    said = owner.upgrade(code=1, PATH=path, UV="")
    assert said == "There is no uv here: install it, and run this command again.\n"
    assert owner.state() == before


@pytest.mark.parametrize(
    "options",
    [["--continue", "--abort"], ["--abort", "--to", "1.1.0"], ["--set", "jobs"], ["--fast"]],
)
def test_invalid_options_print_the_usage(owner: Owner, options: list[str]) -> None:
    assert "usage: poe upgrade" in owner.upgrade(*options, code=2)


def test_continuing_without_an_upgrade_is_rejected(owner: Owner) -> None:
    assert "There is no upgrade to continue" in refusal(owner, "--continue")


def test_an_upgrade_while_its_branch_is_checked_out_is_rejected(own: Own) -> None:
    owner = own()
    owner.git("checkout", "-q", "-b", BRANCH)
    owner.add("README.md", "\nMine.\n")

    for options in ([], ["--abort"]):
        assert f"This is branch {BRANCH}: go back to" in owner.upgrade(*options, code=1)
    assert not (owner.folder / PLACE).exists()
