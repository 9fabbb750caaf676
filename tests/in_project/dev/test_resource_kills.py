"""`poe resource` killed, interrupted or run twice at once leaves no half-written resource."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev.locks import lock_at_once
from tests.in_project.dev.processes import PROJECT, command, eventually

# Stands for Python. It skips slow programs, and signals its caller at some words: instead of
# running the program, before it, or after it.
FAKE = """\
#!/bin/sh
case "$WHEN $* " in
"instead "*"$WORDS "*) kill -$SIGNAL $PPID; exec sleep 60 ;;
"before "*"$WORDS "*) kill -$SIGNAL $PPID ;;
esac
case "$* " in
"-m pytest "* | "-m dev.resource.revision ") true ;;
"-m dev.resource.revision add "*) echo "# $3" > "migrations/versions/${3#add }.py" ;;
*) "$PYTHON" "$@" ;;
esac
code=$?
case "$WHEN $* " in
"after "*"$WORDS "*) kill -$SIGNAL $PPID ;;
esac
exit $code
"""
RUN = """\
import os, runpy, sys
sys.executable = os.environ["FAKE"]
runpy.run_module("dev.resource", run_name="__main__", alter_sys=True)
"""
RECIPE = ("note", "text:str:max=1000")
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
    ("dev.resource.revision", "before"),
]
LEFT_OUT = shutil.ignore_patterns(".*", "in_project", "__pycache__")


@dataclass(frozen=True)
class Copy:
    """A copy of this project, in which the command runs with a fake Python."""

    folder: Path
    fake: Path

    def environ(self, words: str = "", when: str = "", signal: str = "KILL") -> dict[str, str]:
        """Return the variables for a command that is signalled at some words."""
        named = {"DATABASE_URL": "postgresql://named", "REDIS_URL": "redis://named"}
        fake = {"FAKE": str(self.fake), "PYTHON": sys.executable, "PYTHONPATH": "src"}
        return {**named, **fake, "WORDS": words, "WHEN": when, "SIGNAL": signal}

    def run(self, *recipe: str, **point: str) -> subprocess.CompletedProcess[str]:
        """Run the command until it and its programs have ended."""
        done = subprocess.run(
            [sys.executable, "-c", RUN, *(recipe or RECIPE)],
            cwd=self.folder,
            env=os.environ | self.environ(**point),
            capture_output=True,
            text=True,
            check=False,
        )
        with (self.folder / ".data/resource.lock").open("a") as lock:
            assert eventually(lambda: lock_at_once(lock))
        return done

    def files(self) -> dict[str, bytes]:
        """Return the content of all files outside of `.data`."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and not {".data", "__pycache__"} & {*path.parts}
        }

    def has_scratch(self) -> bool:
        """Return whether a command has left its scratch copy behind."""
        return (self.folder / ".data/resource").exists()


@pytest.fixture
def copy(folder: Path) -> Copy:
    project, fake = folder / "project", folder / "python"
    shutil.copytree(PROJECT, project, ignore=LEFT_OUT)
    (project / ".env").touch()
    fake.write_text(FAKE)
    fake.chmod(0o755)
    return Copy(project, fake)


@pytest.mark.parametrize("point", POINTS, ids=" ".join)
def test_a_killed_command_leaves_the_project_unchanged_or_finished(
    copy: Copy, point: tuple[str, str]
) -> None:
    words, when = point
    before = copy.files()
    killed = copy.run(words=words, when=when)
    after = copy.files()
    is_finished = after != before
    if not is_finished:
        assert copy.run().returncode == 0

    assert killed.returncode == -signal.SIGKILL
    assert is_finished <= ("placing" in words or point == POINTS[-1])
    assert copy.run("tag", "name:str:max=50").returncode == 0
    assert not copy.has_scratch()
    assert {"src/app/models/note.py", "migrations/versions/tags.py"} <= {*copy.files()}


@pytest.mark.parametrize("point", [("ruff format", "INT"), ("revision", "TERM"), ("pytest", "INT")])
def test_an_interrupted_command_ends_its_program_and_leaves_nothing(
    copy: Copy, point: tuple[str, str]
) -> None:
    before = copy.files()
    done = copy.run(words=point[0], when="instead", signal=point[1])

    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.endswith("\nInterrupted. Nothing was written.\n")
    assert "Traceback" not in done.stderr
    assert copy.files() == before
    assert not copy.has_scratch()


def test_an_interruption_while_files_are_moved_is_delayed(copy: Copy) -> None:
    done = copy.run(words="dev.resource.placing", when="before", signal="INT")

    assert done.returncode == 1
    assert done.stderr.endswith("but not the tables: run `uv run poe migrate`.\n")
    assert (copy.folder / "src/app/models/note.py").exists()
    assert not copy.has_scratch()


def test_a_second_command_waits_for_the_first(copy: Copy) -> None:
    stopped = copy.environ(words="pytest", when="before", signal="STOP")
    second = ("tag", "name:str:max=50")
    arguments = (sys.executable, "-c", RUN)
    with command(*arguments, *RECIPE, folder=copy.folder, environ=stopped) as first:
        assert os.WIFSTOPPED(os.waitpid(first.pid, os.WUNTRACED)[1])
        with command(*arguments, *second, folder=copy.folder, environ=copy.environ()) as waiting:
            assert waiting.stderr
            assert "waiting for it" in waiting.stderr.readline()
            assert not (copy.folder / "src/app/models/tag.py").exists()
            first.send_signal(signal.SIGCONT)
            assert (first.wait(20), waiting.wait(20)) == (0, 0)

    router = (copy.folder / "src/app/api/v1/router.py").read_text()
    assert "include_router(notes_router)" in router
    assert "include_router(tags_router)" in router
