"""The Python with which the tests of a release run."""

import sys
import tomllib
from pathlib import Path
from typing import Any

from dev.baseline import Baseline
from dev.rehearse.errors import RehearsalError
from dev.upgrade.programs import CommandError, output

LOCK = "uv.lock"
NOT_INSTALLED = (
    "The packages of {} cannot be installed: {}. Run this again with a connection to the package"
    " index, or use the current packages: uv run poe rehearse --current-packages"
)


def python_of(release: Baseline, tree: Path) -> str:
    """Return this Python, or one with the release's own packages, if those differ.

    Raise `RehearsalError` if the packages cannot be installed.
    """
    before, now = release.text(LOCK), release.folder / LOCK
    if before is None or not now.exists() or _packages(before) == _packages(now.read_text("utf-8")):
        return sys.executable
    try:
        output("uv", "sync", "--frozen", "--quiet", cwd=tree)
    except CommandError as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise RehearsalError(NOT_INSTALLED.format(release.description, reason)) from error
    return str(tree / ".venv/bin/python")


def _packages(lock: str) -> list[Any]:
    """Return the locked packages without the project, whose version changes with each release."""
    try:
        found = tomllib.loads(lock).get("package", [])
    except ValueError:
        return [lock]
    return [each for each in found if "editable" not in each.get("source", {})]
