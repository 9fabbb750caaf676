"""`poe upgrade` killed at any point leaves the project unchanged, and can be undone."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support.processes import uv
from tests.support.project_owner import BRANCH, Owner

# Stands for a program, and kills its caller at some words, before or after it has done its work.
FAKE = """\
#!/bin/sh
case " $* " in
*" {words} "*)
    {after}"{program}" "$@"
    kill -{signal} $PPID
    exit 1
    ;;
esac
exec "{program}" "$@"
"""
Point = tuple[str, str, str]
Deadly = Callable[..., dict[str, str]]

POINTS: list[Point] = [
    ("git", "clone", "after"),
    ("uv", "--vcs-ref v1.1.0", "before"),
    ("uv", "--vcs-ref v1.1.0", "after"),
    ("uv", "--vcs-ref v1.0.0", "before"),
    ("uv", "--vcs-ref v1.0.0", "after"),
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


def fake(folder: Path, commands: str, point: Point, signal: str = "KILL") -> dict[str, str]:
    """Return the environment in which one program sends its caller a signal."""
    name, words, when = point
    folder.mkdir()
    real = uv() if name == "uv" else f"{commands}/git"
    file = folder / name
    skip = "" if when == "after" else ": "
    file.write_text(FAKE.format(words=words, program=real, after=skip, signal=signal))
    file.chmod(0o755)
    return {"PATH": f"{folder}:{commands}", "UV": ""}


@pytest.mark.parametrize("point", POINTS, ids=" ".join)
def test_an_upgrade_killed_at_any_point_leaves_the_project_unchanged(
    owner: Owner, deadly: Deadly, point: Point
) -> None:
    before = owner.state()
    owner.upgrade("--no-check", code=-signal.SIGKILL, **deadly(point))

    assert owner.state() == before
    owner.upgrade("--abort")
    assert owner.state() == before
    assert owner.left_over() == []
    assert BRANCH not in owner.branches()


def test_an_upgrade_after_a_killed_one_explains_how_to_abort(owner: Owner, deadly: Deadly) -> None:
    owner.upgrade(code=-signal.SIGKILL, **deadly(("git", "cherry-pick", "after")))

    for options in ([], ["--continue"]):
        assert "`uv run poe upgrade --abort`" in owner.upgrade(*options, code=1)
    owner.upgrade("--abort")
    owner.upgrade("--no-check")
    assert BRANCH in owner.branches()


def test_an_upgrade_killed_after_the_merge_can_be_continued(owner: Owner, deadly: Deadly) -> None:
    owner.upgrade(code=-signal.SIGKILL, **deadly(("uv", "sync", "before")))
    owner.upgrade("--continue", "--no-check")

    assert [path for path in owner.branch_files("migrations/versions") if "upgrade_to" in path]


@pytest.mark.parametrize(("version", "name"), [("v1.1.0", "INT"), ("v1.0.0", "TERM")])
def test_an_interrupted_upgrade_reports_the_interruption_once(
    owner: Owner, deadly: Deadly, version: str, name: str
) -> None:
    before = owner.state()
    point = ("uv", f"--vcs-ref {version}", "before")
    said = owner.upgrade(code=128 + signal.SIGINT, **deadly(point, signal=name))

    assert said.endswith(
        "\nInterrupted. `uv run poe upgrade --abort` removes the unfinished upgrade.\n"
    )
    assert said.count("Interrupted") == 1
    assert "Traceback" not in said
    assert owner.state() == before
    assert owner.left_over() == []


def test_a_running_upgrade_blocks_concurrent_upgrades(owner: Owner, deadly: Deadly) -> None:
    environment = deadly(("uv", "--vcs-ref v1.0.0", "before"), signal="STOP")
    command = [sys.executable, "-m", "dev.upgrade", "--preview"]
    running = subprocess.Popen(
        command,
        cwd=owner.folder,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
        for option in ("--preview", "--abort"):
            said = owner.upgrade(option, code=1)
            assert said == "Another upgrade is running here: wait for it.\n"
    finally:
        running.kill()
        running.wait()


def test_killed_upgrades_leave_only_one_temporary_folder(owner: Owner, deadly: Deadly) -> None:
    environment = deadly(("uv", "--vcs-ref v1.1.0", "before"))
    for _ in range(2):
        owner.upgrade(code=-signal.SIGKILL, **environment)
        (scratch,) = owner.left_over()
        assert {path.name for path in Path(scratch).iterdir()} <= {"answers.yml", "new", "template"}
