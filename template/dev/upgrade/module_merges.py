"""Resolves conflicts in a module that two sides only added to.

Imports may be anywhere in the result, because ruff sorts them and removes unused ones.
"""

import ast
import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError

IMPORTS = (ast.Import, ast.ImportFrom)
LINES = r"((?:(?!<{7}|\|{7}|={7}|>{7}).*\n)*)"
INSERTIONS = re.compile(rf"^<{{7}} HEAD\n{LINES}\|{{7}} base\n={{7}}\n{LINES}>{{7}} change\n", re.M)
BASE = re.compile(rf"^\|{{7}} base\n{LINES}", re.M)


class _Module(NamedTuple):
    """The text of a module: what precedes its imports, the imports, and the rest."""

    head: str
    imports: str
    rest: str


def merge_module(git: Git, path: str) -> bool:
    """Merge a module with conflicts; return whether no conflict is left."""
    try:
        parts = [_divided(git.text("", f"{stage}:{path}") or "") for stage in (2, 1, 3)]
        own, base, new = ({*_names(each.imports)} for each in parts)
        imports = parts[0].imports + "".join(sorted(new - base - own))
        merged = git.merged(*(each.head + imports + each.rest for each in parts))
    except (CommandError, SyntaxError, ValueError):
        return False
    text = BASE.sub("", INSERTIONS.sub(_joined, merged))
    (git.folder / path).write_bytes(text.encode("utf-8", "surrogateescape"))
    try:
        ast.parse(text)
    except SyntaxError:  # a conflict is left
        return False
    git("add", "--", path)
    return True


def _joined(conflict: re.Match[str]) -> str:
    """Return the lines that both sides insert, in an order in which both stay in their blocks."""
    own, new = conflict.groups()
    for first, last in ((new, own), (own, new)):
        if min(_indents(first)) >= _indents(last)[0]:
            return first + last
    return conflict[0]


def _indents(lines: str) -> list[int]:
    return [len(line) - len(line.lstrip()) for line in lines.splitlines() if line.strip()] or [0]


def _divided(text: str) -> _Module:
    """Divide the text of a module at its first imports; raise `SyntaxError` if it has none."""
    body = ast.parse(text).body
    start = 1 if body and ast.get_docstring(ast.Module(body[:1], [])) else 0
    imports = [*takewhile(lambda each: isinstance(each, IMPORTS), body[start:])]
    if not imports:
        raise SyntaxError("The module has no imports.")
    lines = text.splitlines(keepends=True)
    first, last = imports[0].lineno - 1, imports[-1].end_lineno or 0
    return _Module(*map("".join, (lines[:first], lines[first:last], lines[last:])))


def _names(imports: str) -> Iterator[str]:
    """Yield a statement for each imported name."""
    for statement in ast.parse(imports).body:
        if isinstance(statement, IMPORTS):
            for name in statement.names:
                statement.names = [name]
                yield f"{ast.unparse(statement)}\n"
