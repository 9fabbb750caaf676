"""A copy of this project, in which tests run `poe resource` with a fake Python."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dev.locks import lock_at_once
from tests.in_project.dev.processes import PROJECT, eventually

# Stands for Python. It skips slow programs, and signals its caller at some words: instead of
# running the program, before it, or after it.
FAKE_PYTHON = """\
#!/bin/sh
case "$WHEN $* . " in
"instead "*"$WORDS "*) kill -$SIGNAL $PPID; exec sleep 60 ;;
"before "*"$WORDS "*) kill -$SIGNAL $PPID ;;
esac
case "$* " in
"-m pytest "*) echo "$FAILURE"; test -z "$FAILURE" ;;
"-m dev.resource.revision ") true ;;
"-m dev.resource.revision add "*) echo "# $3" > "migrations/versions/${3#add }.py" ;;
*) "$PYTHON" "$@" ;;
esac
code=$?
case "$WHEN $* . " in
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
LEFT_OUT = shutil.ignore_patterns(".[!g]*", ".git", "in_project", "__pycache__")


@dataclass(frozen=True)
class CopiedProject:
    """A copy of this project, in which the command runs with a fake Python."""

    folder: Path
    fake: Path

    def environ(
        self, words: str = "", when: str = "", signal: str = "KILL", failure: str = ""
    ) -> dict[str, str]:
        """Return variables with which a command is signalled at some words, or its tests fail."""
        named = {"DATABASE_URL": "postgresql://named", "REDIS_URL": "redis://named"}
        fake = {"FAKE": str(self.fake), "PYTHON": sys.executable, "PYTHONPATH": "src"}
        point = {"WORDS": words, "WHEN": when, "SIGNAL": signal}
        return {**named, **fake, **point, "FAILURE": failure}

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


def copy_project(folder: Path) -> Path:
    """Copy the files of this project, without its tests of the platform, into a new folder."""
    shutil.copytree(PROJECT, folder, ignore=LEFT_OUT)
    (folder / ".env").touch()
    return folder
