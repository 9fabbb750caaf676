"""Runs Git and uv."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from dev.upgrade.errors import UpgradeError

# Environment variables that would apply the caller's repository, virtual environment or settings to
# the upgrade.
FOREIGN = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"),
    *("GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"),
    *("UV_LOCKED", "UV_FROZEN", "PYTHONPATH", "ENVIRONMENT"),
)
# These are emptied, not unset: an empty variable takes precedence over a committed `.env`.
EMPTY = ("DATABASE_URL", "TEST_DATABASE_URL", "REDIS_URL")

END_SECONDS = 10


class CommandError(UpgradeError):
    """A program failed; the message contains the errors that the program printed."""


def environment(**more: str) -> dict[str, str]:
    """Return the environment variables for the programs that an upgrade runs."""
    environ = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    python = getattr(sys, "_base_executable", sys.executable)
    return (
        {"UV_PYTHON": python}
        | environ
        | dict.fromkeys(EMPTY, "")
        | {"GIT_TERMINAL_PROMPT": "0", "LANGUAGE": "en"}
        | more
    )


def program(name: str) -> str:
    """Return the path of a program; raise `UpgradeError` if it is missing."""
    given = os.environ.get("UV") if name == "uv" else None
    if found := given or shutil.which(name):
        return found
    raise UpgradeError(f"There is no {name} here: install it, and run this command again.")


def output(*command: str, cwd: Path, environ: dict[str, str] | None = None) -> str:
    """Return the output of a command; raise `CommandError` if it fails."""
    process = subprocess.Popen(
        [program(command[0]), *command[1:]],
        cwd=cwd,
        env=environ or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, errors = communicate(process)
    if process.returncode:
        raise CommandError(_reason(errors) or f"{command[0]} ended with {process.returncode}")
    return said.decode("utf-8", "surrogateescape")


def communicate(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Wait for a program and return its output; end the program if this process is interrupted.

    SIGTERM precedes SIGKILL, because uv cannot forward SIGKILL to the program that uv runs.
    """
    try:
        return process.communicate()
    except KeyboardInterrupt:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        process.kill()
        raise


def _reason(said: bytes) -> str:
    """Return the lines in which Git or uv names errors, or else the last line of the output."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").strip().splitlines()]
    named = [line for line in lines if line.startswith(("error: ", "fatal: "))]
    return "; ".join(named) or "".join(lines[-1:])
