"""The script that an owner runs before an update by Copier moves edits, and loses none."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.updates import RenderVersion
from tests.support.documented_commands import MOVE_FILES
from tests.support.processes import commit, run
from tests.support.updates import projects
from tests.support.updates.moved_edits import ADDED, LIMITER, SESSION, edit_moved_files, moved_path
from tests.support.updates.projects import Case
from tests.support.updates.releases import STOP, number, releases, tries_all

Move = Callable[..., str]

BEFORE = [each for each in releases() if each.is_supported and each.number < number(STOP)]
ORIGINS = BEFORE if tries_all() else BEFORE[-1:]


@pytest.fixture(params=[Case(each, "full") for each in ORIGINS], ids=lambda case: case.release.tag)
def project(request: pytest.FixtureRequest, render_version: RenderVersion, tmp_path: Path) -> Path:
    """Return a project with edits in what moves, in a folder of a repository."""
    folder = tmp_path / "services/my api"
    case = request.param
    shutil.copytree(render_version(case.release.tag, **case.answers), folder)
    edit_moved_files(folder)
    run("git", "init", "-q", cwd=tmp_path / "services")
    commit(tmp_path / "services", "First")
    return folder


@pytest.fixture
def move(project: Path, commands: str) -> Move:
    """Run the script and return its errors, after a check of its exit code."""
    script = project.parents[1] / "move.sh"
    script.write_text(MOVE_FILES)

    def run_script(code: int = 0) -> str:
        done = subprocess.run(
            ["bash", script],
            cwd=project,
            env=os.environ | {"PATH": commands},
            check=False,
            text=True,
            stderr=subprocess.PIPE,
        )
        assert done.returncode == code, done.stderr
        return done.stderr

    return run_script


def test_edited_files_are_moved_unchanged_to_their_new_paths(project: Path, move: Move) -> None:
    edited = {path: (project / path).read_bytes() for path in [*ADDED, SESSION, LIMITER]}
    kept = run("git", "ls-files", cwd=project).splitlines()
    move()

    assert projects.status(project) == []
    now = run("git", "ls-files", cwd=project).splitlines()
    assert {path: (project / moved_path(path)).read_bytes() for path in edited} == edited
    # The update itself handles files without edits.
    stays = {path for path in kept if moved_path(path) == path}
    assert {*now} == stays | {moved_path(path) for path in edited}


@pytest.mark.parametrize("path", ["src/app/api/deps/state.py", "src/app/api/guarded_route.py"])
def test_an_edit_follows_its_file_in_an_update_from_0_3_0(
    render_version: RenderVersion, commands: str, tmp_path: Path, path: str
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(render_version("v0.3.0"), folder)
    with (folder / path).open("a") as edited:
        edited.write("\n\nMINE = 1\n")
    run("git", "init", "-q", cwd=folder)
    commit(folder, "First")
    (tmp_path / "move.sh").write_text(MOVE_FILES)
    run("bash", tmp_path / "move.sh", cwd=folder, PATH=commands)
    projects.update(folder)

    assert "MINE = 1\n" in (folder / moved_path(path)).read_text()
    assert not (folder / path).exists()


def test_uncommitted_changes_stop_the_moving_script(project: Path, move: Move) -> None:
    (project / LIMITER).write_text("Mine.\n")
    head = run("git", "rev-parse", "HEAD", cwd=project)

    assert move(code=1) == "Commit everything first.\n"
    assert run("git", "rev-parse", "HEAD", cwd=project) == head
    assert projects.status(project) == [f' M "my api/{LIMITER}"']
