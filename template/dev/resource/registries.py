"""Adds a resource to the files that list all models and all routers.

The files belong to the user. Whole lines are inserted at a position from the syntax tree, and the
result is compared with the original: nothing else may have changed.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dev.resource.insertion import end_line, is_harmless, with_line
from dev.resource.recipe import Resource

MODELS = "src/app/models/__init__.py"
ROUTER = "src/app/api/v1/router.py"
API_ROUTER = "api_router"
LONGEST_LINE = 100


class UnknownShapeError(Exception):
    """A registry has no place that is known to be right; the message has the lines to add."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The lines that a resource needs in a registry: an import, and for a router its inclusion."""

    path: str
    package: str  # of the registry: relative imports begin here
    module: str
    name: str
    bound: str  # the name in the registry
    is_router: bool = False

    def texts(self) -> list[str]:
        """Return the statements for a registry that has none of them."""
        return [self.import_text(), *([inclusion(self.bound)] if self.is_router else [])]

    def import_text(self, *, is_relative: bool = False) -> str:
        """Return the import, on several lines if it is too long for one."""
        module = self.module.removeprefix(self.package) if is_relative else self.module
        name = self.name if self.name == self.bound else f"{self.name} as {self.bound}"
        line = f"from {module} import {name}"
        return line if len(line) <= LONGEST_LINE else f"from {module} import (\n    {name},\n)"


def entries(resource: Resource) -> list[Entry]:
    """Return the entries of a resource."""
    model = Entry(
        path=MODELS,
        package="app.models",
        module=f"app.models.{resource.name}",
        name=resource.model,
        bound=resource.model,
    )
    router = Entry(
        path=ROUTER,
        package="app.api.v1",
        module=f"app.api.v1.endpoints.{resource.plural}",
        name="router",
        bound=f"{resource.plural}_router",
        is_router=True,
    )
    return [model, router]


def inclusion(router: str) -> str:
    """Return the statement that includes a router."""
    return f"{API_ROUTER}.include_router({router})"


def register(source: bytes, entry: Entry) -> tuple[bytes, list[str]]:
    """Return a registry with an entry, and the statements that were missing in it.

    Raise `UnknownShapeError` if there is no known place for a statement, or if its name is taken.
    """
    try:
        tree = ast.parse(source)
        new, added = _insert(source, tree, entry)
    except (SyntaxError, ValueError, LookupError):
        raise _unknown(entry) from None
    if not is_harmless(source, new, added):
        raise _unknown(entry)
    return new, added


def _unknown(entry: Entry) -> UnknownShapeError:
    lines = "".join(f"\n    {line}" for text in entry.texts() for line in text.split("\n"))
    return UnknownShapeError(f"{entry.path} has no known place for these lines: add{lines}")


def _insert(source: bytes, tree: ast.Module, entry: Entry) -> tuple[bytes, list[str]]:
    """Insert the missing statements; raise `LookupError` if there is no place for one."""
    bound = next(_imported(tree, entry), None)
    added: list[str] = []
    limit = len(source)
    if entry.is_router and not _is_included(tree, bound):
        line = end_line(tree, _last_inclusion(tree))
        limit = line
        added.append(inclusion(bound or entry.bound))
        source = with_line(source, line, added[-1])
    if bound is None:
        if entry.bound in _names(tree):
            raise LookupError(entry.bound)
        after = _last_import(tree, entry, limit)
        is_relative = isinstance(after, ast.ImportFrom) and after.level > 0
        added.append(entry.import_text(is_relative=is_relative))
        source = with_line(source, end_line(tree, after), added[-1])
    return source, added


def _imported(tree: ast.Module, entry: Entry) -> Iterator[str]:
    """Yield the expressions for the name of an entry that imports in a registry make valid."""
    home, _, last = entry.module.rpartition(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = _absolute(node, entry.package)
            for alias in node.names:
                if (module, alias.name) == (entry.module, entry.name):
                    yield alias.asname or alias.name
                elif (module, alias.name) == (home, last):
                    yield f"{alias.asname or alias.name}.{entry.name}"


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """Return the absolute name of the module that an import in a package names."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def _inclusions(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="include_router")):
                if name == API_ROUTER:
                    yield node


def _is_included(tree: ast.Module, router: str | None) -> bool:
    """Return whether a registry includes a router already."""
    calls = _inclusions(ast.walk(tree))
    given = [[*call.args, *(each.value for each in call.keywords)] for call in calls]
    return any(ast.unparse(value) == router for values in given for value in values)


def _last_inclusion(tree: ast.Module) -> ast.stmt:
    """Return the last statement that includes a router, or else the one that creates the router.

    Raise `LookupError` if there is neither.
    """
    expressions = [each for each in tree.body if isinstance(each, ast.Expr)]
    included: list[ast.stmt] = [each for each in expressions if [*_inclusions([each.value])]]
    return (included or [each for each in tree.body if _creates_router(each)])[-1]


def _creates_router(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()):
            return name == API_ROUTER
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call()):
            return name == API_ROUTER
    return False


def _last_import(tree: ast.Module, entry: Entry, limit: int) -> ast.stmt:
    """Return the last import of a similar module up to a line, or else the last import.

    Raise `LookupError` if there is no import.
    """
    home = entry.module.rpartition(".")[0]
    imports = [
        each
        for each in tree.body
        if isinstance(each, ast.Import | ast.ImportFrom) and each.lineno <= limit
    ]
    similar = [
        each
        for each in imports
        if isinstance(each, ast.ImportFrom)
        and f"{_absolute(each, entry.package)}.".startswith(f"{home}.")
    ]
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
