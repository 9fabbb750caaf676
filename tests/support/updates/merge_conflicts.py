"""Conflicts as Copier leaves them, and how an owner resolves them."""

import re
from pathlib import Path

from tests.support.processes import run

REGION = re.compile(r"^<{7} .*?\n(.*?)^={7}\n(.*?)^>{7} .*?\n", re.M | re.S)


def unmerged(folder: Path) -> set[str]:
    """Return the files with conflicts."""
    return {*run("git", "diff", "--name-only", "--diff-filter=U", cwd=folder).splitlines()}


def marked(folder: Path) -> list[str]:
    """Return the tracked files that hold the marker of a conflict."""
    tracked = run("git", "ls-files", "-z", cwd=folder).split("\0")
    paths = [folder / name for name in filter(None, tracked)]
    return [str(path) for path in paths if path.is_file() and b"\n<<<<<<< " in path.read_bytes()]


def keep_own(path: Path, own: set[str]) -> None:
    """Keep what the release has, and below it the lines that the owner wrote."""

    def settled(region: re.Match[str]) -> str:
        return region[2] + "".join(line for line in region[1].splitlines(True) if line in own)

    path.write_text(REGION.sub(settled, path.read_text("utf-8")), "utf-8")
