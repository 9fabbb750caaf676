"""Resolves conflicts between imports; ruff sorts the result, and removes unused ones."""

import ast
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError

IMPORTS = (ast.Import, ast.ImportFrom)


class _Module(NamedTuple):
    """The text of a module: what precedes its imports, the imports, and the rest."""

    head: str
    imports: str
    rest: str


def merge_imports(git: Git, path: str) -> bool:
    """Merge the imports of a module with conflicts; return whether no conflict is left.

    The merged module has its owner's imports, and those that the change adds.
    """
    try:
        parts = [_divided(git.text("", f"{stage}:{path}") or "") for stage in (2, 1, 3)]
        own, base, new = ({*_names(each.imports)} for each in parts)
        imports = parts[0].imports + "".join(sorted(new - base - own))
        merged = git.merged(*(each.head + imports + each.rest for each in parts))
        (git.folder / path).write_bytes(merged.encode("utf-8", "surrogateescape"))
        ast.parse(merged)
    except (CommandError, SyntaxError, ValueError):
        return False
    git("add", "--", path)
    return True


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
