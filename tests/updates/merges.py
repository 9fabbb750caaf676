"""Conflicts as Copier leaves them, and how an owner resolves them."""

import re
from pathlib import Path

from tests.support.processes import run

MARKERS = re.compile(r"^(<<<<<<<|=======|>>>>>>>).*\n", re.M)
OURS = re.compile(r"^<<<<<<<.*?^=======\n", re.M | re.S)


def unmerged(folder: Path) -> set[str]:
    """Return the files with conflicts."""
    return {*run("git", "diff", "--name-only", "--diff-filter=U", cwd=folder).splitlines()}


def marked(folder: Path) -> list[str]:
    """Return the tracked files that hold the marker of a conflict."""
    tracked = run("git", "ls-files", "-z", cwd=folder).split("\0")
    paths = [folder / name for name in filter(None, tracked)]
    return [str(path) for path in paths if path.is_file() and b"\n<<<<<<< " in path.read_bytes()]


def keep_both(path: Path) -> None:
    """Keep what the owner added to a list, and what the release did."""
    path.write_text(MARKERS.sub("", path.read_text("utf-8")), "utf-8")


def take_theirs(path: Path) -> None:
    """Keep what the release has."""
    path.write_text(OURS.sub("", path.read_text("utf-8")), "utf-8")
    keep_both(path)
