"""Adds a resource to the files that list all models and all routers.

The files belong to the user. Whole lines are inserted at a position from the syntax tree, and the
result is compared with the original: nothing else may have changed.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from dev.resource.insertion import end_line, is_harmless, with_line
from dev.resource.recipe import Resource

LONGEST_LINE = 100


class UnknownShapeError(Exception):
    """A registry has no place that is known to be right; the message has the lines to add."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The statements of a resource in a registry: an import, and perhaps a call of `caller`."""

    path: str
    package: str
    module: str
    name: str
    bound: str  # the name in the registry
    caller: str = ""

    def import_text(self, *, is_relative: bool = False) -> str:
        """Return the import, on several lines if it is too long for one."""
        module = self.module.removeprefix(self.package) if is_relative else self.module
        name = self.name if self.name == self.bound else f"{self.name} as {self.bound}"
        line = f"from {module} import {name}"
        return line if len(line) <= LONGEST_LINE else f"from {module} import (\n    {name},\n)"

    def call_text(self, bound: str | None) -> str:
        """Return the call with a name that the registry has bound, or else with the usual name."""
        return f"{self.caller}({bound or self.bound})"

    def module_of(self, node: ast.AST) -> str:
        """Return the absolute name of the module from which a registry imports."""
        if not isinstance(node, ast.ImportFrom):
            return ""
        parts = self.package.split(".")
        package = parts[: len(parts) - node.level + 1] if node.level else []
        return ".".join([*package, *filter(None, [node.module])])


def entries(resource: Resource) -> list[Entry]:
    """Return the entries of a resource."""
    model = Entry(
        path="src/app/models/__init__.py",
        package="app.models",
        module=f"app.models.{resource.name}",
        name=resource.model,
        bound=resource.model,
    )
    router = Entry(
        path="src/app/api/v1/router.py",
        package="app.api.v1",
        module=f"app.api.v1.endpoints.{resource.plural}",
        name="router",
        bound=f"{resource.plural}_router",
        caller="api_router.include_router",
    )
    return [model, router]


def register(source: bytes, entry: Entry) -> tuple[bytes, list[str]]:
    """Return a registry with an entry, and the statements that were missing in it.

    Raise `UnknownShapeError` if there is no known place for a statement, or if its name is taken.
    """
    try:
        new, added = _insert(source, ast.parse(source), entry)
        is_right = is_harmless(source, new, added)
    except (SyntaxError, ValueError, LookupError):
        is_right = False
    if not is_right:
        texts = [entry.import_text(), *([entry.call_text(None)] if entry.caller else [])]
        lines = "\n    ".join("\n".join(texts).split("\n"))
        raise UnknownShapeError(
            f"{entry.path} has no known place for these lines: add\n    {lines}"
        )
    return new, added


def _insert(source: bytes, tree: ast.Module, entry: Entry) -> tuple[bytes, list[str]]:
    """Insert the missing statements; raise `LookupError` if there is no place for one."""
    added: list[str] = []
    bound, last = _bound(tree, entry), len(source)
    is_called = bound and any(_is_call(each, entry, bound) for each in ast.walk(tree))
    if entry.caller and not is_called:
        calls = [each for each in tree.body if isinstance(each, ast.Expr)]
        last = end_line(tree, [each for each in calls if _is_call(each.value, entry)][-1])
        added.append(entry.call_text(bound))
        source = with_line(source, last, added[-1])
    if bound is None:
        if entry.bound in _names(tree):
            raise LookupError(entry.bound)
        after = _last_import(tree, entry, last)
        is_relative = isinstance(after, ast.ImportFrom) and after.level > 0
        added.append(entry.import_text(is_relative=is_relative))
        source = with_line(source, end_line(tree, after), added[-1])
    return source, added


def _bound(tree: ast.Module, entry: Entry) -> str | None:
    """Return the name under which a registry already imports what an entry imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and entry.module_of(node) == entry.module:
            for alias in node.names:
                if alias.name == entry.name:
                    return alias.asname or alias.name
    return None


def _is_call(node: ast.AST, entry: Entry, argument: str = "") -> bool:
    """Return whether a node is a call as in an entry, and has an argument if one is given."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != entry.caller:
        return False
    values = [*node.args, *(each.value for each in node.keywords)]
    return not argument or argument in map(ast.unparse, values)


def _last_import(tree: ast.Module, entry: Entry, last: int) -> ast.stmt:
    """Return the last import from the entry's package up to a line, or else the last import.

    Raise `LookupError` if there is no import.
    """
    imports = [each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    imports = [each for each in imports if each.lineno <= last]
    home = entry.module.rpartition(".")[0]
    similar = [each for each in imports if f"{entry.module_of(each)}.".startswith(f"{home}.")]
    return (similar or imports)[-1]


def _names(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module binds or reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
