"""`poe upgrade` leaves alone what is not its own, and loses nothing of what is yours."""

import shutil
import signal
from pathlib import Path

import pytest

from tests.support.processes import run
from tests.support.project_owner import BRANCH, PLACE, Owner

KILLED_WHILE_REMOVING = """\
import os, shutil, sys
from pathlib import Path
import dev.upgrade.__main__ as command
remove = shutil.rmtree

def part(path, *arguments, **options):
    if Path(path).name == ".upgrade":
        remove(Path(path) / "src")
        os.kill(os.getpid(), 9)
    remove(path, *arguments, **options)

shutil.rmtree = part
sys.argv[1:] = ["--no-check"]
command.main()
"""


def conflict(owner: Owner) -> Path:
    """Begin an upgrade that needs a person; return where it happens."""
    owner.edit("AGENTS.md", "Read `README.md` first.", "Read `README.md` soon.")
    owner.upgrade("--no-check", code=1)
    place = owner.folder / PLACE
    (place / "AGENTS.md").write_text("Settled.\n")
    run("git", "add", "AGENTS.md", cwd=place)
    return place


def test_an_upgrade_killed_during_cleanup_can_still_be_merged(owner: Owner, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED_WHILE_REMOVING)
    owner.python(str(script), code=-signal.SIGKILL, PYTHONPATH=str(owner.folder))

    assert (owner.folder / PLACE).exists()
    for options in (["--continue"], ["--preview"], []):
        assert f"`git merge {BRANCH}`" in owner.upgrade(*options, code=1)
    assert owner.left_over() == []
    owner.git("merge", "-q", BRANCH)
    assert (owner.folder / "src/app/main.py").exists()


def test_an_upgrade_continues_only_after_new_files_are_added_to_git(owner: Owner) -> None:
    place = conflict(owner)
    (place / "mine.txt").write_text("Mine.\n")
    (place / "link").symlink_to("src")
    run("git", "add", "link", cwd=place)

    assert "\n  mine.txt: is not added" in owner.upgrade("--continue", "--no-check", code=1)
    run("git", "add", "mine.txt", cwd=place)
    owner.upgrade("--continue", "--no-check")
    assert owner.on_branch("mine.txt") == "Mine.\n"


def test_a_working_tree_with_untracked_files_is_not_removed(owner: Owner) -> None:
    place = conflict(owner)
    run("git", "commit", "-q", "-m", "By hand", cwd=place)
    owner.git("merge", "-q", BRANCH)
    (place / "mine.txt").write_text("Mine.\n")

    for options in (["--preview"], []):
        assert f"under way in {PLACE}" in owner.upgrade(*options, code=1)
    (place / "mine.txt").unlink()
    owner.upgrade("--preview")
    assert place.exists()
    owner.upgrade()
    assert owner.left_over() == []


def test_a_folder_or_branch_not_created_by_an_upgrade_is_not_removed(owner: Owner) -> None:
    place = owner.folder / PLACE
    place.mkdir()
    (place / "mine.txt").write_text("Mine.\n")
    for options in ([], ["--abort"], ["--continue"]):
        assert owner.upgrade(*options, code=1) == f"{PLACE} is not from an upgrade: rename it.\n"
    assert (place / "mine.txt").exists()
    shutil.rmtree(place)
    owner.git("branch", BRANCH)
    for options in ([], ["--abort"]):
        assert "is not from an upgrade here: rename it" in owner.upgrade(*options, code=1)
    assert BRANCH in owner.branches()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_link_instead_of_the_working_tree_is_not_removed(owner: Owner, kind: str) -> None:
    place = owner.folder / PLACE
    (owner.folder / ".git/info/exclude").write_text(f"{PLACE}\n")
    place.write_text("Mine.\n") if kind == "file" else place.symlink_to("/nowhere")
    for options in ([], ["--abort"]):
        assert f"{PLACE} is a file or a link" in owner.upgrade(*options, code=1)
    assert place.is_symlink() or place.exists()


def test_an_upgrade_in_another_working_tree_is_reported(owner: Owner, tmp_path: Path) -> None:
    place = conflict(owner)
    owner.git("worktree", "add", "-q", str(tmp_path / "second"), "-b", "second")
    second = Owner(tmp_path / "second", owner.environment)

    for options in ([], ["--continue"], ["--abort"]):
        said = second.upgrade(*options, code=1)
        assert said == f"An upgrade is under way in {place}: go on there.\n"
    owner.upgrade("--continue", "--no-check")
    for options in ([], ["--continue"], ["--abort"]):
        said = second.upgrade(*options, code=1)
        assert f"belongs to {owner.folder}: merge it or drop it there." in said
    assert "If it was squashed or rebased" in owner.upgrade(code=1)
    owner.upgrade("--abort")
    assert owner.left_over() == [str(owner.folder / ".git/worktrees/second")]
