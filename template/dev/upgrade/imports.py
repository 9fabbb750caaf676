"""Finds the names of modules that moved, and rewrites them."""

import ast
import re
from collections.abc import Iterator

from dev.upgrade.moves import MODULES, NAMES

LINE_LENGTH = 100
DOTTED = re.compile(r"(?<![\w.])(?:app|tests)(?:\.[A-Za-z_]\w*)+")
# A package has taken the name of these modules, so only an import can mean the module.
TAKEN = {old for old, new in NAMES.items() if new.startswith(f"{old}.")}
MOVED = {old: new for old, new in (MODULES | NAMES).items() if old not in TAKEN}


def new_name(dotted: str) -> str | None:
    """Return the new dotted name of a module, or of something in it; none if it did not move."""
    parts = dotted.split(".")
    for length in range(len(parts), 1, -1):
        if new := MOVED.get(".".join(parts[:length])):
            return ".".join([new, *parts[length:]])
    return None


def rewrite_python(text: str) -> str:
    """Return Python code with new names; raise `SyntaxError` if it is invalid."""
    lines = text.splitlines(keepends=True)
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    for node in sorted(imports, key=lambda node: -node.lineno):
        if new := _rewrite_import(node, "".join(lines[node.lineno - 1 : node.end_lineno])):
            lines[node.lineno - 1 : node.end_lineno] = [new]
    return rewrite_text("".join(lines))


def rewrite_text(text: str) -> str:
    """Return a text with new names in place of whole dotted names."""
    return DOTTED.sub(lambda found: new_name(found[0]) or found[0], text)


def _rewrite_import(node: ast.ImportFrom, text: str) -> str | None:
    if node.level or not node.module:
        return None
    groups: dict[str, list[str]] = {}
    for alias in node.names:
        module, imported = _split(node.module, alias)
        groups.setdefault(module, []).append(imported)
    if [*groups] == [node.module]:
        return None
    indent = " " * node.col_offset
    tail = text.splitlines()[-1].encode()[node.end_col_offset :].decode()
    return "".join(_statements(groups, indent)).rstrip("\n") + tail + "\n"


def _split(module: str, alias: ast.alias) -> tuple[str, str]:
    """Return the module that an alias is imported from now, and the import."""
    dotted = f"{module}.{alias.name}"
    new = (MODULES | NAMES).get(dotted) or new_name(module) and f"{new_name(module)}.{alias.name}"
    new_module, _, name = (new or dotted).rpartition(".")
    local = alias.asname or alias.name
    return new_module, name if name == local else f"{name} as {local}"


def _statements(groups: dict[str, list[str]], indent: str) -> Iterator[str]:
    for module, names in groups.items():
        line = f"{indent}from {module} import {', '.join(names)}\n"
        if len(line) > LINE_LENGTH + 1:
            listed = "".join(f"{indent}    {name},\n" for name in names)
            line = f"{indent}from {module} import (\n{listed}{indent})\n"
        yield line
