"""`poe upgrade` killed at any point leaves the project as it was, and can be taken back."""

import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from owner import BRANCH, Owner
from processes import uv

# Stands for a program, and kills who calls it with some words, before or after it has done it.
FAKE = """\
#!/bin/sh
case " $* " in
*" {words} "*)
    {after}"{program}" "$@"
    kill -9 $PPID
    exit 1
    ;;
esac
exec "{program}" "$@"
"""
Point = tuple[str, str, str]
Deadly = Callable[[Point], dict[str, str]]

POINTS: list[Point] = [
    ("uv", "copy", "after"),
    ("git", "commit-tree", "after"),
    ("git", "worktree add", "before"),
    ("git", "worktree add", "after"),
    ("git", "cherry-pick", "before"),
    ("git", "cherry-pick", "after"),
    ("git", "commit", "after"),
    ("uv", "lock", "before"),
    ("uv", "sync", "after"),
    ("uv", "python -m dev", "after"),
]


@pytest.fixture
def deadly(commands: str, tmp_path: Path) -> Deadly:
    """Make a PATH with a program that kills who calls it."""
    return partial(fake, tmp_path / "fake", commands)


def fake(folder: Path, commands: str, point: Point) -> dict[str, str]:
    """Return the environment in which one program kills who calls it."""
    name, words, when = point
    folder.mkdir()
    real = uv() if name == "uv" else f"{commands}/git"
    file = folder / name
    file.write_text(FAKE.format(words=words, program=real, after="" if when == "after" else ": "))
    file.chmod(0o755)
    return {"PATH": f"{folder}:{commands}", "UV": ""}


@pytest.mark.parametrize("point", POINTS, ids=" ".join)
def test_killed_anywhere_the_project_is_as_it_was(
    owner: Owner, deadly: Deadly, point: Point
) -> None:
    before = owner.state()
    owner.upgrade("--no-check", code=-signal.SIGKILL, **deadly(point))

    assert owner.state() == before
    owner.upgrade("--abort")
    assert owner.state() == before
    assert owner.left_over() == []
    assert BRANCH not in owner.branches()


def test_a_run_after_a_killed_one_says_how_to_go_on(owner: Owner, deadly: Deadly) -> None:
    owner.upgrade(code=-signal.SIGKILL, **deadly(("git", "cherry-pick", "after")))

    for options in ([], ["--continue"]):
        assert "`uv run poe upgrade --abort`" in owner.upgrade(*options, code=1)
    owner.upgrade("--abort")
    owner.upgrade("--no-check")
    assert BRANCH in owner.branches()


def test_a_run_killed_after_the_merge_is_gone_on_with(owner: Owner, deadly: Deadly) -> None:
    owner.upgrade(code=-signal.SIGKILL, **deadly(("uv", "sync", "before")))
    owner.upgrade("--continue", "--no-check")

    assert [path for path in owner.branch_files("migrations/versions") if "upgrade_to" in path]
