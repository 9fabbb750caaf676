"""Commands as a user types them; the error of a failed command contains its output."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
SERVERS = {"postgres", "initdb", "pg_ctl", "redis-server", "valkey-server"}


class CommandFailedError(AssertionError):
    """A command failed; the message contains the command and its output."""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command and return its output; raise `CommandFailedError` if it fails."""
    done = subprocess.run(
        [BIN / command[0] if (BIN / command[0]).exists() else command[0], *command[1:]],
        cwd=cwd,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailedError(f"{' '.join(map(str, command))} in {cwd}:\n{done.stdout}")
    return done.stdout


def uv() -> str:
    """Return the path of uv; raise `FileNotFoundError` if there is none."""
    found = os.environ.get("UV") or shutil.which("uv")
    if found is None:
        raise FileNotFoundError("The tests need uv: run them as the README says.")
    return found


def link_commands(folder: Path, without: set[str]) -> str:
    """Link this machine's commands into `folder`, except those in `without`; return its path."""
    for place in map(Path, reversed(os.environ["PATH"].split(os.pathsep))):
        for command in place.iterdir() if place.is_dir() else ():
            if command.name not in without:
                link = folder / command.name
                link.unlink(missing_ok=True)
                link.symlink_to(command)
    return str(folder)


def commit(repository: Path, message: str) -> None:
    """Commit everything in `repository`."""
    run("git", "add", "-A", cwd=repository)
    run("git", "commit", "-q", "-m", message, cwd=repository)
