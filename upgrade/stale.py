"""Finds and rewrites the old names of moved modules in the files of a project."""

import difflib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev.upgrade import answers
from dev.upgrade.git import Git
from dev.upgrade.terminal import say
from upgrade.imports import Found, find
from upgrade.moving import each_move, paths_of_moves
from upgrade.names import Modules, Names

COMMAND = "uv run poe upgrade --rewrite-imports"
# Files that may describe earlier releases.
LEFT_OUT = ("*.md", "*.rst", "*.txt", "*.lock", answers.FILE)
MOST_BYTES = 2**20  # larger files are skipped


@dataclass(frozen=True)
class Stale:
    """A file with old names of moved modules."""

    path: Path
    text: str
    found: Found

    @property
    def lines(self) -> Iterator[str]:
        """Yield a line for each name, with its position, its old and its new form."""
        for move in self.found.moves:
            line = self.text.count("\n", 0, move.position) + 1
            yield f"{self.path}:{line}: {move.old} moved to {move.new}"

    @property
    def diff(self) -> Iterator[str]:
        """Yield the lines of a unified diff."""
        before, after = (
            text.replace("\r\n", "\n").splitlines() for text in (self.text, self.rewritten)
        )
        path = str(self.path)
        yield from difflib.unified_diff(before, after, path, path, lineterm="")

    @property
    def rewritten(self) -> str:
        """Return the text with the new names."""
        return self.found.applied(self.text)


def stale_files(folder: Path) -> Iterator[Stale]:
    """Yield each file with old names of moved modules in a project."""
    modules = Modules(folder)
    for path in _paths(folder):
        text = _text(folder / path)
        if text and (found := find(text, Names(modules, path))).moves:
            yield Stale(path, text, found)


def left_behind(folder: Path) -> list[str]:
    """Return a line for each file that is still in the old folder of a moved package."""
    files = [str(path) for path in _paths(folder)]
    packages = {
        old: new
        for old, new in paths_of_moves()
        if (folder / new / "__init__.py").is_file() and not (folder / old / "__init__.py").exists()
    }
    return [
        f"{old}: its package moved, so move it to {new}" for old, new in each_move(packages, files)
    ]


def rewrite_imports(folder: Path) -> int:
    """Rewrite the old names, print the diff and the files left behind; return the exit code."""
    stale = [*stale_files(folder)]
    for each in stale:
        _write(folder / each.path, each.rewritten)
        say("\n".join(each.diff))
    if stale:
        names = sum(len(each.found.moves) for each in stale)
        rewritten = f"{_count(names, 'name')} in {_count(len(stale), 'file')}"
        say(f"\nRewrote {rewritten}. Sort the imports with `uv run poe format`.")
    else:
        say("No file here names a module that moved: nothing was changed.")
    for line in left_behind(folder):
        say(line)
    return 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _paths(folder: Path) -> list[Path]:
    """Return the files that Git does not ignore, except for `LEFT_OUT`."""
    options = ("--cached", "--others", "--exclude-standard", "-z", "--", ".")
    names = {*Git(folder).names("ls-files", *options)}
    return [path for path in map(Path, sorted(names)) if not any(map(path.match, LEFT_OUT))]


def _text(file: Path) -> str | None:
    """Return the text of a file with its line endings; `None` for links, binary and large files."""
    if file.is_symlink() or not file.is_file() or file.stat().st_size > MOST_BYTES:
        return None
    data = file.read_bytes()
    return None if b"\0" in data else data.decode("utf-8", "surrogateescape")


def _write(file: Path, text: str) -> None:
    """Replace a file atomically."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".rewriting-", delete=False) as draft:
        try:
            draft.write(text.encode("utf-8", "surrogateescape"))
            draft.flush()
            os.fsync(draft.fileno())
            shutil.copymode(file, draft.name)
            Path(draft.name).replace(file)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
