"""Changes of files that plant a fault in a project, and their removal."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

FIXTURES = Path(__file__).parents[1] / "fixtures"


class Change(Protocol):
    """A change of one file."""

    def made(self, project: Path) -> AbstractContextManager[None]:
        """Change the file of a project, and undo that at the end."""


@dataclass(frozen=True)
class Edit:
    """Replaces a text that a file contains exactly once. The file may be a pattern that fits it."""

    file: str
    old: str
    new: str

    @contextmanager
    def made(self, project: Path) -> Iterator[None]:
        """Make the edit in a project, and undo it at the end."""
        [path] = project.glob(self.file)
        text, times = path.read_text("utf-8"), path.stat()
        assert text.count(self.old) == 1, f"{path} has not exactly one {self.old!r}"
        path.write_text(text.replace(self.old, self.new), "utf-8")
        try:
            yield
        finally:
            path.write_text(text, "utf-8")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as in compiled files


@dataclass(frozen=True)
class NewFile:
    """Adds a file."""

    file: str
    text: str

    @contextmanager
    def made(self, project: Path) -> Iterator[None]:
        """Add the file to a project, and remove it at the end."""
        path = project / self.file
        with path.open("x", encoding="utf-8") as file:
            file.write(self.text)
        try:
            yield
        finally:
            path.unlink()


@contextmanager
def planted(project: Path, changes: Iterable[Change]) -> Iterator[None]:
    """Change files of a project, and undo that at the end."""
    with ExitStack() as stack:
        for change in changes:
            stack.enter_context(change.made(project))
        yield
