"""Resolves conflicts that arise only because the template renamed modules.

A release that moves modules changes import statements in many files. Git reports a conflict if an
owner added imports next to them. With the new names and sorted imports in all three versions of a
file, only the added imports differ, and Git can merge the file.
"""

import ast
import re

from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError
from dev.upgrade.worktree import Worktree
from upgrade.imports import find
from upgrade.names import Modules, Names

STATEMENT = (
    r"(?:from[ \t]+[\w.]+[ \t]+import\b|import[ \t])[^\n(\\]*"
    r"(?:\((?:[^()#]|#.*)*\)[^\n]*)?\n"
)
BLOCK = re.compile(rf"^(?:{STATEMENT}){{2,}}", re.MULTILINE)


def merge_imports(worktree: Worktree, path: str) -> bool:
    """Try to merge a file with conflicts and to stage it; return whether this succeeded."""
    if not path.endswith(".py") or (worktree.root / path).is_symlink():
        return False
    git = Git(worktree.root)
    texts = [git.text("", f"{stage}:{path}") for stage in (1, 2, 3)]
    try:
        base, own, new = (_normal(worktree, path, text or "") for text in texts)
        merged = git.merged(own, base, new)
        ast.parse(merged)
    except (CommandError, SyntaxError, ValueError):
        return False
    (worktree.root / path).write_bytes(merged.encode("utf-8", "surrogateescape"))
    git("add", "--", path)
    return True


def sort_imports(text: str) -> str:
    """Return a text with each block of import statements sorted by module."""
    return BLOCK.sub(_sort_block, text)


def _normal(worktree: Worktree, path: str, text: str) -> str:
    """Return a text with the new names and sorted import blocks."""
    file = (worktree.root / path).relative_to(worktree.folder)
    renamed = find(text, Names(Modules(worktree.folder), file)).applied(text)
    return sort_imports(renamed)


def _sort_block(block: re.Match[str]) -> str:
    statements = re.findall(STATEMENT, block[0])
    return "".join(sorted(statements, key=_place))


def _place(statement: str) -> tuple[bool, bool, str]:
    module = statement.split()[1]
    return module != "__future__", statement.startswith("from"), module
