"""Reads the models, tables, paths and files of a project from its source."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dev.resource.known import Known, Target

ENDPOINTS = "src/app/api/v1/endpoints"
# Its tables belong to the template, so no resource refers to them.
ACCOUNTS = "app.models.accounts."
CASCADE = re.compile(r"ForeignKey\('(\w+)\.\w+', ondelete='CASCADE'")
BASES = {"Record", "VersionedRecord"}


def read_project(project: Path) -> Known:
    """Return what a project has; modules that Python cannot parse are left out."""
    models = [
        (node, _target(node, module, project))
        for module, tree in _modules(project, "src", b"__tablename__")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and _table(node)
    ]
    modules = [file for folder in ("src", "tests") for file in (project / folder).rglob("*.py")]
    taken = [
        *(file.relative_to(project).as_posix() for file in modules),
        *(f"the table {target.table}" for _, target in models),
        *(f"the model {target.model}" for _, target in models),
        *(f"the path {prefix}" for prefix in _paths(project)),
        *(f"the operation {name}" for name in _operations(project)),
    ]
    targets = {target.name: target for node, target in models if _is_possible(node, target)}
    return Known(targets, frozenset(taken))


def _modules(project: Path, folder: str, text: bytes) -> Iterator[tuple[str, ast.Module]]:
    """Yield the name and the syntax tree of each module with a text in a folder."""
    for file in sorted((project / folder).rglob("*.py")):
        name = ".".join(file.relative_to(project / "src").with_suffix("").parts)
        if text in (source := file.read_bytes()):
            with suppress(SyntaxError, ValueError):
                yield name.removesuffix(".__init__"), ast.parse(source)


def _target(node: ast.ClassDef, module: str, project: Path) -> Target:
    name, table = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.name).lower(), _table(node)
    access = project / f"tests/access/{table}.py"
    return Target(
        name=name,
        model=node.name,
        module=module,
        table=table,
        is_owned="owner_id" in _columns(node),
        refers_to=frozenset(re.findall(r"ForeignKey\('(\w+)\.", ast.unparse(node))),
        has_access_table=access.exists() and f"def add_{name}(".encode() in access.read_bytes(),
        deleted_with=frozenset(_cascades(node)),
    )


def _cascades(node: ast.ClassDef) -> Iterator[str]:
    """Yield the tables of which a deletion cascades to a model, except that of the owner."""
    for each in node.body:
        source = ast.unparse(each)
        if not source.startswith("owner_id:"):
            yield from CASCADE.findall(source)


def _table(node: ast.ClassDef) -> str:
    """Return the name of a model's table, or an empty string if a class is no model."""
    for each in node.body:
        match each:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=name)):
                return str(name)
    return ""


def _columns(node: ast.ClassDef) -> dict[str, str]:
    """Return the annotations of a class by name."""
    return {
        each.target.id: ast.unparse(each.annotation)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }


def _is_possible(node: ast.ClassDef, target: Target) -> bool:
    """Return whether a ref can name a model, which needs a UUID as `id`."""
    annotation = _columns(node).get("id", "")
    bases = {ast.unparse(each).rpartition(".")[2] for each in node.bases}
    has_uuid = re.fullmatch(r"Mapped\[(\w+\.)?UUID\]", annotation) or (bases & BASES)
    return bool(has_uuid) and not target.module.startswith(ACCOUNTS)


def _paths(project: Path) -> Iterator[str]:
    """Yield the prefixes of the routers."""
    for _, tree in _modules(project, ENDPOINTS, b"prefix"):
        for node in ast.walk(tree):
            match node:
                case ast.keyword(arg="prefix", value=ast.Constant(value=str(prefix))):
                    yield prefix


def _operations(project: Path) -> Iterator[str]:
    """Yield the names of the functions that routers serve."""
    for _, tree in _modules(project, ENDPOINTS, b"router"):
        for node in tree.body:
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.decorator_list:
                yield node.name
