"""Conflicts as Copier leaves them, and how an owner resolves them."""

import re
from pathlib import Path

from tests.support.processes import run

# Of these, UPGRADING says to take the template's file, and to add the lines again.
LISTS = {"router.py", "__init__.py"}
IMPORT = re.compile(r"^(?:from|import) .*\n", re.M)
EXPORTED = re.compile(r'(?:__all__ = \[| {4}"\w+",|\])\n')
REGION = re.compile(r"^<{7} .*?\n(.*?)^={7}\n(.*?)^>{7} .*?\n", re.M | re.S)


def unmerged(folder: Path) -> set[str]:
    """Return the files with conflicts."""
    return {*run("git", "diff", "--name-only", "--diff-filter=U", cwd=folder).splitlines()}


def marked(folder: Path) -> list[str]:
    """Return the tracked files that hold the marker of a conflict."""
    tracked = run("git", "ls-files", "-z", cwd=folder).split("\0")
    paths = [folder / name for name in filter(None, tracked)]
    return [str(path) for path in paths if path.is_file() and b"\n<<<<<<< " in path.read_bytes()]


def resolve(path: Path, own: set[str]) -> None:
    """Resolve a conflict as an owner would."""
    released = run("git", "show", f":3:./{path.name}", cwd=path.parent)
    if path.name in LISTS and "__all__" not in released:
        add_again(path, released, own)
    else:
        keep_own(path, own)


def add_again(path: Path, released: str, own: set[str]) -> None:
    """Take the text of the release, and add the imports and calls of the owner."""
    lines = [line for line in path.read_text("utf-8").splitlines(True) if line in own]
    imports = [line for line in lines if IMPORT.match(line)]
    calls = [line for line in lines if line not in imports and not EXPORTED.fullmatch(line)]
    last = [*IMPORT.finditer(released)][-1].end()
    path.write_text("".join([released[:last], *imports, released[last:], *calls]), "utf-8")


def keep_own(path: Path, own: set[str]) -> None:
    """Keep the text of the release, with the imports of the owner above and other lines below."""

    def settled(region: re.Match[str]) -> str:
        lines = [line for line in region[1].splitlines(True) if line in own]
        imports = [line for line in lines if IMPORT.match(line)]
        return "".join([*imports, region[2], *(line for line in lines if line not in imports)])

    path.write_text(REGION.sub(settled, path.read_text("utf-8")), "utf-8")
