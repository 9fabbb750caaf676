"""Resolves conflicts that arise only because the template renamed modules.

A release that moves modules changes import statements in many files. Git reports a conflict if an
owner added imports next to them. With the new names and sorted imports in all three versions of a
file, only the added imports differ, and Git can merge the file. Each imported name has its own
line during the merge, so that both sides can change the names of one statement.
"""

import ast
import re
from itertools import groupby

from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError
from dev.upgrade.worktree import Worktree
from upgrade.imports import find
from upgrade.names import Modules, Names

STATEMENT = (
    r"(?:from[ \t]+[\w.]+[ \t]+import\b|import[ \t])[^\n(\\]*"
    r"(?:\((?:[^()#]|#.*)*\)[^\n]*)?\n"
)
# A statement without comments.
PLAIN = re.compile(
    r"(?P<start>from[ \t]+[\w.]+[ \t]+import)(?:[ \t]*\([\w\s,]+\)|[ \t]+[\w, \t]+)[ \t]*"
    r"(?P<end>\r?\n)"
)
# As `split_names` writes it.
SINGLE = re.compile(r"^(from[ \t]+[\w.]+[ \t]+import) (\w+)(\r?\n)", re.MULTILINE)
MAX_LENGTH = 100
BLOCK = re.compile(rf"^(?:{STATEMENT}){{2,}}", re.MULTILINE)


def merge_imports(worktree: Worktree, path: str) -> bool:
    """Try to merge a file with conflicts and to stage it; return whether this succeeded."""
    if not path.endswith(".py") or (worktree.root / path).is_symlink():
        return False
    git = Git(worktree.root)
    texts = [git.text("", f"{stage}:{path}") for stage in (1, 2, 3)]
    try:
        base, own, new = (_normal(worktree, path, text or "") for text in texts)
        merged = join_names(git.merged(*map(split_names, (own, base, new))), base, new, own)
        ast.parse(merged)
    except (CommandError, SyntaxError, ValueError):
        return False
    (worktree.root / path).write_bytes(merged.encode("utf-8", "surrogateescape"))
    git("add", "--", path)
    return True


def sort_imports(text: str) -> str:
    """Return a text with each block of import statements sorted by module."""
    return BLOCK.sub(_sort_block, text)


def split_names(text: str) -> str:
    """Return a text with each name of a block of import statements in its own statement."""
    return BLOCK.sub(lambda block: "".join(map(_split, _statements(block[0]))), text)


def join_names(text: str, *formats: str) -> str:
    """Return a text with one statement for the names of a module, as in `formats` if it is there.

    The last of the formats takes precedence.
    """
    blocks = [block[0] for each in formats for block in BLOCK.finditer(each)]
    known = {_split(each): each for block in blocks for each in _statements(block)}
    return BLOCK.sub(lambda block: _joined(block[0], known), text)


def _statements(block: str) -> list[str]:
    return re.findall(STATEMENT, block)


def _split(statement: str) -> str:
    names = re.findall(r"\w+", statement.partition("import")[2])
    if not (plain := PLAIN.fullmatch(statement)) or "as" in names:
        return statement
    return "".join(f"{plain['start']} {name}{plain['end']}" for name in names)


def _joined(block: str, known: dict[str, str]) -> str:
    """Return a block with one statement for the names of each module."""
    groups = groupby(_statements(block), key=lambda each: SINGLE.sub(r"\1", each))
    return "".join(_join([*dict.fromkeys(lines)], known) for _, lines in groups)


def _join(lines: list[str], known: dict[str, str]) -> str:
    """Return one statement for statements that import one name each from the same module."""
    text = "".join(lines)
    if text in known or not (names := SINGLE.findall(text)):
        return known.get(text, text)
    start, _, end = names[0]
    joined = f"{start} {', '.join(name for _, name, _ in names)}{end}"
    if len(joined.rstrip()) <= MAX_LENGTH:
        return joined
    return f"{start} ({end}{''.join(f'    {name},{end}' for _, name, _ in names)}){end}"


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
