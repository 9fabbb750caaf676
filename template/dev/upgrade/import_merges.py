"""Merges what Git alone leaves as a conflict, where the template only renamed modules.

A release that moves modules changes the import statements of many files, beside those that owners
added. With the new names and in one order, both sides differ in what they add alone.
"""

import re
import tempfile
from pathlib import Path

from dev.upgrade.git import Git
from dev.upgrade.imports import find
from dev.upgrade.names import Modules, Names
from dev.upgrade.place import Place
from dev.upgrade.programs import CommandError

STATEMENT = r"(?:from[ \t]+[\w.]+[ \t]+import\b|import[ \t])[^\n(]*(?:\((?:[^()#]|#.*)*\)[^\n]*)?\n"
BLOCK = re.compile(rf"^(?:{STATEMENT}){{2,}}", re.MULTILINE)


def merge_imports(place: Place, path: str) -> bool:
    """Merge Python code that is in conflict, and add it; tell whether that left no conflict."""
    if not path.endswith(".py") or (place.root / path).is_symlink():
        return False
    git = Git(place.root)
    texts = [git.text("", f"{stage}:{path}") for stage in (1, 2, 3)]
    try:
        base, own, new = (_normal(place, path, text or "") for text in texts)
        merged = _merge(git, own, base, new)
    except CommandError:
        return False
    (place.root / path).write_bytes(merged.encode("utf-8", "surrogateescape"))
    git("add", "--", path)
    return True


def sort_imports(text: str) -> str:
    """Return a text with each block of import statements in the order of the modules."""
    return BLOCK.sub(_sort_block, text)


def _normal(place: Place, path: str, text: str) -> str:
    """Return a text with new names, and each block of imports in order."""
    file = (place.root / path).relative_to(place.folder)
    renamed = find(text, Names(Modules(place.folder), file)).applied(text)
    return sort_imports(renamed)


def _sort_block(block: re.Match[str]) -> str:
    statements = re.findall(STATEMENT, block[0])
    return "".join(sorted(statements, key=lambda each: (each[0] == "f", each.split()[1])))


def _merge(git: Git, *texts: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("own", "base", "new")]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode("utf-8", "surrogateescape"))
        git("merge-file", *map(str, files))
        return files[0].read_bytes().decode("utf-8", "surrogateescape")
