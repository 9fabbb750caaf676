"""Leaves out new tests of what the owner deleted, such as the example."""

import re
from pathlib import Path

from dev.upgrade.project import Project


def remove_orphaned_tests(project: Project, old: Path, new: Path) -> None:
    """Remove tests from `new` that are not in `old` and name a module that the owner deleted."""
    kept = {*project.git.names("ls-tree", "-r", "-z", "--name-only", project.head)}
    paths = (path.relative_to(old) for path in old.rglob("*.py"))
    deleted = [re.escape(_name(path)) for path in paths if path.as_posix() not in kept]
    named = re.compile(rf"\b(?:{'|'.join(deleted)})\b")
    for test in (new / "tests").rglob("test_*.py") if deleted else ():
        is_new = not (old / test.relative_to(new)).exists()
        if is_new and named.search(test.read_text("utf-8")):
            test.unlink()


def _name(path: Path) -> str:
    """Return the dotted name of a module."""
    return ".".join(path.with_suffix("").parts).removeprefix("src.")
