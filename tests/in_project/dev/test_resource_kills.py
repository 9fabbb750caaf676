"""`poe resource` killed, interrupted or run twice at once leaves no half-written resource."""

import os
import signal
import subprocess
import sys

import pytest

from tests.in_project.dev.copied_project import RECIPE, RUN, CopiedProject
from tests.in_project.dev.processes import command

# The last program of the command; a dot follows its last argument.
MIGRATING = "dev.resource.revision ."
POINTS = [
    ("ruff check --fix", "after"),
    ("ruff format", "before"),
    ("ruff check --select=I", "after"),
    ("dev.resource.revision add", "before"),
    ("dev.resource.revision add", "after"),
    ("pytest", "before"),
    ("pytest", "after"),
    ("dev.resource.placing", "before"),
    ("dev.resource.placing", "after"),
    (MIGRATING, "before"),
]


@pytest.mark.parametrize("point", POINTS, ids=" ".join)
def test_a_killed_command_leaves_the_project_unchanged_or_finished(
    copied: CopiedProject, point: tuple[str, str]
) -> None:
    words, when = point
    before = copied.files()
    killed = copied.run(words=words, when=when)
    after = copied.files()
    is_finished = after != before
    if not is_finished:
        assert copied.run().returncode == 0

    assert killed.returncode == -signal.SIGKILL
    assert is_finished <= ("placing" in words or point == POINTS[-1])
    assert copied.run("tag", "name:str:max=50").returncode == 0
    assert not copied.has_scratch()
    assert {"src/app/models/note.py", "migrations/versions/tags.py"} <= {*copied.files()}


@pytest.mark.parametrize("point", [("ruff format", "INT"), ("revision", "TERM"), ("pytest", "INT")])
def test_an_interrupted_command_ends_its_program_and_leaves_nothing(
    copied: CopiedProject, point: tuple[str, str]
) -> None:
    before = copied.files()
    done = copied.run(words=point[0], when="instead", signal=point[1])

    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.endswith("\nInterrupted. Nothing was written.\n")
    assert "Traceback" not in done.stderr
    assert copied.files() == before
    assert not copied.has_scratch()


def test_an_interruption_of_the_imports_prints_no_traceback(copied: CopiedProject) -> None:
    interrupting = "import signal\nsignal.raise_signal(signal.SIGINT)\n"
    (copied.folder / "jinja2.py").write_text(interrupting)
    done = subprocess.run(
        [sys.executable, "-m", "dev.resource", *RECIPE],
        cwd=copied.folder,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr == "\nInterrupted. Nothing was written.\n"


@pytest.mark.parametrize(
    "point", [("dev.resource.placing", "before"), (MIGRATING, "instead"), (MIGRATING, "after")]
)
def test_an_interruption_after_the_files_are_moved_names_the_missing_step(
    copied: CopiedProject, point: tuple[str, str]
) -> None:
    """An interruption while they are moved is delayed."""
    words, when = point
    done = copied.run(words=words, when=when, signal="INT")

    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.splitlines()[-1] == (
        "Interrupted. The files are written; `uv run poe migrate` completes the tables."
    )
    assert (copied.folder / "src/app/models/note.py").exists()
    assert not copied.has_scratch()


def test_a_second_command_waits_for_the_first(copied: CopiedProject) -> None:
    stopped = copied.environ(words="pytest", when="before", signal="STOP")
    second = ("tag", "name:str:max=50")
    arguments = (sys.executable, "-c", RUN)
    with command(*arguments, *RECIPE, folder=copied.folder, environ=stopped) as first:
        assert os.WIFSTOPPED(os.waitpid(first.pid, os.WUNTRACED)[1])
        with command(
            *arguments, *second, folder=copied.folder, environ=copied.environ()
        ) as waiting:
            assert waiting.stderr
            assert "waiting for it" in waiting.stderr.readline()
            assert not (copied.folder / "src/app/models/tag.py").exists()
            first.send_signal(signal.SIGCONT)
            assert (first.wait(20), waiting.wait(20)) == (0, 0)

    router = (copied.folder / "src/app/api/v1/router.py").read_text()
    assert "include_router(notes_router)" in router
    assert "include_router(tags_router)" in router
